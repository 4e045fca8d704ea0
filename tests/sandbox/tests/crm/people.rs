//! Contacts and leads: addresses that are shared, numbers, and doubles.

use postern_sandbox::Version;
use serde_json::{Value, json};

use super::espo::{Espo, Outcome, everywhere, query, unique};

/// An address that nobody has, with capitals in it.
fn address() -> String {
    format!("Carl.{}@Example.org", unique("x").replace(' ', ""))
}

#[tokio::test]
async fn a_last_name_is_required_and_names_hold_no_angle_brackets() -> Outcome {
    everywhere(async |espo| {
        for entity in ["Contact", "Lead"] {
            let told = espo.post(entity, &json!({ "firstName": "Carl" })).await;
            told.is_invalid(entity, "lastName", "required");
            let told = espo.post(entity, &json!({ "firstName": "a<b", "lastName": "x" })).await;
            told.is_invalid(entity, "firstName", "pattern");
            let told = espo.post(entity, &json!({ "lastName": "a=b" })).await;
            told.is_invalid(entity, "lastName", "pattern");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_address_is_shown_as_a_primary_one_and_as_rows() -> Outcome {
    everywhere(async |espo| {
        let address = address();
        let person = json!({ "lastName": unique("Row"), "emailAddress": address });
        let made = espo.made("Contact", &person).await;
        let row = json!({ "emailAddress": address, "lower": address.to_lowercase(), "primary": true,
            "optOut": false, "invalid": false });
        assert_eq!((&made["emailAddress"], &made["emailAddressData"]), (&json!(address), &json!([row])));
        assert_eq!(made["name"], person["lastName"]);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_address_is_shared_in_its_first_spelling() -> Outcome {
    everywhere(async |espo| {
        let address = address();
        espo.made("Contact", &json!({ "lastName": unique("First"), "emailAddress": address })).await;
        let second = json!({ "lastName": unique("Second"), "emailAddress": address.to_lowercase() });
        let skip = [("X-Skip-Duplicate-Check", "true")];
        let told = espo.ask("POST", "Contact", Some(&second.to_string()), &skip).await.good();
        assert_eq!(told["emailAddress"], json!(address));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_new_address_replaces_the_primary_one_and_rows_replace_all() -> Outcome {
    everywhere(async |espo| {
        let (first, second, third) = (address(), address(), address());
        let rows = json!([{ "emailAddress": first, "primary": true }, { "emailAddress": second }]);
        let person = json!({ "lastName": unique("Several"), "emailAddressData": rows });
        let made = espo.made("Contact", &person).await;
        let path = format!("Contact/{}", made["id"].as_str().unwrap_or_default());
        let addresses = |told: &Value| -> Vec<String> {
            let rows = told["emailAddressData"].as_array().cloned().unwrap_or_default();
            rows.iter().filter_map(|row| row["emailAddress"].as_str().map(str::to_owned)).collect()
        };
        let told = espo.put(&path, &json!({ "emailAddress": third })).await.good();
        assert_eq!(addresses(&told), [third.clone(), second]);
        assert_eq!(told["emailAddress"], json!(third));
        for none in [json!([]), Value::Null] {
            let told = espo.put(&path, &json!({ "emailAddressData": none })).await.good();
            assert_eq!((addresses(&told), &told["emailAddress"]), (Vec::new(), &Value::Null));
            espo.put(&path, &json!({ "emailAddress": first })).await.good();
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_search_by_address_knows_no_case_and_every_address() -> Outcome {
    everywhere(async |espo| {
        let (first, second) = (address(), address());
        let rows = json!([{ "emailAddress": first, "primary": true }, { "emailAddress": second }]);
        let person = json!({ "lastName": unique("Found"), "emailAddressData": rows });
        let id = espo.made("Contact", &person).await["id"].clone();
        for wanted in [first.to_uppercase(), second.to_lowercase()] {
            let query = query(&[
                ("whereGroup[0][type]", "equals"),
                ("whereGroup[0][attribute]", "emailAddress"),
                ("whereGroup[0][value]", &wanted),
            ]);
            let list = espo.get(&format!("Contact?{query}")).await.good();
            assert_eq!((&list["total"], &list["list"][0]["id"]), (&json!(1), &id), "{wanted}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_bad_address_is_refused() -> Outcome {
    everywhere(async |espo| {
        let person = json!({ "lastName": unique("Bad"), "emailAddress": "not an address" });
        espo.post("Contact", &person).await.is_invalid("Contact", "emailAddress", "emailAddress");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_number_is_international_and_loses_its_dressing() -> Outcome {
    everywhere(async |espo| {
        let local = json!({ "lastName": unique("Local"), "phoneNumber": "555 123 4567" });
        espo.post("Contact", &local).await.is_invalid("Contact", "phoneNumber", "valid");
        let dressed = json!({ "lastName": unique("Dressed"), "phoneNumber": "+1 (415) 555-2671" });
        let made = espo.made("Contact", &dressed).await;
        assert_eq!(made["phoneNumber"], json!("+14155552671"));
        assert_eq!(made["phoneNumberData"][0]["type"], json!("Mobile"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_double_is_409_with_the_records_it_doubles_until_the_check_is_skipped() -> Outcome {
    everywhere(async |espo| {
        for entity in ["Contact", "Lead"] {
            let person =
                json!({ "firstName": "Carl", "lastName": unique("Double"), "emailAddress": address() });
            let first = espo.made(entity, &person).await;
            let told = espo.post(entity, &person).await;
            told.is(409, "duplicate");
            let doubled = told.json();
            assert_eq!((doubled.as_array().map(Vec::len), &doubled[0]["id"]), (Some(1), &first["id"]));
            let skip = [("X-Skip-Duplicate-Check", "true")];
            espo.ask("POST", entity, Some(&person.to_string()), &skip).await.good();
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_changed_address_is_a_change_of_the_record() -> Outcome {
    everywhere(async |espo| {
        let id = espo.contact("Carl").await;
        let told = espo.put(&format!("Contact/{id}"), &json!({ "emailAddress": address() })).await.good();
        assert_eq!(told["modifiedById"], told["createdById"]);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_primary_address_comes_first_and_its_marks_are_shared() -> Outcome {
    everywhere(async |espo| {
        let (first, second) = (address(), address());
        let rows = json!([{ "emailAddress": first, "primary": false },
            { "emailAddress": second, "primary": true, "optOut": true }]);
        let person = json!({ "lastName": unique("Marked"), "emailAddressData": rows });
        let made = espo.made("Contact", &person).await;
        assert_eq!(made["emailAddress"], json!(second));
        assert_eq!(made["emailAddressIsOptedOut"], json!(true));
        let other = json!({ "lastName": unique("Sharing"), "emailAddress": second }).to_string();
        let skip = [("X-Skip-Duplicate-Check", "true")];
        let other = espo.ask("POST", "Contact", Some(&other), &skip).await.good();
        assert_eq!(other["emailAddressData"][0]["optOut"], json!(true));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_name_or_an_address_alone_makes_a_double_in_the_stand_in() -> Outcome {
    let espo = Espo::stand_in(Version::V10_0_0).await?;
    let first = json!({ "firstName": "Carl", "lastName": "One", "emailAddress": "carl@example.org" });
    espo.made("Contact", &first).await;
    for double in [
        json!({ "firstName": "Carl", "lastName": "One", "emailAddress": "other@example.org" }),
        json!({ "firstName": "Carl", "lastName": "Two", "emailAddress": "Carl@Example.org" }),
    ] {
        espo.post("Contact", &double).await.is(409, "duplicate");
    }
    espo.made("Contact", &json!({ "firstName": "Carl", "lastName": "Three" })).await;
    Ok(())
}

#[tokio::test]
async fn a_record_has_at_most_ten_addresses_and_numbers_have_7_to_15_digits() -> Outcome {
    let espo = Espo::stand_in(Version::V10_0_0).await?;
    let rows = |count: usize| -> Value {
        (0..count).map(|at| json!({ "emailAddress": format!("a{at}@example.org") })).collect()
    };
    let many = json!({ "lastName": "Many", "emailAddressData": rows(11) });
    espo.post("Contact", &many).await.is_invalid("Contact", "emailAddress", "maxCount");
    espo.made("Contact", &json!({ "lastName": "Many", "emailAddressData": rows(10) })).await;
    for number in ["+123456", "+1234567890123456", "+12ab567890"] {
        let person = json!({ "lastName": "Number", "phoneNumber": number });
        espo.post("Contact", &person).await.is_invalid("Contact", "phoneNumber", "valid");
    }
    Ok(())
}
