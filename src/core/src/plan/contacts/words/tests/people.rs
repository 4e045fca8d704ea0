//! A thousand people, told there and back.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value as Json, json};

use super::{Record, Words};
use crate::plan::contacts::apply::{apply, fresh};
use crate::plan::contacts::card::{self, Attribute, Entity, attribute};
use crate::plan::contacts::person::{self, Mark};
use crate::plan::contacts::phone::Country;
use crate::plan::contacts::words::Habits;
use crate::plan::dialect::Dialect;
use crate::plan::link::{Base, Link, Side, State};
use crate::plan::merge::Sides;
use crate::plan::policy::{Direction, Endings, Policy, Winner};
use crate::plan::record::{Field, Value};
use crate::plan::seen::{CrmSide, GoogleSide, Standing};

const PEOPLE: u32 = 1_000;

// Names in many scripts, of one word and of several, and what people type into names.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(vec![
            "Eva", "Žofie", "Nguyễn", "José", "Łukasz", "Владимир", "Ελένη", "محمد", "שרה", "王小明", "さくら", "김철수",
            "नेहा", "ธนา", "Ångström", "O'Brien", "van der Berg", "Anna-Marie", "de la Cruz", "Zoë", "ﬁ", "👩‍👩‍👧",
            "e\u{301}va", "I\u{307}zmir",
        ]).prop_map(str::to_owned),
        2 => "\\PC{0,30}",
        1 => "(?s).{0,120}",
        1 => Just(String::new()),
    ]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        "6[0-9]{2} [0-9]{3} [0-9]{3}",
        "\\+420 ?(60[1-8]|72[0-9]|2[0-9]{2}) ?[0-9]{3} ?[0-9]{3}",
        "\\+1 \\(?(212|415|650)\\)? 555-[0-9]{4}",
        "\\+44 20 7946 [0-9]{4}",
        "klapka [0-9]{1,3}",
        "\\PC{1,12}",
    ]
}

fn kind() -> impl Strategy<Value = String> {
    select(vec![
        "mobile",
        "work",
        "home",
        "workFax",
        "homeFax",
        "main",
        "pager",
        "other",
        "workMobile",
        "",
        "Chata",
    ])
    .prop_map(str::to_owned)
}

fn email() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[A-Za-z0-9.+_-]{1,20}@[a-z]{1,10}\\.(cz|com|org)", 1 => "\\PC{1,12}"]
}

// As Google tells one, with what nobody here knows.
prop_compose! {
    fn someone()(
        names in vec(name(), 4), emails in vec((email(), kind()), 0..13), phones in vec((number(), kind()), 0..13),
        work in vec((name(), name()), 0..3), place in vec((name(), name(), name()), 0..3), note in "(?s).{0,60}",
        web in prop_oneof!["https://[a-z]{1,9}\\.cz/?", "\\PC{0,9}"],
    ) -> Map<String, Json> {
        let list = |all: &[(String, String)]| all.iter()
            .map(|(value, kind)| json!({ "value": value, "type": kind, "label": "kept" })).collect::<Vec<_>>();
        let raw = json!({
            "resourceName": "people/c1", "etag": "1",
            "names": [{ "honorificPrefix": names[0], "givenName": names[1], "middleName": names[2],
                "familyName": names[3], "phoneticFamilyName": "kept" }],
            "emailAddresses": list(&emails), "phoneNumbers": list(&phones),
            "organizations": work.iter().map(|(name, title)| json!({ "name": name, "title": title,
                "department": "kept" })).collect::<Vec<_>>(),
            "addresses": place.iter().map(|(street, city, country)| json!({ "streetAddress": street, "city": city,
                "country": country, "poBox": "kept" })).collect::<Vec<_>>(),
            "biographies": [{ "value": note, "contentType": "TEXT_PLAIN" }], "urls": [{ "value": web, "type": "kept" }],
            "nicknames": [{ "value": "kept" }],
        });
        raw.as_object().cloned().unwrap_or_default()
    }
}

