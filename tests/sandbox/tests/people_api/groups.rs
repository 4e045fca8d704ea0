//! Groups and who is in them.

use serde_json::{Value, json};

use super::api::{anna, encoded, name, named, names, refused, says};
use crate::client::{ANNA, Outcome, sandbox};

const MINE: &str = "contactGroups/myContacts";

#[tokio::test]
async fn everybody_has_the_groups_of_the_system() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let group = api.group("Customers").await?;
    let list = api.get("contactGroups?pageSize=1000").await?.json()?;
    let groups = list["contactGroups"].as_array().cloned().unwrap_or_default();
    assert_eq!((groups.len(), &list["totalItems"]), (9, &json!(9)));
    let of =
        |wanted: &str| groups.iter().find(|it| it["resourceName"] == wanted).cloned().unwrap_or_default();
    assert_eq!(
        (&of(MINE)["groupType"], &of(MINE)["formattedName"]),
        (&json!("SYSTEM_CONTACT_GROUP"), &json!("My Contacts"))
    );
    assert_eq!(
        (&of(&group)["groupType"], &of(&group)["name"]),
        (&json!("USER_CONTACT_GROUP"), &json!("Customers"))
    );
    for answer in [
        api.put("contactGroups/starred", json!({"contactGroup": {"name": "X"}})).await?,
        api.delete("contactGroups/friends").await?,
    ] {
        says(&answer, 400, "System contact groups cannot be modified");
    }
    Ok(())
}

#[tokio::test]
async fn names_of_groups_are_taken_once() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let (one, two) = (api.group("One").await?, api.group("Two").await?);
    for taken in ["One", " One ", "friends", "My Contacts"] {
        let again = api.post("contactGroups", json!({"contactGroup": {"name": taken}})).await?;
        refused(&again, 409, "ALREADY_EXISTS", "");
    }
    refused(&api.put(&two, json!({"contactGroup": {"name": "One"}})).await?, 409, "ALREADY_EXISTS", "");
    let renamed = api.put(&two, json!({"contactGroup": {"name": "Three"}})).await?.json()?;
    assert_eq!(renamed["name"], "Three");
    says(&api.post("contactGroups", json!({"contactGroup": {}})).await?, 400, "must not be empty");
    assert_eq!(api.delete(&one).await?.json()?, json!({}));
    refused(&api.get(&one).await?, 404, "NOT_FOUND", "");
    api.group("One").await?;
    Ok(())
}

#[tokio::test]
async fn data_of_clients_stay_with_the_group() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let data = json!([{"key": "crm", "value": "7"}]);
    let group =
        json!({"contactGroup": {"name": "One", "clientData": data}, "readGroupFields": "clientData,name"});
    let made = api.post("contactGroups", group).await?.json()?;
    assert_eq!(made["clientData"], data);
    let cleared = json!({"contactGroup": {"etag": made["etag"]}, "updateGroupFields": "clientData"});
    assert_eq!(api.put(&name(&made), cleared.clone()).await?.status, 200);
    refused(&api.put(&name(&made), cleared).await?, 400, "FAILED_PRECONDITION", "");
    let read = api.get(&format!("{}?groupFields=clientData,name", name(&made))).await?.json()?;
    assert_eq!((&read["clientData"], &read["name"]), (&Value::Null, &json!("One")));
    Ok(())
}

