//! Codes from an app: set up, asked, used once, tried too often, mandatory.

use std::time::Duration;

use axum::http::StatusCode;
use postern_core::model::role::Role;
use postern_core::model::secret::Secret;

use super::admin::{Desk, PASSWORD, chosen, typed};
use super::{House, PUBLIC, Told};
use crate::actions::admin;
use crate::auth::{halfway, totp, tries};

const SIGN_IN: &str = "/postern/admin/sign-in";

/// A phone and a sheet of paper.
struct Kept {
    key: Secret,
    recovery: Vec<String>,
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Vec<&'t str> {
    text.split(before).skip(1).filter_map(|part| part.split(after).next()).collect()
}

pub fn key(told: &Told) -> Secret {
    let shown = between(&told.text, "id=\"key\" class=\"secret\" readonly value=\"", "\"");
    Secret::new(shown.first().expect("the key is shown").replace(' ', ""))
}

impl House {
    pub fn code(&self, key: &Secret) -> String {
        totp::code(key, self.stage.clock.seconds()).unwrap()
    }

    /// A code that the app does not show.
    fn wrong_code(&self, key: &Secret, number: u32) -> String {
        let near = [-30, 0, 30].map(|skew| totp::code(key, self.stage.clock.seconds() + skew).unwrap());
        let mut all = (0..100).map(|n| format!("{:06}", number * 1000 + n));
        all.find(|code| !near.contains(code)).unwrap()
    }

    async fn set_up(&self, desk: &Desk<'_>) -> Kept {
        let told = desk.post("/admin/me/totp", &[]).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
        let key = key(&told);
        let told = desk.post("/admin/me/totp/confirm", &[("code", &self.code(&key))]).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
        let recovery = between(&told.text, "<code>", "</code>").into_iter().map(str::to_owned).collect();
        self.stage.clock.advance(Duration::from_secs(30));
        Kept { key, recovery }
    }

    /// Shows the right password; what the second step wants.
    pub async fn halfway(&self, name: &str) -> String {
        let told = self.post(SIGN_IN, &typed(name, PASSWORD)).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
        assert_eq!(told.header("set-cookie"), "", "nobody is in by the password alone");
        between(&told.text, "name=\"step\" value=\"", "\"")[0].to_owned()
    }

    pub async fn enter(&self, step: &str, code: &str) -> Told {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let form = form.append_pair("step", step).append_pair("code", code).finish();
        self.post("/postern/admin/sign-in/code", &form).await
    }
}

