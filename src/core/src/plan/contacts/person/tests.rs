use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{Mark, Person, read};
use crate::plan::contacts::apply::{apply, body, fresh, mark};
use crate::plan::contacts::card::Entity;
use crate::plan::contacts::postal::Postal;
use crate::plan::contacts::several::{Item, Several};
use crate::plan::record::{Field, Record, Value};

fn raw(value: Json) -> Map<String, Json> {
    match value {
        Json::Object(raw) => raw,
        other => panic!("{other}"),
    }
}

fn own(mut value: Json) -> Json {
    value["metadata"] = json!({ "source": { "type": "CONTACT", "id": "7f" } });
    value
}

fn eva() -> Map<String, Json> {
    let primary = json!({ "primary": true, "source": { "type": "CONTACT", "id": "7f" } });
    raw(json!({
        "resourceName": "people/c7", "etag": "%E1",
        "metadata": { "objectType": "PERSON", "previousResourceNames": ["people/c6"], "sources": [
            { "type": "PROFILE", "id": "1", "etag": "#p" },
            { "type": "CONTACT", "id": "7f", "etag": "#c", "updateTime": "2026-11-20T10:00:00Z" },
        ] },
        "names": [
            { "givenName": "Profile", "metadata": { "source": { "type": "PROFILE", "id": "1" } } },
            own(json!({ "displayName": "Ing. Eva Nová", "unstructuredName": "Ing. Eva Nová", "honorificPrefix": "Ing.",
                "givenName": "Eva", "familyName": "Nová", "honorificSuffix": "Ph.D.", "phoneticGivenName": "e" })),
        ],
        "emailAddresses": [
            own(json!({ "value": "Eva@Home.cz", "type": "home", "formattedType": "Home", "displayName": "Evička" })),
            { "value": "eva@acme.cz", "type": "work", "metadata": primary },
            { "value": "eva@profile.cz", "metadata": { "source": { "type": "DOMAIN_PROFILE", "id": "1" } } },
            own(json!({ "value": " ", "type": "kept" })),
        ],
        "phoneNumbers": [
            own(json!({ "value": "603 123 456", "canonicalForm": "+420603123456", "type": "workMobile" })),
            own(json!({ "value": "klapka 12", "type": "Vrátnice" })),
        ],
        "organizations": [
            own(json!({ "name": "Old", "title": "x" })),
            own(json!({ "name": "Acme", "title": "Boss", "department": "R&D", "current": true, "type": "work" })),
        ],
        "addresses": [own(json!({ "streetAddress": "Dlouhá 1", "extendedAddress": "byt 2", "city": "Praha", "country":
            "Česko", "countryCode": "CZ", "formattedValue": "Dlouhá 1\nPraha", "type": "home" }))],
        "biographies": [own(json!({ "value": "one<br>two", "contentType": "TEXT_HTML" }))],
        "urls": [own(json!({ "value": "https://acme.cz", "type": "homePage" }))],
        "nicknames": [own(json!({ "value": "Evička" }))],
        "clientData": [own(json!({ "key": "theirs", "value": "1" }))],
        "memberships": [
            own(json!({ "contactGroupMembership": { "contactGroupId": "g1", "contactGroupResourceName": "contactGroups/g1" } })),
            { "domainMembership": { "inViewerDomain": true } },
        ],
    }))
}

fn person(raw: &Map<String, Json>) -> Person {
    read(raw).unwrap()
}

#[test]
fn a_person_is_read_from_the_address_book_alone() {
    let eva = person(&eva());
    assert_eq!((eva.resource.as_str(), eva.source.as_deref()), ("people/c7", Some("7f")));
    assert_eq!((eva.previous, eva.updated), (vec!["people/c6".to_owned()], 1_795_168_800));
    assert_eq!(eva.groups.into_iter().collect::<Vec<_>>(), ["contactGroups/g1"]);
    let record = eva.record;
    let words: Vec<_> = Field::PERSON.map(|field| record.words(field)).to_vec();
    assert_eq!(words, ["Ing.", "Eva", "", "Nová", "", "", "Acme", "Boss", "", "one\ntwo", "https://acme.cz"]);
    let emails = record.several(Field::Emails).unwrap();
    assert_eq!(emails.line(), "eva@acme.cz, Eva@Home.cz", "the primary one first");
    let phones = Several(vec![Item::new("603 123 456", "workMobile"), Item::new("klapka 12", "Vrátnice")]);
    assert_eq!(record.several(Field::Phones), Some(&phones));
}

#[test]
fn what_google_leaves_out_is_empty_and_a_tombstone_says_nothing() {
    let bare = person(&raw(json!({ "resourceName": "people/c1" })));
    assert!(Field::PERSON.iter().all(|field| bare.record.get(*field).is_some()));
    let gone = person(&raw(json!({ "resourceName": "people/c1", "metadata": { "deleted": true } })));
    assert!(gone.deleted && gone.record.is_empty());
    assert!(read(&raw(json!({ "etag": "x" }))).is_none());
}

#[test]
fn what_nobody_has_told_the_parts_of_is_told_as_a_whole() {
    let bare =
        person(&raw(json!({ "resourceName": "people/c1", "names": [{ "unstructuredName": "Eva Nová" }],
        "addresses": [{ "formattedValue": "Dlouhá 1\r\nPraha" }] })));
    assert_eq!(bare.record.words(Field::Given), "Eva Nová");
    let postal = Postal { street: "Dlouhá 1\nPraha".to_owned(), ..Postal::default() };
    assert_eq!(bare.record.get(Field::Postal), Some(&Value::Postal(postal)));
}

