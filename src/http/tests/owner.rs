//! The owner's page: in by a consent or by Google, one's own mailbox only, out.

use axum::http::StatusCode;
use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::event::Event;
use postern_core::model::role::Role;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use serde_json::json;
use url::Url;

use super::{House, PUBLIC, Told, pages};
use crate::actions::consent::trial::Tokens;
use crate::http::site::Site;
use crate::store::access_tokens::{self, AccessToken};

/// An owner who is signed in.
pub struct Owner {
    pub cookie: String,
    pub token: String,
}

fn of(told: &Told, name: &str) -> String {
    let all = told.headers.get_all("set-cookie").iter().map(|field| field.to_str().unwrap());
    let one = all.rev().find(|field| field.starts_with(&format!("{name}=")));
    one.unwrap_or_else(|| panic!("no cookie {name}")).split(';').next().unwrap().to_owned()
}

impl House {
    pub async fn connected(&self) -> Owner {
        let (pressed, state) = self.press().await;
        let told = self.come_back(&format!("state={state}&code=4/code"), &pressed.cookie()).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
        assert!(told.text.contains("href=\"/postern/me\""), "{}", told.text);
        self.owner_of(&told).await
    }

    /// Signs in at Google; the answer of our callback.
    pub async fn by_google(&self) -> Told {
        let told = self.post("/postern/me/sign-in", "").await;
        assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
        let query = self.stage.visit(&Url::parse(told.header("location")).unwrap());
        assert_eq!(query["scope"], "openid email", "nothing more is asked");
        assert_eq!(query["access_type"], "online");
        self.come_back(&format!("state={}&code=4/code", query["state"]), &told.cookie()).await
    }

    /// The owner whom this answer let in.
    pub async fn owner_of(&self, told: &Told) -> Owner {
        self.owner(of(told, "__Secure-postern_owner")).await
    }

    async fn owner(&self, cookie: String) -> Owner {
        let page = self.ask("GET", "/postern/me", &[("cookie", &cookie)], "").await;
        assert_eq!(page.status, StatusCode::OK);
        let token = page.text.split("name=\"form_token\" value=\"").nth(1).expect("a form");
        Owner { token: token.split('"').next().unwrap().to_owned(), cookie }
    }

    pub async fn wish(&self, owner: &Owner, path: &str) -> Told {
        self.wish_with(owner, path, &[]).await
    }

    /// The same with what the form says.
    pub async fn wish_with(&self, owner: &Owner, path: &str, fields: &[(&str, &str)]) -> Told {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let body = form.append_pair("form_token", &owner.token).extend_pairs(fields).finish();
        self.ask("POST", &format!("/postern/me/{path}"), &[("cookie", &owner.cookie)], &body).await
    }
}

#[tokio::test]
async fn a_consent_leads_to_the_own_page_and_no_further() {
    let house = House::build().await;
    let other = house.stage.register("ben@acme.cz", &[]).await;
    let owner = house.connected().await;
    let page = house.ask("GET", "/postern/me", &[("cookie", &owner.cookie)], "").await;
    assert!(page.text.contains("anna@acme.cz") && page.text.contains("It is connected"));
    assert!(!page.text.contains("ben@acme.cz"));
    let cookie = owner.cookie.replace("postern_owner", "postern_session");
    for path in ["/postern/admin", "/postern/admin/accounts", &format!("/postern/admin/accounts/{other}")] {
        for cookie in [&owner.cookie, &cookie] {
            let told = house.ask("GET", path, &[("cookie", cookie)], "").await;
            assert_ne!(told.status, StatusCode::OK, "an owner is no admin: {path}");
        }
    }
}

#[tokio::test]
async fn who_was_connected_comes_back_by_google_and_strangers_do_not() {
    let house = House::build().await;
    house.connected().await;
    let told = house.by_google().await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
    assert_eq!(told.header("location"), "/postern/me");
    house.owner_of(&told).await;
    house.stage.claims(json!({ "sub": "4711", "email": "eva@acme.cz" }));
    let told = house.by_google().await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    assert!(told.text.contains("eva@acme.cz") && !told.text.contains("anna@acme.cz"), "{}", told.text);
    let words = house.stage.events().await;
    assert_eq!(words.iter().filter(|event| *event == "owner_signed_in").count(), 2);
}

