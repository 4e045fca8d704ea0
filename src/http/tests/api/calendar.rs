//! Calendars for programs: read from Google, chosen, listed.

use axum::http::StatusCode;
use postern_core::model::id::AccountId;
use postern_core::model::key_scope::KeyScope;
use serde_json::{Value, json};

use super::{Program, domain};
use crate::http::tests::House;

const USUAL: &[(&str, &str)] = &[("anna@acme.cz", "owner"), ("team", "writer"), ("boss", "reader")];

fn at(account: AccountId) -> String {
    format!("/api/v1/ExternalAccount/{account}/calendar")
}

fn named(record: &Value, name: &str) -> Value {
    let all = record["calendars"].as_array().unwrap();
    all.iter().find(|calendar| calendar["name"] == name).unwrap_or_else(|| panic!("{name}"))["id"].clone()
}

impl Program<'_> {
    pub async fn put(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let told = self.ask("PUT", path, &[], &body.to_string()).await;
        if !told.status.is_success() {
            told.reason();
        }
        (told.status, told.json())
    }

    /// The identity that this list has in its first row, after it was narrowed to one.
    pub async fn only(&self, query: &str) -> Value {
        let told = self.get(&format!("/api/v1/{query}")).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
        let told = told.json();
        assert_eq!(told["total"], 1, "{query}: {told}");
        told["list"][0].clone()
    }
}

#[tokio::test]
async fn a_program_reads_the_list_chooses_and_finds_it_listed() {
    let house = House::build().await;
    house.with_calendars(USUAL).await;
    let (program, at) = (house.program(KeyScope::ALL).await, at(house.stage.account));
    let told = program.post(&format!("{at}/refresh"), &json!({})).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let record = told.json();
    assert_eq!((&record["version"], &record["mainCalendarId"]), (&json!(0), &Value::Null));
    let first = &record["calendars"][0];
    let expected = json!(["anna@acme.cz", "offered", "owner", true, true, true]);
    let fields = ["name", "type", "role", "writable", "active", "proposed"].map(|name| &first[name]);
    assert_eq!(json!(fields), expected);
    assert_eq!(program.get("/api/v1/GoogleCalendarUser").await.json()["total"], 0, "nobody uses one yet");

    let (team, boss) = (named(&record, "team"), named(&record, "boss"));
    let wish = json!({ "version": 0, "mainCalendarId": team, "monitoredCalendarIds": [boss],
        "choices": { "direction": "to_google", "since": "2026-11-01" } });
    let (status, record) = program.put(&at, &wish).await;
    assert_eq!((status, &record["version"]), (StatusCode::OK, &json!(1)));
    assert_eq!((&record["mainCalendarId"], &record["monitoredCalendarIds"]), (&team, &json!([boss])));
    assert_eq!(record["choices"]["direction"], "to_google");
    assert_eq!(record["choices"]["winner"], "newest", "what is not named stays");
    assert_eq!(record, program.get(&at).await.json());
    assert_eq!(house.stage.events().await.last().unwrap(), "calendar_choices_set");

    let (_, record) = program.put(&at, &json!({ "version": 1, "monitoredCalendarIds": [] })).await;
    assert_eq!((&record["mainCalendarId"], &record["choices"]["since"]), (&team, &json!("2026-11-01")));
    let user = program
        .only("GoogleCalendarUser?where[0][type]=equals&where[0][attribute]=active&where[0][value]=1")
        .await;
    assert_eq!(
        (&user["type"], &user["googleCalendarId"], &user["active"]),
        (&json!("main"), &team, &json!(true))
    );
    assert_eq!(user["externalAccountId"], json!(house.stage.account));
    let calendar = program
        .only("GoogleCalendar?where[0][type]=contains&where[0][attribute]=calendarId&where[0][value]=TEA")
        .await;
    assert_eq!((&calendar["id"], &calendar["name"]), (&team, &json!("team")));
    let (_, record) = program.put(&at, &json!({ "version": 2, "mainCalendarId": null })).await;
    assert_eq!(record["mainCalendarId"], Value::Null);
}

#[tokio::test]
async fn whoever_was_slower_and_whatever_makes_no_sense_is_refused() {
    let house = House::build().await;
    house.with_calendars(USUAL).await;
    let (program, at) = (house.program(&[KeyScope::AccountLink]).await, at(house.stage.account));
    let record = program.post(&format!("{at}/refresh"), &json!({})).await.json();
    let before = house.stage.events().await.len();
    for (body, status, reason) in [
        (json!({}), 400, "validationFailure"),
        (json!({ "version": 1 }), 409, "stale"),
        (json!({ "version": 0, "mainCalendarId": named(&record, "boss") }), 400, "validationFailure"),
        (json!({ "version": 0, "mainCalendarId": uuid::Uuid::from_u128(7) }), 400, "validationFailure"),
        (
            json!({ "version": 0, "monitoredCalendarIds": [uuid::Uuid::from_u128(7)] }),
            400,
            "validationFailure",
        ),
        (json!({ "version": 0, "choices": { "direktion": "both" } }), 400, "validationFailure"),
        (json!({ "version": 0, "choices": { "since": "soon" } }), 400, "validationFailure"),
        (json!({ "version": 0, "choices": { "kinds": [] } }), 400, "validationFailure"),
    ] {
        let (told, problem) = program.put(&at, &body).await;
        assert_eq!((told.as_u16(), problem["reason"].as_str().unwrap()), (status, reason), "{body}");
    }
    assert_eq!(house.stage.events().await.len(), before, "nothing was done");
}

#[tokio::test]
async fn a_mailbox_without_the_calendar_and_one_that_an_admin_disabled_say_so() {
    let house = House::build().await;
    let (program, at) = (house.program(&[KeyScope::AccountLink]).await, at(house.stage.account));
    let told = program.post(&format!("{at}/refresh"), &json!({})).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "calendarNotConnected"));
    house.stage.enter(postern_core::model::account::State::Disabled).await;
    let wish = json!({ "version": 0, "choices": { "direction": "to_crm" } });
    let (status, told) = program.put(&at, &wish).await;
    assert_eq!((status, told["reason"].as_str().unwrap()), (StatusCode::CONFLICT, "disabled"));
}

#[tokio::test]
async fn a_key_of_some_mailboxes_sees_their_calendars_only() {
    let house = House::build().await;
    house.with_calendars(USUAL).await;
    let all = house.program(KeyScope::ALL).await;
    let (elsewhere, here) = (
        house.limited(KeyScope::ALL, domain("other.cz"), 600).await,
        house.limited(KeyScope::ALL, domain("acme.cz"), 600).await,
    );
    let at = at(house.stage.account);
    let record = all.post(&format!("{at}/refresh"), &json!({})).await.json();
    all.put(&at, &json!({ "version": 0, "mainCalendarId": named(&record, "team") })).await;
    for (list, total) in [("GoogleCalendar", 3), ("GoogleCalendarUser", 1)] {
        assert_eq!(here.get(&format!("/api/v1/{list}")).await.json()["total"], total, "{list}");
        assert_eq!(elsewhere.get(&format!("/api/v1/{list}")).await.json()["total"], 0, "{list}");
    }
    let told = elsewhere.get(&at).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::NOT_FOUND, "notFound"));
    let told = elsewhere.post(&format!("{at}/refresh"), &json!({})).await;
    assert_eq!(told.status, StatusCode::NOT_FOUND);
    // Names are sealed.
    for query in ["orderBy=name", "where[0][type]=contains&where[0][attribute]=name&where[0][value]=t"] {
        let told = all.get(&format!("/api/v1/GoogleCalendar?{query}")).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{query}");
    }
}
