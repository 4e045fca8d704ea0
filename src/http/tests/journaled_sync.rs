//! What is kept in step: each route that changes something about it leaves its row in the journal.

use postern_core::model::id::CalendarId;
use postern_core::model::key_scope::KeyScope;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::plan::link::State as LinkState;
use serde_json::json;

use super::admin::Desk;
use super::contacts_undo;
use super::journaled::Ledger;
use super::owner::Owner;
use crate::actions::calendars::trial::{letter, made, pair, renaming, too_late};
use crate::store::sync::runs::Counts;

/// An owner, an admin and a program about the calendars of a mailbox.
pub async fn calendars(ledger: &mut Ledger<'_>, jan: &Desk<'_>) {
    let house = ledger.house;
    house.stage.calendars(&[("team", "writer")]);
    house.stage.fields(json!({ "scope": ScopeSet::consent(&Product::ALL).to_string() }));
    let told = house.connected_again().await;
    let owner = house.owner_of(&told).await;
    ledger.rows = house.stage.events().await.len();
    let told = house.wish(&owner, "calendar/refresh").await;
    ledger.did("POST /me/calendar/refresh", "calendars_read", &told).await;
    let team = house.calendar("team").await;
    let told = house.save(&owner, 0, &[("main", &team)]).await;
    ledger.did("POST /me/calendar", "calendars_chosen", &told).await;
    house.calendars_ran(Counts::default(), None).await;
    let told = house.wish(&owner, "calendar/run").await;
    ledger.did("POST /me/calendar/run", "sync_requested", &told).await;
    house.calendars_ran(Counts::default(), None).await;
    let told = jan.post(&format!("{}/calendar/run", house.mailbox()), &[]).await;
    ledger.did("POST /admin/accounts/{id}/calendar/run", "sync_requested", &told).await;
    let program = house.program(KeyScope::ALL).await;
    let at = format!("/api/v1/ExternalAccount/{}/calendar", house.stage.account);
    let told = program.ask("POST", &format!("{at}/refresh"), &[], "").await;
    ledger.did("POST /api/v1/ExternalAccount/{id}/calendar/refresh", "calendars_read", &told).await;
    let wish = json!({ "version": 1, "choices": { "winner": "crm" } }).to_string();
    let told = program.ask("PUT", &at, &[], &wish).await;
    ledger.did("PUT /api/v1/ExternalAccount/{id}/calendar", "calendar_choices_set", &told).await;
    pairs(ledger, jan, &owner, team.parse().unwrap()).await;
    undos(ledger, jan, &owner, team.parse().unwrap()).await;
}

/// An owner, an admin and a program take up again what is not in step.
async fn pairs(ledger: &mut Ledger<'_>, jan: &Desk<'_>, owner: &Owner, calendar: CalendarId) {
    let house = ledger.house;
    let (store, at) = (house.stage.store(), (house.stage.account, calendar));
    let (mine, admins) = ("calendar".to_owned(), format!("{}/calendar", house.mailbox()));
    let program = house.program(KeyScope::ALL).await;
    let api = format!("/api/v1/ExternalAccount/{}/calendar", house.stage.account);
    for (name, route, again) in [
        ("owner", "POST /me/calendar/letter/{id}/retry", "POST /me/calendar/pair/{id}/resume"),
        (
            "admin",
            "POST /admin/accounts/{id}/calendar/letter/{letter}/retry",
            "POST /admin/accounts/{id}/calendar/pair/{pair}/resume",
        ),
        (
            "program",
            "POST /api/v1/ExternalAccount/{id}/calendar/letter/{letter}/retry",
            "POST /api/v1/ExternalAccount/{id}/calendar/pair/{pair}/resume",
        ),
    ] {
        let pair = pair(store, at, name, LinkState::Detached, (true, true)).await;
        let letter = letter(store, at, &format!("event{name}"), "refused").await;
        let paths = [(format!("letter/{letter}/retry"), route, "dead_letter_retried")];
        let paths = paths.into_iter().chain([(format!("pair/{pair}/resume"), again, "pair_resumed")]);
        for (path, route, event) in paths {
            let told = match name {
                "owner" => house.wish(owner, &format!("{mine}/{path}")).await,
                "admin" => jan.post(&format!("{admins}/{path}"), &[]).await,
                _ => program.ask("POST", &format!("{api}/{path}"), &[], "").await,
            };
            ledger.did(route, event, &told).await;
        }
    }
    for (word, mine_at, admins_at, event) in [
        (
            "approve",
            "POST /me/calendar/hold/{id}/approve",
            "POST /admin/accounts/{id}/calendar/hold/{hold}/approve",
            "hold_approved",
        ),
        (
            "reject",
            "POST /me/calendar/hold/{id}/reject",
            "POST /admin/accounts/{id}/calendar/hold/{hold}/reject",
            "hold_rejected",
        ),
    ] {
        let hold = house.hold("delete").await;
        let told = house.wish(owner, &format!("{mine}/hold/{hold}/{word}")).await;
        ledger.did(mine_at, event, &told).await;
        let hold = house.hold("update").await;
        let told = jan.post(&format!("{admins}/hold/{hold}/{word}"), &[]).await;
        ledger.did(admins_at, event, &told).await;
    }
}

