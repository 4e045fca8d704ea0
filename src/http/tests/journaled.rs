//! Each route that changes something leaves its row in the journal.
//!
//! One long visit comes by all of them; a route that it does not come by fails
//! the test, and so does one that is done without its row.

use std::collections::BTreeSet;
use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::{SessionId, TokenId};
use postern_core::model::key_scope::KeyScope;
use postern_core::model::role::Role;
use postern_core::model::token::Protocol;
use serde_json::json;
use uuid::Uuid;

use super::admin::{Desk, PASSWORD, chosen, typed};
use super::codes;
use super::journaled_sync::{calendars, contacts};
use super::{House, PUBLIC, Told, pages};
use crate::actions::admin;
use crate::actions::consent::trial::{CLIENT, key_file};
use crate::http::entries;
use crate::store::accounts;
use crate::store::mail_sessions::{self, MailSession};

/// These have a reading come sooner, and change nothing that the journal tells of.
const HINTS: [&str; 2] = ["POST /hooks/crm", "POST /hooks/google"];

/// What was done so far.
pub struct Ledger<'h> {
    pub house: &'h House,
    pub rows: usize,
    seen: BTreeSet<&'static str>,
}

impl Ledger<'_> {
    /// Done by this route, with this row.
    pub async fn did(&mut self, route: &'static str, event: &str, told: &Told) {
        let done = told.status.is_success() || told.status.is_redirection();
        assert!(done, "{route}: {} {}", told.status, told.text);
        let events = self.house.stage.events().await;
        let new = events.get(self.rows..).unwrap_or_default();
        assert!(new.iter().any(|row| row == event), "{route} left {new:?}, not {event}");
        self.rows = events.len();
        self.seen.insert(route);
    }

    /// The same for several, of which each left its own row.
    pub async fn did_all(&mut self, all: Vec<(&'static str, &str, Told)>) {
        let before = self.rows;
        for (route, event, told) in &all {
            self.rows = before;
            self.did(route, event, told).await;
        }
    }
}

fn between(text: &str, before: &str) -> String {
    let rest = text.split(before).nth(1).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split('"').next().unwrap().to_owned()
}

impl House {
    pub fn mailbox(&self) -> String {
        format!("/admin/accounts/{}", self.stage.account)
    }

    async fn proposed(&self, address: &str) {
        let new_address = Address::parse(address).unwrap();
        let mut act = self.stage.store().act(&Actor::Gateway, "").await.unwrap();
        accounts::propose(&mut act, self.stage.account, &new_address).await.unwrap();
        let address = self.stage.account(self.stage.account).await.address;
        act.commit(Event::RenameProposed { account: self.stage.account, address, new_address })
            .await
            .unwrap();
    }

    /// Another consent by another link.
    pub async fn connected_again(&self) -> Told {
        let link = self.stage.invite(self.stage.account).await;
        let told = self.post("/postern/oauth/google/start", &format!("link={link}")).await;
        let state = self.stage.visit(&told.header("location").parse().unwrap())["state"].clone();
        self.come_back(&format!("state={state}&code=4/code"), &told.cookie()).await
    }

    async fn open_session(&self, token: &str) -> String {
        let mut batch = self.stage.store().batch().await.unwrap();
        let id = SessionId(Uuid::from_u128(7));
        let row = MailSession {
            id,
            account: self.stage.account,
            token: TokenId(Uuid::parse_str(token).unwrap()),
            protocol: Protocol::Imap,
            peer: "192.0.2.1".to_owned(),
            node: "one".to_owned(),
            began_at: self.stage.clock.now(),
        };
        mail_sessions::put(&mut batch, &row).await.unwrap();
        batch.commit().await.unwrap();
        id.to_string()
    }
}

#[tokio::test]
async fn every_route_that_changes_something_is_in_the_journal() {
    let house = House::build().await;
    let mut ledger = Ledger { house: &house, rows: 0, seen: BTreeSet::new() };
    consent(&mut ledger).await;
    let jan = entered(&mut ledger).await;
    mailboxes(&mut ledger, &jan).await;
    many(&mut ledger, &jan).await;
    tokens(&mut ledger, &jan).await;
    google(&mut ledger, &jan).await;
    admins(&mut ledger, &jan).await;
    programs(&mut ledger, &jan).await;
    calendars(&mut ledger, &jan).await;
    contacts(&mut ledger, &jan).await;
    ledger.did_all(house.contacts_by_a_program().await).await;
    crm(&mut ledger, &jan).await;
    jobs(&mut ledger, &jan).await;
    ledger.did_all(house.by_the_panel().await).await;
    own(&mut ledger, jan).await;
    let table = entries(pages(&house.stage, PUBLIC, false));
    let changing = table.iter().filter(|entry| entry.method != "GET");
    let all: BTreeSet<String> = changing.map(|entry| format!("{} {}", entry.method, entry.path)).collect();
    let done = |route: &str| ledger.seen.contains(route) || HINTS.contains(&route);
    let missed: Vec<&String> = all.iter().filter(|route| !done(route)).collect();
    assert!(missed.is_empty(), "nobody came by {missed:#?}");
    assert!(ledger.seen.iter().all(|route| all.contains(*route)), "a route that is no more");
}

