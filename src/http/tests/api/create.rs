//! Creating mailboxes, links and tokens: once, and secrets told once.

use axum::http::StatusCode;
use postern_core::model::account::State;
use postern_core::model::key_scope::KeyScope;
use postern_core::model::secret::Secret;
use serde_json::{Value, json};

use super::{Program, routes};
use crate::actions::once;
use crate::http::tests::House;
use crate::store::service_accounts;

const ACCOUNTS: &str = "/api/v1/ExternalAccount";
const TOKENS: &str = "/api/v1/CrmToken";

async fn made(program: &Program<'_>, path: &str, body: Value) -> Value {
    let told = program.post(path, &body).await;
    assert_eq!(told.status, StatusCode::CREATED, "{body}: {}", told.text);
    assert_eq!(told.header("cache-control"), "no-store");
    told.json()
}

#[tokio::test]
async fn a_mailbox_is_registered_and_gets_its_link() {
    let house = House::build().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    let sent =
        json!({ "emailAddress": "Ben@Acme.cz", "userId": "5f3a", "emailAddressAliases": ["b@acme.cz"] });
    let ben = made(&program, ACCOUNTS, sent.clone()).await;
    assert_eq!(
        (
            &ben["emailAddress"],
            &ben["proposedUserId"],
            &ben["state"],
            &ben["emailAddressAliases"],
            &ben["gmail"]
        ),
        (&json!("ben@acme.cz"), &json!("5f3a"), &json!("new"), &json!(["b@acme.cz"]), &json!("missing"))
    );
    assert_eq!(ben["createdAt"], "2026-11-22 00:00:00");
    let told = program.post(ACCOUNTS, &sent).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "duplicate"));
    let told = program.post(ACCOUNTS, &json!({ "emailAddress": "office@acme.cz" })).await;
    assert_eq!(
        (told.status, told.reason().as_str()),
        (StatusCode::CONFLICT, "duplicate"),
        "an alias of anna's"
    );
    let path = format!("{ACCOUNTS}/{}/consentLink", ben["id"].as_str().unwrap());
    let told = program.ask("POST", &path, &[], "").await;
    assert_eq!((told.status, told.header("cache-control")), (StatusCode::CREATED, "no-store"));
    let link = told.json();
    let url = link["url"].as_str().unwrap();
    assert_eq!(link["expiresAt"], "2026-11-29 00:00:00");
    let page = house.get(url.strip_prefix("https://crm.example.com").unwrap()).await;
    assert!(page.status == StatusCode::OK && page.text.contains("ben@acme.cz"), "{}", page.text);
    let events = house.stage.events().await;
    assert_eq!(
        events,
        ["api_key_created", "account_added", "alias_added", "crm_user_proposed", "consent_link_issued"]
    );
    let actor =
        program.house.program(&[KeyScope::AuditRead]).await.get("/api/v1/Audit?offset=1&maxSize=1").await;
    assert_eq!(actor.json()["list"][0]["actor"], "key:crm 0.0.0.0");
}

#[tokio::test]
async fn what_makes_no_sense_is_not_created() {
    let house = House::build().await;
    let program = house.program(KeyScope::ALL).await;
    let anna = house.stage.account.to_string();
    let before = house.stage.events().await.len();
    for (path, body) in [
        (ACCOUNTS, json!({})),
        (ACCOUNTS, json!({ "emailAddress": "nobody" })),
        (ACCOUNTS, json!({ "emailAddress": "<script>alert(1)</script>" })),
        (ACCOUNTS, json!({ "emailAddress": "ben@acme.cz", "state": "active" })),
        (ACCOUNTS, json!({ "emailAddress": "ben@acme.cz", "userId": "x y" })),
        (ACCOUNTS, json!({ "emailAddress": "ben@acme.cz", "emailAddressAliases": ["x"] })),
        (TOKENS, json!({ "externalAccountId": anna })),
        (TOKENS, json!({ "externalAccountId": anna, "name": "" })),
        (TOKENS, json!({ "externalAccountId": anna, "name": "x", "protocols": "pop3" })),
        (TOKENS, json!({ "externalAccountId": anna, "name": "x", "expiresAt": "2020-01-01" })),
        (TOKENS, json!({ "externalAccountId": "7", "name": "x" })),
        (TOKENS, json!({ "externalAccountId": anna, "name": "x", "token": "pst_mine" })),
    ] {
        let told = program.post(path, &body).await;
        assert_eq!(
            (told.status, told.reason().as_str()),
            (StatusCode::BAD_REQUEST, "validationFailure"),
            "{body}"
        );
    }
    for word in ["", " ", "two words", &"x".repeat(129)] {
        let fields = [("idempotency-key", word)];
        let told = program.ask("POST", ACCOUNTS, &fields, "{\"emailAddress\":\"ben@acme.cz\"}").await;
        // The house sends no empty field at all.
        assert_eq!(told.status, if word.is_empty() { StatusCode::CREATED } else { StatusCode::BAD_REQUEST });
    }
    assert_eq!(house.stage.events().await.len(), before + 1);
}

