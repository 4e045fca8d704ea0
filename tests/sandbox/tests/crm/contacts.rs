//! Lists of contacts and leads, and whom they show: teams, filters, doubles, roles.

use postern_sandbox::Version;
use serde_json::{Value, json};

use super::espo::{ALICE, BOB, Espo, Outcome, everywhere, query, unique};

fn ids(list: &Value) -> Vec<&str> {
    list["list"].as_array().into_iter().flatten().filter_map(|row| row["id"].as_str()).collect()
}

async fn stand_in() -> Result<Espo, std::io::Error> {
    Espo::stand_in(Version::V9_3_10).await
}

#[tokio::test]
async fn a_list_finds_people_by_any_of_several_addresses_within_other_conditions() -> Outcome {
    everywhere(async |espo| {
        let name = unique("Any");
        let address = |at: usize| format!("{}.{at}@example.org", name.to_lowercase().replace(' ', "."));
        let mut made = Vec::new();
        for at in 0..3 {
            let rows = json!([{ "emailAddress": address(at), "primary": true },
                { "emailAddress": address(at + 10) }]);
            let owner = if at == 2 { &espo.bob } else { &espo.alice };
            let person = json!({ "lastName": format!("{name} {at}"), "emailAddressData": rows,
                "assignedUserId": owner });
            made.push(espo.made("Contact", &person).await["id"].as_str().unwrap_or_default().to_owned());
        }
        let query = query(&[
            ("orderBy", "createdAt"),
            ("order", "asc"),
            ("whereGroup[0][type]", "in"),
            ("whereGroup[0][attribute]", "emailAddress"),
            ("whereGroup[0][value][]", &address(0)),
            ("whereGroup[0][value][]", &address(11)),
            ("whereGroup[0][value][]", &address(12)),
            ("whereGroup[1][type]", "or"),
            ("whereGroup[1][value][0][type]", "and"),
            ("whereGroup[1][value][0][value][0][type]", "equals"),
            ("whereGroup[1][value][0][value][0][attribute]", "assignedUserId"),
            ("whereGroup[1][value][0][value][0][value]", &espo.alice),
        ]);
        let list = espo.get(&format!("Contact?{query}")).await.good();
        let mut found = ids(&list);
        found.sort_unstable();
        let mut wanted = [made[0].as_str(), made[1].as_str()];
        wanted.sort_unstable();
        assert_eq!(found, wanted);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_list_tells_teams_when_asked_and_addresses_of_one_record_alone() -> Outcome {
    let espo = stand_in().await?;
    espo.crm().add_team("t1", "Sales");
    let rows = json!([{ "phoneNumber": "+15551234567" }, { "phoneNumber": "+15551234568", "type": "Fax" }]);
    let person = json!({ "lastName": "Team", "teamsIds": ["t1"], "phoneNumberData": rows });
    let id = espo.made("Lead", &person).await["id"].clone();
    let wanted = "select=id,teamsIds,phoneNumber,phoneNumberData,emailAddressData";
    let by_second = "whereGroup[0][type]=in&whereGroup[0][attribute]=phoneNumber\
        &whereGroup[0][value][]=%2B15551234568";
    let list = espo.get(&format!("Lead?{wanted}&{by_second}")).await.good();
    let row = list["list"][0].as_object().expect("a row").clone();
    assert_eq!(
        (&row["id"], &row["teamsIds"], &row["phoneNumber"]),
        (&id, &json!(["t1"]), &json!("+15551234567"))
    );
    assert!(!row.contains_key("phoneNumberData") && !row.contains_key("emailAddressData"), "{row:?}");
    let row = espo.get("Lead").await.good()["list"][0].clone();
    assert_eq!(row.get("teamsIds"), None);
    Ok(())
}

#[tokio::test]
async fn who_may_not_read_a_team_cannot_look_for_its_records() -> Outcome {
    let espo = stand_in().await?;
    espo.crm().add_team("t1", "Sales");
    espo.made("Contact", &json!({ "lastName": "Team", "teamsIds": ["t1"] })).await;
    let within = |team: &str| {
        format!(
            "Contact?whereGroup[0][type]=or&whereGroup[0][value][0][type]=linkedWith\
             &whereGroup[0][value][0][attribute]=teams&whereGroup[0][value][0][value][]={team}"
        )
    };
    assert_eq!(espo.get(&within("t1")).await.good()["total"], json!(1));
    espo.get(&within("t2")).await.is(403, "Record 'Team' `t2` not found.");
    espo.crm().set_visible("Team", "t1", false);
    espo.get(&within("t1")).await.is(403, "No access to 'Team' `t1`.");
    espo.crm().set_role("Team", false);
    espo.get(&within("t1")).await.is(403, "Forbidden link 'teams' in where.");
    Ok(())
}

#[tokio::test]
async fn a_saved_filter_shows_what_its_word_says_and_another_is_refused() -> Outcome {
    let espo = stand_in().await?;
    let alice = espo.crm().as_user(ALICE);
    let kept = alice.create("Lead", &json!({ "lastName": "Kept" }))?;
    let over = alice.create("Lead", &json!({ "lastName": "Over" }))?;
    let contact = alice.convert(&over)?;
    for (path, shown) in [
        ("Lead?primaryFilter=actual", vec![kept.as_str()]),
        ("Lead?primaryFilter=converted", vec![&over]),
        ("Contact?primaryFilter=notPortalUsers", vec![&contact]),
        ("Contact?primaryFilter=portalUsers", vec![]),
    ] {
        assert_eq!(ids(&espo.get(path).await.good()), shown, "{path}");
    }
    espo.get("Contact?primaryFilter=actual").await.is(400, "No primary filter 'actual' for 'Contact'.");
    Ok(())
}

#[tokio::test]
async fn a_middle_name_or_another_kind_makes_no_double_apart() -> Outcome {
    let espo = stand_in().await?;
    let first = json!({ "firstName": "Carl", "middleName": "X.", "lastName": "One" });
    let made = espo.made("Contact", &first).await;
    let told = espo.post("Contact", &json!({ "firstName": "carl", "lastName": "One" })).await;
    told.is(409, "duplicate");
    let double = told.json()[0].as_object().expect("a record").clone();
    assert_eq!(double["id"], made["id"]);
    assert!(!double.contains_key("emailAddressData") && !double.contains_key("teamsIds"), "as a row");
    espo.made("Lead", &first).await;
    Ok(())
}

#[tokio::test]
async fn a_number_has_a_kind_that_the_crm_knows() -> Outcome {
    let espo = stand_in().await?;
    let rows = |kind: &str| json!([{ "phoneNumber": "+15551234567", "type": kind }]);
    let person = |kind: &str| json!({ "lastName": format!("Kind {kind}"), "phoneNumberData": rows(kind) });
    espo.post("Contact", &person("Pager")).await.is_invalid("Contact", "phoneNumber", "valid");
    let known = espo.get("Metadata?key=entityDefs.Contact.fields.phoneNumber.typeList").await.good();
    for kind in known.as_array().expect("kinds").iter().filter_map(Value::as_str) {
        let made = espo.made("Contact", &person(kind)).await;
        assert_eq!(made["phoneNumberData"][0]["type"], json!(kind));
    }
    Ok(())
}

#[tokio::test]
async fn what_a_contact_is_in_its_account_is_shown_and_goes_with_the_account() -> Outcome {
    let espo = stand_in().await?;
    let account = espo.made("Account", &json!({ "name": "Acme" })).await["id"].clone();
    let account = account.as_str().unwrap_or_default();
    let role = json!({ account: { "role": "Head" } });
    let person =
        json!({ "lastName": "Role", "accountId": account, "title": "Ignored", "accountsColumns": role });
    let id = espo.made("Contact", &person).await["id"].as_str().unwrap_or_default().to_owned();
    let read = espo.read("Contact", &id).await;
    assert_eq!((&read["title"], &read["accountName"]), (&json!("Head"), &json!("Acme")));
    assert_eq!(read["accountsColumns"][account]["role"], json!("Head"));
    let row = espo.get("Contact?select=title,accountName").await.good()["list"][0].clone();
    assert_eq!((&row["title"], &row["accountName"]), (&json!("Head"), &json!("Acme")));
    espo.put(&format!("Contact/{id}"), &json!({ "title": "Other" })).await.good();
    assert_eq!(espo.read("Contact", &id).await["title"], json!("Head"), "a title is no field of a contact");
    espo.put(&format!("Contact/{id}"), &json!({ "accountId": null })).await.good();
    assert_eq!(espo.read("Contact", &id).await["title"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn a_merged_record_leaves_its_numbers_and_a_converted_lead_says_when_and_into_whom() -> Outcome {
    let espo = stand_in().await?;
    let (alice, bob) = (espo.crm().as_user(ALICE), espo.crm().as_user(BOB));
    let person = |name: &str, number: &str| json!({ "lastName": name, "phoneNumber": number });
    let lead = alice.create("Lead", &person("Lead", "+15551234567"))?;
    let contact = alice.convert(&lead)?;
    let read = espo.read("Lead", &lead).await;
    assert!(read["convertedAt"].is_string(), "{read}");
    assert_eq!(espo.read("Contact", &contact).await["originalLeadId"], json!(lead));
    let winner = bob.create("Contact", &person("Winner", "+15551234568"))?;
    bob.merge("Contact", &winner, &contact)?;
    let read = espo.read("Contact", &winner).await;
    let rows = read["phoneNumberData"].as_array().cloned().unwrap_or_default();
    let numbers: Vec<_> = rows.iter().map(|row| &row["phoneNumber"]).collect();
    assert_eq!(numbers, [&json!("+15551234568"), &json!("+15551234567")]);
    assert_eq!(read["modifiedById"], json!(BOB));
    Ok(())
}

#[tokio::test]
async fn the_words_for_people_and_how_names_are_written_are_told() -> Outcome {
    let espo = stand_in().await?;
    for entity in ["Contact", "Lead"] {
        let told = espo.get(&format!("Metadata?key=entityDefs.{entity}.fields")).await.good();
        assert_eq!(told["salutationName"]["options"], json!(["", "Mr.", "Ms.", "Mrs.", "Dr."]));
    }
    assert_eq!(espo.get("Settings").await.good()["personNameFormat"], json!("firstLast"));
    espo.crm().set_middle_names(true);
    assert_eq!(espo.get("Settings").await.good()["personNameFormat"], json!("firstMiddleLast"));
    Ok(())
}
