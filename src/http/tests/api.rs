//! The REST API: which program may do what, and what it is told.

mod amend;
mod binding;
mod calendar;
mod contacts;
mod create;
mod lists;
mod pairs;
mod push;
mod shape;
mod signed;

use axum::http::StatusCode;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::key_scope::KeyScope;
use postern_core::model::role::Role;
use serde_json::Value;

use super::{House, PUBLIC, Told, pages};
use crate::actions::api_key;
use crate::audit::{Note, writer};
use crate::http::{Access, Entry, Metrics, entries, router};
use crate::metrics::Registry;
use crate::store::api_keys::{Reach, Terms};

/// A program with its key.
pub struct Program<'h> {
    house: &'h House,
    key: String,
}

impl House {
    pub async fn program(&self, scopes: &[KeyScope]) -> Program<'_> {
        self.limited(scopes, Reach::default(), 600).await
    }

    pub async fn limited(&self, scopes: &[KeyScope], reach: Reach, per_minute: u32) -> Program<'_> {
        let terms = Terms {
            name: "crm".to_owned(),
            scopes: scopes.iter().copied().collect(),
            reach,
            signs: false,
            per_minute,
        };
        let made = api_key::create(self.stage.store(), &self.by(), &terms).await.unwrap();
        Program { house: self, key: made.key.reveal().to_owned() }
    }
}

impl Program<'_> {
    pub async fn ask(&self, method: &str, path: &str, also: &[(&str, &str)], body: &str) -> Told {
        let kind = if body.is_empty() { "" } else { "application/json" };
        let fields = [&[("x-api-key", self.key.as_str()), ("content-type", kind)], also].concat();
        self.house.ask(method, &format!("/postern{path}"), &fields, body).await
    }

    pub async fn get(&self, path: &str) -> Told {
        self.ask("GET", path, &[], "").await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Told {
        self.ask("POST", path, &[], &body.to_string()).await
    }

    pub async fn posted(&self, path: &str, word: &str, body: &Value) -> Told {
        self.ask("POST", path, &[("idempotency-key", word)], &body.to_string()).await
    }
}

impl Told {
    pub fn json(&self) -> Value {
        assert!(self.header("content-type").starts_with("application/"), "{}", self.text);
        serde_json::from_str(&self.text).unwrap()
    }

    /// The word of a problem, which stands in three places.
    pub fn reason(&self) -> String {
        let told = self.json();
        assert_eq!(self.header("content-type"), "application/problem+json", "{told}");
        assert_eq!(told["status"], self.status.as_u16(), "{told}");
        assert_eq!(told["reason"], self.header("x-status-reason"), "{told}");
        assert_eq!(self.header("cache-control"), "no-store");
        told["reason"].as_str().unwrap().to_owned()
    }
}

pub fn domain(name: &str) -> Reach {
    Reach { domains: vec![name.to_owned()], accounts: Vec::new() }
}

fn routes(house: &House) -> Vec<(Entry, KeyScope, String)> {
    let account = house.stage.account.to_string();
    entries(pages(&house.stage, PUBLIC, false))
        .into_iter()
        .filter_map(|entry| match entry.access {
            Access::Key(scope) => Some((entry.clone(), scope, entry.path.replace("{id}", &account))),
            Access::Anyone | Access::Owner | Access::Panel | Access::Admin(_) | Access::Proven(_) => None,
        })
        .collect()
}

#[tokio::test]
async fn each_route_wants_a_key_with_its_scope_and_nothing_else() {
    let house = House::build().await;
    let cookie = house.admin_cookie(Role::Admin).await;
    let revoked = house.program(KeyScope::ALL).await;
    let keys = api_key::list(house.stage.store()).await.unwrap();
    assert!(api_key::revoke(house.stage.store(), &house.by(), keys[0].id).await.unwrap());
    assert!(!api_key::revoke(house.stage.store(), &house.by(), keys[0].id).await.unwrap());
    let unknown = Program { house: &house, key: revoked.key.replace("pak_", "pst_") };
    let routes = routes(&house);
    assert!(routes.len() > 12, "{}", routes.len());
    for (entry, scope, path) in &routes {
        let (method, at) = (entry.method.as_str(), format!("/postern{path}"));
        let with: &[(&str, &[(&str, &str)])] = &[("nothing", &[]), ("a cookie", &[("cookie", &cookie)])];
        for (what, fields) in with {
            let told = house.ask(method, &at, fields, "").await;
            assert_eq!(
                (told.status, told.reason().as_str()),
                (StatusCode::UNAUTHORIZED, "keyMissing"),
                "{what} {path}"
            );
        }
        for program in [&revoked, &unknown] {
            let told = program.ask(method, path, &[("cookie", &cookie)], "").await;
            assert_eq!(
                (told.status, told.reason().as_str()),
                (StatusCode::UNAUTHORIZED, "keyUnknown"),
                "{path}"
            );
        }
        let others: Vec<KeyScope> = KeyScope::ALL.iter().copied().filter(|other| other != scope).collect();
        let told = house.program(&others).await.ask(method, path, &[], "").await;
        assert_eq!((told.status, told.reason().as_str()), (StatusCode::FORBIDDEN, "scopeMissing"), "{path}");
        let told = house.program(&[*scope]).await.ask(method, path, &[], "").await;
        let through = !matches!(told.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        assert!(through && !told.status.is_server_error(), "{method} {path}: {} {}", told.status, told.text);
        told.json();
    }
    let told = house
        .ask("GET", "/postern/admin", &[("x-api-key", &house.program(KeyScope::ALL).await.key)], "")
        .await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "a key opens no page");
}

