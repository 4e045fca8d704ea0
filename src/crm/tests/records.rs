//! Records and lists, as the CRM tells them.

use serde_json::{Map, Value, json};

use crate::crm::fault::Fault;
use crate::crm::query::Query;
use crate::crm::records::{Lookup, Record, RecordId};
use crate::crm::trial::Crm;
use crate::net::exchange::Method;

const ID: &str = "6b0360797a5b4f3d1";

fn id() -> RecordId {
    RecordId::parse(ID).unwrap()
}

fn body(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[tokio::test]
async fn a_record_is_found_gone_or_shut_by_the_crms_own_words_alone() {
    let gone = "Record 6b0360797a5b4f3d1 does not exist.";
    let found = json!({ "id": ID, "name": "Call Eva" });
    let lookup = |status, reason, body: String| async move {
        Crm::of(&[(status, reason, &body)]).1.get("Meeting", &id()).await
    };
    let record = Record::read(found.clone()).unwrap();
    assert_eq!(lookup(200, "", found.to_string()).await, Ok(Lookup::Found(record)));
    assert_eq!(lookup(404, gone, String::new()).await, Ok(Lookup::Gone));
    assert_eq!(lookup(403, "No read access.", String::new()).await, Ok(Lookup::NoAccess));
    for (status, body) in
        [(404, ""), (404, "<html>"), (403, ""), (200, "{\"id\":\"6B0360797A5B4F3D1\"}"), (200, "{}")]
    {
        let answer = lookup(status, "", body.to_owned()).await;
        assert!(answer.is_err(), "{status} {body}: {answer:?}");
    }
}

#[tokio::test]
async fn a_write_sends_what_was_given_and_nothing_else() {
    let told = json!({ "id": ID, "name": "a" }).to_string();
    let (crm, client) = Crm::of(&[(200, "", &told), (200, "", &told), (200, "", &told), (200, "", "true")]);
    let given = body(&json!({ "name": "a" }));
    client.create("Meeting", &given).await.unwrap();
    client.create_another("Contact", &given).await.unwrap();
    client.update("Meeting", &id(), &given).await.unwrap();
    assert_eq!(crm.sent(), json!({ "name": "a" }));
    client.delete("Meeting", &id()).await.unwrap();
    let asked = crm.asked();
    let lines: Vec<_> = asked.iter().map(|asked| (asked.method, asked.url.path())).collect();
    let record = "/espo/api/v1/Meeting/6b0360797a5b4f3d1";
    assert_eq!(
        lines,
        [
            (Method::Post, "/espo/api/v1/Meeting"),
            (Method::Post, "/espo/api/v1/Contact"),
            (Method::Put, record),
            (Method::Delete, record)
        ]
    );
    let skips = |at: usize| asked[at].headers.iter().any(|(name, _)| *name == "x-skip-duplicate-check");
    assert_eq!([0, 1, 2, 3].map(skips), [false, true, false, false]);
}

#[tokio::test]
async fn an_answer_that_does_not_show_the_write_is_no_success() {
    let (_, client) = Crm::of(&[(200, "", "false"), (200, "", "{}"), (200, "", "")]);
    assert!(matches!(client.delete("Meeting", &id()).await, Err(Fault::Malformed(_))));
    assert!(matches!(client.create("Meeting", &Map::new()).await, Err(Fault::Malformed(_))));
    assert!(matches!(client.update("Meeting", &id(), &Map::new()).await, Err(Fault::Malformed(_))));
}

#[tokio::test]
async fn nothing_is_asked_under_a_name_that_is_none_or_with_a_body_too_large() {
    let (crm, client) = Crm::of(&[]);
    for entity in ["", "../User", "Meeting/x", "1x", "Meet ing", &"a".repeat(101)] {
        assert_eq!(client.get(entity, &id()).await, Err(Fault::NoSuchEntity), "{entity}");
    }
    let large = body(&json!({ "description": "x".repeat(1024 * 1024) }));
    assert_eq!(client.create("Meeting", &large).await, Err(Fault::TooMany));
    assert!(crm.asked().is_empty());
}

#[tokio::test]
async fn a_page_says_whether_others_follow_whatever_the_total_looks_like() {
    let one = json!([{ "id": ID }]);
    let two = json!([{ "id": ID }, { "id": "2" }]);
    let none = json!([]);
    for (total, list, offset, more) in [
        (json!(1), &one, 0, false),
        (json!(5), &two, 0, true),
        (json!(5), &one, 4, false),
        (json!(-1), &two, 0, true),
        (json!(-2), &two, 0, false),
        (json!(-1), &none, 0, false),
        (json!(9), &none, 0, false),
        (json!(null), &two, 0, true),
        (json!(null), &one, 0, false),
        (json!(-7), &two, 0, false),
    ] {
        let told = json!({ "total": total, "list": list }).to_string();
        let (_, client) = Crm::of(&[(200, "", &told)]);
        let page = client.list("Meeting", &Query::new().page(offset, 2)).await.unwrap();
        assert_eq!(page.more, more, "{total} {list} {offset}");
        assert_eq!(page.records.len(), list.as_array().unwrap().len());
    }
}

#[tokio::test]
async fn a_list_of_anything_but_records_is_refused_whole() {
    for told in ["[]", "{}", r#"{"list":[{"name":"x"}]}"#, r#"{"list":[{"id":"1"},{"id":"2"},{"id":"3"}]}"#] {
        let (_, client) = Crm::of(&[(200, "", told)]);
        let answer = client.list("Meeting", &Query::new().page(0, 2)).await;
        assert!(matches!(answer, Err(Fault::Malformed(_))), "{told}");
    }
}

#[tokio::test]
async fn the_crm_is_spared_the_count_when_it_is_not_wanted() {
    let (crm, client) = Crm::of(&[(200, "", r#"{"list":[]}"#), (200, "", r#"{"list":[]}"#)]);
    client.list("Meeting", &Query::new()).await.unwrap();
    client.list("Meeting", &Query::new().without_total()).await.unwrap();
    let flags = crm
        .asked()
        .iter()
        .map(|asked| asked.headers.contains(&("x-no-total", "true".to_owned())))
        .collect::<Vec<_>>();
    assert_eq!(flags, [false, true]);
}

#[test]
fn a_record_tells_only_what_can_be_read() {
    let record = Record::read(json!({
        "id": ID, "modifiedAt": "2026-11-22 21:36:58", "name": "a", "usersIds": ["1", "../2", 3], "n": 5
    }));
    let record = record.unwrap();
    assert_eq!(record.modified_at().unwrap().crm(), "2026-11-22 21:36:58");
    assert_eq!((record.text("name"), record.text("n"), record.text("no")), (Some("a"), None, None));
    assert_eq!(record.ids("usersIds"), [RecordId::parse("1").unwrap()]);
    for text in ["2026-11-22 21:36", "2026-02-30 00:00:00", "2026-11-22T21:36:58", ""] {
        let record = Record::read(json!({ "id": ID, "modifiedAt": text })).unwrap();
        assert_eq!(record.modified_at(), None, "{text}");
    }
    for none in [json!([]), json!({}), json!({ "id": 5 }), json!({ "id": "a/b" })] {
        assert_eq!(Record::read(none), None);
    }
}