/// An owner's consent, return and leave.
async fn consent(ledger: &mut Ledger<'_>) {
    let house = ledger.house;
    let pressed = house.post("/postern/oauth/google/start", &format!("link={}", house.stage.link)).await;
    ledger.did("POST /oauth/google/start", "consent_started", &pressed).await;
    let again = house.post("/postern/oauth/google/again", &format!("link={}", house.stage.link)).await;
    ledger.did("POST /oauth/google/again", "link_mail_asked", &again).await;
    house.stage.refer("ref1", "needs_consent").await;
    let pressed = house.post("/postern/r/ref1/connect", "").await;
    ledger.did("POST /r/{reference}/connect", "consent_started", &pressed).await;

    let owner = house.connected().await;
    let told = house.by_google().await;
    ledger.did("POST /me/sign-in", "owner_signed_in", &told).await;
    let told = house.wish(&owner, "connect").await;
    ledger.did("POST /me/connect", "consent_started", &told).await;
    let told = house.wish(&owner, "disconnect").await;
    ledger.did("POST /me/disconnect", "account_disconnected", &told).await;
    let told = house.connected_again().await;
    let owner = house.owner_of(&told).await;
    for switch in ["off", "on"] {
        let body = format!("form_token={}&product=gmail&switch={switch}", owner.token);
        let told = house.ask("POST", "/postern/me/products", &[("cookie", &owner.cookie)], &body).await;
        ledger.did("POST /me/products", "product_switched", &told).await;
    }
    let told = house.wish(&owner, "sign-out").await;
    ledger.did("POST /me/sign-out", "owner_signed_out", &told).await;
}

/// The way in of the first admin.
async fn entered<'h>(ledger: &mut Ledger<'h>) -> Desk<'h> {
    let house = ledger.house;
    let word = house.invited("jan", Role::Admin).await;
    let told = house.post("/postern/admin/welcome", &chosen(&word, PASSWORD, PASSWORD)).await;
    ledger.did("POST /admin/welcome", "admin_password_set", &told).await;
    let told = house.post("/postern/admin/sign-in", &typed("jan", PASSWORD)).await;
    ledger.did("POST /admin/sign-in", "admin_signed_in", &told).await;
    house.desk(&told).await
}

async fn mailboxes(ledger: &mut Ledger<'_>, jan: &Desk<'_>) {
    let at = ledger.house.mailbox();
    let told = jan.post("/admin/accounts/new", &[("lines", "ben@acme.cz"), ("register", "yes")]).await;
    ledger.did("POST /admin/accounts/new", "account_added", &told).await;
    let told = jan.post(&format!("{at}/link"), &[]).await;
    ledger.did("POST /admin/accounts/{id}/link", "consent_link_issued", &told).await;
    let other = ledger.house.stage.register("eva@acme.cz", &[]).await;
    let told = jan.post(&format!("/admin/accounts/{other}/mail-link"), &[]).await;
    ledger.did("POST /admin/accounts/{id}/mail-link", "link_mail_asked", &told).await;
    ledger.house.proposed("anna.nova@acme.cz").await;
    let told = jan.post(&format!("{at}/rename"), &[]).await;
    ledger.did("POST /admin/accounts/{id}/rename", "account_renamed", &told).await;
    let told = jan.post(&format!("{at}/check"), &[]).await;
    ledger.did("POST /admin/accounts/{id}/check", "account_checked", &told).await;
    let lines = "anna@acme.cz\na.novak@acme.cz";
    let told = jan.post(&format!("{at}/aliases"), &[("aliases", lines)]).await;
    ledger.did("POST /admin/accounts/{id}/aliases", "alias_added", &told).await;
    let told = jan.post(&format!("{at}/disable"), &[]).await;
    ledger.did("POST /admin/accounts/{id}/disable", "account_disabled", &told).await;
    let told = jan.post(&format!("{at}/enable"), &[]).await;
    ledger.did("POST /admin/accounts/{id}/enable", "account_enabled", &told).await;
    ledger.house.stage.enter(State::AwaitingApproval).await;
    let told = jan.post(&format!("{at}/approve"), &[]).await;
    ledger.did("POST /admin/accounts/{id}/approve", "account_approved", &told).await;
}

