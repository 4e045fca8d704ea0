//! The pages of those who run the installation.

mod account;
mod accounts;
mod admins;
mod aliases;
mod binding;
mod calendar;
mod chart;
mod check;
mod client;
mod contacts;
mod contacts_undo;
mod export;
mod findings;
pub(super) mod frame;
mod google;
mod hold;
mod house;
mod issue;
mod jobs;
mod journal;
mod keys;
mod mail;
mod me;
mod offboard;
mod onboarding;
mod overview;
mod pair;
mod person;
mod picture;
mod provision;
mod quota;
mod register;
mod removal;
mod remove;
pub(super) mod second;
mod service_accounts;
mod setting_words;
pub mod settings;
pub(super) mod sign_in;
mod state;
mod totp;
mod tuning;
mod undo;
mod verify;
mod welcome;
mod zone;

use postern_core::model::role::Right;

use super::table::{Access, Table};

/// Adds the routes of the admin pages.
pub(super) fn routes(table: Table) -> Table {
    let look = Access::Admin(Right::Look);
    let register = Access::Admin(Right::Register);
    let journal = Access::Admin(Right::Journal);
    let export = Access::Proven(Right::Journal);
    let settings = Access::Admin(Right::Settings);
    let secret = Access::Proven(Right::Settings);
    mailbox(own(admins(table)))
        .get("/admin/sign-in", Access::Anyone, sign_in::page)
        .post("/admin/sign-in", Access::Anyone, sign_in::press)
        .post("/admin/sign-in/code", Access::Anyone, second::press)
        .get("/admin/welcome", Access::Anyone, welcome::page)
        .post("/admin/welcome", Access::Anyone, welcome::press)
        .get("/admin", look, overview::page)
        .get("/admin/accounts", look, accounts::page)
        .get("/admin/accounts/new", register, register::page)
        .post("/admin/accounts/new", register, register::press)
        .get("/admin/accounts/new/{id}", register, register::run::page)
        .post("/admin/accounts/new/{id}/links", register, register::run::links)
        .get("/admin/accounts/onboarding", look, onboarding::page)
        .post("/admin/accounts/onboarding/mail", register, mail::many)
        .post("/admin/accounts/onboarding/links", register, mail::copied)
        .get("/admin/accounts/crm", Access::Admin(Right::Tokens), provision::page)
        .post("/admin/accounts/crm", Access::Proven(Right::Tokens), provision::press)
        .get("/admin/google", look, google::page)
        .get("/admin/google/quota", look, quota::page)
        .get("/admin/google/calendars", look, house::page)
        .post("/admin/google/calendars", settings, house::press)
        .post("/admin/google/test", settings, google::test)
        .get("/admin/google/client", settings, client::page)
        .post("/admin/google/client", secret, client::press)
        .get("/admin/google/service-accounts", look, service_accounts::page)
        .post("/admin/google/service-accounts", secret, service_accounts::import)
        .post("/admin/google/service-accounts/test", settings, service_accounts::test)
        .get("/admin/jobs", look, jobs::page)
        .post("/admin/jobs/{id}/run", settings, jobs::run)
        .post("/admin/jobs/{id}/switch", settings, jobs::switch)
        .get("/admin/settings", journal, tuning::page)
        .post("/admin/settings", secret, tuning::press)
        .get("/admin/keys", settings, keys::page)
        .post("/admin/keys", secret, keys::create)
        .post("/admin/keys/{id}/revoke", settings, keys::revoke)
        .get("/admin/journal", journal, journal::page)
        .get("/admin/journal/verify", journal, verify::page)
        .post("/admin/journal/csv", export, export::csv)
        .post("/admin/journal/jsonl", export, export::jsonl)
}