#[tokio::test]
async fn a_mailbox_of_a_service_account_waits_for_an_admin() {
    let house = House::build().await;
    let mut act = house.stage.store().act(&house.by().actor, "r").await.unwrap();
    let (key, domains) = (Secret::new("{}"), vec!["delegated.cz".to_owned()]);
    service_accounts::set(&mut act, "sa@x.iam.gserviceaccount.com", &key, &domains).await.unwrap();
    let email = "sa@x.iam.gserviceaccount.com".to_owned();
    act.commit(postern_core::model::event::Event::ServiceAccountImported { email, domains }).await.unwrap();
    let program = house.program(KeyScope::ALL).await;
    let eva = made(&program, ACCOUNTS, json!({ "emailAddress": "eva@delegated.cz" })).await;
    assert_eq!(
        (&eva["state"], &eva["connectedBy"]),
        (&json!("awaiting_approval"), &json!("service_account"))
    );
    let path = format!("{ACCOUNTS}/{}/consentLink", eva["id"].as_str().unwrap());
    let told = program.ask("POST", &path, &[], "").await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "awaitingApproval"));
    let store = house.stage.store();
    let address = postern_core::model::address::Address::parse("eva@delegated.cz").unwrap();
    crate::actions::account::approve::approve(store, &house.by(), &address).await.unwrap();
    let told = program.ask("POST", &path, &[], "").await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "servedByServiceAccount"));
    house.stage.enter(State::Disabled).await;
    let told = program.ask("POST", &format!("{ACCOUNTS}/{}/consentLink", house.stage.account), &[], "").await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "disabled"));
}

#[tokio::test]
async fn a_token_is_told_once_and_revoked() {
    let house = House::build().await;
    let program = house.program(&[KeyScope::TokenIssue, KeyScope::AccountRead]).await;
    let anna = house.stage.account.to_string();
    let name = "<b>\"espo\"</b>";
    let sent = json!({ "externalAccountId": anna, "name": name, "protocols": "imap", "expiresAt": "2027-01-31 12:00:00" });
    let token = made(&program, TOKENS, sent).await;
    assert!(token["token"].as_str().unwrap().starts_with("pst_"));
    assert_eq!((&token["name"], &token["expiresAt"]), (&json!(name), &json!("2027-01-31 12:00:00")));
    let listed = program.get(TOKENS).await;
    let row = listed.json()["list"][0].clone();
    assert_eq!((&row["id"], &row["name"], &row["revokedAt"]), (&token["id"], &json!(name), &Value::Null));
    assert_eq!((&row["protocols"], &row["emailAddress"]), (&json!("imap"), &json!("anna@acme.cz")));
    let path = format!("{TOKENS}/{}", token["id"].as_str().unwrap());
    for _ in 0..2 {
        let told = program.ask("DELETE", &path, &[], "").await;
        assert_eq!((told.status, told.json()), (StatusCode::OK, json!(true)));
    }
    assert_eq!(program.get(TOKENS).await.json()["list"][0]["revokedAt"], "2026-11-22 00:00:00");
    assert_eq!(house.stage.events().await, ["api_key_created", "token_issued", "token_revoked"]);
}

