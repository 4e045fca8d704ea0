use std::collections::BTreeSet;

use super::{Habits, UNNAMED, Words, kept};
use crate::plan::contacts::card::Entity;
use crate::plan::contacts::phone::Country;
use crate::plan::contacts::postal::Postal;
use crate::plan::contacts::several::{Item, Several};
use crate::plan::dialect::{Cell, Dialect};
use crate::plan::link::Side;
use crate::plan::record::{Field, Record, Value};

mod people;

fn with<T>(entity: Entity, google: &Record, see: impl FnOnce(&Words<'_>) -> T) -> T {
    let (habits, country) = (Habits::default(), Country::parse("CZ").unwrap());
    see(&Words::new(entity, &habits, Some(&country), google))
}

fn crm(entity: Entity, field: Field, google: &str) -> Option<String> {
    with(entity, &Record::new(), |words| match words.to_crm(field, &Value::text(google), None) {
        Some(Value::Text(words)) => Some(words),
        None => None,
        other => panic!("{other:?}"),
    })
}

fn google(entity: Entity, field: Field, crm: &str, before: &str) -> String {
    with(entity, &Record::new(), |words| {
        match words.to_google(field, &Value::text(crm), Some(&Value::text(before))) {
            Some(Value::Text(words)) => words,
            other => panic!("{other:?}"),
        }
    })
}

fn emails(all: &[&str]) -> Value {
    Value::Several(Several(all.iter().map(|text| Item::new(*text, "")).collect()))
}

fn phones(all: &[(&str, &str)]) -> Value {
    Value::Several(Several(all.iter().map(|(text, kind)| Item::new(*text, *kind)).collect()))
}

fn to_google(field: Field, google: (&Value, &Value), crm: (&Value, &Value)) -> Value {
    let cell = Cell { field, google_before: google.0, google: google.1, crm_before: crm.0, crm: crm.1 };
    with(Entity::Contact, &Record::new(), |words| words.carried_to_google(&cell).unwrap())
}

fn to_crm(field: Field, google: (&Value, &Value), crm: (&Value, &Value)) -> Value {
    let cell = Cell { field, google_before: google.0, google: google.1, crm_before: crm.0, crm: crm.1 };
    with(Entity::Contact, &Record::new(), |words| words.carried_to_crm(&cell).unwrap())
}

#[test]
fn rule_7_5_each_field_is_told_as_the_table_of_the_reference_says() {
    use Entity::{Contact, Lead};
    for (entity, field, google, told) in [
        (Contact, Field::Salutation, "Dr.", Some("Dr.")),
        (Contact, Field::Salutation, "mrs", Some("Mrs.")),
        (Contact, Field::Salutation, "", Some("")),
        (Contact, Field::Salutation, "Ing.", None),
        (Contact, Field::Given, " Eva\u{7} <x> ", Some("Eva  ‹x›")),
        (Contact, Field::Family, "Nová", Some("Nová")),
        (Contact, Field::Organisation, "Acme", None),
        (Lead, Field::Organisation, "Acme = s.r.o.", Some("Acme ＝ s.r.o.")),
        (Contact, Field::Role, "Boss", None),
        (Lead, Field::Role, "Boss", Some("Boss")),
        (Contact, Field::Note, "a <b>\nc", Some("a <b>\nc")),
        (Contact, Field::Web, "https://acme.cz", None),
        (Lead, Field::Web, "https://acme.cz/", Some("https://acme.cz/")),
        (Lead, Field::Web, "", Some("")),
        (Lead, Field::Web, "ask Eva", None),
        (Lead, Field::Web, "ftp://acme.cz", None),
    ] {
        assert_eq!(crm(entity, field, google).as_deref(), told, "{entity:?} {field:?} {google:?}");
    }
    assert_eq!(crm(Contact, Field::Given, &"x".repeat(300)).map(|told| told.len()), Some(100));
}

#[test]
fn what_the_crm_shows_in_its_own_way_is_not_sent_back() {
    for (field, crm, before, told) in [
        (Field::Given, "Eva ‹x›", "Eva <y>", "Eva <x>"),
        (Field::Given, "Eva ‹x›", "Eva", "Eva ‹x›"),
        (Field::Salutation, "Mrs.", "mrs", "mrs"),
        (Field::Salutation, "Dr.", "mrs", "Dr."),
        (Field::Web, "acme.cz", "https://acme.cz/", "https://acme.cz/"),
        (Field::Web, "other.cz", "https://acme.cz/", "other.cz"),
    ] {
        assert_eq!(google(Entity::Lead, field, crm, before), told, "{field:?} {crm:?}");
    }
}

#[test]
fn rule_7_5_without_a_last_name_it_is_the_organisation_else_the_address_and_does_not_come_back() {
    let shows = |organisation: &str, all: &[&str]| {
        Record::new().with(Field::Organisation, Value::text(organisation)).with(Field::Emails, emails(all))
    };
    for (google, last) in [
        (shows(" Acme ", &["eva@x.cz"]), "Acme"),
        (shows("", &["eva.nova@x.cz"]), "eva.nova"),
        (shows("", &[]), UNNAMED),
        (shows("", &["@x.cz"]), UNNAMED),
    ] {
        with(Entity::Contact, &google, |words| {
            let (empty, last) = (Value::text(" "), Value::text(last));
            assert_eq!(words.to_crm(Field::Family, &empty, None), Some(last.clone()));
            assert_eq!(words.to_google(Field::Family, &last, Some(&empty)), Some(empty.clone()));
            assert!(words.same(Field::Family, &empty, &last));
            let named = Value::text("Nová");
            assert_eq!(words.to_google(Field::Family, &named, Some(&empty)), Some(named));
        });
    }
}

#[test]
fn rule_7_5_the_users_own_spelling_of_a_number_is_kept() {
    let (before, kind) =
        (phones(&[("603 123 456", "workMobile"), ("klapka 5", "x")]), ("+420603123456", "Mobile"));
    with(Entity::Contact, &Record::new(), |words| {
        assert_eq!(words.to_crm(Field::Phones, &before, None), Some(phones(&[kind])));
        assert!(words.same(Field::Phones, &before, &phones(&[kind])));
        let respelled = phones(&[("+420 603 123 456", "mobile"), ("klapka 5", "x")]);
        assert!(words.same(Field::Phones, &respelled, &phones(&[kind])));
        assert!(!words.same(Field::Phones, &respelled, &phones(&[("+420603123456", "Office")])));
    });
    // Another number in the CRM comes beside them.
    let now = phones(&[("+420224123456", "Office"), kind]);
    assert_eq!(
        to_google(Field::Phones, (&before, &before), (&phones(&[kind]), &now)),
        phones(&[("+420224123456", "work"), ("603 123 456", "workMobile"), ("klapka 5", "x")])
    );
    // Another kind there is another kind here, one that says the same is not.
    let home = phones(&[("+420603123456", "Home")]);
    let told = to_google(Field::Phones, (&before, &before), (&phones(&[kind]), &home));
    assert_eq!(told, phones(&[("603 123 456", "home"), ("klapka 5", "x")]));
}

#[test]
fn rule_7_5_addresses_compare_without_case_and_keep_their_spelling() {
    let before = emails(&["Eva@Acme.cz", "not an address"]);
    let crm_before = emails(&["eva@acme.cz"]);
    with(Entity::Contact, &Record::new(), |words| assert!(words.same(Field::Emails, &before, &crm_before)));
    let now = emails(&["EVA@acme.cz", "n@x.cz"]);
    let told = to_google(Field::Emails, (&before, &before), (&crm_before, &now));
    assert_eq!(told, emails(&["Eva@Acme.cz", "not an address", "n@x.cz"]));
    let fewer = to_google(Field::Emails, (&before, &before), (&crm_before, &emails(&[])));
    assert_eq!(fewer, emails(&["not an address"]), "what was never told is never missed");
}

#[test]
fn rule_7_5_the_primary_one_is_told_both_ways() {
    let (one, two) = (emails(&["a@x.cz", "b@x.cz"]), emails(&["b@x.cz", "a@x.cz"]));
    assert_eq!(to_google(Field::Emails, (&one, &one), (&one, &two)), two);
    assert_eq!(to_crm(Field::Emails, (&one, &two), (&one, &one)), two);
    with(Entity::Contact, &Record::new(), |words| assert!(!words.same(Field::Emails, &one, &two)));
}

#[test]
fn rule_7_5_of_more_than_ten_the_surplus_is_untouched() {
    let all: Vec<String> = (0..13).map(|n| format!("a{n:02}@x.cz")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let (google, crm) = (emails(&all), emails(&all[..10]));
    with(Entity::Contact, &Record::new(), |words| {
        assert_eq!(words.to_crm(Field::Emails, &google, None), Some(crm.clone()));
        assert!(words.same(Field::Emails, &google, &crm));
        assert!(!words.same(Field::Emails, &google, &emails(&all[..9])));
    });
    // One goes in the CRM, one comes there: the rest of Google's stays.
    let mut now = all[1..10].to_vec();
    now.push("new@x.cz");
    let told = to_google(Field::Emails, (&google, &google), (&crm, &emails(&now)));
    let mut wanted = all[1..].to_vec();
    wanted.push("new@x.cz");
    assert_eq!(told, emails(&wanted));
    // An eleventh does not fit.
    let mut more = all[..10].to_vec();
    more.push("more@x.cz");
    assert_eq!(to_crm(Field::Emails, (&crm, &emails(&more)), (&crm, &crm)), crm);
}

#[test]
fn rule_7_5_where_both_have_changed_a_list_nothing_is_lost() {
    let before = emails(&["a@x.cz", "b@x.cz"]);
    let (google, crm) = (emails(&["a@x.cz", "g@x.cz"]), emails(&["c@x.cz", "a@x.cz", "b@x.cz"]));
    let cell = Cell {
        field: Field::Emails,
        google_before: &before,
        google: &google,
        crm_before: &before,
        crm: &crm,
    };
    for winner in Side::ALL {
        let joined = with(Entity::Contact, &Record::new(), |words| words.joined(&cell, winner).unwrap());
        assert_eq!(joined.google, emails(&["c@x.cz", "a@x.cz", "g@x.cz"]));
        assert_eq!(joined.crm, emails(&["c@x.cz", "a@x.cz", "g@x.cz"]));
    }
}

#[test]
fn of_one_number_that_both_have_changed_the_winners_kind_holds() {
    let (google_before, crm_before) =
        (phones(&[("603 123 456", "mobile")]), phones(&[("+420603123456", "Mobile")]));
    let (google, crm) = (phones(&[("603 123 456", "home")]), phones(&[("+420603123456", "Office")]));
    let joined = |winner, crm: &Value| {
        let (google_before, google) = (&google_before, &google);
        let cell = Cell { field: Field::Phones, google_before, google, crm_before: &crm_before, crm };
        let joined = with(Entity::Contact, &Record::new(), |words| words.joined(&cell, winner).unwrap());
        (joined.google, joined.crm)
    };
    let both =
        |kinds: (&str, &str)| (phones(&[("603 123 456", kinds.0)]), phones(&[("+420603123456", kinds.1)]));
    assert_eq!(joined(Side::Google, &crm), both(("home", "Home")));
    assert_eq!(joined(Side::Crm, &crm), both(("work", "Office")));
    // One took it away, the other gave it another kind.
    let none = phones(&[]);
    assert_eq!(joined(Side::Google, &none), both(("home", "Home")));
    assert_eq!(joined(Side::Crm, &none), (none.clone(), none));
}

#[test]
fn rule_7_5_notes_of_several_users_stay_with_each() {
    let all = BTreeSet::from(Field::PERSON);
    assert!(kept(&all, false, true).contains(&Field::Note));
    assert!(kept(&all, true, false).contains(&Field::Note), "a push tells the CRM's note only");
    assert!(!kept(&all, true, true).contains(&Field::Note));
    assert_eq!(kept(&all, true, true).len(), all.len() - 1);
}

#[test]
fn an_address_for_letters_is_told_as_one() {
    let google = Postal {
        street: " Dlouhá 1\nbyt <2> ".into(),
        city: "Praha = 1".into(),
        code: "x".repeat(60),
        ..Postal::default()
    };
    with(Entity::Lead, &Record::new(), |words| {
        let Some(Value::Postal(told)) = words.to_crm(Field::Postal, &Value::Postal(google.clone()), None)
        else {
            panic!()
        };
        assert_eq!(
            (told.street.as_str(), told.city.as_str(), told.code.len()),
            ("Dlouhá 1\nbyt <2>", "Praha ＝ 1", 40)
        );
        let back =
            words.to_google(Field::Postal, &Value::Postal(told), Some(&Value::Postal(google))).unwrap();
        let Value::Postal(back) = back else { panic!() };
        assert_eq!(back.city, "Praha = 1");
    });
}