#[tokio::test]
async fn people_join_and_leave_and_stay_in_their_last_group() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let group = api.group("One").await?;
    let (ada, eve) = (api.contact(named("Ada")).await?, api.contact(named("Eve")).await?);
    let modify = |group: &str| format!("{group}/members:modify");
    let joining = json!({"resourceNamesToAdd": [name(&ada), name(&eve), "people/c1"]});
    let joined = api.post(&modify(&group), joining).await?.json()?;
    assert_eq!(joined, json!({"notFoundResourceNames": ["people/c1"]}));
    let read = api.get(&format!("{group}?maxMembers=1")).await?.json()?;
    assert_eq!(
        (&read["memberCount"], read["memberResourceNames"].as_array().map(Vec::len)),
        (&json!(2), Some(1))
    );
    assert!(api.get(&group).await?.json()?["memberResourceNames"].is_null());
    let leaving = json!({"resourceNamesToRemove": [name(&ada)]});
    assert_eq!(api.post(&modify(MINE), leaving.clone()).await?.json()?, json!({}));
    let last = api.post(&modify(&group), leaving).await?.json()?;
    assert_eq!(last, json!({"canNotRemoveLastContactGroupResourceNames": [name(&ada)]}));
    let adding = json!({"resourceNamesToAdd": [name(&ada)]});
    assert_eq!(api.post(&modify("contactGroups/starred"), adding.clone()).await?.status, 200);
    says(&api.post(&modify("contactGroups/friends"), adding).await?, 400, "can only be added to");
    let many = vec!["people/c1"; 1_001];
    says(&api.post(&modify(&group), json!({"resourceNamesToAdd": many})).await?, 400, "at most 1000");
    assert_eq!(sandbox.google().group_members(ANNA, &group).len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_contact_goes_where_its_memberships_say() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let group = api.group("One").await?;
    let into = |group: &str| json!([{"contactGroupMembership": {"contactGroupResourceName": group}}]);
    let made = api.contact(json!({"memberships": into(&group)})).await?;
    assert_eq!(made["memberships"].as_array().map(Vec::len), Some(1));
    let token = api.full_sync().await?;
    let moved = api.update(&made, "memberships", json!({"memberships": into(MINE)})).await?.json()?;
    assert_eq!(moved["memberships"][0]["contactGroupMembership"]["contactGroupResourceName"], MINE);
    assert_eq!(names(&api.changed(&token).await?.0), names(&[made]));
    for nowhere in ["contactGroups/none", "contactGroups/family"] {
        let person = json!({"memberships": into(nowhere)});
        refused(&api.post("people:createContact", person).await?, 400, "INVALID_ARGUMENT", "");
    }
    Ok(())
}

#[tokio::test]
async fn a_group_goes_with_its_people_or_without() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    for (with, left) in [("false", 1), ("true", 0)] {
        let group = api.group("One").await?;
        let into = json!([{"contactGroupMembership": {"contactGroupResourceName": group}}]);
        let made = api.contact(json!({"memberships": into})).await?;
        assert_eq!(api.delete(&format!("{group}?deleteContacts={with}")).await?.status, 200);
        assert_eq!(google.people(ANNA).len(), left);
        assert!(google.group_members(ANNA, &group).is_empty());
        if left == 1 {
            assert_eq!(google.group_members(ANNA, MINE), [name(&made)]);
            google.delete_person(ANNA, &name(&made))?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn changes_of_groups_are_told_by_sync_token() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let (one, two) = (api.group("One").await?, api.group("Two").await?);
    let list = api.get("contactGroups?pageSize=1000").await?.json()?;
    let token = encoded(list["nextSyncToken"].as_str().ok_or("no token")?);
    google.rename_group(ANNA, &one, "Uno")?;
    google.remove_group(ANNA, &two, false)?;
    let path = format!("contactGroups?pageSize=1000&syncToken={token}");
    let changed = api.get(&path).await?.json()?["contactGroups"].as_array().cloned().unwrap_or_default();
    let of = |group: &str| changed.iter().find(|it| it["resourceName"] == group).cloned().unwrap_or_default();
    assert_eq!((changed.len(), &of(&one)["name"]), (2, &json!("Uno")));
    assert_eq!((&of(&two)["metadata"]["deleted"], &of(&two)["name"]), (&json!(true), &Value::Null));
    google.expire_contacts_sync_tokens(ANNA);
    refused(&api.get(&path).await?, 400, "FAILED_PRECONDITION", "EXPIRED_SYNC_TOKEN");
    Ok(())
}

#[tokio::test]
async fn several_groups_are_read_at_once() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let group = api.group("One").await?;
    let path =
        format!("contactGroups:batchGet?resourceNames={group}&resourceNames=contactGroups/none&maxMembers=9");
    let read = api.get(&path).await?.json()?;
    let responses = read["responses"].as_array().ok_or("no responses")?;
    assert_eq!(responses[0]["contactGroup"]["name"], "One");
    assert_eq!((&responses[1]["status"]["code"], &responses[1]["contactGroup"]), (&json!(5), &Value::Null));
    Ok(())
}
