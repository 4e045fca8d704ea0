//! Conditions that come from outside.

use serde_json::{Value, json};
use url::form_urlencoded;

use crate::crm::condition::{Conditions, NoCondition, SavedFilter};
use crate::crm::contacts::Sight;
use crate::crm::trial::Crm;
use postern_core::plan::contacts::card::Entity;

/// What the CRM is asked for them.
async fn asked(given: &Value) -> Vec<(String, String)> {
    let (crm, client) = Crm::of(&[(200, "", r#"{"list":[]}"#)]);
    let conditions = Conditions::read(given).unwrap();
    let sight = Sight { user: "u1", teams: &[] };
    client.by_where(Entity::Contact, sight, &conditions).await.unwrap();
    let query = crm.asked()[0].url.query().unwrap().to_owned();
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
    pairs
        .filter(|(name, _)| !matches!(name.as_str(), "maxSize" | "offset" | "select" | "orderBy" | "order"))
        .collect()
}

// The limit comes behind the items that were given, of which there are so many.
fn pairs(items: usize, lines: &[(&str, &str)]) -> Vec<(String, String)> {
    let limit = [("type", "equals"), ("attribute", "assignedUserId"), ("value", "u1")];
    let limit = limit.map(|(part, value)| (format!("whereGroup[{items}][{part}]"), value.to_owned()));
    lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).chain(limit).collect()
}

#[tokio::test]
async fn what_the_crms_pages_send_is_written_in_the_crms_form() {
    let given = json!([
        { "type": "or", "value": [
            { "type": "contains", "attribute": "account.name", "value": "a&b[]=c" },
            { "type": "and", "value": [{ "type": "in", "field": "status", "value": ["New", "Dead"] }] },
        ] },
        { "type": "on", "attribute": "createdAt", "value": "2026-01-01", "dateTime": true, "timeZone": "Europe/Prague" },
        { "type": "equals", "attribute": "doNotCall", "value": false },
        { "type": "linkedWith", "attribute": "teams", "value": "t1" },
        { "type": "between", "attribute": "opportunityAmount", "value": [5, 10.5] },
        { "type": "isNotNull", "attribute": "description", "value": null },
    ]);
    let wanted = pairs(
        6,
        &[
            ("whereGroup[0][type]", "or"),
            ("whereGroup[0][value][0][type]", "contains"),
            ("whereGroup[0][value][0][attribute]", "account.name"),
            ("whereGroup[0][value][0][value]", "a&b[]=c"),
            ("whereGroup[0][value][1][type]", "and"),
            ("whereGroup[0][value][1][value][0][type]", "in"),
            ("whereGroup[0][value][1][value][0][attribute]", "status"),
            ("whereGroup[0][value][1][value][0][value][]", "New"),
            ("whereGroup[0][value][1][value][0][value][]", "Dead"),
            ("whereGroup[1][type]", "on"),
            ("whereGroup[1][attribute]", "createdAt"),
            ("whereGroup[1][value]", "2026-01-01"),
            ("whereGroup[1][dateTime]", "true"),
            ("whereGroup[1][timeZone]", "Europe/Prague"),
            ("whereGroup[2][type]", "equals"),
            ("whereGroup[2][attribute]", "doNotCall"),
            ("whereGroup[2][value]", "0"),
            ("whereGroup[3][type]", "linkedWith"),
            ("whereGroup[3][attribute]", "teams"),
            ("whereGroup[3][value][]", "t1"),
            ("whereGroup[4][type]", "between"),
            ("whereGroup[4][attribute]", "opportunityAmount"),
            ("whereGroup[4][value][]", "5"),
            ("whereGroup[4][value][]", "10.5"),
            ("whereGroup[5][type]", "isNotNull"),
            ("whereGroup[5][attribute]", "description"),
        ],
    );
    assert_eq!(asked(&given).await, wanted);
    assert_eq!(asked(&json!([])).await, pairs(0, &[]), "everything that is in sight");
}

#[tokio::test]
async fn a_saved_filter_a_text_and_only_my_stand_beside_the_items() {
    let given = json!([
        { "type": "primary", "value": "actual" },
        { "type": "textFilter", "value": " Nová & co " },
        { "type": "bool", "value": ["onlyMy"] },
    ]);
    // Whoever it is chosen for, and not our own user.
    let wanted = [("primaryFilter", "actual"), ("textFilter", "Nová & co")];
    let own = pairs(0, &wanted).into_iter().chain(pairs(1, &[]));
    assert_eq!(asked(&given).await, own.collect::<Vec<_>>());
}

#[test]
fn what_is_not_understood_is_refused_whole() {
    let equals =
        |attribute: &str, value: Value| json!({ "type": "equals", "attribute": attribute, "value": value });
    let nested = |levels: usize| {
        (1..levels).fold(equals("a", json!(1)), |inner, _| json!({ "type": "and", "value": [inner] }))
    };
    assert!(Conditions::read(&json!([nested(4)])).is_ok());
    for (given, why) in [
        (json!({}), NoCondition::Form),
        (json!(null), NoCondition::Form),
        (json!(["a"]), NoCondition::Form),
        (json!([{ "attribute": "a" }]), NoCondition::Form),
        (json!([{ "type": "and", "value": ["a"] }]), NoCondition::Form),
        (json!([{ "type": "not", "value": [equals("a", json!(1))] }]), NoCondition::Kind),
        (json!([{ "type": "subQueryIn", "attribute": "id", "value": {} }]), NoCondition::Kind),
        (json!([{ "type": "expression", "attribute": "SLEEP:(9)" }]), NoCondition::Kind),
        (json!([{ "type": "bool", "value": ["onlyMy", "followed"] }]), NoCondition::Kind),
        (json!([{ "type": "equals", "attribute": "a", "value": 1, "data": {} }]), NoCondition::Kind),
        (json!([{ "type": "and", "attribute": "a", "value": [equals("a", json!(1))] }]), NoCondition::Kind),
        (json!([{ "type": "or", "value": [{ "type": "primary", "value": "actual" }] }]), NoCondition::Kind),
        (json!([{ "type": "and", "value": [] }]), NoCondition::Value),
        (json!([equals("a", json!(null))]), NoCondition::Value),
        (json!([equals("a", json!({}))]), NoCondition::Value),
        (json!([equals("a", json!([]))]), NoCondition::Value),
        (json!([equals("a", json!([[1]]))]), NoCondition::Value),
        (json!([equals("a", json!("x\0"))]), NoCondition::Value),
        (json!([{ "type": "contains", "attribute": "a", "value": ["x"] }]), NoCondition::Value),
        (json!([{ "type": "between", "attribute": "a", "value": [1] }]), NoCondition::Value),
        (json!([{ "type": "in", "attribute": "a", "value": vec!["x"; 101] }]), NoCondition::Value),
        (
            json!([{ "type": "today", "attribute": "a", "dateTime": true, "timeZone": "a b" }]),
            NoCondition::Value,
        ),
        (json!([{ "type": "today", "attribute": "a", "dateTime": "yes" }]), NoCondition::Value),
        (json!([{ "type": "primary", "value": "a b" }]), NoCondition::Value),
        (json!([{ "type": "textFilter", "value": " " }]), NoCondition::Value),
        (json!([{ "type": "isNull" }]), NoCondition::Attribute),
        (json!([equals("a:b", json!(1))]), NoCondition::Attribute),
        (json!([equals("a][x", json!(1))]), NoCondition::Attribute),
        (json!([equals("a.b.c", json!(1))]), NoCondition::Attribute),
        (json!([equals(".a", json!(1))]), NoCondition::Attribute),
        (json!([equals(&"a".repeat(101), json!(1))]), NoCondition::Attribute),
        (json!([nested(5)]), NoCondition::Large),
        (json!(vec![equals("a", json!(1)); 51]), NoCondition::Large),
        (json!([equals("a", json!("x".repeat(4_000)))]), NoCondition::Large),
        (json!([equals("a", json!("ž".repeat(700)))]), NoCondition::Large),
    ] {
        assert_eq!(Conditions::read(&given), Err(why), "{given}");
    }
}

#[test]
fn the_word_of_a_saved_filter_is_a_word() {
    for word in ["", "a b", "a&b=c", "../x", "é", &"a".repeat(101)] {
        assert_eq!(SavedFilter::parse(word), None, "{word}");
    }
    assert_eq!(SavedFilter::parse("reportFilter6b0-x_1").unwrap().as_str(), "reportFilter6b0-x_1");
}
