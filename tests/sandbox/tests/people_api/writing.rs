//! Single contacts: making, reading, updating, deleting.

use serde_json::json;

use super::api::{anna, name, named, refused, says, with};
use crate::client::{ANNA, BEN, Outcome, sandbox};

#[tokio::test]
async fn a_contact_comes_back_as_it_was_made_with_what_google_adds() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let person = json!({
        "names": [{"givenName": "Ada", "familyName": "King", "displayName": "ignored"}],
        "emailAddresses": [{"value": "ada@x.example", "type": "work"}, {"value": "ada@home.example"}],
        "phoneNumbers": [{"value": "+420 601 123 456", "type": "workMobile"}, {"value": "601 123 456"}],
        "addresses": [{"streetAddress": "1 Main St", "city": "Brno", "postalCode": "602 00"}],
        "biographies": [{"value": "Notes"}],
        "clientData": [{"key": "crm", "value": "42"}, {"key": "crm", "value": "42"}],
        "userDefined": [{"key": " k ", "value": "v"}],
        "externalIds": [{"value": "7", "type": "customer"}],
    });
    let made = api.contact(person).await?;
    assert_eq!(made["names"][0]["displayName"], "Ada King");
    assert_eq!(made["names"][0]["displayNameLastFirst"], "King, Ada");
    assert_eq!(made["phoneNumbers"][0]["canonicalForm"], "+420601123456");
    assert_eq!(made["phoneNumbers"][0]["formattedType"], "Work Mobile");
    assert!(made["phoneNumbers"][1]["canonicalForm"].is_null());
    assert_eq!(made["addresses"][0]["formattedValue"], "1 Main St\nBrno 602 00");
    assert_eq!(made["biographies"][0]["contentType"], "TEXT_PLAIN");
    assert_eq!(
        (made["clientData"].as_array().map(Vec::len), &made["userDefined"][0]["key"]),
        (Some(2), &json!(" k "))
    );
    let first = &made["emailAddresses"][0]["metadata"];
    assert_eq!((&first["primary"], &first["sourcePrimary"]), (&json!(true), &json!(true)));
    assert_eq!(made["emailAddresses"][1]["metadata"], json!({"source": first["source"]}));
    let membership = &made["memberships"][0]["contactGroupMembership"];
    assert_eq!(membership["contactGroupResourceName"], "contactGroups/myContacts");
    let source = &made["metadata"]["sources"][0];
    assert_eq!((&source["type"], &source["id"]), (&json!("CONTACT"), &first["source"]["id"]));
    let all = "names,emailAddresses,phoneNumbers,addresses,biographies,clientData,userDefined,externalIds,memberships,metadata,photos";
    let read = api.get(&format!("{}?personFields={all}", name(&made))).await?;
    assert_eq!(read.json()?, made);
    let little = api.get(&format!("{}?personFields=names", name(&made))).await?.json()?;
    assert_eq!(little.as_object().map(|it| it.keys().count()), Some(3));
    says(&with(&sandbox, BEN, &[super::api::SCOPE]).read(&name(&made)).await?, 404, "not found");
    Ok(())
}

#[tokio::test]
async fn an_update_replaces_the_fields_of_its_mask_and_no_others() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.contact(json!({
        "names": [{"givenName": "Ada"}], "phoneNumbers": [{"value": "1"}], "urls": [{"value": "https://a"}],
    })).await?;
    let fields = json!({"names": [{"givenName": "Eve"}], "urls": [{"value": "https://b"}]});
    let updated = api.update(&made, "names,phoneNumbers", fields).await?.json()?;
    assert_eq!(updated["names"][0]["displayName"], "Eve");
    assert!(updated["phoneNumbers"].is_null());
    assert_eq!(updated["urls"][0]["value"], "https://a");
    assert_ne!(updated["etag"], made["etag"]);
    let path = format!("{}:updateContact", name(&made));
    says(&api.patch(&path, updated.clone()).await?, 400, "updatePersonFields mask is required");
    let photos = format!("{path}?updatePersonFields=photos");
    says(&api.patch(&photos, updated.clone()).await?, 400, "Invalid updatePersonFields mask path");
    says(&api.update(&updated, "memberships", json!({})).await?, 400, "at least one");
    let back = api.update(&updated, "names", updated.clone()).await?;
    assert_eq!(back.json()?["names"][0]["displayName"], "Eve", "{}", back.body);
    Ok(())
}

