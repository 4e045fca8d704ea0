//! The team of new records: chosen among those that the CRM tells of.

use std::sync::Arc;

use axum::http::StatusCode;
use postern_core::model::actor::Actor;
use postern_core::model::event::Event;
use postern_core::model::key_scope::KeyScope;
use postern_core::model::role::Role;
use serde_json::{Value, json};

use super::calendar::UNTOUCHED;
use super::{House, PUBLIC, Told, pages};
use crate::actions::binding::trial::Crm;
use crate::http::router;

const SALES: (&str, &str) = ("t1", "Sales");
const HOUSE_PAGE: &str = "/admin/google/calendars";

/// Beside a CRM in which Anna is in one of two teams.
async fn beside() -> (House, Arc<Crm>) {
    let crm = Arc::new(Crm::default());
    crm.knows("a1", "anna@acme.cz");
    crm.joins("a1", &[SALES]);
    crm.joins("b2", &[("t2", "Buyers")]);
    let mut house = House::build().await;
    let mut pages = pages(&house.stage, PUBLIC, false);
    pages.teams = crm.teams();
    house.router = router(pages);
    (house, crm)
}

impl House {
    pub async fn is_user(&self, user: Option<&str>) {
        let id = self.stage.account;
        let address = self.stage.account(id).await.address;
        let mut act = self.stage.store().act(&Actor::Gateway, "").await.unwrap();
        crate::store::accounts::set_crm_user(&mut act, id, user).await.unwrap();
        let crm_user = user.unwrap_or_default().to_owned();
        act.commit(Event::CrmUserSet { account: id, address, from: None, crm_user }).await.unwrap();
    }

    /// The CRM is asked again.
    fn minute_later(&self) {
        self.stage.clock.advance(std::time::Duration::from_secs(61));
    }

    async fn holds(&self) -> Option<String> {
        self.calendars().await.choices.default_team
    }
}

fn select(page: &str) -> &str {
    page.split("<select id=\"defaultTeam\"").nth(1).unwrap().split("</fieldset>").next().unwrap()
}

#[tokio::test]
async fn an_owner_chooses_among_their_own_teams_and_a_silent_crm_changes_nothing() {
    let (house, crm) = beside().await;
    let owner = house.listed().await;
    let page = house.look(&owner, "").await.text;
    assert!(!select(&page).contains("Sales"), "nobody in the CRM has no team: {page}");
    assert_eq!(
        house.save(&owner, 0, &[("defaultTeam", "t1")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    house.is_user(Some("a1")).await;
    let page = house.look(&owner, "").await.text;
    assert!(select(&page).contains("<option value=\"t1\">Sales</option>"), "{page}");
    assert!(!select(&page).contains("Buyers") && !select(&page).contains("note bad"), "{page}");
    for strange in ["t2", "t9", "../User"] {
        let told = house.save(&owner, 0, &[("defaultTeam", strange)]).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{strange}");
        assert!(told.text.contains("Choose one of the teams"), "{strange}: {}", told.text);
    }
    assert_eq!(house.save(&owner, 0, &[("defaultTeam", "t1")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.holds().await.as_deref(), Some("t1"));

    crm.fails();
    house.minute_later();
    let page = house.look(&owner, "").await.text;
    assert!(select(&page).contains("does not say now which teams"), "{page}");
    assert!(select(&page).contains("value=\"t1\" selected"), "what stands can stay: {page}");
    let asked = crm.asked().len();
    house.look(&owner, "").await;
    assert_eq!(crm.asked().len(), asked, "it is left alone for a minute");
    let told = house.save(&owner, 1, &[("defaultTeam", "t1"), ("removes", "true")]).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "other choices are made all the same: {}", told.text);
    house.minute_later();
    let told = house.save(&owner, 2, &[("defaultTeam", "t2")]).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(house.save(&owner, 2, &[("defaultTeam", "")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.holds().await, None);
}

#[tokio::test]
async fn a_program_chooses_a_team_by_its_identity_and_no_other_than_the_users_own() {
    let (house, crm) = beside().await;
    house.listed().await;
    house.is_user(Some("a1")).await;
    let program = house.program(KeyScope::ALL).await;
    let path = format!("/api/v1/ExternalAccount/{}/calendar", house.stage.account);
    let put = async |version: i64, team: Value| {
        let wish = json!({ "version": version, "choices": { "defaultTeam": team } }).to_string();
        program.ask("PUT", &path, &[], &wish).await
    };
    let told = put(0, json!("t1")).await;
    assert_eq!((told.status, &told.json()["choices"]["defaultTeam"]), (StatusCode::OK, &json!("t1")));
    for (team, status, reason) in [
        (json!("t2"), StatusCode::BAD_REQUEST, "validationFailure"),
        (json!(""), StatusCode::BAD_REQUEST, "validationFailure"),
        (json!(["t1"]), StatusCode::BAD_REQUEST, "validationFailure"),
    ] {
        let told = put(1, team.clone()).await;
        assert_eq!((told.status, told.reason().as_str()), (status, reason), "{team}");
    }
    crm.fails();
    house.minute_later();
    let told = put(1, json!("t2")).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "crmUnavailable"));
    assert_eq!(house.holds().await.as_deref(), Some("t1"));
    assert_eq!(put(1, Value::Null).await.json()["choices"]["defaultTeam"], Value::Null);
}

#[tokio::test]
async fn an_admin_chooses_among_all_teams_and_may_keep_it_for_everybody() {
    let (house, _) = beside().await;
    house.listed().await;
    house.is_user(Some("a1")).await;
    let jan = house.signed_in("jan", Role::Admin).await;
    let set = async |version: &str, fields: &[(&'static str, &'static str)]| -> Told {
        let mut all: Vec<_> = UNTOUCHED.iter().filter(|(name, _)| *name != "defaultTeam").copied().collect();
        all.extend(fields);
        let version = [("version", version)];
        let all: Vec<(&str, &str)> = all.into_iter().chain(version).collect();
        jan.post(HOUSE_PAGE, &all).await
    };
    let page = jan.get(HOUSE_PAGE).await.text;
    assert!(select(&page).contains("Sales") && select(&page).contains("Buyers"), "{page}");
    let told = set("0", &[("defaultTeam", "t9")]).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", told.text);
    let told = set("0", &[("defaultTeam", "t2"), ("lock", "defaultTeam")]).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert_eq!(house.holds().await.as_deref(), Some("t2"));
    let program = house.program(KeyScope::ALL).await;
    let path = format!("/api/v1/ExternalAccount/{}/calendar", house.stage.account);
    let wish = json!({ "version": 0, "choices": { "defaultTeam": "t1" } }).to_string();
    let told = program.ask("PUT", &path, &[], &wish).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "locked"));
}