async fn many(ledger: &mut Ledger<'_>, jan: &Desk<'_>) {
    let told = jan.post("/admin/accounts/onboarding/mail", &[("confirm", "yes")]).await;
    ledger.did("POST /admin/accounts/onboarding/mail", "link_mail_asked", &told).await;
    let told = jan.post("/admin/accounts/onboarding/links", &[]).await;
    ledger.did("POST /admin/accounts/onboarding/links", "consent_link_issued", &told).await;
    let lines: Vec<String> = (0..60).map(|number| format!("person{number}@acme.cz")).collect();
    let told = jan.post("/admin/accounts/new", &[("lines", &lines.join("\n")), ("register", "yes")]).await;
    let run = told.header("location").trim_start_matches("/postern").to_owned();
    while jan.get(&run).await.text.contains("hx-get") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let told = jan.post(&format!("{run}/links"), &[]).await;
    ledger.did("POST /admin/accounts/new/{id}/links", "consent_link_issued", &told).await;
    let fields = [("name", "limits.account_sessions"), ("version", "0"), ("value", "7")];
    let told = jan.post("/admin/settings", &fields).await;
    ledger.did("POST /admin/settings", "setting_changed", &told).await;
}

async fn tokens(ledger: &mut Ledger<'_>, jan: &Desk<'_>) {
    let at = ledger.house.mailbox();
    let told = jan.post(&format!("{at}/tokens"), &[("name", "espo")]).await;
    ledger.did("POST /admin/accounts/{id}/tokens", "token_issued", &told).await;
    let token = between(&jan.get(&at).await.text, "name=\"token\" value=\"");
    let session = ledger.house.open_session(&token).await;
    let told = jan.post(&format!("{at}/end-session"), &[("session", &session)]).await;
    ledger.did("POST /admin/accounts/{id}/end-session", "mail_session_ended", &told).await;
    let told = jan.post(&format!("{at}/revoke"), &[("token", &token)]).await;
    ledger.did("POST /admin/accounts/{id}/revoke", "token_revoked", &told).await;
    let told = jan.post("/admin/keys", &[("name", "crm"), ("account:read", "yes"), ("rate", "60")]).await;
    ledger.did("POST /admin/keys", "api_key_created", &told).await;
    let key = between(&jan.get("/admin/keys").await.text, "/admin/keys/").replace("/revoke", "");
    let told = jan.post(&format!("/admin/keys/{key}/revoke"), &[]).await;
    ledger.did("POST /admin/keys/{id}/revoke", "api_key_revoked", &told).await;
}

async fn google(ledger: &mut Ledger<'_>, jan: &Desk<'_>) {
    let told = jan.post("/admin/google/test", &[]).await;
    ledger.did("POST /admin/google/test", "client_tried", &told).await;
    let fields = [("client_id", CLIENT), ("client_secret", "new-secret"), ("reconnect", "0")];
    let told = jan.post("/admin/google/client", &fields).await;
    ledger.did("POST /admin/google/client", "client_set", &told).await;
    let mut fields = super::calendar::UNTOUCHED.to_vec();
    fields.extend([("version", "0"), ("lock", "removes")]);
    let told = jan.post("/admin/google/calendars", &fields).await;
    ledger.did("POST /admin/google/calendars", "calendar_defaults_set", &told).await;
    let body = json!({ "version": 1, "lockedChoices": [] }).to_string();
    let program = ledger.house.program(KeyScope::ALL).await;
    let told = program.ask("PUT", "/api/v1/CalendarDefaults", &[], &body).await;
    ledger.did("PUT /api/v1/CalendarDefaults", "calendar_defaults_set", &told).await;
    let at = "/admin/google/service-accounts";
    let told = jan.post(at, &[("key", &key_file()), ("domains", "beta.cz")]).await;
    ledger.did("POST /admin/google/service-accounts", "service_account_imported", &told).await;
    let fields = [("email", "robot@p.iam.gserviceaccount.com"), ("mailbox", "eva@beta.cz")];
    let told = jan.post(&format!("{at}/test"), &fields).await;
    ledger.did("POST /admin/google/service-accounts/test", "service_account_tried", &told).await;
    let told = jan.post("/admin/journal/csv", &[]).await;
    ledger.did("POST /admin/journal/csv", "journal_exported", &told).await;
    let told = jan.post("/admin/journal/jsonl", &[]).await;
    ledger.did("POST /admin/journal/jsonl", "journal_exported", &told).await;
}

