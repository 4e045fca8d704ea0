//! The document, and the fields that are promised.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use postern_core::model::key_scope::KeyScope;
use serde_json::{Value, json};

use super::{Program, routes};
use crate::actions::calendars::trial::renaming;
use crate::auth::hash;
use crate::http::tests::House;

fn document() -> Value {
    serde_json::from_str(include_str!("../../api/openapi.json")).unwrap()
}

fn fields(schema: &str) -> BTreeSet<String> {
    document()["components"]["schemas"][schema]["properties"].as_object().unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn every_route_stands_in_the_document_with_its_scope() {
    let house = House::build().await;
    let told = house.get("/postern/api/v1/openapi.json").await;
    assert_eq!((told.status, told.header("content-type")), (StatusCode::OK, "application/json"));
    assert_eq!(told.json(), document());
    assert_eq!(told.json()["openapi"], "3.1.0");
    let mut stands = BTreeSet::new();
    for (path, methods) in document()["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let scope = operation["x-scope"].as_str().unwrap_or_default().to_owned();
            stands.insert((method.to_uppercase(), path.clone(), scope));
        }
    }
    let mut routes: BTreeSet<_> = routes(&house)
        .into_iter()
        .map(|(entry, scope, _)| (entry.method.to_string(), entry.path.to_owned(), scope.name().to_owned()))
        .collect();
    routes.insert(("GET".to_owned(), "/api/v1/openapi.json".to_owned(), String::new()));
    assert_eq!(stands, routes);
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    fn walk(at: &Value, all: &Value) {
        match at {
            Value::Object(map) => {
                if let Some(Value::String(to)) = map.get("$ref") {
                    assert!(all.pointer(to.trim_start_matches('#')).is_some(), "{to}");
                }
                map.values().for_each(|value| walk(value, all));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, all)),
            _ => {}
        }
    }
    walk(&document(), &document());
}

