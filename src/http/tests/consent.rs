//! The consent in the browser.

use axum::http::StatusCode;
use postern_core::model::account::State;
use serde_json::json;

use super::House;
use crate::actions::consent::trial::Tokens;

const START: &str = "/postern/oauth/google/start";

#[tokio::test]
async fn from_the_link_to_the_connected_mailbox() {
    let house = House::build().await;
    let page = house.get(&format!("{START}?link={}", house.stage.link)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("anna@acme.cz") && page.text.contains(&house.stage.link));
    assert!(page.text.contains(&format!("<form method=\"post\" action=\"{START}\">")), "{}", page.text);
    let (pressed, state) = house.press().await;
    assert!(pressed.header("location").starts_with("https://google.test/auth?"));
    let cookie = pressed.header("set-cookie");
    assert!(cookie.starts_with("__Secure-postern_consent="));
    for attribute in
        ["; Path=/postern/oauth;", "; Max-Age=600;", "; HttpOnly;", "; SameSite=Lax;", "; Secure"]
    {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let query = format!("state={state}&code=4/code&iss=https://accounts.google.com&scope=openid&authuser=0");
    let done = house.come_back(&query, &format!("a=b; {}; c=d", pressed.cookie())).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert!(done.text.contains("Connected") && done.text.contains("anna@acme.cz"));
    let cookies: Vec<_> = done.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|c| c.starts_with("__Secure-postern_consent=;") && c.contains("Max-Age=0")));
    assert!(!done.text.contains("4/code") && !done.text.contains(&state));
    assert_eq!(house.stage.account(house.stage.account).await.state, State::Active);
    let again = house.come_back(&query, &pressed.cookie()).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert!(again.text.contains("used already"));
}

