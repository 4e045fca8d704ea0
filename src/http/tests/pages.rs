//! What every answer has in common.

use axum::http::StatusCode;
use base64::Engine as _;
use postern_core::model::role::Role;

use super::House;
use crate::auth::hash;

#[tokio::test]
async fn every_answer_forbids_what_a_page_does_not_need() {
    let house = House::build().await;
    let start = format!("/postern/oauth/google/start?link={}", house.stage.link);
    for (method, path, host, status) in [
        ("GET", "/postern", "", StatusCode::OK),
        ("GET", "/postern/", "", StatusCode::OK),
        ("GET", "/postern/healthz", "", StatusCode::OK),
        ("GET", &start, "", StatusCode::OK),
        ("GET", "/", "", StatusCode::NOT_FOUND),
        ("GET", "/healthz", "", StatusCode::NOT_FOUND),
        ("GET", "/postern/nowhere", "", StatusCode::NOT_FOUND),
        ("PUT", "/postern/healthz", "", StatusCode::METHOD_NOT_ALLOWED),
        ("POST", "/postern/oauth/google/callback?state=s&code=c", "", StatusCode::METHOD_NOT_ALLOWED),
        ("GET", "/postern/r/x/connect", "", StatusCode::METHOD_NOT_ALLOWED),
        ("GET", "/postern/", "evil.test", StatusCode::MISDIRECTED_REQUEST),
    ] {
        let host = if host.is_empty() { "crm.example.com" } else { host };
        let told = house.ask(method, path, &[("host", host)], "").await;
        assert_eq!(told.status, status, "{method} {path}");
        let policy = told.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
        let form =
            if path == start { "form-action 'self' https://google.test " } else { "form-action 'none'" };
        assert!(policy.contains(form), "{path} {policy}");
        assert_eq!(told.header("x-content-type-options"), "nosniff");
        assert_eq!(told.header("referrer-policy"), "no-referrer");
        assert_eq!(told.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn the_policy_allows_the_style_that_is_in_the_page() {
    let house = House::build().await;
    let told = house.get("/postern/").await;
    let style = told.text.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let sum = base64::engine::general_purpose::STANDARD.encode(hash::of(style));
    assert!(told.header("content-security-policy").contains(&format!("'sha256-{sum}'")));
}

#[tokio::test]
async fn scripts_are_kept_by_their_content_and_only_where_they_are_needed() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Admin).await;
    let told =
        desk.post(&format!("/admin/accounts/{}/tokens", house.stage.account), &[("name", "espo")]).await;
    let policy = told.header("content-security-policy").to_owned();
    assert!(
        policy.contains("script-src 'self'; connect-src 'self'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'") && policy.starts_with("default-src 'none'; "));
    assert!(!told.text.contains("<script>"), "no script stands in the page");
    let path = told.text.split("<script src=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(path.starts_with("/postern/assets/copy-") && path.ends_with(".js"), "{path}");
    let script = house.get(path).await;
    assert_eq!(
        (script.status, script.header("content-type")),
        (StatusCode::OK, "text/javascript; charset=utf-8")
    );
    assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(script.header("x-content-type-options"), "nosniff");
    assert!(script.header("content-security-policy").starts_with("default-src 'none'; "));
    let other = desk.get("/admin/accounts").await;
    assert!(!other.header("content-security-policy").contains("script-src"), "a page without a script");
    for name in ["copy.js", "copy-0000000000000000.js", "..%2Fasset.rs", "page.css"] {
        let told = house.get(&format!("/postern/assets/{name}")).await;
        assert_eq!(
            (told.status, told.header("cache-control")),
            (StatusCode::NOT_FOUND, "no-store"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn only_our_own_names_are_answered() {
    let house = House::build().await;
    for (host, status) in [
        ("crm.example.com", StatusCode::OK),
        ("CRM.example.com:443", StatusCode::OK),
        ("evil.test", StatusCode::MISDIRECTED_REQUEST),
        ("crm.example.com.evil.test", StatusCode::MISDIRECTED_REQUEST),
        ("crm.example.com@evil.test", StatusCode::MISDIRECTED_REQUEST),
        ("evil.test@crm.example.com", StatusCode::MISDIRECTED_REQUEST),
        ("localhost", StatusCode::MISDIRECTED_REQUEST),
        ("", StatusCode::MISDIRECTED_REQUEST),
    ] {
        assert_eq!(house.ask("GET", "/postern/", &[("host", host)], "").await.status, status, "{host}");
    }
    let twice = [("host", "crm.example.com"), ("host", "evil.test")];
    assert_eq!(house.ask("GET", "/postern/", &twice, "").await.status, StatusCode::MISDIRECTED_REQUEST);
    let absolute = house.ask("GET", "http://evil.test/postern/", &[], "").await;
    assert_eq!(absolute.status, StatusCode::MISDIRECTED_REQUEST);
    // A load balancer asks by address.
    assert_eq!(house.ask("GET", "/postern/healthz", &[("host", "10.0.0.5:8025")], "").await.text, "ok");
}

#[tokio::test]
async fn on_loopback_its_names_are_ours_and_the_root_may_be_the_base() {
    let house = House::at("http://127.0.0.1:8025", true).await;
    for host in ["127.0.0.1:8025", "localhost:8025", "[::1]:8025"] {
        assert_eq!(house.ask("GET", "/", &[("host", host)], "").await.status, StatusCode::OK, "{host}");
    }
    assert_eq!(
        house.ask("GET", "/", &[("host", "rebind.test:8025")], "").await.status,
        StatusCode::MISDIRECTED_REQUEST
    );
    let fields = [("host", "127.0.0.1:8025"), ("origin", "http://127.0.0.1:8025")];
    let body = format!("link={}", house.stage.link);
    let told = house.ask("POST", "/oauth/google/start", &fields, &body).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    let cookie = told.header("set-cookie");
    assert!(
        cookie.starts_with("postern_consent=")
            && cookie.contains("Path=/oauth;")
            && !cookie.contains("Secure")
    );
}

#[tokio::test]
async fn forms_of_other_sites_do_nothing() {
    let house = House::build().await;
    let before = house.stage.events().await;
    let body = format!("link={}", house.stage.link);
    let own = "https://crm.example.com";
    for (origin, fetch, allowed) in [
        ("", "", true),
        (own, "", true),
        (own, "same-origin", true),
        ("null", "same-origin", true),
        ("", "same-origin", true),
        ("null", "", false),
        ("null", "cross-site", false),
        ("https://evil.test", "", false),
        ("https://evil.test", "same-origin", false),
        ("http://crm.example.com", "", false),
        ("https://crm.example.com:8443", "", false),
        (own, "cross-site", false),
        (own, "same-site", false),
        ("", "cross-site", false),
    ] {
        for path in ["/postern/oauth/google/start", "/postern/r/x/connect"] {
            let fields = [("origin", origin), ("sec-fetch-site", fetch)];
            let told = house.ask("POST", path, &fields, &body).await;
            assert_eq!(told.status != StatusCode::FORBIDDEN, allowed, "{path} {origin:?} {fetch:?}");
        }
    }
    let started = house.stage.events().await.len() - before.len();
    assert_eq!(started, 5, "one for each that was allowed");
}

#[tokio::test]
async fn pages_speak_the_browsers_language() {
    let house = House::build().await;
    let told = house.ask("GET", "/postern/", &[("accept-language", "cs-CZ,cs;q=0.9,en;q=0.8")], "").await;
    assert!(told.text.contains("<html lang=\"cs\">") && told.text.contains("poštovní brána"));
    let told = house.get("/postern/").await;
    assert!(told.text.contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn health_is_the_databases() {
    let house = House::build().await;
    let told = house.get("/postern/healthz").await;
    assert_eq!((told.status, told.text.as_str()), (StatusCode::OK, "ok"));
    house.stage.store().close().await;
    let told = house.get("/postern/healthz").await;
    assert_eq!((told.status, told.text.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "database"));
    let start = format!("/postern/oauth/google/start?link={}", house.stage.link);
    let told = house.get(&start).await;
    assert_eq!(told.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(told.text.contains("for the moment") && !told.text.contains("sqlite"));
}
