//! Lists: pages, order, conditions.

use axum::http::StatusCode;
use postern_core::model::key_scope::KeyScope;
use serde_json::{Value, json};

use super::Program;
use crate::http::tests::House;

fn encoded(query: &str) -> String {
    query.replace('[', "%5B").replace(']', "%5D").replace(' ', "%20").replace('<', "%3C").replace('>', "%3E")
}

async fn names(program: &Program<'_>, query: &str) -> Vec<String> {
    let told = program.get(&format!("/api/v1/ExternalAccount?{}", encoded(query))).await;
    assert_eq!(told.status, StatusCode::OK, "{query}: {}", told.text);
    let told = told.json();
    let list = told["list"].as_array().unwrap();
    let short = |row: &Value| row["emailAddress"].as_str().unwrap().split('@').next().unwrap().to_owned();
    list.iter().map(short).collect()
}

async fn peopled() -> House {
    let house = House::build().await;
    for mailbox in ["ben@acme.cz", "carla@acme.cz", "dan@acme.cz"] {
        house.stage.pass(3600);
        house.stage.register(mailbox, &[]).await;
    }
    house.stage.enter(postern_core::model::account::State::NeedsConsent).await;
    house
}

#[tokio::test]
async fn pages_and_order() {
    let house = peopled().await;
    let program = house.program(&[KeyScope::AccountRead]).await;
    assert_eq!(names(&program, "").await, ["anna", "ben", "carla", "dan"]);
    assert_eq!(names(&program, "maxSize=2&offset=1").await, ["ben", "carla"]);
    assert_eq!(names(&program, "orderBy=createdAt&order=desc&maxSize=2").await, ["dan", "carla"]);
    assert_eq!(names(&program, "order=desc&maxSize=1").await, ["dan"]);
    assert_eq!(names(&program, "maxSize=200&offset=4").await, [""; 0]);
    let told = program.get("/api/v1/ExternalAccount?maxSize=0").await.json();
    assert_eq!(told, json!({ "list": [], "total": 4 }));
    assert_eq!(names(&program, "searchParams=%7B%22maxSize%22:1,%22order%22:%22desc%22%7D").await, ["dan"]);
}

