use serde_json::{Map, Value as Json, json};

use super::{Attribute, Entity, LISTED, Stage, attribute, body, read};
use crate::plan::contacts::several::{Item, Several};
use crate::plan::record::{Field, Record, Value};

fn raw(value: Json) -> Map<String, Json> {
    match value {
        Json::Object(raw) => raw,
        other => panic!("{other}"),
    }
}

// As the CRM was recorded to answer, with a second address and number.
fn carl() -> Map<String, Json> {
    raw(json!({
        "id": "6b035d73bd297374f", "name": "Carl Contact", "deleted": false, "salutationName": null,
        "firstName": "Carl", "lastName": "Contact", "middleName": null, "title": "Boss", "description": null,
        "emailAddress": "Carl@Example.org", "phoneNumber": "+15551234567", "addressStreet": "Dlouhá 1\r\nbyt 2",
        "addressCity": "Praha", "addressState": null, "addressCountry": null, "addressPostalCode": "110 00",
        "createdAt": "2026-11-22 21:24:03", "modifiedAt": "2026-11-22 21:24:04",
        "emailAddressData": [
            { "emailAddress": "b@example.org", "lower": "b@example.org", "primary": false, "optOut": true, "invalid": false },
            { "emailAddress": "a@example.org", "lower": "a@example.org", "primary": false, "optOut": false, "invalid": true },
            { "emailAddress": "Carl@Example.org", "lower": "carl@example.org", "primary": true, "optOut": false, "invalid": false },
        ],
        "phoneNumberData": [{ "phoneNumber": "+15551234567", "type": "Mobile", "primary": true, "optOut": true, "invalid": false }],
        "accountId": "6b035d73a1cf14d01", "accountName": "Acme", "createdById": "6b035d18149b7dbf8",
        "assignedUserId": "6b035d19485892bcb", "teamsIds": ["t1"],
    }))
}

#[test]
fn a_contact_is_read_as_it_was_recorded() {
    let card = read(Entity::Contact, &carl()).unwrap();
    assert_eq!((card.stage, card.user.as_deref()), (Stage::Kept, Some("6b035d19485892bcb")));
    assert_eq!((card.created, card.modified), (1_795_382_643, 1_795_382_644));
    assert_eq!(
        (card.email.as_deref(), card.phone.as_deref()),
        (Some("Carl@Example.org"), Some("+15551234567"))
    );
    let words =
        [Field::Salutation, Field::Given, Field::Family, Field::Organisation, Field::Role, Field::Note];
    assert_eq!(words.map(|field| card.record.words(field)), ["", "Carl", "Contact", "Acme", "Boss", ""]);
    assert_eq!(card.record.get(Field::Web), None, "a contact has no page");
    let emails = card.record.several(Field::Emails).unwrap();
    assert_eq!(emails.line(), "Carl@Example.org, a@example.org, b@example.org", "the primary one first");
    let Some(Value::Postal(postal)) = card.record.get(Field::Postal) else { panic!() };
    assert_eq!(postal.line(), "Dlouhá 1, byt 2, Praha, 110 00");
}

#[test]
fn what_a_list_does_not_tell_is_unknown() {
    let mut listed = carl();
    for key in ["emailAddressData", "phoneNumberData", "addressStreet", "title"] {
        listed.remove(key);
    }
    listed["description"] = json!("x".repeat(LISTED));
    let card = read(Entity::Contact, &listed).unwrap();
    for field in [Field::Emails, Field::Phones, Field::Postal, Field::Role, Field::Note] {
        assert_eq!(card.record.get(field), None, "{field:?}");
    }
    assert_eq!(card.email.as_deref(), Some("Carl@Example.org"));
}

#[test]
fn rule_7_4_a_lead_tells_which_contact_it_became() {
    let lead = |extra: Json| {
        let mut lead =
            raw(json!({ "id": "l1", "lastName": "Lead", "status": "New", "createdContactId": null }));
        lead.extend(raw(extra));
        read(Entity::Lead, &lead).unwrap().stage
    };
    assert_eq!(lead(json!({})), Stage::Kept);
    assert_eq!(lead(json!({ "status": "Converted" })), Stage::Converted(None));
    let became = Stage::Converted(Some("c1".to_owned()));
    assert_eq!(lead(json!({ "status": "Converted", "createdContactId": "c1" })), became);
    assert_eq!(lead(json!({ "deleted": true, "createdContactId": "c1" })), Stage::Deleted);
}

#[test]
fn rule_7_5_the_account_of_a_contact_is_read_and_never_written() {
    for field in [Field::Organisation, Field::Role] {
        assert!(matches!(attribute(Entity::Contact, field), Attribute::Linked(_)));
        assert!(matches!(attribute(Entity::Lead, field), Attribute::Own(_)));
    }
    let changes = Record::new()
        .with(Field::Organisation, Value::text("Other"))
        .with(Field::Role, Value::text("Chief"))
        .with(Field::Web, Value::text("acme.cz"))
        .with(Field::Family, Value::text("Nový"));
    assert_eq!(Json::Object(body(Entity::Contact, &changes, &carl())), json!({ "lastName": "Nový" }));
    assert_eq!(body(Entity::Lead, &changes, &Map::new()).len(), 4);
}

#[test]
fn what_nobody_may_write_to_stays_so_when_an_address_is_added() {
    let wanted = Several(vec![Item::new("B@example.org", ""), Item::new("n@example.org", "")]);
    let phones = Several(vec![Item::new("+15551234567", "Home")]);
    let changes =
        Record::new().with(Field::Emails, Value::Several(wanted)).with(Field::Phones, Value::Several(phones));
    let sent = body(Entity::Contact, &changes, &carl());
    assert_eq!(
        sent["emailAddressData"],
        json!([
            { "emailAddress": "B@example.org", "primary": true, "optOut": true, "invalid": false },
            { "emailAddress": "n@example.org", "primary": false },
        ])
    );
    assert_eq!(
        sent["phoneNumberData"],
        json!([
            { "phoneNumber": "+15551234567", "type": "Home", "primary": true, "optOut": true, "invalid": false },
        ])
    );
}

#[test]
fn times_of_changes_and_teams_are_no_change() {
    let card = read(Entity::Contact, &carl()).unwrap();
    let mut later = carl();
    later["modifiedAt"] = json!("2026-11-23 21:24:04");
    later.remove("teamsIds");
    assert_eq!(read(Entity::Contact, &later).unwrap().fingerprint(), card.fingerprint());
    later["lastName"] = json!("Other");
    assert_ne!(read(Entity::Contact, &later).unwrap().fingerprint(), card.fingerprint());
}