#[tokio::test]
async fn looking_changes_nothing() {
    let house = House::build().await;
    let before = house.stage.events().await;
    for method in ["GET", "HEAD", "GET"] {
        let told = house.ask(method, &format!("{START}?link={}", house.stage.link), &[], "").await;
        assert_eq!(told.status, StatusCode::OK);
        assert_eq!(told.header("set-cookie"), "");
    }
    assert_eq!(house.stage.events().await, before);
    let (pressed, state) = house.press().await;
    let callback = format!("/postern/oauth/google/callback?state={state}&code=c");
    house.ask("HEAD", &callback, &[("cookie", &pressed.cookie())], "").await;
    assert_eq!(
        house.come_back(&format!("state={state}&code=c"), &pressed.cookie()).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn links_that_offer_nothing_say_what_to_do() {
    let house = House::build().await;
    for path in [format!("{START}?link=guess"), START.to_owned(), format!("{START}?link=a&link=b")] {
        let told = house.get(&path).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND);
        assert!(told.text.contains("This link is not known"));
    }
    assert_eq!(house.post(START, "link=guess").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.post(START, &"x".repeat(70_000)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    // The link may stand in the address of the press, too.
    let told = house.post(&format!("{START}?link={}", house.stage.link), "").await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    house.stage.pass(7 * 86_400);
    let told = house.get(&format!("{START}?link={}", house.stage.link)).await;
    assert_eq!(told.status, StatusCode::GONE);
    assert!(told.text.contains("7 days") && !told.text.contains(&format!("action=\"{START}\"")));
}

#[tokio::test]
async fn what_went_wrong_is_told_with_what_to_do() {
    let house = House::build().await;
    for (tokens, status, words) in [
        (Tokens::Down, StatusCode::BAD_GATEWAY, "Google does not answer"),
        (
            Tokens::Grant { claims: json!({"sub": "2", "email": "eva@acme.cz"}), fields: json!({}), key: 0 },
            StatusCode::FORBIDDEN,
            "You signed in at Google as eva@acme.cz, but this connection is for anna@acme.cz",
        ),
        (
            Tokens::Grant { claims: json!({}), fields: json!({"scope": "openid email"}), key: 0 },
            StatusCode::FORBIDDEN,
            "Gmail was not ticked",
        ),
        (
            Tokens::Grant { claims: json!({}), fields: json!({}), key: 1 },
            StatusCode::SERVICE_UNAVAILABLE,
            "could not be proven",
        ),
    ] {
        house.stage.answers(tokens);
        let (pressed, state) = house.press().await;
        let told = house.come_back(&format!("state={state}&code=c"), &pressed.cookie()).await;
        assert_eq!(told.status, status, "{words}");
        assert!(told.text.contains(words), "{}", told.text);
        assert!(told.text.contains("Reference") && told.text.contains("open the link"), "{}", told.text);
    }
}

#[tokio::test]
async fn without_its_cookie_an_answer_is_refused() {
    let house = House::build().await;
    for cookie in ["", "__Secure-postern_consent=", "postern_consent=x", "__Secure-postern_consent=other"] {
        let (_, state) = house.press().await;
        let told = house.come_back(&format!("state={state}&code=c"), cookie).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST);
        assert!(told.text.contains("another browser"));
    }
    assert!(house.stage.google.asked().is_empty());
}

#[tokio::test]
async fn a_decline_and_a_hostile_error_are_told_without_repeating_them() {
    let house = House::build().await;
    for (error, words) in
        [("access_denied", "declined"), ("%3Cscript%3Ealert(1)%3C/script%3E", "Google does not answer")]
    {
        let (pressed, state) = house.press().await;
        let told = house.come_back(&format!("error={error}&state={state}"), &pressed.cookie()).await;
        assert!(told.text.contains(words), "{}", told.text);
        assert!(!told.text.contains("<script") && !told.text.contains("alert(1)"));
    }
    for query in ["", "code=c", "state=s", "state=s&state=t&code=c", "error=", "state=s&code="] {
        assert_eq!(house.come_back(query, "").await.status, StatusCode::BAD_REQUEST, "{query}");
    }
    let long = format!("state=s&code={}", "c".repeat(5000));
    assert_eq!(house.come_back(&long, "").await.status, StatusCode::URI_TOO_LONG);
}

#[tokio::test]
async fn a_link_from_a_stranger_is_escaped() {
    let house = House::build().await;
    house.stage.refer("ref1", "refused_by_gmail").await;
    for path in [
        "/postern/oauth/google/start?link=%22%3E%3Cscript%3E",
        "/postern/r/%3Cscript%3E",
        "/postern/%22%3E%3Cscript%3E",
    ] {
        let told = house.get(path).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND);
        assert!(!told.text.contains("<script"), "{}", told.text);
    }
}

#[tokio::test]
async fn a_reference_leads_to_words_and_to_the_button() {
    let house = House::build().await;
    house.stage.refer("needs", "needs_consent").await;
    house.stage.refer("wrong", "wrong_token").await;
    let told = house.get("/postern/r/wrong").await;
    assert!(told.text.contains("CRM token") && !told.text.contains("<form"), "{}", told.text);
    let told = house.get("/postern/r/needs").await;
    assert!(told.text.contains("anna@acme.cz"));
    assert!(told.text.contains("action=\"/postern/r/needs/connect\""), "{}", told.text);
    assert_eq!(house.post("/postern/r/wrong/connect", "").await.status, StatusCode::CONFLICT);
    let pressed = house.post("/postern/r/needs/connect", "").await;
    assert_eq!(pressed.status, StatusCode::SEE_OTHER);
    let page = url::Url::parse(pressed.header("location")).unwrap();
    let state = house.stage.visit(&page)["state"].clone();
    house.come_back(&format!("state={state}&code=c"), &pressed.cookie()).await;
    let told = house.get("/postern/r/needs").await;
    assert!(told.text.contains("works again") && !told.text.contains("<form"));
    house.stage.enter(State::Disabled).await;
    assert!(house.get("/postern/r/needs").await.text.contains("disabled by an admin"));
    assert_eq!(house.post("/postern/r/needs/connect", "").await.status, StatusCode::FORBIDDEN);
    house.stage.pass(30 * 86_400);
    let told = house.get("/postern/r/needs").await;
    assert_eq!(told.status, StatusCode::NOT_FOUND);
    assert!(!told.text.contains("anna"));
}
