//! The pages of those who run the installation.

mod account;
mod accounts;
pub(super) mod frame;
mod issue;
mod overview;
mod register;
pub mod settings;
pub(super) mod sign_in;
mod state;
mod welcome;

use postern_core::model::role::Right;

use super::table::{Access, Table};

/// Adds the routes of the admin pages.
pub(super) fn routes(table: Table) -> Table {
    let look = Access::Admin(Right::Look);
    let register = Access::Admin(Right::Register);
    let accounts = Access::Admin(Right::Accounts);
    let issue = Access::Proven(Right::Tokens);
    table
        .get("/admin/sign-in", Access::Anyone, sign_in::page)
        .post("/admin/sign-in", Access::Anyone, sign_in::press)
        .post("/admin/sign-out", look, sign_in::out)
        .get("/admin/welcome", Access::Anyone, welcome::page)
        .post("/admin/welcome", Access::Anyone, welcome::press)
        .get("/admin", look, overview::page)
        .get("/admin/accounts", look, accounts::page)
        .get("/admin/accounts/new", register, register::page)
        .post("/admin/accounts/new", register, register::press)
        .get("/admin/accounts/{id}", look, account::page)
        .post("/admin/accounts/{id}/link", register, account::link)
        .post("/admin/accounts/{id}/approve", accounts, account::approve)
        .post("/admin/accounts/{id}/rename", accounts, account::rename)
        .post("/admin/accounts/{id}/disable", accounts, account::disable)
        .post("/admin/accounts/{id}/enable", accounts, account::enable)
        .post("/admin/accounts/{id}/end-session", accounts, account::end_session)
        .post("/admin/accounts/{id}/tokens", issue, issue::press)
        .post("/admin/accounts/{id}/revoke", Access::Admin(Right::Tokens), issue::revoke)
}