#[tokio::test]
async fn codes_are_set_up_and_asked_from_then_on() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Auditor).await;
    let told = desk.post("/admin/me/totp", &[]).await;
    assert!(told.text.contains("<svg class=\"qr\" role=\"img\""), "{}", told.text);
    let offered = key(&told);
    let told = desk.post("/admin/me/totp/confirm", &[("code", &house.wrong_code(&offered, 1))]).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(key(&told), offered, "the picture stays good");
    let told = house.post(SIGN_IN, &typed("jan", PASSWORD)).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "a secret that is not confirmed locks nobody out");

    let first = house.code(&offered);
    let told = desk.post("/admin/me/totp/confirm", &[("code", &first)]).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert_eq!(between(&told.text, "<code>", "</code>").len(), 10);
    assert_eq!(desk.post("/admin/me/totp", &[]).await.status, StatusCode::CONFLICT, "one at a time");
    let page = desk.get("/admin/me").await.text;
    assert!(page.contains("Recovery codes left: 10") && !page.contains("id=\"key\""), "{page}");

    let step = house.halfway("jan").await;
    let told = house.enter(&step, &first).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN, "the code that confirmed is used up");
    assert!(told.text.contains("name=\"step\""), "the form stays: {}", told.text);
    house.stage.clock.advance(Duration::from_secs(30));
    let next = house.code(&offered);
    let told = house.enter(&step, &format!(" {} {} ", &next[..3], &next[3..])).await;
    let desk = house.desk(&told).await;
    assert_eq!(house.enter(&step, &next).await.status, StatusCode::FORBIDDEN, "a code works once");
    for event in ["admin_totp_offered", "admin_totp_on", "admin_codes_made"] {
        assert!(house.stage.events().await.iter().any(|e| e == event), "{event}");
    }
    let told = desk.post("/admin/me/totp/off", &[]).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    assert_eq!(house.stage.events().await.last().unwrap(), "admin_totp_off");
    assert_eq!(house.post(SIGN_IN, &typed("jan", PASSWORD)).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_wrong_password_tells_nobody_who_has_codes() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Admin).await;
    house.signed_in("eva", Role::Admin).await;
    house.set_up(&desk).await;
    let mut answers = Vec::new();
    for name in ["jan", "eva", "nobody"] {
        let told = house.post(SIGN_IN, &typed(name, "wrong horse battery")).await;
        answers.push((told.status, told.text.replace(name, "NAME")));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn a_recovery_code_stands_in_once() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Admin).await;
    let kept = house.set_up(&desk).await;
    let step = house.halfway("jan").await;
    let paper = &kept.recovery[3];
    let told = house.enter(&step, &paper.to_uppercase()).await;
    let desk = house.desk(&told).await;
    assert!(desk.get("/admin/me").await.text.contains("Recovery codes left: 9"));
    assert!(house.stage.events().await.iter().any(|e| e == "admin_code_used"));
    assert_eq!(house.enter(&step, paper).await.status, StatusCode::FORBIDDEN);
    let told = desk.post("/admin/me/totp/codes", &[]).await;
    assert_eq!(told.status, StatusCode::OK);
    assert_eq!(house.stage.events().await.last().unwrap(), "admin_codes_made");
    let fresh = between(&told.text, "<code>", "</code>");
    assert_eq!(house.enter(&step, &kept.recovery[0]).await.status, StatusCode::FORBIDDEN, "earlier are void");
    assert_eq!(house.enter(&step, fresh[0]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn guessing_codes_comes_to_an_end() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Admin).await;
    let kept = house.set_up(&desk).await;
    let step = house.halfway("jan").await;
    for number in 0..tries::MOST {
        let told = house.enter(&step, &house.wrong_code(&kept.key, number)).await;
        assert_eq!(told.status, StatusCode::FORBIDDEN);
    }
    let refused = house.stage.events().await.iter().filter(|e| *e == "admin_sign_in_refused").count();
    assert_eq!(refused, 9, "wrong codes count like wrong passwords for the address");
    let told = house.enter(&step, &house.code(&kept.key)).await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS, "the right one is not looked at either");
    house.stage.clock.advance(crate::auth::visit::FRESH);
    house.stage.clock.advance(Duration::from_secs(1));
    let step = house.halfway("jan").await;
    assert_eq!(house.enter(&step, &house.code(&kept.key)).await.status, StatusCode::SEE_OTHER);
    for number in 0..tries::MOST {
        house.enter(&step, &house.wrong_code(&kept.key, number + 50)).await;
    }
    assert_eq!(house.enter(&step, "000000").await.status, StatusCode::TOO_MANY_REQUESTS);
    let told = house.enter(&step, &kept.recovery[0]).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "whoever guesses locks nobody out");
}

#[tokio::test]
async fn the_way_from_the_password_to_the_code_is_short() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Admin).await;
    house.signed_in("eva", Role::Admin).await;
    let kept = house.set_up(&desk).await;
    let step = house.halfway("jan").await;
    let other = format!("{}~", &step[..step.len() - 1]);
    for step in ["", "guess", &other] {
        let told = house.enter(step, &house.code(&kept.key)).await;
        assert_eq!(told.status, StatusCode::FORBIDDEN);
        assert!(told.text.contains("name=\"password\"") && told.header("set-cookie").is_empty());
    }
    house.stage.clock.advance(halfway::LIFE);
    let told = house.enter(&step, &house.code(&kept.key)).await;
    assert!(told.text.contains("Begin again"), "{}", told.text);
    let step = house.halfway("jan").await;
    let fields =
        [("old", PASSWORD), ("password", "another horse battery"), ("again", "another horse battery")];
    assert_eq!(desk.post("/admin/me/password", &fields).await.status, StatusCode::SEE_OTHER);
    let told = house.enter(&step, &house.code(&kept.key)).await;
    assert!(told.text.contains("Begin again"), "another password voids it: {}", told.text);
}