async fn admins(ledger: &mut Ledger<'_>, jan: &Desk<'_>) {
    let told = jan.post("/admin/admins", &[("name", "eva"), ("role", "auditor")]).await;
    ledger.did("POST /admin/admins", "admin_added", &told).await;
    let all = admin::list(ledger.house.stage.store()).await.unwrap();
    let eva = all.into_iter().find(|view| view.name == "eva").unwrap().id;
    let at = format!("/admin/admins/{eva}");
    let told = jan.post(&format!("{at}/role"), &[("role", "helpdesk")]).await;
    ledger.did("POST /admin/admins/{id}/role", "admin_role_set", &told).await;
    let told = jan.post(&format!("{at}/reset"), &[]).await;
    ledger.did("POST /admin/admins/{id}/reset", "admin_reset", &told).await;
    let told = jan.post(&format!("{at}/disable"), &[]).await;
    ledger.did("POST /admin/admins/{id}/disable", "admin_disabled", &told).await;
    let told = jan.post(&format!("{at}/enable"), &[]).await;
    ledger.did("POST /admin/admins/{id}/enable", "admin_enabled", &told).await;
}

async fn programs(ledger: &mut Ledger<'_>, jan: &Desk<'_>) {
    let house = ledger.house;
    let program = house.program(KeyScope::ALL).await;
    let ask = async |method: &str, path: &str, body: serde_json::Value| {
        program.ask(method, &format!("/api/v1/{path}"), &[], &body.to_string()).await
    };
    let told = ask("POST", "ExternalAccount", json!({ "emailAddress": "carla@acme.cz" })).await;
    ledger.did("POST /api/v1/ExternalAccount", "account_added", &told).await;
    let carla = told.json()["id"].as_str().unwrap().to_owned();
    let told = ask("POST", &format!("ExternalAccount/{carla}/consentLink"), json!({})).await;
    ledger.did("POST /api/v1/ExternalAccount/{id}/consentLink", "consent_link_issued", &told).await;
    let told = ask("POST", "CrmToken", json!({ "externalAccountId": carla, "name": "espo" })).await;
    ledger.did("POST /api/v1/CrmToken", "token_issued", &told).await;
    let token = told.json()["id"].as_str().unwrap().to_owned();
    let told = program.ask("DELETE", &format!("/api/v1/CrmToken/{token}"), &[], "").await;
    ledger.did("DELETE /api/v1/CrmToken/{id}", "token_revoked", &told).await;
    crm_users(ledger, jan, &carla).await;
    let told = program.ask("DELETE", &format!("/api/v1/ExternalAccount/{carla}"), &[], "").await;
    ledger.did("DELETE /api/v1/ExternalAccount/{id}", "account_removed", &told).await;
    let anna = house.stage.account;
    let told = ask("POST", &format!("ExternalAccount/{anna}/disconnect"), json!({})).await;
    ledger.did("POST /api/v1/ExternalAccount/{id}/disconnect", "account_disconnected", &told).await;
    house.connected_again().await;
    let dan = house.stage.register("dan@acme.cz", &[]).await;
    let told = jan.post(&format!("/admin/accounts/{dan}/remove"), &[("confirm", "dan@acme.cz")]).await;
    ledger.did("POST /admin/accounts/{id}/remove", "account_removed", &told).await;
    let fay = house.stage.register("fay@acme.cz", &[]).await;
    let told = jan.post(&format!("/admin/accounts/{fay}/person"), &[]).await;
    ledger.did("POST /admin/accounts/{id}/person", "person_exported", &told).await;
    let told = jan.post(&format!("/admin/accounts/{fay}/offboard"), &[("confirm", "fay@acme.cz")]).await;
    ledger.did("POST /admin/accounts/{id}/offboard", "account_offboarded", &told).await;
}

/// A program names the CRM user, an admin decides.
async fn crm_users(ledger: &mut Ledger<'_>, jan: &Desk<'_>, account: &str) {
    let program = ledger.house.program(KeyScope::ALL).await;
    let (at, path) = (format!("/api/v1/ExternalAccount/{account}"), format!("/admin/accounts/{account}"));
    for (method, user, way, route, event) in [
        ("PATCH", "a1", "crm-user", "POST /admin/accounts/{id}/crm-user", "crm_user_set"),
        ("PUT", "b2", "crm-user/reject", "POST /admin/accounts/{id}/crm-user/reject", "crm_user_dropped"),
    ] {
        let body = json!({ "userId": user }).to_string();
        let told = program.ask(method, &at, &[], &body).await;
        let named = if method == "PUT" {
            "PUT /api/v1/ExternalAccount/{id}"
        } else {
            "PATCH /api/v1/ExternalAccount/{id}"
        };
        ledger.did(named, "crm_user_proposed", &told).await;
        let told = jan.post(&format!("{path}/{way}"), &[("user", user)]).await;
        ledger.did(route, event, &told).await;
    }
}