// Programs are written against the document: whoever changes it says so here.
#[test]
fn the_document_changes_only_on_purpose() {
    let canonical = document().to_string();
    let short: String = hash::of(&canonical).iter().take(6).map(|octet| format!("{octet:02x}")).collect();
    assert_eq!(short, "af3e1e9534d6", "the document has changed: is it still what programs rely on?");
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

/// Of contacts that are kept in step from now on.
async fn contacts_have_the_fields(house: &House, program: &Program<'_>) {
    house.with_group().await;
    house.people_pair("66af01").await;
    house.contacts_ran().await;
    house.waits_for_people().await;
    let at = format!("/api/v1/ExternalAccount/{}/contacts", house.stage.account);
    let record = program.get(&at).await.json();
    assert_eq!(keys(&record), fields("ContactChoices"));
    assert_eq!(keys(&record["choices"]), fields("ContactOptions"));
    assert_eq!(keys(&record["groups"][0]), fields("ContactGroupListed"));
    let made = program.post(&format!("{at}/group"), &json!({ "name": "Partners" })).await.json();
    assert_eq!(keys(&made), fields("ContactGroupListed"));
    let waiting = program.get(&format!("{at}/waiting")).await.json();
    assert_eq!(keys(&waiting), fields("ContactWaiting"));
    for (list, schema) in
        [("questions", "ContactQuestion"), ("deadLetters", "ContactDeadLetter"), ("holds", "ContactHold")]
    {
        assert_eq!(keys(&waiting[list][0]), fields(schema));
    }
    let undo = format!("{at}/run/{}/undo", house.making_run("Stone").await);
    let preview = program.get(&undo).await.json();
    assert_eq!(keys(&preview), fields("ContactsUndo"));
    let asked = program.post(&undo, &json!({ "confirm": preview["confirm"] })).await.json();
    assert_eq!(keys(&asked["asked"][0]), fields("ContactsUndoAsked"));
    let changed = program.get(&format!("{at}/run")).await.json();
    assert_eq!(keys(&changed["list"][0]), fields("ContactsRun"));
    let push = program.push(&json!({})).await.json();
    assert_eq!(keys(&push), fields("ContactPush"));
    let path = format!("/api/v1/GoogleContacts/push/{}", push["id"].as_str().unwrap());
    assert_eq!(keys(&program.get(&path).await.json()["list"][0]), fields("ContactPushLine"));
    for list in ["GoogleContactsGroup", "GoogleContactsUser", "GoogleContactsPair"] {
        let told = program.get(&format!("/api/v1/{list}")).await.json();
        assert_eq!(keys(&told["list"][0]), fields(list));
    }
}

/// Of a calendar that is used from now on.
async fn undo_has_the_fields(house: &House, program: &Program<'_>, calendar: &Value) {
    let at = format!("/api/v1/ExternalAccount/{}/calendar", house.stage.account);
    let main = json!({ "version": 0, "mainCalendarId": calendar });
    program.ask("PUT", &at, &[], &main.to_string()).await;
    let calendar = calendar.as_str().unwrap().parse().unwrap();
    let run = renaming(house.stage.store(), (house.stage.account, calendar), "Doctor").await;
    let undo = format!("{at}/run/{run}/undo");
    let preview = program.get(&undo).await.json();
    assert_eq!(keys(&preview), fields("CalendarUndo"));
    assert_eq!(keys(&preview["pairs"][0]), fields("CalendarUndoPair"));
    assert_eq!(keys(&preview["pairs"][0]["acts"][0]), fields("CalendarUndoAct"));
    let asked = program.post(&undo, &json!({ "confirm": preview["confirm"] })).await.json();
    assert_eq!(keys(&asked["asked"][0]), fields("CalendarUndoAsked"));
    let changed = program.get(&format!("{at}/run")).await.json();
    assert_eq!(keys(&changed["list"][0]), fields("CalendarRun"));
}

#[tokio::test]
async fn answers_have_the_fields_of_the_document() {
    let house = House::build().await;
    let program = house.program(KeyScope::ALL).await;
    let anna = house.stage.account.to_string();
    let token =
        program.post("/api/v1/CrmToken", &json!({ "externalAccountId": anna, "name": "x" })).await.json();
    assert_eq!(keys(&token), fields("CrmTokenIssued"));
    let link = program.post(&format!("/api/v1/ExternalAccount/{anna}/consentLink"), &json!({})).await.json();
    assert_eq!(keys(&link), fields("ConsentLink"));
    let wish = json!({ "ids": [anna], "check": true });
    let account = program.post("/api/v1/ExternalAccount/action/writeToCrm", &wish).await.json();
    assert_eq!(keys(&account["list"][0]), fields("CrmMailAccount"));
    let mut panel = json!({
        "account": "anna@acme.cz", "crmUserId": "66ab", "recordType": "InboundEmail", "recordId": "66ac",
        "mode": "detail", "host": "imap.gmail.com",
    });
    let shown = program.post("/api/v1/panel/ticket", &panel).await.json();
    assert_eq!(keys(&shown), fields("PanelTicket"));
    panel["mode"] = json!("edit");
    assert_eq!(keys(&program.post("/api/v1/panel/ticket", &panel).await.json()), fields("PanelHidden"));
    let one = program.get(&format!("/api/v1/ExternalAccount/{anna}")).await.json();
    assert_eq!(keys(&one), fields("ExternalAccount"));
    let job = house.job().await;
    house.hold("delete").await;
    assert_eq!(keys(&program.get(&format!("/api/v1/Job/{job}")).await.json()), fields("Job"));
    let runs = format!("Job/{job}/runs");
    house.with_calendars(&[("anna@acme.cz", "owner")]).await;
    let at = format!("/api/v1/ExternalAccount/{anna}/calendar");
    let calendars = program.post(&format!("{at}/refresh"), &json!({})).await.json();
    assert_eq!(keys(&calendars), fields("CalendarChoices"));
    assert_eq!(keys(&calendars["choices"]), fields("CalendarOptions"));
    assert_eq!(keys(&calendars["calendars"][0]), fields("CalendarListed"));
    let unequal = house.unequal_calendar(&calendars["calendars"][0]["id"]).await;
    let waiting = program.get(&format!("{at}/waiting")).await.json();
    assert_eq!(keys(&waiting), fields("CalendarWaiting"));
    assert_eq!(keys(&waiting["deadLetters"][0]), fields("CalendarDeadLetter"));
    assert_eq!(keys(&waiting["pairs"][0]), fields("CalendarPair"));
    let story = program.get(&format!("{at}/pair/{unequal}")).await.json();
    assert_eq!(keys(&story), fields("CalendarPairStory"));
    assert_eq!(keys(&story["changes"][0]), fields("CalendarPairChange"));
    undo_has_the_fields(&house, &program, &calendars["calendars"][0]["id"]).await;
    assert_eq!(keys(&program.get("/api/v1/CalendarDefaults").await.json()), fields("CalendarDefaults"));
    contacts_have_the_fields(&house, &program).await;
    assert_eq!(keys(&program.get("/api/v1/CalendarQuota").await.json()), fields("CalendarQuota"));
    for (list, schema) in [
        ("GoogleCalendar", "GoogleCalendar"),
        ("GoogleCalendarUser", "GoogleCalendarUser"),
        ("ExternalAccount", "ExternalAccountListed"),
        ("CrmToken", "CrmToken"),
        ("Audit", "Audit"),
        ("Job", "Job"),
        (runs.as_str(), "JobRun"),
        ("Hold", "Hold"),
    ] {
        let told = program.get(&format!("/api/v1/{list}")).await.json();
        assert_eq!(keys(&told["list"][0]), fields(schema), "{list}");
        assert!(told["total"].as_i64().unwrap() > 0);
    }
}