#[tokio::test]
async fn googles_answer_counts_once_in_its_own_browser_and_for_ten_minutes() {
    let house = House::build().await;
    house.connected().await;
    let start = async || {
        let told = house.post("/postern/me/sign-in", "").await;
        let query = house.stage.visit(&Url::parse(told.header("location")).unwrap());
        (format!("state={}&code=4/code", query["state"]), told.cookie())
    };
    let (query, cookie) = start().await;
    assert_eq!(
        house.come_back(&query, "__Secure-postern_consent=other").await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(house.come_back(&query, &cookie).await.status, StatusCode::BAD_REQUEST, "it was taken");
    let (query, cookie) = start().await;
    house.stage.pass(600);
    assert_eq!(house.come_back(&query, &cookie).await.status, StatusCode::BAD_REQUEST, "too late");
}

#[tokio::test]
async fn disconnecting_ends_the_grant_at_google_and_the_session_here() {
    let house = House::build().await;
    let owner = house.connected().await;
    house.stage.answers(Tokens::Down);
    let told = house.wish(&owner, "disconnect").await;
    assert_eq!(told.status, StatusCode::BAD_GATEWAY, "{}", told.text);
    assert_eq!(house.stage.account(house.stage.account).await.state, State::Active, "nothing has changed");
    house.stage.answers(Tokens::Says(200, "{}"));
    let told = house.wish(&owner, "disconnect").await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert_eq!(house.stage.account(house.stage.account).await.state, State::New);
    assert_eq!(house.stage.events().await.last().unwrap(), "account_disconnected");
    assert!(house.stage.google.asked().last().unwrap().contains("token=1%2F%2Ffresh"));
    let page = house.ask("GET", "/postern/me", &[("cookie", &owner.cookie)], "").await;
    assert!(page.text.contains("Sign in with Google"), "the session has ended");
}

#[tokio::test]
async fn disconnecting_wants_a_fresh_sign_in_and_every_wish_our_own_form() {
    let house = House::build().await;
    let owner = house.connected().await;
    for path in ["connect", "disconnect", "sign-out"] {
        let forged = Owner { cookie: owner.cookie.clone(), token: "guess".to_owned() };
        assert_eq!(house.wish(&forged, path).await.status, StatusCode::FORBIDDEN, "{path}");
        let stranger = Owner { cookie: String::new(), token: owner.token.clone() };
        assert_eq!(house.wish(&stranger, path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    house.stage.pass(600);
    let told = house.wish(&owner, "disconnect").await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    assert!(told.text.contains("once more"), "{}", told.text);
    assert_eq!(house.wish(&owner, "connect").await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.wish(&owner, "sign-out").await.status, StatusCode::OK);
    let page = house.ask("GET", "/postern/me", &[("cookie", &owner.cookie)], "").await;
    assert!(page.text.contains("Sign in with Google"));
}

#[tokio::test]
async fn mail_is_switched_off_and_on_here_while_the_grant_stays() {
    let house = House::build().await;
    let owner = house.connected().await;
    let (id, scopes) = (house.stage.account, ScopeSet::mail());
    let barred = async || {
        let broker = pages(&house.stage, PUBLIC, false).gmail.broker;
        broker.token(id, &scopes).await.err().map(|no| (no.cause().name(), no.to_string()))
    };
    let off = Some(("product_missing", "the owner has switched this product off".to_owned()));
    assert_eq!(barred().await, None);
    let press = async |fields: &str| {
        let body = format!("form_token={}&{fields}", owner.token);
        house.ask("POST", "/postern/me/products", &[("cookie", &owner.cookie)], &body).await.status
    };
    let asked = house.stage.google.asked().len();
    for _ in 0..2 {
        assert_eq!(press("product=gmail&switch=off").await, StatusCode::SEE_OTHER);
    }
    assert_eq!(barred().await, off);
    // A refresh that was under way then has left a row behind.
    let mut act = house.stage.store().act(&Actor::Gateway, "").await.unwrap();
    let late = AccessToken { token: Secret::new("ya29.late"), expires_at: i64::MAX };
    access_tokens::put(&mut act, id, &scopes, &late).await.unwrap();
    let address = house.stage.account(id).await.address;
    act.commit(Event::AccountApproved { account: id, address }).await.unwrap();
    assert_eq!(barred().await, off);
    assert_eq!(house.stage.google.asked().len(), asked, "Google is neither asked nor told");
    let page = house.ask("GET", "/postern/me", &[("cookie", &owner.cookie)], "").await.text;
    assert!(page.contains("You have switched mail off") && page.contains("Switch mail on"), "{page}");
    house.stage.refer("ref5", "product_missing").await;
    let help = house.get("/postern/r/ref5").await.text;
    assert!(help.contains("switched mail off") && help.contains("href=\"/postern/me\""), "{help}");
    let desk = house.signed_in("jan", Role::Auditor).await;
    assert!(desk.get("/admin/accounts/onboarding").await.text.contains("mail switched off by the owner"));
    assert!(desk.get(&format!("/admin/accounts/{id}")).await.text.contains("mail switched off by the owner"));

    assert_eq!(press("product=gmail&switch=on").await, StatusCode::SEE_OTHER);
    assert_eq!(barred().await, None);
    for wrong in ["product=gmail", "product=files&switch=off", "switch=on"] {
        assert_eq!(press(wrong).await, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let switched = house.stage.events().await.iter().filter(|event| *event == "product_switched").count();
    assert_eq!(switched, 2, "what stands so already is no change");
    // Who connects anew and ticks Gmail wants it.
    press("product=gmail&switch=off").await;
    let told = house.wish(&owner, "connect").await;
    let query = house.stage.visit(&Url::parse(told.header("location")).unwrap());
    let told = house.come_back(&format!("state={}&code=4/code", query["state"]), &told.cookie()).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert_eq!(barred().await, None);
}

#[tokio::test]
async fn an_act_goes_on_when_whoever_asked_hangs_up() {
    let house = House::build().await;
    let site = Site::new(pages(&house.stage, PUBLIC, false));
    let (told, done) = tokio::sync::oneshot::channel();
    let (go_on, gone_on) = tokio::sync::oneshot::channel();
    let asked = site.to_the_end(async move {
        gone_on.await.unwrap();
        told.send(()).unwrap();
        Ok(())
    });
    let hung_up = tokio::time::timeout(std::time::Duration::from_millis(1), asked).await;
    assert!(hung_up.is_err(), "it was not done yet");
    go_on.send(()).unwrap();
    done.await.expect("it was done all the same");
}
