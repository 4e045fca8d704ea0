//! What Google does by itself: etags that drift, names that change, people that are merged.

use std::collections::BTreeSet;

use postern_sandbox::ContactsPolicy;
use serde_json::{Value, json};

use super::api::{LIST, anna, name, named, names, says};
use crate::client::{ANNA, Outcome, sandbox};

#[tokio::test]
async fn a_phantom_change_is_a_new_etag_and_nothing_else() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let made = api.contact(named("Ada")).await?;
    let token = api.full_sync().await?;
    google.phantom_change(ANNA, &name(&made))?;
    let (changed, _) = api.changed(&token).await?;
    assert_eq!((names(&changed), &changed[0]["names"]), (names(std::slice::from_ref(&made)), &made["names"]));
    assert_ne!(changed[0]["etag"], made["etag"]);
    says(&api.update(&made, "names", named("Eve")).await?, 400, "etag is different");
    assert_eq!(api.update(&changed[0], "names", named("Eve")).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_renamed_person_is_told_with_the_former_name_and_found_by_both() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let made = api.contact(named("Ada")).await?;
    let token = api.full_sync().await?;
    let new = google.rename_person(ANNA, &name(&made))?;
    assert_ne!(new, name(&made));
    let (changed, _) = api.changed(&token).await?;
    assert_eq!((changed.len(), &changed[0]["resourceName"]), (1, &json!(new)));
    assert_eq!(changed[0]["metadata"]["previousResourceNames"], json!([name(&made)]));
    let id = |person: &Value| person["metadata"]["sources"][0]["id"].clone();
    assert_eq!(id(&changed[0]), id(&made));
    let (whole, _) = api.connections("").await?;
    assert!(whole[0]["metadata"]["previousResourceNames"].is_null());
    assert_eq!(name(&api.read(&name(&made)).await?.json()?), new);
    Ok(())
}

#[tokio::test]
async fn a_linked_profile_shows_unless_contacts_alone_are_asked_for_and_is_never_written() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let made = api.contact(json!({"emailAddresses": [{"value": "ada@x.example"}]})).await?;
    let profile =
        json!({"names": [{"givenName": "Augusta"}], "emailAddresses": [{"value": "gus@x.example"}]});
    let new = google.link_profile(ANNA, &name(&made), &profile)?;
    let both = api.read(&new).await?.json()?;
    assert_eq!(both["emailAddresses"].as_array().map(Vec::len), Some(2));
    assert_eq!(both["emailAddresses"][0]["metadata"]["source"]["type"], "PROFILE");
    let primary: Vec<bool> = both["emailAddresses"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| it["metadata"]["primary"] == true)
        .collect();
    assert_eq!(primary, [true, false]);
    let alone = api
        .get(&format!("{LIST}?personFields=names,emailAddresses&sources=READ_SOURCE_TYPE_CONTACT"))
        .await?;
    let alone = alone.json()?["connections"][0].clone();
    assert_eq!(
        (&alone["names"], &alone["emailAddresses"][0]["value"]),
        (&Value::Null, &json!("ada@x.example"))
    );
    let written = api.update(&both, "names,emailAddresses", both.clone()).await?;
    assert_eq!(written.status, 200, "{}", written.body);
    let own = google.person(ANNA, &new).ok_or("nobody")?;
    assert_eq!((&own["names"], own["emailAddresses"].as_array().map(Vec::len)), (&Value::Null, Some(1)));
    Ok(())
}

#[tokio::test]
async fn merged_people_leave_a_tombstone_and_one_with_both_marks() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let marked = |mark: &str| {
        let mut person = named(mark);
        person["clientData"] = json!([{"key": "crm", "value": mark}]);
        person["emailAddresses"] = json!([{"value": "same@x.example"}]);
        person
    };
    let (kept, gone) = (api.contact(marked("a")).await?, api.contact(marked("b")).await?);
    let token = api.full_sync().await?;
    google.merge_people(ANNA, &name(&kept), &name(&gone))?;
    let (changed, _) = api.changed(&token).await?;
    let of = |person: &Value| changed.iter().find(|it| name(it) == name(person)).cloned().unwrap_or_default();
    assert_eq!((changed.len(), &of(&gone)["metadata"]["deleted"]), (2, &json!(true)));
    let survivor = of(&kept);
    let marks: Vec<&Value> =
        survivor["clientData"].as_array().into_iter().flatten().map(|it| &it["value"]).collect();
    assert_eq!(marks, ["a", "b"]);
    assert_eq!(survivor["emailAddresses"].as_array().map(Vec::len), Some(1));
    assert_eq!(survivor["names"][0]["givenName"], "a");
    Ok(())
}

#[tokio::test]
async fn people_do_in_googles_pages_what_clients_do() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let token = api.full_sync().await?;
    let ada = google.put_person(ANNA, &named("Ada"))?;
    let group = google.add_group(ANNA, "Customers")?;
    google.edit_person(
        ANNA,
        &ada,
        &json!({"names": [{"givenName": "Ida"}], "phoneNumbers": [{"value": "1"}]}),
    )?;
    google.join_group(ANNA, &group, &ada)?;
    assert!(google.leave_group(ANNA, "contactGroups/myContacts", &ada)?);
    assert!(!google.leave_group(ANNA, &group, &ada)?);
    let (changed, token) = api.changed(&token).await?;
    assert_eq!((changed.len(), &changed[0]["names"][0]["displayName"]), (1, &json!("Ida")));
    assert_eq!(
        changed[0]["memberships"][0]["contactGroupMembership"]["contactGroupResourceName"],
        json!(group)
    );
    google.delete_person(ANNA, &ada)?;
    assert_eq!(api.changed(&token).await?.0[0]["metadata"]["deleted"], true);
    assert!(google.contacts_counters().writes.is_empty());
    assert!(google.groups(ANNA).iter().any(|it| it["name"] == "Customers"));
    Ok(())
}

#[tokio::test]
async fn some_of_what_google_leaves_open_can_be_switched() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let policy = |change: fn(&mut ContactsPolicy)| google.set_contacts_policy(change);
    let emails = json!([{"value": "a@x.example"}, {"value": "b@x.example"}]);
    let made = api.contact(json!({"emailAddresses": emails})).await?;
    let group = api.group("Customers").await?;
    let token = api.full_sync().await?;
    policy(|policy| policy.membership_is_change = false);
    google.join_group(ANNA, &group, &name(&made))?;
    assert!(api.changed(&token).await?.0.is_empty());
    assert_eq!(api.get(&group).await?.json()?["memberCount"], 1);
    policy(|policy| policy.etags_of_lists_refused = true);
    let listed = api.connections("").await?.0.remove(0);
    says(&api.update(&listed, "names", named("Ada")).await?, 400, "Request person.etag is different");
    let read = api.read(&name(&made)).await?.json()?;
    assert_eq!(api.update(&read, "names", named("Ada")).await?.status, 200);
    policy(|policy| policy.shuffled = true);
    let mut firsts = BTreeSet::new();
    for _ in 0..12 {
        google.phantom_change(ANNA, &name(&made))?;
        let read = api.read(&name(&made)).await?.json()?;
        firsts.insert(read["emailAddresses"][0]["value"].to_string());
        let primary = read["emailAddresses"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|it| it["metadata"]["primary"] == true);
        assert_eq!(primary.map(|it| &it["value"]), Some(&json!("a@x.example")));
    }
    assert_eq!(firsts.len(), 2);
    Ok(())
}