#[tokio::test]
async fn each_operator_narrows() {
    let house = peopled().await;
    let program = house.program(&[KeyScope::AccountRead]).await;
    let id = house.stage.account.to_string();
    let one = |kind: &str, attribute: &str, value: &str| {
        format!("where[0][type]={kind}&where[0][attribute]={attribute}{value}")
    };
    let is = |text: &str| format!("&where[0][value]={text}");
    for (query, expected) in [
        (one("equals", "emailAddress", &is("ben@acme.cz")), &["ben"][..]),
        (one("equals", "id", &is(&id)), &["anna"]),
        (one("notEquals", "state", &is("new")), &["anna"]),
        (one("in", "emailAddress", "&where[0][value][]=dan@acme.cz&where[0][value][]=ben@acme.cz"), &["ben", "dan"]),
        (one("contains", "emailAddress", &is("ARL")), &["carla"]),
        (one("contains", "emailAddress", &is("%25")), &[]),
        (one("after", "createdAt", &is("2026-11-22 01:00:00")), &["carla", "dan"]),
        (one("before", "createdAt", &is("2026-11-22T01:00:00Z")), &["anna"]),
        (
            one("between", "createdAt", "&where[0][value][]=2026-11-22 01:00:00&where[0][value][]=2026-11-22 02:00:00"),
            &["ben", "carla"],
        ),
        (one("isNull", "userId", ""), &["anna", "ben", "carla", "dan"]),
        (one("isNotNull", "userId", ""), &[]),
        (
            "where[0][type]=or&where[0][value][0][type]=equals&where[0][value][0][attribute]=state\
             &where[0][value][0][value]=needs_consent&where[0][value][1][type]=and\
             &where[0][value][1][value][0][type]=contains&where[0][value][1][value][0][attribute]=emailAddress\
             &where[0][value][1][value][0][value]=a&where[0][value][1][value][1][type]=contains\
             &where[0][value][1][value][1][attribute]=emailAddress&where[0][value][1][value][1][value]=dan"
                .to_owned(),
            &["anna", "dan"],
        ),
        (format!("{}&where[1][type]=equals&where[1][attribute]=state&where[1][value]=new",
            one("contains", "emailAddress", &is("n@"))), &["ben", "dan"]),
        (one("equals", "emailAddress", &is("x' OR '1'='1")), &[]),
    ] {
        assert_eq!(names(&program, &query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn what_is_not_known_is_refused() {
    let house = House::build().await;
    let program = house.program(KeyScope::ALL).await;
    let leaf = "where[0][attribute]=createdAt&where[0][value]=2026-11-22";
    for query in [
        "maxSize=201",
        "maxSize=-1",
        "maxSize=many",
        "offset=-1",
        "order=up",
        "orderBy=sub",
        "orderBy=id;DROP TABLE accounts",
        "textFilter=x",
        "select=id",
        "where=x",
        "where[0]=x",
        "where[0][type]=equals",
        "where[0][type]=equals&where[0][attribute]=secret&where[0][value]=x",
        "where[0][type]=equals&where[0][attribute]=id&where[0][value]=7",
        "where[0][type]=equals&where[0][attribute]=state",
        "where[0][type]=in&where[0][attribute]=state",
        "where[0][type]=between&where[0][attribute]=createdAt&where[0][value][]=2026-11-22",
        "where[0][type]=isNull&where[0][attribute]=state&where[0][value]=x",
        "where[0][type]=after&where[0][attribute]=state&where[0][value]=x",
        "where[0][type]=contains&where[0][attribute]=createdAt&where[0][value]=x",
        "where[0][type]=after&where[0][attribute]=createdAt&where[0][value]=yesterday",
        "where[0][type]=and&where[0][value]=x",
        "where[0][type]=equals&where[0][attribute]=state&where[0][value]=x&where[0][extra]=1",
        &format!("where[0][type]=after&where[0][timeZone]=Europe/Prague&{leaf}"),
        &format!("where[0][type]=today&{leaf}"),
        &format!("where[0][type]=like&{leaf}"),
        "where[0][type]=equals&where[0][attribute]=state&where[0][value]=%00",
        "searchParams=%7B",
    ] {
        for list in ["ExternalAccount", "GoogleCalendar"] {
            let told = program.get(&format!("/api/v1/{list}?{}", encoded(query))).await;
            assert_eq!(told.status, StatusCode::BAD_REQUEST, "{list} {query}: {}", told.text);
            assert_eq!(told.reason(), "validationFailure");
        }
    }
    let mut deep = String::from("{\"where\":");
    deep.push_str(&"[{\"type\":\"or\",\"value\":".repeat(6));
    deep.push_str(&format!("[]{}", "}]".repeat(6)));
    deep.push('}');
    let text: String = url::form_urlencoded::byte_serialize(deep.as_bytes()).collect();
    let told = program.get(&format!("/api/v1/ExternalAccount?searchParams={text}")).await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST, "{}", told.text);
}

#[tokio::test]
async fn the_journal_is_listed_newest_first() {
    let house = peopled().await;
    let program = house.program(&[KeyScope::AuditRead]).await;
    let told = program.get("/api/v1/Audit?maxSize=2").await.json();
    assert_eq!(told["list"][0]["event"], "api_key_created");
    assert_eq!(told["list"][1]["event"], "state_changed");
    assert!(!told.to_string().contains("@acme.cz"), "people are pseudonyms: {told}");
    let query = "where[0][type]=equals&where[0][attribute]=event&where[0][value]=account_added&order=asc";
    let told = program.get(&format!("/api/v1/Audit?{}", encoded(query))).await.json();
    assert_eq!(told["total"], 4);
    assert_eq!(told["list"][0]["createdAt"], "2026-11-22 00:00:00");
    assert_eq!(told["list"][0]["data"]["state"], "new");
}
