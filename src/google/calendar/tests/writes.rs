//! What changes an event.

use serde_json::json;

use super::super::event::SendUpdates;
use super::super::fault::Fault;
use super::{Stage, error};
use crate::google::effect::Effect;
use crate::google::tests::api::{answer, header, map, raw};
use crate::net::exchange::{Method, Request};

const WHOLE: &str = "conferenceDataVersion=1&supportsAttachments=true";

fn sent(request: &Request) -> serde_json::Value {
    serde_json::from_slice(&request.body).unwrap()
}

#[tokio::test]
async fn an_event_is_made_without_a_word_to_its_guests() {
    let stage = Stage::says([answer(200, &json!({ "id": "e1", "etag": "\"1\"" }))]).await;
    let body = map(json!({ "id": "e1", "summary": "Oběd" }));
    let made = stage.calendar.insert(stage.account, "c", &body, SendUpdates::default()).await.unwrap();
    assert_eq!((made.id(), made.etag()), ("e1", Some("\"1\"")));
    assert_eq!(stage.line(), format!("/calendar/v3/calendars/c/events?sendUpdates=none&{WHOLE}"));
    let asked = &stage.asked()[0];
    assert_eq!((asked.method, sent(asked)), (Method::Post, json!({ "id": "e1", "summary": "Oběd" })));
    assert_eq!(header(asked, "content-type").as_deref(), Some("application/json"));
}

#[tokio::test]
async fn an_update_replaces_the_event_that_was_read_and_no_other() {
    let stage = Stage::says([answer(200, &json!({ "id": "e1", "etag": "\"2\"" }))]).await;
    let body = map(json!({ "summary": "Late lunch" }));
    stage.calendar.update(stage.account, "c", "e1", "\"1\"", &body, SendUpdates::All).await.unwrap();
    assert_eq!(stage.line(), format!("/calendar/v3/calendars/c/events/e1?sendUpdates=all&{WHOLE}"));
    let asked = &stage.asked()[0];
    assert_eq!((asked.method, header(asked, "if-match").as_deref()), (Method::Put, Some("\"1\"")));
    let stage = Stage::says([error(412, "conditionNotMet", "Precondition Failed", Some("If-Match"))]).await;
    let refused = stage.calendar.update(stage.account, "c", "e1", "\"1\"", &body, SendUpdates::None).await;
    assert_eq!(refused, Err(Fault::Precondition));
}

#[tokio::test]
async fn nothing_is_overwritten_without_an_etag() {
    let stage = Stage::says([]).await;
    let body = map(json!({}));
    for etag in ["", "*", "\"\"", "1", "\"a\r\nb\"", "\"a b\"", "\"1"] {
        let calendar = &stage.calendar;
        let refused = calendar.update(stage.account, "c", "e1", etag, &body, SendUpdates::None).await;
        assert_eq!(refused, Err(Fault::Invalid("etag")), "{etag:?}");
        let refused = calendar.delete(stage.account, "c", "e1", etag, SendUpdates::None).await;
        assert_eq!(refused, Err(Fault::Invalid("etag")), "{etag:?}");
    }
    assert!(stage.asked().is_empty());
}

#[tokio::test]
async fn a_deletion_says_when_there_was_nothing_left_to_delete() {
    let gone = error(410, "deleted", "Resource has been deleted", None);
    let stage = Stage::says([raw(204, ""), gone]).await;
    let delete = || stage.calendar.delete(stage.account, "c", "e1", "\"1\"", SendUpdates::ExternalOnly);
    assert_eq!(delete().await, Ok(()));
    assert_eq!(delete().await, Err(Fault::Deleted));
    let asked = &stage.asked()[0];
    assert_eq!((asked.method, asked.url.query()), (Method::Delete, Some("sendUpdates=externalOnly")));
    assert_eq!(header(asked, "if-match").as_deref(), Some("\"1\""));
}

#[tokio::test]
async fn a_move_names_where_to() {
    let stage = Stage::says([answer(200, &json!({ "id": "e1" }))]).await;
    stage.calendar.move_to(stage.account, "c", "e1", "bert@acme.cz", SendUpdates::None).await.unwrap();
    let line = "/calendar/v3/calendars/c/events/e1/move?destination=bert%40acme.cz&sendUpdates=none";
    assert_eq!(stage.line(), line);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_the_effect_open() {
    for body in ["", "<html>", "{}", "{\"id\":7}"] {
        let stage = Stage::says([raw(200, body)]).await;
        let body = map(json!({}));
        let fault = stage.calendar.insert(stage.account, "c", &body, SendUpdates::None).await.unwrap_err();
        assert_eq!(fault.effect(), Effect::Unknown, "{fault}");
    }
}