#[test]
fn a_write_changes_what_it_names_and_keeps_everything_else() {
    let mut written = eva();
    let changes =
        Record::new().with(Field::Family, Value::text("Stará")).with(Field::Role, Value::text("")).with(
            Field::Phones,
            Value::Several(Several(vec![
                Item::new("klapka 12", "Vrátnice"),
                Item::new("603 123 456", "workMobile"),
                Item::new("+1", "home"),
            ])),
        );
    let mask = apply(&mut written, &changes);
    assert_eq!(mask.text(), "names,organizations,phoneNumbers");
    assert_eq!(
        written["names"],
        json!([{ "honorificPrefix": "Ing.", "givenName": "Eva", "familyName": "Stará",
        "honorificSuffix": "Ph.D.", "phoneticGivenName": "e" }])
    );
    assert_eq!(
        written["organizations"],
        json!([{ "name": "Old", "title": "x" },
        { "name": "Acme", "department": "R&D", "current": true, "type": "work" }])
    );
    assert_eq!(
        written["phoneNumbers"],
        json!([{ "value": "klapka 12", "type": "Vrátnice" },
        { "value": "603 123 456", "type": "workMobile" }, { "value": "+1", "type": "home" }])
    );
    for (key, value) in &eva() {
        assert!(mask.text().split(',').any(|field| field == key) || written[key] == *value, "{key}");
    }
}

#[test]
fn what_is_written_shows_what_was_to_be_shown() {
    let changes = Record::new()
        .with(
            Field::Emails,
            Value::Several(Several(vec![Item::new("eva@acme.cz", ""), Item::new("n@x.cz", "")])),
        )
        .with(
            Field::Postal,
            Value::Postal(Postal { city: "Wien".into(), country: "AT".into(), ..Postal::default() }),
        )
        .with(Field::Note, Value::text("plain <b>"))
        .with(Field::Web, Value::text(""));
    let mut written = eva();
    apply(&mut written, &changes);
    let shown = person(&written).record;
    assert!(changes.iter().all(|(field, value)| shown.get(field) == Some(value)), "{shown:?}");
    assert_eq!(written["emailAddresses"][2], json!({ "value": " ", "type": "kept" }));
    assert_eq!(
        written["addresses"],
        json!([{ "extendedAddress": "byt 2", "city": "Wien", "country": "AT", "type": "home" }])
    );
    assert_eq!(written["urls"], json!([]));
}

#[test]
fn only_the_mask_and_the_version_are_sent_and_nothing_that_google_makes() {
    let mut written = eva();
    let mask = apply(&mut written, &Record::new().with(Field::Given, Value::text("Ema")));
    let sent = body(&written, &mask);
    assert_eq!(sent.keys().collect::<Vec<_>>(), ["etag", "metadata", "names", "resourceName"]);
    assert_eq!(sent["metadata"], json!({ "sources": [{ "type": "CONTACT", "id": "7f", "etag": "#c" }] }));
    let mut all = eva();
    let shows = person(&all).record;
    let mask = apply(&mut all, &shows);
    let text = Json::Object(body(&all, &mask)).to_string();
    for key in [
        "canonicalForm",
        "formattedType",
        "formattedValue",
        "PROFILE",
        "Profile",
        "eva@profile.cz",
        "unstructured",
    ] {
        assert!(!text.contains(key), "{key} in {text}");
    }
    assert_eq!(person(&all).record.picked(|f| f != Field::Emails), shows.picked(|f| f != Field::Emails));
}

#[test]
fn rule_7_3_a_person_of_ours_carries_the_mark_of_its_pair_and_record() {
    let of = Mark { pair: Uuid::from_u128(7), entity: Entity::Lead, record: "6b/1".to_owned() };
    let shows = Record::new().with(Field::Family, Value::text("Nová")).with(Field::Note, Value::text(""));
    let made = fresh(&shows, &["contactGroups/g1".to_owned(), "contactGroups/myContacts".to_owned()], &of);
    assert!(!made.contains_key("biographies"));
    let mut made = made;
    made.insert("resourceName".to_owned(), json!("people/c1"));
    let read = person(&made);
    assert_eq!((read.marks.iter().next(), read.groups.len()), (Some(&of), 2));
    // One mark for each pair, and what others have put there stays.
    let mut marked = eva();
    mark(&mut marked, &of);
    let other = Mark { pair: Uuid::from_u128(8), ..of.clone() };
    mark(&mut marked, &other);
    let moved = Mark { entity: Entity::Contact, ..of };
    assert_eq!(mark(&mut marked, &moved).text(), "clientData");
    assert_eq!(person(&marked).marks.into_iter().collect::<Vec<_>>(), [moved, other]);
    assert_eq!(marked["clientData"][0], json!({ "key": "theirs", "value": "1" }));
    for text in [
        "",
        "x/Contact/1",
        "00000000-0000-0000-0000-000000000007/User/1",
        "00000000-0000-0000-0000-000000000007/Contact/",
    ] {
        assert_eq!(Mark::parse(text), None, "{text}");
    }
}

#[test]
fn a_version_alone_is_no_change() {
    let mut drifted = eva();
    drifted["etag"] = json!("%E2");
    drifted["metadata"]["sources"][1]["updateTime"] = json!("2026-11-21T10:00:00Z");
    assert_eq!(person(&drifted).fingerprint(), person(&eva()).fingerprint());
    drifted["names"][1]["givenName"] = json!("Ema");
    assert_ne!(person(&drifted).fingerprint(), person(&eva()).fingerprint());
}