#[tokio::test]
async fn the_same_word_creates_once() {
    let house = House::build().await;
    let (program, other) = (house.program(KeyScope::ALL).await, house.program(KeyScope::ALL).await);
    let ben = json!({ "emailAddress": "ben@acme.cz" });
    let first = program.posted(ACCOUNTS, "w1", &ben).await;
    let again = program.posted(ACCOUNTS, "w1", &ben).await;
    assert_eq!((first.status, again.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(first.json(), again.json());
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    let told = program.posted(ACCOUNTS, "w1", &json!({ "emailAddress": "eva@acme.cz" })).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "otherRequest"));
    assert_eq!(other.posted(ACCOUNTS, "w1", &ben).await.reason(), "duplicate", "a word belongs to its key");

    let token = json!({ "externalAccountId": first.json()["id"], "name": "espo" });
    let issued = program.posted(TOKENS, "w2", &token).await.json();
    let told = program.posted(TOKENS, "w2", &token).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "alreadyCreated"));
    assert_eq!(told.json()["id"], issued["id"]);
    assert!(!told.text.contains("pst_"));
    assert_eq!(program.posted(TOKENS, "w1", &token).await.reason(), "otherRequest", "another path");
    let link = format!("{ACCOUNTS}/{}/consentLink", first.json()["id"].as_str().unwrap());
    assert_eq!(program.posted(&link, "w3", &json!({})).await.status, StatusCode::CREATED);
    let told = program.posted(&link, "w3", &json!({})).await;
    assert_eq!((told.reason().as_str(), &told.json()["id"]), ("alreadyCreated", &first.json()["id"]));

    // What was refused has taken no word.
    assert_eq!(program.posted(ACCOUNTS, "w4", &ben).await.reason(), "duplicate");
    assert_eq!(
        program.posted(ACCOUNTS, "w4", &json!({ "emailAddress": "dan@acme.cz" })).await.status,
        StatusCode::CREATED
    );
    house.stage.clock.advance(once::LIFE + std::time::Duration::from_secs(1));
    assert_eq!(program.posted(TOKENS, "w2", &token).await.status, StatusCode::CREATED, "a day is over");
}

#[tokio::test]
async fn nothing_that_is_read_holds_a_secret() {
    let house = House::build().await;
    let program = house.program(KeyScope::ALL).await;
    let anna = house.stage.account.to_string();
    let token = made(&program, TOKENS, json!({ "externalAccountId": anna, "name": "x" })).await;
    let link = made(&program, &format!("{ACCOUNTS}/{anna}/consentLink"), json!({})).await;
    let word = link["url"].as_str().unwrap().split("link=").nth(1).unwrap().to_owned();
    house.stage.connect().await.unwrap();
    let (job, pair) = (house.job().await, house.changed_pair().await.to_string());
    let run = house.renaming_run().await.to_string();
    house.with_group().await;
    let person = house.people_pair("66af01").await.to_string();
    let making = house.making_run("Stone").await.to_string();
    let push = program.push(&json!({})).await.json()["id"].as_str().unwrap().to_owned();
    for (entry, _, path) in routes(&house).into_iter().filter(|(entry, ..)| entry.method == "GET") {
        let of = [("/Job/", &job), ("/GoogleContactsPair/", &person), ("/GoogleContacts/push/", &push)];
        let own = of.into_iter().find(|(place, _)| path.contains(place));
        let path = own.map_or(path, |(_, id)| entry.path.replace("{id}", id));
        let ran = if path.contains("/contacts/") { &making } else { &run };
        let path = path.replace("{pair}", &pair).replace("{run}", ran);
        let path = if path.ends_with("/CalendarPair") { format!("{path}?eventId=x") } else { path };
        let told = program.get(&path).await;
        assert_eq!(told.status, StatusCode::OK, "{}", entry.path);
        for secret in
            [token["token"].as_str().unwrap(), &word, &program.key, "1//fresh", "ya29.fresh", "s3cret"]
        {
            assert!(!told.text.contains(secret), "{} tells a secret", entry.path);
        }
    }
}

#[tokio::test]
async fn two_that_arrive_together_create_once() {
    let house = House::build().await;
    let program = house.program(KeyScope::ALL).await;
    let ben = json!({ "emailAddress": "ben@acme.cz" });
    let (one, two) = tokio::join!(program.posted(ACCOUNTS, "w", &ben), program.posted(ACCOUNTS, "w", &ben));
    assert_eq!((one.status, two.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(one.json(), two.json());
    let added = house.stage.events().await.iter().filter(|event| *event == "account_added").count();
    assert_eq!(added, 1);
}