/// An admin and a program about the mail account of a mailbox in the CRM.
async fn crm(ledger: &mut Ledger<'_>, jan: &Desk<'_>) {
    let house = ledger.house;
    let (told, _) = jan.written("write").await;
    ledger.did("POST /admin/accounts/crm", "crm_mail_written", &told).await;
    let program = house.program(KeyScope::ALL).await;
    let ids = json!({ "ids": [house.stage.account] }).to_string();
    for (action, route, event) in [
        ("writeToCrm", "POST /api/v1/ExternalAccount/action/writeToCrm", "crm_mail_written"),
        ("undoWriteToCrm", "POST /api/v1/ExternalAccount/action/undoWriteToCrm", "crm_mail_undone"),
    ] {
        let told = program.ask("POST", &format!("/api/v1/ExternalAccount/action/{action}"), &[], &ids).await;
        ledger.did(route, event, &told).await;
    }
}

async fn jobs(ledger: &mut Ledger<'_>, jan: &Desk<'_>) {
    let (house, job) = (ledger.house, ledger.house.job().await);
    let told = jan.post(&format!("/admin/jobs/{job}/run"), &[]).await;
    ledger.did("POST /admin/jobs/{id}/run", "job_requested", &told).await;
    for on in ["no", "yes"] {
        let told = jan.post(&format!("/admin/jobs/{job}/switch"), &[("on", on)]).await;
        ledger.did("POST /admin/jobs/{id}/switch", "job_switched", &told).await;
    }
    // A run that waits already is asked for once.
    house.job().await;
    let program = house.program(KeyScope::ALL).await;
    let told = program.ask("POST", &format!("/api/v1/Job/{job}/run"), &[], "").await;
    ledger.did("POST /api/v1/Job/{id}/run", "job_requested", &told).await;
    for (word, route, event) in [
        ("approve", "POST /api/v1/Hold/{id}/approve", "hold_approved"),
        ("reject", "POST /api/v1/Hold/{id}/reject", "hold_rejected"),
    ] {
        let hold = house.hold("delete").await;
        let told = program.ask("POST", &format!("/api/v1/Hold/{hold}/{word}"), &[], "").await;
        ledger.did(route, event, &told).await;
    }
}

/// One's own sign-in, and the way out.
async fn own(ledger: &mut Ledger<'_>, jan: Desk<'_>) {
    let house = ledger.house;
    let told = jan.post("/admin/me/taste", &[("lang", "en"), ("zone", "Europe/Prague")]).await;
    ledger.did("POST /admin/me/taste", "admin_taste_set", &told).await;
    let told = jan.post("/admin/me/totp", &[]).await;
    ledger.did("POST /admin/me/totp", "admin_totp_offered", &told).await;
    let key = codes::key(&told);
    let told = jan.post("/admin/me/totp/confirm", &[("code", &house.code(&key))]).await;
    ledger.did("POST /admin/me/totp/confirm", "admin_totp_on", &told).await;
    let told = jan.post("/admin/me/totp/codes", &[]).await;
    ledger.did("POST /admin/me/totp/codes", "admin_codes_made", &told).await;
    let told = jan.post("/admin/admins/totp", &[("mandatory", "yes")]).await;
    ledger.did("POST /admin/admins/totp", "totp_mandatory", &told).await;
    jan.post("/admin/admins/totp", &[("mandatory", "no")]).await;
    house.stage.pass(30);
    let told = house.enter(&house.halfway("jan").await, &house.code(&key)).await;
    ledger.did("POST /admin/sign-in/code", "admin_signed_in", &told).await;
    let told = jan.post("/admin/me/sessions", &[]).await;
    ledger.did("POST /admin/me/sessions", "admin_signed_out", &told).await;
    let told = jan.post("/admin/me/totp/off", &[]).await;
    ledger.did("POST /admin/me/totp/off", "admin_totp_off", &told).await;
    let other = "another horse battery";
    let fields = [("old", PASSWORD), ("password", other), ("again", other)];
    let told = jan.post("/admin/me/password", &fields).await;
    ledger.did("POST /admin/me/password", "admin_password_changed", &told).await;
    let told = jan.post("/admin/sign-out", &[]).await;
    ledger.did("POST /admin/sign-out", "admin_signed_out", &told).await;
}
