//! The Gmail panel: its ticket, its bearer, and who may press what.

use axum::http::StatusCode;
use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::event::Event;
use postern_core::model::key_scope::KeyScope;
use postern_core::model::scope::Product;
use serde_json::{Value, json};
use url::Url;

use super::api::{Program, domain};
use super::{House, Told};
use crate::actions::account::product::switch;
use crate::actions::api_key;
use crate::store::accounts;

const OWNER: &str = "66ab0123456789abc";
const TICKET: &str = "/api/v1/panel/ticket";

/// A frame with its bearer.
struct Frame<'h> {
    house: &'h House,
    bearer: String,
}

impl Frame<'_> {
    async fn ask(&self, method: &str, path: &str) -> Told {
        let bearer = format!("Bearer {}", self.bearer);
        let fields = [("authorization", bearer.as_str()), ("sec-fetch-site", "same-origin")];
        self.house.ask(method, &format!("/postern/panel/{path}"), &fields, "").await
    }

    async fn state(&self) -> Value {
        let told = self.ask("GET", "state").await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
        told.json()
    }

    async fn status(&self) -> StatusCode {
        self.ask("GET", "state").await.status
    }
}

fn wanted(over: &Value) -> Value {
    let mut body = json!({
        "account": "anna@acme.cz", "crmUserId": OWNER, "recordType": "EmailAccount", "recordId": "66ac",
        "mode": "detail", "host": "mail.acme.cz", "smtpHost": "mail.acme.cz",
    });
    for (name, value) in over.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

impl House {
    /// Anna's mailbox belongs to this CRM user.
    async fn owned(&self, crm_user: &str) {
        let mut act = self.stage.store().act(&Actor::Gateway, "").await.unwrap();
        accounts::set_crm_user(&mut act, self.stage.account, Some(crm_user)).await.unwrap();
        let address = self.stage.account(self.stage.account).await.address;
        let (account, crm_user) = (self.stage.account, crm_user.to_owned());
        act.commit(Event::CrmUserSet { account, address, from: None, crm_user }).await.unwrap();
    }

    async fn session(&self, ticket: &str) -> Told {
        self.post("/postern/panel/session", &json!({ "ticket": ticket }).to_string()).await
    }

    async fn frame(&self, program: &Program<'_>, over: &Value) -> Frame<'_> {
        let told = self.session(&ticket(&program.post(TICKET, &wanted(over)).await)).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
        Frame { house: self, bearer: told.json()["bearer"].as_str().unwrap().to_owned() }
    }
}

fn ticket(told: &Told) -> String {
    assert_eq!(told.status, StatusCode::CREATED, "{}", told.text);
    assert_eq!(told.header("cache-control"), "no-store");
    let (word, url) = (told.json()["ticket"].clone(), told.json()["url"].clone());
    let word = word.as_str().unwrap().to_owned();
    assert_eq!(url, format!("https://crm.example.com/postern/panel#{word}"));
    word
}

#[tokio::test]
async fn the_page_is_for_frames_of_the_crm_and_holds_nothing() {
    let house = House::build().await;
    let told = house.get("/postern/panel").await;
    let policy = told.header("content-security-policy");
    for part in [
        "default-src 'none'; ",
        "script-src 'self'; connect-src 'self'",
        "form-action 'self';",
        "frame-ancestors https://espo.example.com",
    ] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(
        told.text.contains("<noscript>") && !told.text.contains("<script>") && !told.text.contains("anna")
    );
    assert!(!told.text.contains(" style=") && !told.text.contains("onclick"));
    assert_eq!(told.header("set-cookie"), "");
    for script in told.text.split("<script src=\"").skip(1) {
        let script = house.get(script.split('"').next().unwrap()).await;
        assert_eq!((script.status, script.header("set-cookie")), (StatusCode::OK, ""));
    }
    let home = house.get("/postern/").await;
    assert!(home.header("content-security-policy").contains("frame-ancestors 'none'"));
}

#[tokio::test]
async fn a_panel_hides_with_a_reason_or_gets_a_ticket() {
    let house = House::build().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    let before = house.stage.events().await.len();
    for (over, reason) in [
        (json!({ "mode": "edit" }), "notDetail"),
        (json!({ "host": "imap.other.cz", "smtpHost": null }), "foreignHost"),
        (json!({ "host": null, "smtpHost": null }), "foreignHost"),
        (json!({ "host": "gmail.com.evil.test", "smtpHost": "" }), "foreignHost"),
    ] {
        let told = program.post(TICKET, &wanted(&over)).await;
        let told = (told.status, told.json());
        assert_eq!((told.0, &told.1["visible"]), (StatusCode::OK, &json!(false)), "{over}");
        assert_eq!(told.1["reason"], reason, "{over}");
        assert!(told.1["message"].as_str().unwrap().len() > 20 && told.1.get("ticket").is_none());
    }
    assert_eq!(house.stage.events().await.len(), before, "nothing has changed");
    for over in [
        json!({ "recordType": "Meeting" }),
        json!({ "recordId": "" }),
        json!({ "recordId": "x".repeat(65) }),
        json!({ "crmUserId": "a b" }),
        json!({ "mode": "" }),
        json!({ "host": "x".repeat(256) }),
        json!({ "host": "imap.gmail.com\r\nX: y" }),
        json!({ "account": "anna@" }),
        json!({ "more": 1 }),
        json!({ "crmUserId": null }),
    ] {
        let told = program.post(TICKET, &wanted(&over)).await;
        assert_eq!(
            (told.status, told.reason().as_str()),
            (StatusCode::BAD_REQUEST, "validationFailure"),
            "{over}"
        );
    }
    for account in [house.stage.account.to_string().as_str(), "office@acme.cz", "ANNA@acme.cz"] {
        let told = program.post(TICKET, &wanted(&json!({ "account": account }))).await.json();
        assert_eq!(told["registered"], true, "{account}");
    }
    let told =
        program.post(TICKET, &wanted(&json!({ "account": "0190a000-0000-7000-8000-000000000000" }))).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::NOT_FOUND, "notFound"));
    let told = program.posted(TICKET, "one", &wanted(&json!({}))).await;
    ticket(&told);
    let told = program.posted(TICKET, "one", &wanted(&json!({}))).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "alreadyCreated"));
}