#[tokio::test]
async fn below_the_api_nothing_is_html() {
    let house = House::build().await;
    let program = house.program(KeyScope::ALL).await;
    let long = format!("/api/v1/ExternalAccount?offset={}", "0".repeat(5000));
    let big = format!("{{\"name\":\"{}\"}}", "x".repeat(70_000));
    let html = [("accept", "text/html")];
    for (method, path, also, body, status, reason) in [
        ("GET", "/api/v1", &html[..], "", 404, "notFound"),
        ("GET", "/api/v1/Nothing", &html, "", 404, "notFound"),
        ("GET", "/api/v1/ExternalAccount/7", &html, "", 404, "notFound"),
        ("DELETE", "/api/v1/ExternalAccount", &html, "", 405, "methodNotAllowed"),
        ("PUT", "/api/v1/CrmToken/7", &html, "{}", 405, "methodNotAllowed"),
        ("GET", &long, &html, "", 414, "addressTooLong"),
        ("GET", "/api/v1/ExternalAccount", &[("host", "evil.example")], "", 421, "wrongHost"),
        ("POST", "/api/v1/CrmToken", &[("origin", "https://evil.example")], "{}", 403, "crossSite"),
        ("POST", "/api/v1/CrmToken", &html, &big, 413, "tooLarge"),
        ("POST", "/api/v1/CrmToken", &html, "{", 400, "validationFailure"),
        ("POST", "/api/v1/CrmToken", &html, "[]", 400, "validationFailure"),
        ("GET", "/api/v1/ExternalAccount?%3Cscript%3E=1", &html, "", 400, "validationFailure"),
    ] {
        let told = program.ask(method, path, also, body).await;
        assert_eq!(told.status.as_u16(), status, "{method} {path}: {}", told.text);
        assert_eq!(told.reason(), reason, "{method} {path}");
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
        let fields = [("x-api-key", program.key.as_str()), ("content-type", kind)];
        let told = house.ask("POST", "/postern/api/v1/CrmToken", &fields, "{}").await;
        assert_eq!((told.status, told.reason().as_str()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "mediaType"));
    }
    let told = house.get("/postern/api/v10").await;
    assert!(told.header("content-type").starts_with("text/html"), "this is not below the API");
}