// One mailbox.
fn mailbox(table: Table) -> Table {
    let look = Access::Admin(Right::Look);
    let register = Access::Admin(Right::Register);
    let accounts = Access::Admin(Right::Accounts);
    let issue = Access::Proven(Right::Tokens);
    let remove = Access::Proven(Right::Accounts);
    table
        .get("/admin/accounts/{id}", look, account::page)
        .post("/admin/accounts/{id}/link", register, account::link)
        .post("/admin/accounts/{id}/mail-link", register, mail::one)
        .post("/admin/accounts/{id}/approve", accounts, account::approve)
        .post("/admin/accounts/{id}/rename", accounts, account::rename)
        .post("/admin/accounts/{id}/crm-user", accounts, binding::confirm)
        .post("/admin/accounts/{id}/crm-user/reject", accounts, binding::reject)
        .post("/admin/accounts/{id}/aliases", accounts, aliases::press)
        .post("/admin/accounts/{id}/disable", accounts, account::disable)
        .post("/admin/accounts/{id}/enable", accounts, account::enable)
        .post("/admin/accounts/{id}/end-session", accounts, account::end_session)
        .post("/admin/accounts/{id}/tokens", issue, issue::press)
        .post("/admin/accounts/{id}/revoke", Access::Admin(Right::Tokens), issue::revoke)
        .post("/admin/accounts/{id}/check", accounts, check::press)
        .get("/admin/accounts/{id}/calendar", look, calendar::page)
        .post("/admin/accounts/{id}/calendar/run", accounts, calendar::run)
        .get("/admin/accounts/{id}/calendar/pair/{pair}", accounts, pair::page)
        .post("/admin/accounts/{id}/calendar/pair/{pair}/resume", accounts, pair::again)
        .post("/admin/accounts/{id}/calendar/letter/{letter}/retry", accounts, pair::once_more)
        .post("/admin/accounts/{id}/calendar/hold/{hold}/approve", accounts, hold::approve)
        .post("/admin/accounts/{id}/calendar/hold/{hold}/reject", accounts, hold::reject)
        .get("/admin/accounts/{id}/calendar/removal", accounts, removal::page)
        .post("/admin/accounts/{id}/calendar/removal", accounts, removal::press)
        .get("/admin/accounts/{id}/calendar/run/{run}/undo", accounts, undo::page)
        .post("/admin/accounts/{id}/calendar/run/{run}/undo", accounts, undo::press)
        .get("/admin/accounts/{id}/contacts", look, contacts::page)
        .post("/admin/accounts/{id}/contacts/run", accounts, contacts::run)
        .get("/admin/accounts/{id}/contacts/removal", accounts, contacts_undo::everybody)
        .post("/admin/accounts/{id}/contacts/removal", accounts, contacts_undo::remove_all)
        .get("/admin/accounts/{id}/contacts/run/{run}/undo", accounts, contacts_undo::page)
        .post("/admin/accounts/{id}/contacts/run/{run}/undo", accounts, contacts_undo::press)
        .post("/admin/accounts/{id}/contacts/letter/{letter}/retry", accounts, contacts::once_more)
        .post("/admin/accounts/{id}/contacts/hold/{hold}/approve", accounts, contacts::approve)
        .post("/admin/accounts/{id}/contacts/hold/{hold}/reject", accounts, contacts::reject)
        .get("/admin/accounts/{id}/offboard", accounts, offboard::page)
        .post("/admin/accounts/{id}/offboard", remove, offboard::press)
        .post("/admin/accounts/{id}/person", remove, person::export)
        .get("/admin/accounts/{id}/remove", accounts, remove::page)
        .post("/admin/accounts/{id}/remove", remove, remove::press)
}

fn own(table: Table) -> Table {
    let own = Access::Admin(Right::Own);
    let proven = Access::Proven(Right::Own);
    table
        .post("/admin/sign-out", own, sign_in::out)
        .get("/admin/me", own, me::page)
        .post("/admin/me/password", own, me::password)
        .post("/admin/me/taste", own, me::taste)
        .post("/admin/me/sessions", own, me::end)
        .post("/admin/me/totp", proven, totp::offer)
        .post("/admin/me/totp/confirm", own, totp::confirm)
        .post("/admin/me/totp/codes", proven, totp::renew)
        .post("/admin/me/totp/off", proven, totp::off)
}

fn admins(table: Table) -> Table {
    let change = Access::Admin(Right::Admins);
    let secret = Access::Proven(Right::Admins);
    table
        .get("/admin/admins", change, admins::page)
        .post("/admin/admins", secret, admins::add)
        .post("/admin/admins/totp", Access::Proven(Right::Settings), admins::mandatory)
        .post("/admin/admins/{id}/role", secret, admins::role)
        .post("/admin/admins/{id}/reset", secret, admins::reset)
        .post("/admin/admins/{id}/disable", change, admins::disable)
        .post("/admin/admins/{id}/enable", change, admins::enable)
}