#[tokio::test]
async fn a_key_of_some_domains_gets_no_panel_for_others() {
    let house = House::build().await;
    house.stage.register("ben@other.cz", &["ben@acme.cz"]).await;
    let program = house.limited(&[KeyScope::AccountLink], domain("acme.cz"), 600).await;
    for account in ["ben@other.cz", "nobody@other.cz", "ben@acme.cz"] {
        let told = program.post(TICKET, &wanted(&json!({ "account": account }))).await;
        assert_eq!(
            (told.status, told.reason().as_str()),
            (StatusCode::FORBIDDEN, "domainNotAllowed"),
            "{account}"
        );
    }
    ticket(&program.post(TICKET, &wanted(&json!({}))).await);
}

#[tokio::test]
async fn a_ticket_works_once_and_for_a_minute() {
    let house = House::build().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    let word = ticket(&program.post(TICKET, &wanted(&json!({}))).await);
    house.stage.pass(59);
    assert_eq!(house.session(&word).await.status, StatusCode::OK);
    let late = ticket(&program.post(TICKET, &wanted(&json!({}))).await);
    house.stage.pass(60);
    let long = "x".repeat(1000);
    for word in [word.as_str(), &late, "guess", "", &long] {
        let told = house.session(word).await;
        assert_eq!(told.status, StatusCode::UNAUTHORIZED, "{word}");
        assert!(told.json()["message"].as_str().unwrap().contains("Reload"), "{}", told.text);
    }
    for body in ["", "[]", "{}", "{\"ticket\":1}", "{\"ticket\":\"x\",\"more\":1}"] {
        assert_eq!(
            house.post("/postern/panel/session", body).await.status,
            StatusCode::BAD_REQUEST,
            "{body}"
        );
    }
    let told = house.ask("POST", "/postern/panel/session", &[("sec-fetch-site", "cross-site")], "{}").await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    let events = house.stage.events().await;
    assert_eq!(events, ["api_key_created", "panel_ticket_issued", "panel_opened", "panel_ticket_issued"]);
}

