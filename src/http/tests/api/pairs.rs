//! What is not in step, for programs, and why a record is as it is.

use axum::http::StatusCode;
use postern_core::model::key_scope::KeyScope;
use serde_json::{Value, json};

use super::domain;
use crate::http::tests::House;

#[tokio::test]
async fn a_program_reads_what_is_not_in_step_and_takes_it_up() {
    let house = House::build().await;
    let unequal = house.unequal().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    let at = format!("/api/v1/ExternalAccount/{}/calendar", house.stage.account);
    let told = program.get(&format!("{at}/waiting")).await.json();
    let (letter, pair) = (&told["deadLetters"][0], &told["pairs"][0]);
    assert_eq!(
        (&letter["id"], &letter["entityType"], &letter["recordId"], &letter["eventId"], &letter["attempts"]),
        (&json!(unequal.letter), &json!("Meeting"), &json!("record<b>Plan</b>"), &Value::Null, &json!(1))
    );
    assert_eq!((&letter["pairId"], &told["deadLettersTotal"]), (&json!(unequal.plan), &json!(1)));
    assert_eq!((&pair["id"], &pair["state"]), (&json!(unequal.apart), &json!("quarantined")));
    assert!(pair["why"].as_str().unwrap().contains("more than ten times"), "{pair}");

    let retry = format!("{at}/letter/{}/retry", unequal.letter);
    let told = program.post(&retry, &json!({})).await;
    assert_eq!((told.status, &told.json()["deadLetters"]), (StatusCode::OK, &json!([])), "{}", told.text);
    let told = program.post(&retry, &json!({})).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::NOT_FOUND, "notFound"));
    let resume = format!("{at}/pair/{}/resume", unequal.apart);
    let told = program.post(&resume, &json!({})).await;
    assert_eq!((told.status, &told.json()["pairs"]), (StatusCode::OK, &json!([])), "{}", told.text);
    let told = program.post(&resume, &json!({})).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "inStep"));
}

#[tokio::test]
async fn why_a_meeting_changed_is_found_by_its_own_identity() {
    let house = House::build().await;
    let unequal = house.unequal().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    let by_record = "/api/v1/CalendarPair?entityType=Meeting&recordId=record%3Cb%3EPlan%3C%2Fb%3E";
    let told = program.get(by_record).await.json();
    assert_eq!((&told["total"], &told["list"][0]["id"]), (&json!(1), &json!(unequal.plan)), "{told}");
    let change = &told["list"][0]["changes"][0];
    assert_eq!((&change["side"], &change["rule"]), (&json!("google"), &json!("conflict-crm")));
    assert!(change["why"].as_str().unwrap().contains("the CRM's change held"), "{change}");
    let field = json!({
        "field": "title", "rule": "conflict-crm", "before": "Plan", "written": "Plan <i>of the CRM</i>",
        "lost": { "side": "google", "value": "Plan of Google" },
    });
    assert_eq!(change["fields"], json!([field]));
    let one = format!("/api/v1/ExternalAccount/{}/calendar/pair/{}", house.stage.account, unequal.plan);
    assert_eq!(program.get(&one).await.json(), told["list"][0]);
    let by_event = program.get("/api/v1/CalendarPair?eventId=event%3Cb%3EPlan%3C%2Fb%3E").await.json();
    assert_eq!(by_event, told);
    assert_eq!(program.get("/api/v1/CalendarPair?eventId=unknown").await.json()["total"], 0);
    for query in ["", "?entityType=Meeting", "?eventId=", "?eventId=a&recordId=b", "?entity=Meeting"] {
        let told = program.get(&format!("/api/v1/CalendarPair{query}")).await;
        let told = (told.status, told.reason());
        assert_eq!(told, (StatusCode::BAD_REQUEST, "validationFailure".to_owned()), "{query}");
    }
    let elsewhere = house.limited(KeyScope::ALL, domain("other.cz"), 600).await;
    assert_eq!(elsewhere.get(by_record).await.json()["total"], 0, "to it, it is not there");
    assert_eq!(elsewhere.get(&one).await.status, StatusCode::NOT_FOUND);
}