#[tokio::test]
async fn a_code_proves_who_it_is_in_place_of_the_password() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Admin).await;
    let kept = house.set_up(&desk).await;
    house.stage.clock.advance(crate::auth::visit::FRESH);
    let path = format!("/admin/accounts/{}/tokens", house.stage.account);
    let code = house.code(&kept.key);
    for (proof, status) in [
        (house.wrong_code(&kept.key, 7).as_str(), StatusCode::FORBIDDEN),
        (kept.recovery[0].as_str(), StatusCode::FORBIDDEN),
        (code.as_str(), StatusCode::OK),
    ] {
        let told = desk.post(&path, &[("name", "espo"), ("password", proof)]).await;
        assert_eq!(told.status, status, "{}", told.text);
    }
    house.stage.clock.advance(crate::auth::visit::FRESH);
    let told = desk.post(&path, &[("name", "espo"), ("password", &code)]).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN, "an old code");
    let told = desk.post(&path, &[("name", "espo"), ("password", PASSWORD)]).await;
    assert_eq!(told.status, StatusCode::OK, "the password goes on to do");
}

#[tokio::test]
async fn where_codes_are_mandatory_nothing_else_comes_first() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    house.set_up(&jan).await;
    let eva = house.signed_in("eva", Role::Helpdesk).await;
    let told = eva.post("/admin/admins/totp", &[("mandatory", "yes")]).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    assert_eq!(eva.get("/admin").await.status, StatusCode::OK);
    let told = jan.post("/admin/admins/totp", &[("mandatory", "yes")]).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
    assert_eq!(house.stage.events().await.last().unwrap(), "totp_mandatory");
    assert_eq!(jan.get("/admin").await.status, StatusCode::OK, "who has codes notices nothing");

    for path in ["/admin", "/admin/accounts", "/admin/accounts/new"] {
        let told = eva.get(path).await;
        assert_eq!(
            (told.status, told.header("location")),
            (StatusCode::SEE_OTHER, "/postern/admin/me"),
            "{path}"
        );
    }
    let told = eva.post("/admin/accounts/new", &[("lines", "ben@acme.cz"), ("register", "yes")]).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    assert!(eva.get("/admin/me").await.text.contains("Set yours up to go on"));
    let told = house.post(SIGN_IN, &typed("eva", PASSWORD)).await;
    let eva = house.desk_at(&told, "/postern/admin/me").await;
    house.set_up(&eva).await;
    assert_eq!(eva.get("/admin").await.status, StatusCode::OK);
    assert_eq!(eva.post("/admin/me/totp/off", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(eva.get("/admin").await.status, StatusCode::SEE_OTHER, "and once more");
    assert_eq!(jan.post("/admin/admins/totp", &[("mandatory", "no")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(eva.get("/admin").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_reset_takes_codes_away_with_the_password() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Admin).await;
    let kept = house.set_up(&desk).await;
    let step = house.halfway("jan").await;
    let link = admin::reset(house.stage.store(), &house.by(), "jan", &PUBLIC.parse().unwrap()).await.unwrap();
    let events = house.stage.events().await;
    assert_eq!(events[events.len() - 2..], ["admin_reset", "admin_totp_off"]);
    for code in [house.code(&kept.key), kept.recovery[0].clone()] {
        assert_eq!(house.enter(&step, &code).await.status, StatusCode::FORBIDDEN);
    }
    let word = link.url.reveal().split("link=").nth(1).unwrap();
    let told = house.post("/postern/admin/welcome", &chosen(word, PASSWORD, PASSWORD)).await;
    house.desk(&told).await;
    let told = house.post(SIGN_IN, &typed("jan", PASSWORD)).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "no code is asked");
    assert!(!admin::list(house.stage.store()).await.unwrap()[0].totp);
}