#[tokio::test]
async fn who_has_not_seen_the_latest_state_is_refused() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.contact(named("Ada")).await?;
    let updated = api.update(&made, "names", named("Eve")).await?.json()?;
    let stale = api.update(&made, "names", named("Ada")).await?;
    refused(&stale, 400, "FAILED_PRECONDITION", "");
    says(&stale, 400, "Request person.etag is different than the current person.etag. Clear local cache");
    let path = format!("{}:updateContact?updatePersonFields=names", name(&made));
    let with_sources = |of: &serde_json::Value| {
        let mut person = named("Ida");
        person["metadata"] = json!({"sources": of["metadata"]["sources"]});
        person
    };
    says(
        &api.patch(&path, with_sources(&made)).await?,
        400,
        "Request person.metadata.sources.etag is different",
    );
    assert_eq!(api.patch(&path, with_sources(&updated)).await?.status, 200);
    says(&api.patch(&path, named("Ida")).await?, 400, "must set person.etag");
    Ok(())
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    for (field, items) in [
        ("names", json!([{"givenName": "A"}, {"givenName": "B"}])),
        ("biographies", json!([{"value": "A"}, {"value": "B"}])),
        ("birthdays", json!([{"text": "A"}, {"text": "B"}])),
        ("genders", json!([{"value": "male"}, {"value": "female"}])),
    ] {
        let person = json!({field: items});
        says(&api.post("people:createContact", person).await?, 400, "Cannot have more than one");
    }
    for (person, sentence) in [
        (json!({"name": "Ada"}), "Unknown name \\\"name\\\""),
        (json!({"names": [{"given": "Ada"}]}), "Unknown name \\\"given\\\""),
        (json!({"names": {"givenName": "Ada"}}), "Invalid value at 'person.names'"),
        (json!({"phoneNumbers": [{"value": 1}]}), "Invalid value at 'person.phoneNumbers[0].value'"),
    ] {
        let answer = api.post("people:createContact", person).await?;
        refused(&answer, 400, "INVALID_ARGUMENT", "");
        says(&answer, 400, sentence);
    }
    let strange = api.post("people:createContact?personFields=names&field=x", named("Ada")).await?;
    says(&strange, 400, "Cannot bind query parameter");
    says(&api.get("people/c1").await?, 400, "personFields mask is required");
    says(&api.get("people/c1?personFields=name").await?, 400, "Invalid personFields mask path: \\\"name\\\"");
    assert!(sandbox.google().people(ANNA).is_empty());
    Ok(())
}

#[tokio::test]
async fn a_deleted_contact_is_gone_at_once() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.contact(named("Ada")).await?;
    let path = format!("{}:deleteContact", name(&made));
    assert_eq!(api.delete(&path).await?.json()?, json!({}));
    refused(&api.delete(&path).await?, 404, "NOT_FOUND", "");
    refused(&api.read(&name(&made)).await?, 404, "NOT_FOUND", "");
    refused(&api.update(&made, "names", named("Eve")).await?, 404, "NOT_FOUND", "");
    Ok(())
}

#[tokio::test]
async fn the_first_item_is_primary_unless_the_writer_says_which() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let second = json!({"value": "b@x.example", "metadata": {"sourcePrimary": true}});
    let made = api.contact(json!({"emailAddresses": [{"value": "a@x.example"}, second]})).await?;
    let primary = |number: usize| made["emailAddresses"][number]["metadata"]["primary"].clone();
    assert_eq!((primary(0), primary(1)), (json!(null), json!(true)));
    Ok(())
}

#[tokio::test]
async fn a_user_has_so_many_contacts_and_no_more() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    sandbox.google().set_contacts_policy(|policy| policy.most_contacts = 1);
    api.contact(named("Ada")).await?;
    says(&api.post("people:createContact", named("Eve")).await?, 400, "MY_CONTACTS_OVERFLOW_COUNT");
    Ok(())
}