/// An owner, an admin and a program have a run taken back.
async fn undos(ledger: &mut Ledger<'_>, jan: &Desk<'_>, owner: &Owner, calendar: CalendarId) {
    let house = ledger.house;
    let (store, at) = (house.stage.store(), (house.stage.account, calendar));
    let program = house.program(KeyScope::ALL).await;
    let api = format!("/api/v1/ExternalAccount/{}/calendar", house.stage.account);
    for (name, route) in [
        ("own", "POST /me/calendar/run/{id}/undo"),
        ("admins", "POST /admin/accounts/{id}/calendar/run/{run}/undo"),
        ("programs", "POST /api/v1/ExternalAccount/{id}/calendar/run/{run}/undo"),
    ] {
        let run = renaming(store, at, name).await;
        let path = format!("run/{run}/undo");
        let mark = program.get(&format!("{api}/{path}")).await.json()["confirm"].clone();
        let fields = [("mark", mark.as_str().unwrap())];
        let told = match name {
            "own" => house.wish_with(owner, &format!("calendar/{path}"), &fields).await,
            "admins" => jan.post(&format!("{}/calendar/{path}", house.mailbox()), &fields).await,
            _ => program.post(&format!("{api}/{path}"), &json!({ "confirm": mark })).await,
        };
        ledger.did(route, "run_undo_asked", &told).await;
        too_late(store).await;
    }
    removals(ledger, jan, owner, calendar).await;
}

/// They have everything removed that was made.
async fn removals(ledger: &mut Ledger<'_>, jan: &Desk<'_>, owner: &Owner, calendar: CalendarId) {
    let house = ledger.house;
    let (store, program) = (house.stage.store(), house.program(KeyScope::ALL).await);
    let api = format!("/api/v1/ExternalAccount/{}/calendar/removal", house.stage.account);
    made(store, (house.stage.account, calendar), "Made").await;
    for route in [
        "POST /me/calendar/removal",
        "POST /admin/accounts/{id}/calendar/removal",
        "POST /api/v1/ExternalAccount/{id}/calendar/removal",
    ] {
        let mark = program.get(&api).await.json()["confirm"].clone();
        let fields = [("mark", mark.as_str().unwrap())];
        let told = match route {
            "POST /me/calendar/removal" => house.wish_with(owner, "calendar/removal", &fields).await,
            "POST /admin/accounts/{id}/calendar/removal" => {
                jan.post(&format!("{}/calendar/removal", house.mailbox()), &fields).await
            }
            _ => program.post(&api, &json!({ "confirm": mark })).await,
        };
        ledger.did(route, "removal_asked", &told).await;
        too_late(store).await;
    }
}

/// An owner and an admin about the contacts of a mailbox.
pub async fn contacts(ledger: &mut Ledger<'_>, jan: &Desk<'_>) {
    let house = ledger.house;
    house.stage.groups(&[("contactGroups/g1", "CRM")]);
    house.is_user(Some("a1")).await;
    let owner = house.owner_of(&house.connected_again().await).await;
    ledger.rows = house.stage.events().await.len();
    let told = house.wish(&owner, "contacts/refresh").await;
    ledger.did("POST /me/contacts/refresh", "contact_groups_read", &told).await;
    let version = house.contacts().await.version;
    let fields = [("group", "contactGroups/g1"), ("country", "SK")];
    let told = house.save_contacts(&owner, version, &fields).await;
    ledger.did("POST /me/contacts", "contact_choices_set", &told).await;
    house.book_ran(Counts::default(), None).await;
    let told = house.wish(&owner, "contacts/run").await;
    ledger.did("POST /me/contacts/run", "contacts_requested", &told).await;
    let fields = [("entity", "Lead"), ("records", "a1 b2")];
    let told = house.wish_with(&owner, "contacts/push", &fields).await;
    ledger.did("POST /me/contacts/push", "contacts_pushed", &told).await;
    let push = told.header("location").trim_start_matches("/postern/me/").to_owned();
    let told = house.wish(&owner, &format!("{push}/cancel")).await;
    ledger.did("POST /me/contacts/push/{id}/cancel", "push_cancelled", &told).await;
    let review = house.questioned("people/c1", "undecided", "Eva", &[]).await;
    let told = house.wish_with(&owner, &format!("contacts/review/{review}"), &[("answer", "leave")]).await;
    ledger.did("POST /me/contacts/review/{id}", "contact_reviewed", &told).await;
    let letter = house.contact_letter("Contact/a1", "refused").await;
    let told = house.wish(&owner, &format!("contacts/letter/{letter}/retry")).await;
    ledger.did("POST /me/contacts/letter/{id}/retry", "contact_retried", &told).await;
    let at = format!("{}/contacts", house.mailbox());
    let letter = house.contact_letter("Contact/a1", "refused").await;
    let told = jan.post(&format!("{at}/letter/{letter}/retry"), &[]).await;
    ledger.did("POST /admin/accounts/{id}/contacts/letter/{letter}/retry", "contact_retried", &told).await;
    house.book_ran(Counts::default(), None).await;
    let told = jan.post(&format!("{at}/run"), &[]).await;
    ledger.did("POST /admin/accounts/{id}/contacts/run", "contacts_requested", &told).await;
    for (word, own, admins, event) in [
        (
            "approve",
            "POST /me/contacts/hold/{id}/approve",
            "POST /admin/accounts/{id}/contacts/hold/{hold}/approve",
            "hold_approved",
        ),
        (
            "reject",
            "POST /me/contacts/hold/{id}/reject",
            "POST /admin/accounts/{id}/contacts/hold/{hold}/reject",
            "hold_rejected",
        ),
    ] {
        let hold = house.contact_hold("delete", &[]).await;
        let told = house.wish(&owner, &format!("contacts/hold/{hold}/{word}")).await;
        ledger.did(own, event, &told).await;
        let hold = house.contact_hold("update", &[]).await;
        let told = jan.post(&format!("{at}/hold/{hold}/{word}"), &[]).await;
        ledger.did(admins, event, &told).await;
    }
    contacts_undo::stories(ledger, jan, &owner).await;
}
