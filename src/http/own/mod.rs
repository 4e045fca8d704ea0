//! The page of a mailbox's owner.

mod calendar;
mod calendar_form;
mod contacts;
mod hold;
pub(super) mod mailbox;
mod pair;
mod removal;
pub(super) mod sign_in;
mod undo;

use super::table::{Access, Table};

/// Adds the routes of the owner's page.
pub(super) fn routes(table: Table) -> Table {
    with_contacts(table)
        .get("/me", Access::Owner, mailbox::page)
        .get("/me/sign-in", Access::Anyone, sign_in::page)
        .post("/me/sign-in", Access::Anyone, sign_in::press)
        .post("/me/sign-out", Access::Owner, sign_in::out)
        .post("/me/connect", Access::Owner, mailbox::connect)
        .post("/me/products", Access::Owner, mailbox::product)
        .get("/me/calendar", Access::Owner, calendar::page)
        .post("/me/calendar", Access::Owner, calendar::save)
        .post("/me/calendar/refresh", Access::Owner, calendar::refresh)
        .get("/me/calendar/runs", Access::Owner, calendar::runs)
        .post("/me/calendar/run", Access::Owner, calendar::run)
        .get("/me/calendar/pair/{id}", Access::Owner, pair::page)
        .post("/me/calendar/pair/{id}/resume", Access::Owner, pair::again)
        .post("/me/calendar/letter/{id}/retry", Access::Owner, pair::once_more)
        .post("/me/calendar/hold/{id}/approve", Access::Owner, hold::approve)
        .post("/me/calendar/hold/{id}/reject", Access::Owner, hold::reject)
        .get("/me/calendar/removal", Access::Owner, removal::page)
        .post("/me/calendar/removal", Access::Owner, removal::press)
        .get("/me/calendar/run/{id}/undo", Access::Owner, undo::page)
        .post("/me/calendar/run/{id}/undo", Access::Owner, undo::press)
        .post("/me/disconnect", Access::Owner, mailbox::disconnect)
}

fn with_contacts(table: Table) -> Table {
    use contacts::{pairs, push, pushed, review, undo, waits};
    table
        .get("/me/contacts", Access::Owner, contacts::page)
        .post("/me/contacts", Access::Owner, contacts::save)
        .post("/me/contacts/refresh", Access::Owner, contacts::refresh)
        .get("/me/contacts/runs", Access::Owner, contacts::runs)
        .post("/me/contacts/run", Access::Owner, contacts::run)
        .post("/me/contacts/letter/{id}/retry", Access::Owner, waits::once_more)
        .post("/me/contacts/hold/{id}/approve", Access::Owner, waits::approve)
        .post("/me/contacts/hold/{id}/reject", Access::Owner, waits::reject)
        .get("/me/contacts/push", Access::Owner, push::page)
        .post("/me/contacts/push", Access::Owner, push::press)
        .get("/me/contacts/push/{id}", Access::Owner, pushed::page)
        .post("/me/contacts/push/{id}/cancel", Access::Owner, pushed::end)
        .get("/me/contacts/review", Access::Owner, review::page)
        .post("/me/contacts/review/{id}", Access::Owner, review::press)
        .get("/me/contacts/pairs", Access::Owner, pairs::page)
        .get("/me/contacts/removal", Access::Owner, undo::everybody)
        .post("/me/contacts/removal", Access::Owner, undo::remove_all)
        .get("/me/contacts/run/{id}/undo", Access::Owner, undo::page)
        .post("/me/contacts/run/{id}/undo", Access::Owner, undo::press)
}