#[tokio::test]
async fn a_bearer_lives_for_a_quarter_of_an_hour_and_no_longer_than_its_key() {
    let house = House::build().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    let frame = house.frame(&program, &json!({})).await;
    let ticket = ticket(&program.post(TICKET, &wanted(&json!({}))).await);
    for bearer in ["", "guess", &ticket, &"x".repeat(2000)] {
        let foreign = Frame { house: &house, bearer: bearer.to_owned() };
        assert_eq!(foreign.status().await, StatusCode::UNAUTHORIZED, "{bearer}");
    }
    let basic = [("authorization", format!("Basic {}", frame.bearer))];
    let basic: Vec<(&str, &str)> = basic.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(house.ask("GET", "/postern/panel/state", &basic, "").await.status, StatusCode::UNAUTHORIZED);
    house.stage.pass(15 * 60 - 1);
    assert_eq!(frame.status().await, StatusCode::OK);
    house.stage.pass(1);
    assert_eq!(frame.status().await, StatusCode::UNAUTHORIZED);

    let frame = house.frame(&program, &json!({})).await;
    let unused = self::ticket(&program.post(TICKET, &wanted(&json!({}))).await);
    assert_eq!(frame.status().await, StatusCode::OK);
    let key = api_key::list(house.stage.store()).await.unwrap()[0].id;
    api_key::revoke(house.stage.store(), &house.by(), key).await.unwrap();
    assert_eq!(frame.status().await, StatusCode::UNAUTHORIZED, "the key is revoked");
    assert_eq!(house.session(&unused).await.status, StatusCode::UNAUTHORIZED, "its tickets too");
}