fn policy() -> Policy {
    let endings = Endings::People { deletes_persons: false, deletes_records: false };
    Policy { direction: Direction::Both, winner: Winner::Newest, endings }
}

fn link(google: &Record, crm: &Record) -> Link {
    Link { origin: Side::Google, state: State::Active, base: Base::of(google.clone(), crm.clone()) }
}

fn sides(google: &Record, crm: &Record) -> (GoogleSide, CrmSide) {
    (
        GoogleSide { record: google.clone(), updated: 0, editable: true, elsewhere: false },
        CrmSide { record: crm.clone(), modified: 0, standing: Standing::Planned, over: false },
    )
}

// What the CRM shows of a record that was sent to it as new.
fn stored(entity: Entity, sent: &Record) -> Record {
    let mut raw = card::body(entity, sent, &Map::new());
    raw.insert("id".to_owned(), json!("c1"));
    for field in Field::PERSON {
        if let Attribute::Own(key) | Attribute::Linked(key) = attribute(entity, field) {
            raw.entry(key).or_insert(Json::Null);
        }
    }
    card::read(entity, &raw).unwrap().record
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(PEOPLE))]

    #[test]
    fn a_person_goes_to_the_crm_and_back_and_nothing_is_lost(raw in someone()) {
        let (habits, country) = (Habits::default(), Country::parse("CZ").unwrap());
        let shown = person::read(&raw).unwrap().record;
        for entity in Entity::ALL {
            let words = Words::new(entity, &habits, Some(&country), &shown);
            let sent = words.new_record(&shown);
            // The CRM takes it, whatever it was.
            prop_assert!(!sent.words(Field::Family).is_empty());
            for field in [Field::Salutation, Field::Given, Field::Middle, Field::Family, Field::Organisation] {
                let told = sent.words(field);
                prop_assert!(told.chars().count() <= 255 && !told.contains(['<', '>', '=']) && told.trim() == told);
                prop_assert!(!told.contains(char::is_control));
            }
            let crm = stored(entity, &sent);
            for (field, value) in sent.iter() {
                prop_assert!(words.same(field, &shown.get(field).unwrap().clone(), value), "{:?} {:?}", field, value);
                prop_assert!(words.same(field, shown.get(field).unwrap(), crm.get(field).unwrap()), "{:?} of {:?}", field, crm);
            }
            // Nothing is to be done, and what is told again changes nothing in Google.
            let link = link(&shown, &crm);
            let (google, crm_side) = sides(&shown, &crm);
            let (policy, base) = (policy(), link.base.clone());
            let merge = Sides { google: &google, crm: &crm_side, base: &base, policy: &policy, dialect: &words }.merge();
            prop_assert!(merge.is_empty(), "{merge:?}");
            let back = crm.iter().fold(Record::new(), |back, (field, value)| {
                match (value, shown.get(field)) {
                    (Value::Several(_), _) | (_, None) => back,
                    (_, before) => back.with(field, words.to_google(field, value, before).unwrap()),
                }
            });
            for (field, value) in back.iter() {
                let again = words.to_crm(field, value, None);
                if let (Some(again), Attribute::Own(_)) = (again, attribute(entity, field)) {
                    prop_assert_eq!(Some(&again), crm.get(field), "{:?} is told twice alike", field);
                }
            }
        }
    }

    #[test]
    fn an_edit_of_one_field_in_the_crm_leaves_the_rest_of_a_person_as_it_is(
        raw in someone(), given in "[A-Z][a-z]{1,9}", number in "\\+4207[0-9]{8}", address in "[a-z]{1,9}@new\\.cz",
    ) {
        let (habits, country) = (Habits::default(), Country::parse("CZ").unwrap());
        let shown = person::read(&raw).unwrap().record;
        let words = Words::new(Entity::Contact, &habits, Some(&country), &shown);
        let crm = stored(Entity::Contact, &words.new_record(&shown));
        let add = |field, text: &str, kind: &str| {
            let mut all = crm.several(field).cloned().unwrap_or_default();
            all.0.push(super::Item::new(text, kind));
            Value::Several(all)
        };
        let edited = crm.clone().with(Field::Given, Value::text(given.as_str()))
            .with(Field::Emails, add(Field::Emails, &address, "")).with(Field::Phones, add(Field::Phones, &number, "Home"));
        let link = link(&shown, &crm);
        let (google, crm_side) = sides(&shown, &edited);
        let policy = policy();
        let merge = Sides { google: &google, crm: &crm_side, base: &link.base, policy: &policy, dialect: &words }.merge();
        prop_assert!(merge.to_crm.is_empty(), "{merge:?}");
        let mut written = raw.clone();
        apply(&mut written, &merge.to_google);
        let after = person::read(&written).unwrap().record;
        for (field, value) in shown.iter() {
            if !matches!(field, Field::Given | Field::Emails | Field::Phones) {
                prop_assert_eq!(after.get(field), Some(value), "{:?}", field);
            }
        }
        prop_assert_eq!(after.words(Field::Given), given.as_str());
        for field in [Field::Emails, Field::Phones] {
            for item in shown.several(field).unwrap().iter() {
                prop_assert!(after.several(field).unwrap().iter().any(|of| of == item), "{:?} is gone", item);
            }
        }
        let kept = |raw: &Map<String, Json>| Json::Object(raw.clone()).to_string().matches("\"kept\"").count();
        prop_assert_eq!(kept(&written), kept(&raw), "{:?}", written);
    }

    #[test]
    fn a_record_goes_to_google_and_comes_back_as_it_was(
        names in vec("[^<>=\\p{C}\\s]([^<>=\\p{C}]{0,40}[^<>=\\p{C}\\s])?", 6), note in "[^\r]{0,60}",
        local in vec("[a-z0-9]{1,9}", 0..10), numbers in vec(("7[0-9]{8}", 0_usize..5), 0..10), salutation in 0_usize..5,
    ) {
        let (habits, country) = (Habits::default(), Country::parse("CZ").unwrap());
        let text = |at: usize| names[at].clone();
        let unique = |all: Vec<(String, String)>| {
            let mut all: Vec<_> = all.into_iter().map(|(text, kind)| json!([text, kind])).collect();
            all.sort_by_key(Json::to_string);
            all.dedup_by(|one, other| one[0] == other[0]);
            all
        };
        let emails = unique(local.iter().map(|local| (format!("{local}@x.cz"), String::new())).collect());
        let phones = unique(numbers.iter().map(|(number, kind)| (format!("+420{number}"), habits.phone_kinds[*kind].clone())).collect());
        let raw = json!({
            "id": "l1", "salutationName": habits.salutations.get(salutation), "firstName": text(0), "middleName": text(1),
            "lastName": text(2), "accountName": text(3), "title": text(4), "description": note, "website": "https://acme.cz",
            "addressStreet": text(5), "addressCity": text(0), "addressState": null, "addressPostalCode": "110 00",
            "addressCountry": text(1),
            "emailAddressData": emails.iter().enumerate().map(|(at, of)| json!({ "emailAddress": of[0], "primary": at == 0 })).collect::<Vec<_>>(),
            "phoneNumberData": phones.iter().enumerate().map(|(at, of)| json!({ "phoneNumber": of[0], "type": of[1], "primary": at == 0 })).collect::<Vec<_>>(),
        });
        let crm = card::read(Entity::Lead, raw.as_object().unwrap()).unwrap().record;
        prop_assert_eq!(crm.iter().count(), Field::PERSON.len());
        let words = Words::new(Entity::Lead, &habits, Some(&country), &Record::new());
        let mark = Mark { pair: uuid::Uuid::nil(), entity: Entity::Lead, record: "l1".to_owned() };
        let mut made = fresh(&words.new_person(&crm), &[], &mark);
        made.insert("resourceName".to_owned(), json!("people/c1"));
        let google = person::read(&made).unwrap().record;
        let words = Words::new(Entity::Lead, &habits, Some(&country), &google);
        prop_assert_eq!(words.new_record(&google), crm);
    }
}
