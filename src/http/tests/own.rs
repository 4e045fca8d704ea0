//! One's own sign-in, and the page of all admins.

use axum::http::StatusCode;
use postern_core::model::role::Role;

use super::House;
use super::admin::{Desk, PASSWORD, chosen, typed};
use crate::actions::admin;

const SIGN_IN: &str = "/postern/admin/sign-in";
const OTHER: &str = "another horse battery";

impl House {
    async fn again(&self, name: &str) -> Desk<'_> {
        self.desk(&self.post(SIGN_IN, &typed(name, PASSWORD)).await).await
    }

    async fn identity(&self, name: &str) -> String {
        let all = admin::list(self.stage.store()).await.unwrap();
        all.into_iter().find(|view| view.name == name).unwrap().id
    }
}

#[tokio::test]
async fn another_password_ends_the_other_sessions() {
    let house = House::build().await;
    let (here, there) = (house.signed_in("jan", Role::Auditor).await, house.again("jan").await);
    for (old, new, again, why) in [
        ("wrong horse battery", OTHER, OTHER, "until now is not right"),
        (PASSWORD, "short", "short", "too short"),
        (PASSWORD, OTHER, "something else here", "not the same"),
    ] {
        let fields = [("old", old), ("password", new), ("again", again)];
        let told = here.post("/admin/me/password", &fields).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(told.text.contains(why) && !told.text.contains(OTHER), "{}", told.text);
    }
    assert_eq!(there.get("/admin").await.status, StatusCode::OK);
    let told =
        here.post("/admin/me/password", &[("old", PASSWORD), ("password", OTHER), ("again", OTHER)]).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    assert!(here.get("/admin/me?done=yes").await.text.contains("role=\"status\""));
    assert_eq!(there.get("/admin").await.status, StatusCode::SEE_OTHER);
    let events = house.stage.events().await;
    assert_eq!(events[events.len() - 2..], ["admin_sign_in_refused", "admin_password_changed"]);
    assert_eq!(house.post(SIGN_IN, &typed("jan", PASSWORD)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(house.post(SIGN_IN, &typed("jan", OTHER)).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner_only() {
    let house = House::build().await;
    let here = house.signed_in("jan", Role::Admin).await;
    let (there, elsewhere) = (house.again("jan").await, house.again("jan").await);
    let eva = house.signed_in("eva", Role::Admin).await;
    let listed = |page: &str| {
        let parts = page.split("name=\"session\" value=\"").skip(1);
        parts.map(|part| part.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let page = here.get("/admin/me").await.text;
    assert!(page.contains("this one"), "{page}");
    let others = listed(&page);
    assert_eq!(others.len(), 2, "one's own has no button");
    let before = house.stage.events().await.len();
    for session in [others[0].as_str(), "nonsense"] {
        assert_eq!(
            eva.post("/admin/me/sessions", &[("session", session)]).await.status,
            StatusCode::SEE_OTHER
        );
    }
    assert_eq!(house.stage.events().await.len(), before, "nobody ends somebody else's");
    here.post("/admin/me/sessions", &[("session", &others[0])]).await;
    assert_eq!(house.stage.events().await.last().unwrap(), "admin_signed_out");
    let alive = [there.get("/admin").await.status, elsewhere.get("/admin").await.status];
    assert_eq!(alive.iter().filter(|status| **status == StatusCode::OK).count(), 1);
    here.post("/admin/me/sessions", &[]).await;
    for desk in [there, elsewhere] {
        assert_eq!(desk.get("/admin").await.status, StatusCode::SEE_OTHER);
    }
    assert!(listed(&here.get("/admin/me").await.text).is_empty());
    assert_eq!(eva.get("/admin").await.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_speak_the_chosen_language_and_show_times_in_the_chosen_zone() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Helpdesk).await;
    let path = format!("/admin/accounts/{}", house.stage.account);
    assert!(desk.get(&path).await.text.contains(" UTC</time>"));
    let told = desk.post("/admin/me/taste", &[("lang", "cs"), ("zone", "Europe/Prague")]).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
    assert_eq!(house.stage.events().await.last().unwrap(), "admin_taste_set");
    let page = desk.get(&path).await.text;
    assert!(page.contains("<html lang=\"cs\">") && page.contains("Odhlásit"));
    let time = page.split("<time datetime=\"").nth(1).unwrap().split("</time>").next().unwrap();
    let (utc, shown) = time.split_once("\">").unwrap();
    assert!(utc.ends_with('Z') && shown.ends_with(" CET"), "{time}");
    let told = desk.post("/admin/admins", &[]).await;
    assert!(told.text.contains("Na toto nemáte oprávnění"), "{}", told.text);
    for fields in [
        [("zone", "Nowhere/Land"), ("lang", "")],
        [("zone", "../../etc/passwd"), ("lang", "")],
        [("zone", ""), ("lang", "xx")],
    ] {
        assert_eq!(desk.post("/admin/me/taste", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    desk.post("/admin/me/taste", &[("lang", ""), ("zone", "")]).await;
    assert!(desk.get(&path).await.text.contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn an_admin_adds_others_and_gives_them_roles() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    let told = jan.post("/admin/admins", &[("name", "Eva"), ("role", "helpdesk")]).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let word = told.text.split("/postern/admin/welcome?link=").nth(1).unwrap().split('"').next().unwrap();
    assert!(!jan.get("/admin/admins").await.text.contains(word), "shown once");
    for (name, status) in [("eva", StatusCode::CONFLICT), ("e v a", StatusCode::UNPROCESSABLE_ENTITY)] {
        let told = jan.post("/admin/admins", &[("name", name), ("role", "auditor")]).await;
        assert_eq!(told.status, status, "{name}");
    }
    let told = house.post("/postern/admin/welcome", &chosen(word, PASSWORD, PASSWORD)).await;
    let eva = house.desk(&told).await;
    assert_eq!(eva.get("/admin/admins").await.status, StatusCode::FORBIDDEN);
    assert!(!eva.get("/admin").await.text.contains("/admin/admins\""), "no way leads there");
    let (own, hers) = (house.identity("jan").await, house.identity("eva").await);
    for (path, fields) in [("role", &[("role", "auditor")][..]), ("disable", &[])] {
        let told = jan.post(&format!("/admin/admins/{own}/{path}"), fields).await;
        assert_eq!(told.status, StatusCode::CONFLICT, "the last admin stays one");
    }
    let told = jan.post(&format!("/admin/admins/{hers}/role"), &[("role", "admin")]).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    assert_eq!(eva.get("/admin/admins").await.status, StatusCode::OK, "at once");
    let told = eva.post(&format!("/admin/admins/{own}/role"), &[("role", "auditor")]).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    assert_eq!(jan.get("/admin/admins").await.status, StatusCode::FORBIDDEN);
    for (act, event) in [("disable", "admin_disabled"), ("enable", "admin_enabled")] {
        assert_eq!(eva.post(&format!("/admin/admins/{own}/{act}"), &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(house.stage.events().await.last().unwrap(), event);
    }
    let told = eva.post(&format!("/admin/admins/{own}/reset"), &[]).await;
    assert!(told.text.contains("/postern/admin/welcome?link="), "{}", told.text);
    assert_eq!(house.stage.events().await.last().unwrap(), "admin_reset");
    let roles = house.stage.events().await.iter().filter(|e| *e == "admin_role_set").count();
    assert_eq!(roles, 2);
}

#[tokio::test]
async fn every_field_has_a_label() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Admin).await;
    let stale = crate::auth::visit::FRESH;
    let set_up = desk.post("/admin/me/totp", &[]).await;
    house.stage.clock.advance(stale);
    for told in [set_up, desk.get("/admin/me").await, desk.get("/admin/admins").await] {
        let fields =
            ["<input ", "<select "].map(|tag| told.text.split(tag).skip(1).collect::<Vec<_>>()).concat();
        let mut ids = Vec::new();
        for field in fields.iter().map(|field| field.split('>').next().unwrap()) {
            if !field.contains("type=\"hidden\"") {
                let id = field
                    .split("id=\"")
                    .nth(1)
                    .unwrap_or_else(|| panic!("{field}"))
                    .split('"')
                    .next()
                    .unwrap();
                assert!(told.text.contains(&format!("<label for=\"{id}\">")), "{field}");
                ids.push(id);
            }
        }
        assert!(!ids.is_empty());
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all, "no identity stands twice");
        assert!(!told.text.contains("<script") && !told.text.contains(" style="));
    }
}