#[tokio::test]
async fn a_panel_ends_with_its_mailbox_and_has_its_pace() {
    let house = House::build().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    let (frame, other) =
        (house.frame(&program, &json!({})).await, house.frame(&program, &json!({ "recordId": "2" })).await);
    for _ in 0..120 {
        assert_eq!(frame.status().await, StatusCode::OK);
    }
    let told = frame.ask("GET", "state").await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(told.json()["message"].as_str().unwrap().contains("Wait"));
    assert_eq!(other.status().await, StatusCode::OK, "each has its own");
    let mut act = house.stage.store().act(&Actor::Gateway, "").await.unwrap();
    let account = house.stage.account(house.stage.account).await;
    accounts::remove(&mut act, account.id).await.unwrap();
    let event = Event::AccountRemoved { account: account.id, address: account.address, revoked: true };
    act.commit(event).await.unwrap();
    assert_eq!(other.status().await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_state_says_what_is_and_what_to_do() {
    let house = House::build().await;
    let program = house.program(&[KeyScope::AccountLink, KeyScope::TokenIssue]).await;
    let stranger = house.frame(&program, &json!({ "account": "eva@acme.cz" })).await.state().await;
    assert!(stranger["stands"].as_str().unwrap().contains("not registered"), "{stranger}");
    assert_eq!(
        (&stranger["connect"], &stranger["issue"], &stranger["disconnect"]),
        (&Value::Null, &json!(false), &json!(false))
    );

    house.owned(OWNER).await;
    let frame = house.frame(&program, &json!({ "host": "imap.gmail.com" })).await;
    let state = frame.state().await;
    assert!(state["stands"].as_str().unwrap().contains("not connected"), "{state}");
    assert_eq!((&state["good"], &state["connect"]), (&json!(false), &json!("Connect with Google")));
    assert!(state["notes"].to_string().contains("points at Gmail itself"), "{state}");
    assert_eq!((&state["issue"], &state["disconnect"]), (&json!(true), &json!(false)));
    assert_eq!(state["enter"][0]["rows"][0], json!(["Host", "mail.acme.cz"]));
    assert_eq!(state["enter"][1]["rows"][1], json!(["Port", "1465"]));

    house.stage.connect().await.unwrap();
    let now = frame.state().await;
    assert!(now["stands"].as_str().unwrap().contains("bypasses the gateway"), "{now}");
    assert_ne!(now["mark"], state["mark"], "the window is noticed");
    assert_eq!((&now["good"], &now["disconnect"]), (&json!(false), &json!(true)));
    let through = house.frame(&program, &json!({})).await;
    let now = through.state().await;
    assert_eq!(
        (&now["good"], &now["stands"], &now["connect"]),
        (&json!(true), &json!("Connected."), &json!("Connect again"))
    );
    let bearer = format!("Bearer {}", through.bearer);
    let told = house
        .ask("GET", "/postern/panel/state", &[("authorization", &bearer), ("accept-language", "cs")], "")
        .await;
    assert_eq!(told.json()["stands"], "Připojeno.");

    switch(house.stage.store(), &house.by(), house.stage.account, Product::Gmail, false).await.unwrap();
    let now = through.state().await;
    assert!(now["stands"].as_str().unwrap().contains("https://crm.example.com/postern/me"), "{now}");
    assert_eq!(now["good"], false);

    house.stage.enter(State::Disabled).await;
    let now = through.state().await;
    assert_eq!((&now["connect"], &now["issue"]), (&Value::Null, &json!(false)), "{now}");
    assert_eq!(through.ask("POST", "connect").await.status, StatusCode::CONFLICT);
    let before = house.stage.events().await.len();
    assert_eq!(through.ask("POST", "token").await.status, StatusCode::CONFLICT);
    assert_eq!(house.stage.events().await.len(), before, "no token waits for the day it is enabled");
}

#[tokio::test]
async fn only_the_owner_presses_what_is_the_owners() {
    let house = House::build().await;
    let full = house.program(&[KeyScope::AccountLink, KeyScope::TokenIssue]).await;
    let link = house.program(&[KeyScope::AccountLink]).await;
    house.stage.connect().await.unwrap();
    let before =
        |events: &[String]| events.iter().filter(|e| e.starts_with("token_") || e.contains("disc")).count();

    let nobodys = house.frame(&full, &json!({})).await;
    for path in ["token", "disconnect"] {
        let told = nobodys.ask("POST", path).await;
        assert_eq!(told.status, StatusCode::FORBIDDEN, "{path}");
        assert!(told.json()["message"].as_str().unwrap().contains("No CRM user"), "{}", told.text);
    }
    assert_eq!(nobodys.ask("POST", "connect").await.status, StatusCode::OK, "Google asks for the owner");
    house.owned(OWNER).await;
    let foreign = house.frame(&full, &json!({ "crmUserId": "66ff" })).await;
    for path in ["token", "disconnect", "connect"] {
        let told = foreign.ask("POST", path).await;
        assert_eq!(told.status, StatusCode::FORBIDDEN, "{path}");
        assert!(told.json()["message"].as_str().unwrap().contains("another CRM user"), "{}", told.text);
    }
    let seen = foreign.state().await;
    assert_eq!((&seen["connect"], &seen["facts"], &seen["enter"]), (&Value::Null, &json!([]), &json!([])));
    assert_eq!(seen["mark"], "", "how a colleague's mailbox stands is not told");
    let weak = house.frame(&link, &json!({})).await;
    let told = weak.ask("POST", "token").await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    assert!(told.json()["message"].as_str().unwrap().contains("token:issue"), "{}", told.text);
    assert_eq!(weak.state().await["issue"], false);
    assert_eq!(before(&house.stage.events().await), 0, "nothing was done");

    let owner = house.frame(&full, &json!({})).await;
    let told = owner.ask("POST", "token").await;
    assert_eq!((told.status, told.header("cache-control")), (StatusCode::OK, "no-store"));
    assert!(told.json()["token"].as_str().unwrap().starts_with("pst_"));
    assert!(!owner.state().await.to_string().contains("pst_"));
    assert_eq!(house.authors("token_issued").await, [format!("panel:{OWNER} crm")]);
    for _ in 1..10 {
        assert_eq!(owner.ask("POST", "token").await.status, StatusCode::OK);
    }
    let told = owner.ask("POST", "token").await;
    assert_eq!(told.status, StatusCode::CONFLICT, "a record needs no more");
    assert!(told.json()["message"].as_str().unwrap().contains("10 CRM tokens"), "{}", told.text);
    let told = owner.ask("POST", "disconnect").await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert!(told.json()["message"].as_str().unwrap().contains("ended"));
    assert_eq!(house.authors("account_disconnected").await, [format!("panel:{OWNER} crm")]);
    let now = owner.state().await;
    assert_eq!((&now["disconnect"], &now["good"]), (&json!(false), &json!(false)));
}

impl House {
    async fn authors(&self, event: &str) -> Vec<String> {
        let mut read = self.stage.store().read().await.unwrap();
        let rows = crate::store::audit::newest(&mut read, 0, 200).await.unwrap();
        rows.into_iter().filter(|row| row.event == event).map(|row| row.actor).collect()
    }

    async fn window(&self, ticket: &str) -> Told {
        self.post("/postern/panel/consent", &format!("ticket={ticket}")).await
    }
}

#[tokio::test]
async fn connect_opens_a_window_that_leads_to_google_once() {
    let house = House::build().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    house.owned(OWNER).await;
    let frame = house.frame(&program, &json!({})).await;
    let pressed = |told: Told| told.json()["ticket"].as_str().unwrap().to_owned();
    let first = pressed(frame.ask("POST", "connect").await);
    let second = pressed(frame.ask("POST", "connect").await);
    for word in [first.as_str(), "guess", "", &frame.bearer] {
        let told = house.window(word).await;
        assert_eq!(told.status, StatusCode::GONE, "an earlier press is void");
        assert!(told.text.contains("press it again in the CRM"));
    }
    house.stage.pass(59);
    let told = house.window(&second).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert_eq!(told.header("cross-origin-opener-policy"), "same-origin");
    assert!(told.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(house.window(&second).await.status, StatusCode::GONE);
    let link = told.text.split("name=\"link\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let told = house.post("/postern/oauth/google/start", &format!("link={link}")).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    let query = house.stage.visit(&Url::parse(told.header("location")).unwrap());
    let told = house.come_back(&format!("state={}&code=4/code", query["state"]), &told.cookie()).await;
    assert!(told.text.contains("anna@acme.cz is connected"), "{}", told.text);
    assert_eq!(frame.state().await["good"], true);

    let late = pressed(frame.ask("POST", "connect").await);
    house.stage.pass(60);
    assert_eq!(house.window(&late).await.status, StatusCode::GONE);
    let moved = pressed(frame.ask("POST", "connect").await);
    house.owned("66ff").await;
    assert_eq!(house.window(&moved).await.status, StatusCode::GONE, "it belongs to another now");
    let told = house.ask("POST", "/postern/panel/consent", &[("sec-fetch-site", "cross-site")], "").await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    let who = format!("panel:{OWNER} crm");
    assert_eq!(house.authors("panel_connect_pressed").await, vec![who.clone(); 4]);
    assert_eq!(house.authors("consent_link_issued").await[0], who);
    assert_eq!(house.authors("panel_opened").await, [who]);
}

impl House {
    /// Comes by every route of the panel that changes something: the route, the
    /// row that is expected, the answer.
    pub async fn by_the_panel(&self) -> Vec<(&'static str, &'static str, Told)> {
        let program = self.program(&[KeyScope::AccountLink, KeyScope::TokenIssue]).await;
        self.owned(OWNER).await;
        let asked = program.post(TICKET, &wanted(&json!({}))).await;
        let session = self.session(&ticket(&asked)).await;
        let bearer = session.json()["bearer"].as_str().unwrap().to_owned();
        let frame = Frame { house: self, bearer };
        let pressed = frame.ask("POST", "connect").await;
        let window = self.window(pressed.json()["ticket"].as_str().unwrap()).await;
        vec![
            ("POST /api/v1/panel/ticket", "panel_ticket_issued", asked),
            ("POST /panel/session", "panel_opened", session),
            ("POST /panel/connect", "panel_connect_pressed", pressed),
            ("POST /panel/consent", "consent_link_issued", window),
            ("POST /panel/token", "token_issued", frame.ask("POST", "token").await),
            ("POST /panel/disconnect", "account_disconnected", frame.ask("POST", "disconnect").await),
        ]
    }
}
