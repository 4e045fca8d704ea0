//! The REST API below `/api/v1`: what a CRM does by itself.
//!
//! A program shows its key as `X-Api-Key`; cookies open nothing here. Names and
//! list parameters are the CRM's own. Every answer is JSON, errors too
//! ([`error`]). A route calls an action or reads the store: it decides nothing.

mod account;
mod audit;
mod body;
mod calendar;
pub(super) mod caller;
mod contacts;
mod defaults;
pub(super) mod error;
mod hold;
mod job;
mod list;
pub mod metrics;
mod once;
mod openapi;
mod pair;
mod panel;
mod push;
mod query;
mod quota;
mod time;
mod token;

use postern_core::model::key_scope::KeyScope;

use super::site::Site;
use super::table::{Access, Table};

/// Where all of it is.
const BELOW: &str = "/api/v1";

/// Adds the routes of the REST API.
pub(super) fn routes(table: Table) -> Table {
    let read = Access::Key(KeyScope::AccountRead);
    let link = Access::Key(KeyScope::AccountLink);
    let sync = Access::Key(KeyScope::SyncRun);
    let issue = Access::Key(KeyScope::TokenIssue);
    of_contacts(table)
        .get("/api/v1/openapi.json", Access::Anyone, openapi::answer)
        .get("/api/v1/ExternalAccount", read, account::list)
        .post("/api/v1/ExternalAccount", link, account::create::answer)
        .get("/api/v1/ExternalAccount/{id}", read, account::one)
        .put("/api/v1/ExternalAccount/{id}", link, account::amend::answer)
        .patch("/api/v1/ExternalAccount/{id}", link, account::amend::answer)
        .delete("/api/v1/ExternalAccount/{id}", link, account::end::removed)
        .post("/api/v1/ExternalAccount/{id}/disconnect", link, account::end::disconnected)
        .post("/api/v1/ExternalAccount/{id}/consentLink", link, account::link::answer)
        .get("/api/v1/ExternalAccount/{id}/calendar", link, account::calendar::one)
        .put("/api/v1/ExternalAccount/{id}/calendar", link, account::calendar::change)
        .post("/api/v1/ExternalAccount/{id}/calendar/refresh", link, account::calendar::refresh)
        .post("/api/v1/ExternalAccount/action/writeToCrm", issue, account::provision::write)
        .post("/api/v1/ExternalAccount/action/undoWriteToCrm", issue, account::provision::undo)
        .get("/api/v1/ExternalAccount/{id}/calendar/waiting", link, account::waiting::all)
        .post("/api/v1/ExternalAccount/{id}/calendar/letter/{letter}/retry", link, account::waiting::retry)
        .get("/api/v1/ExternalAccount/{id}/calendar/pair/{pair}", link, account::waiting::one)
        .post("/api/v1/ExternalAccount/{id}/calendar/pair/{pair}/resume", link, account::waiting::again)
        .get("/api/v1/CalendarPair", link, pair::find)
        .get("/api/v1/ExternalAccount/{id}/calendar/removal", link, account::removal::look)
        .post("/api/v1/ExternalAccount/{id}/calendar/removal", link, account::removal::ask)
        .get("/api/v1/ExternalAccount/{id}/calendar/run", link, account::undo::runs)
        .get("/api/v1/ExternalAccount/{id}/calendar/run/{run}/undo", link, account::undo::look)
        .post("/api/v1/ExternalAccount/{id}/calendar/run/{run}/undo", link, account::undo::ask)
        .post("/api/v1/panel/ticket", link, panel::ticket)
        .get("/api/v1/CrmToken", read, token::list)
        .post("/api/v1/CrmToken", issue, token::create::answer)
        .delete("/api/v1/CrmToken/{id}", issue, token::revoke)
        .get("/api/v1/GoogleCalendar", read, calendar::list)
        .get("/api/v1/GoogleCalendarUser", read, calendar::users)
        .get("/api/v1/CalendarDefaults", link, defaults::answer)
        .put("/api/v1/CalendarDefaults", link, defaults::change)
        .get("/api/v1/CalendarQuota", sync, quota::answer)
        .get("/api/v1/Hold", sync, hold::list)
        .post("/api/v1/Hold/{id}/approve", sync, hold::approve)
        .post("/api/v1/Hold/{id}/reject", sync, hold::reject)
        .get("/api/v1/Job", sync, job::list)
        .get("/api/v1/Job/{id}", sync, job::one)
        .post("/api/v1/Job/{id}/run", sync, job::run)
        .get("/api/v1/Job/{id}/runs", sync, job::runs)
        .get("/api/v1/Audit", Access::Key(KeyScope::AuditRead), audit::list)
}

fn of_contacts(table: Table) -> Table {
    let read = Access::Key(KeyScope::AccountRead);
    let link = Access::Key(KeyScope::AccountLink);
    table
        .get("/api/v1/ExternalAccount/{id}/contacts", link, account::contacts::one)
        .put("/api/v1/ExternalAccount/{id}/contacts", link, account::contacts::change)
        .post("/api/v1/ExternalAccount/{id}/contacts/refresh", link, account::contacts::refresh)
        .post("/api/v1/ExternalAccount/{id}/contacts/group", link, account::contacts::make)
        .post("/api/v1/ExternalAccount/{id}/contacts/run", link, account::contacts::run)
        .get("/api/v1/ExternalAccount/{id}/contacts/run", link, account::contacts_undo::runs)
        .get("/api/v1/ExternalAccount/{id}/contacts/run/{run}/undo", link, account::contacts_undo::look)
        .post("/api/v1/ExternalAccount/{id}/contacts/run/{run}/undo", link, account::contacts_undo::ask)
        .get("/api/v1/ExternalAccount/{id}/contacts/removal", link, account::contacts_undo::everybody)
        .post("/api/v1/ExternalAccount/{id}/contacts/removal", link, account::contacts_undo::remove_all)
        .get("/api/v1/ExternalAccount/{id}/contacts/waiting", link, account::decide::waiting)
        .post("/api/v1/ExternalAccount/{id}/contacts/review/{review}", link, account::decide::review)
        .post("/api/v1/ExternalAccount/{id}/contacts/retry/{letter}", link, account::decide::retry)
        .get("/api/v1/GoogleContactsGroup", read, contacts::groups)
        .get("/api/v1/GoogleContactsUser", read, contacts::users)
        .get("/api/v1/GoogleContactsPair", read, contacts::pairs)
        .get("/api/v1/GoogleContactsPair/{id}", read, contacts::pair)
        .post("/api/v1/GoogleContacts/action/push", link, push::push)
        .get("/api/v1/GoogleContacts/push/{id}", link, push::progress)
        .delete("/api/v1/GoogleContacts/push/{id}", link, push::give_up)
}

/// Whether a path is answered by the API.
fn is_ours(site: &Site, path: &str) -> bool {
    path.strip_prefix(&site.at(BELOW)).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