#[tokio::test]
async fn a_key_has_its_pace() {
    let house = House::build().await;
    let (slow, other) = (
        house.limited(&[KeyScope::AccountRead], Reach::default(), 3).await,
        house.program(KeyScope::ALL).await,
    );
    for _ in 0..3 {
        assert_eq!(slow.get("/api/v1/ExternalAccount").await.status, StatusCode::OK);
    }
    let told = slow.get("/api/v1/ExternalAccount").await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::TOO_MANY_REQUESTS, "tooManyRequests"));
    assert_eq!(told.header("retry-after"), "21");
    assert_eq!(slow.get("/api/v1/Audit").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(other.get("/api/v1/ExternalAccount").await.status, StatusCode::OK, "each has its own");
    house.stage.pass(21);
    assert_eq!(slow.get("/api/v1/ExternalAccount").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_key_of_some_domains_sees_no_other() {
    let house = House::build().await;
    let ben = house.stage.register("ben@other.cz", &[]).await;
    let program = house.limited(KeyScope::ALL, domain("other.cz"), 600).await;
    let told = program.get("/api/v1/ExternalAccount").await.json();
    assert_eq!(
        (&told["total"], &told["list"][0]["emailAddress"]),
        (&Value::from(1), &Value::from("ben@other.cz"))
    );
    assert_eq!(program.get(&format!("/api/v1/ExternalAccount/{ben}")).await.status, StatusCode::OK);
    let anna = house.stage.account.to_string();
    for (method, path) in [("GET", ""), ("POST", "/consentLink")] {
        let told = program.ask(method, &format!("/api/v1/ExternalAccount/{anna}{path}"), &[], "").await;
        assert_eq!((told.status, told.reason().as_str()), (StatusCode::NOT_FOUND, "notFound"));
    }
    for (path, body, status) in [
        ("/api/v1/ExternalAccount", serde_json::json!({ "emailAddress": "eva@acme.cz" }), 403),
        (
            "/api/v1/ExternalAccount",
            serde_json::json!({ "emailAddress": "eva@other.cz", "emailAddressAliases": ["e@acme.cz"] }),
            403,
        ),
        ("/api/v1/ExternalAccount", serde_json::json!({ "emailAddress": "eva@other.cz" }), 201),
        ("/api/v1/CrmToken", serde_json::json!({ "externalAccountId": anna, "name": "x" }), 400),
    ] {
        assert_eq!(program.post(path, &body).await.status.as_u16(), status, "{body}");
    }
    let token = house.program(KeyScope::ALL).await;
    let token =
        token.post("/api/v1/CrmToken", &serde_json::json!({ "externalAccountId": anna, "name": "x" })).await;
    let path = format!("/api/v1/CrmToken/{}", token.json()["id"].as_str().unwrap());
    assert_eq!(program.ask("DELETE", &path, &[], "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(program.get("/api/v1/CrmToken").await.json()["total"], 0);
    let told = program.get("/api/v1/Audit").await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::FORBIDDEN, "domainNotAllowed"));
}

#[tokio::test]
async fn a_key_of_some_mailboxes_sees_no_other_and_registers_none() {
    let house = House::build().await;
    let ben = house.stage.register("ben@other.cz", &[]).await;
    let anna = house.stage.account;
    let all = house.program(KeyScope::ALL).await;
    let of = |id: AccountId| serde_json::json!({ "externalAccountId": id, "name": "x" });
    let foreign = all.post("/api/v1/CrmToken", &of(ben)).await.json()["id"].as_str().unwrap().to_owned();
    let own = all.post("/api/v1/CrmToken", &of(anna)).await.json()["id"].as_str().unwrap().to_owned();
    let reach = Reach { domains: Vec::new(), accounts: vec![anna] };
    let program = house.limited(KeyScope::ALL, reach, 600).await;
    for list in ["ExternalAccount", "CrmToken"] {
        let told = program.get(&format!("/api/v1/{list}")).await.json();
        assert_eq!((&told["total"], told["list"].as_array().unwrap().len()), (&Value::from(1), 1), "{list}");
        assert_eq!(told["list"][0]["emailAddress"], "anna@acme.cz");
    }
    assert_eq!(program.get(&format!("/api/v1/ExternalAccount/{anna}")).await.status, StatusCode::OK);
    for (method, path) in [
        ("GET", format!("/api/v1/ExternalAccount/{ben}")),
        ("POST", format!("/api/v1/ExternalAccount/{ben}/consentLink")),
        ("DELETE", format!("/api/v1/CrmToken/{foreign}")),
    ] {
        assert_eq!(program.ask(method, &path, &[], "").await.reason(), "notFound", "{method} {path}");
    }
    assert_eq!(program.post("/api/v1/CrmToken", &of(ben)).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(program.post("/api/v1/CrmToken", &of(anna)).await.status, StatusCode::CREATED);
    let told = program.ask("DELETE", &format!("/api/v1/CrmToken/{own}"), &[], "").await;
    assert_eq!(told.status, StatusCode::OK);
    for mailbox in ["eva@acme.cz", "eva@other.cz"] {
        let wanted = serde_json::json!({ "emailAddress": mailbox });
        assert_eq!(program.post("/api/v1/ExternalAccount", &wanted).await.reason(), "domainNotAllowed");
    }
    assert_eq!(program.get("/api/v1/Audit").await.reason(), "domainNotAllowed");

    let both = Reach { accounts: vec![anna], ..domain("other.cz") };
    let both = house.limited(KeyScope::ALL, both, 600).await;
    assert_eq!(both.get("/api/v1/ExternalAccount").await.json()["total"], 2);
}

#[tokio::test]
async fn wrong_keys_are_counted_and_an_hour_of_them_is_one_row() {
    let mut house = House::build().await;
    let ((notes, mut queue), registry) = (writer(), Registry::default());
    let mut pages = pages(&house.stage, PUBLIC, false);
    (pages.notes, pages.metrics) = (notes, Metrics::register(&registry));
    house.router = router(pages);
    for key in ["pak_nonsense", "pst_token", "x"] {
        let told = house.ask("GET", "/postern/api/v1/Job", &[("x-api-key", key)], "").await;
        assert_eq!(told.reason(), "keyUnknown");
    }
    house.ask("GET", "/postern/api/v1/Job", &[("x-hmac-authorization", "x")], "").await.reason();
    house.ask("GET", "/postern/api/v1/Job", &[], "").await.reason();
    let mut causes = Vec::new();
    while let Ok(note) = queue.try_recv() {
        let Note::Event { event: Event::ApiKeyRefused { cause, peer }, .. } = note else {
            panic!("{note:?}")
        };
        assert_eq!(peer, "0.0.0.0");
        causes.push(cause);
    }
    assert_eq!(causes, ["keyUnknown", "signatureInvalid"]);
    let figures = registry.text();
    assert!(figures.contains("postern_api_refused_total{cause=\"keyUnknown\"} 3"), "{figures}");
    assert!(!figures.contains("keyMissing"), "who shows nothing has guessed nothing");
}
