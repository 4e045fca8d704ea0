//! The store: one API over SQLite and PostgreSQL.
//!
//! - Reads go through [`Store::read`]. A write is either an [`Act`] (it changes
//!   accounts, grants, tokens or clients, and can only end together with its
//!   audit row and its change-feed row) or a named [`Batch`].
//! - SQLite runs in WAL with one write connection per process, so writers wait
//!   in a fair queue; every write transaction is IMMEDIATE, so that it never
//!   fails half-way because another process wrote.
//! - All SQL is `const` text that runs on both databases; the few statements
//!   that differ stand side by side in `dialect`.
//! - Every file holds one table group: its rows, its statements, its functions.

pub mod access_tokens;
pub mod accounts;
mod act;
pub mod admins;
pub mod aliases;
mod alone;
pub mod api_keys;
pub mod api_nonces;
pub mod audit;
pub mod audit_checkpoints;
pub mod census;
pub mod changes;
pub mod clients;
pub mod consents;
pub mod contacts;
pub mod crm_absent;
pub mod crm_mail;
pub mod crm_tokens;
mod dialect;
pub mod dump;
pub mod error;
pub mod filter;
pub mod grants;
pub mod help_refs;
pub mod home;
pub mod hourly;
pub mod idempotency;
pub mod jobs;
pub mod journal;
pub mod kept;
pub mod keys;
pub mod leases;
pub mod letters;
pub mod logins;
pub mod lost;
pub mod mail_sessions;
pub mod meta;
mod migrate;
pub mod nodes;
pub mod offboarded;
pub mod onboarding;
mod open;
pub mod outbox;
pub mod panels;
mod pattern;
pub mod people;
pub mod programs;
pub mod progress;
pub mod reseal;
pub mod sealed;
pub mod service_accounts;
pub mod settings;
pub mod sign_ins;
mod sql;
pub mod switched_off;
pub mod sync;
pub mod told;
pub mod totp;
#[cfg(test)]
pub(crate) mod trial;
pub mod web_sessions;

pub use act::{Act, Batch, Read};
pub use alone::{Alone, NotAlone};
pub use error::StoreError;
pub use home::Standing;
pub use migrate::Pending;
pub use open::{Opening, Store};
pub use sql::{Source, Write};

/// Every statement of every file, for the test that prepares them.
#[must_use]
pub fn statements() -> Vec<(&'static str, &'static str)> {
    [
        access_tokens::STATEMENTS,
        accounts::STATEMENTS,
        admins::STATEMENTS,
        aliases::STATEMENTS,
        api_keys::STATEMENTS,
        api_nonces::STATEMENTS,
        audit::STATEMENTS,
        audit_checkpoints::STATEMENTS,
        census::STATEMENTS,
        changes::STATEMENTS,
        clients::STATEMENTS,
        consents::STATEMENTS,
        crm_absent::STATEMENTS,
        crm_mail::STATEMENTS,
        crm_tokens::STATEMENTS,
        grants::STATEMENTS,
        help_refs::STATEMENTS,
        home::STATEMENTS,
        hourly::STATEMENTS,
        jobs::STATEMENTS,
        journal::STATEMENTS,
        idempotency::STATEMENTS,
        kept::STATEMENTS,
        keys::STATEMENTS,
        leases::STATEMENTS,
        letters::STATEMENTS,
        logins::STATEMENTS,
        lost::STATEMENTS,
        mail_sessions::STATEMENTS,
        meta::STATEMENTS,
        nodes::STATEMENTS,
        offboarded::STATEMENTS,
        onboarding::STATEMENTS,
        outbox::STATEMENTS,
        panels::STATEMENTS,
        programs::STATEMENTS,
        progress::STATEMENTS,
        reseal::STATEMENTS,
        service_accounts::STATEMENTS,
        settings::STATEMENTS,
        sign_ins::STATEMENTS,
        switched_off::STATEMENTS,
        totp::STATEMENTS,
        web_sessions::STATEMENTS,
        &contacts::STATEMENTS.concat(),
        &sync::STATEMENTS.concat(),
    ]
    .concat()
}
