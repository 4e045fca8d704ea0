//! What the synchronisation keeps: calendars and who uses them, what was seen of
//! both sides and told by them, what they agreed on, what is to be done, what was done and is to be
//! taken back, what waits for a word, and what could not be done.
//!
//! Whatever holds other people's data is sealed. Rows of what was seen are put
//! again and again: one that shows the same stays as it is, so that only what
//! really changed is planned for.

pub mod apart;
pub mod asleep;
pub mod calendar_users;
pub mod calendars;
pub mod channels;
pub mod choices;
pub mod crm_cursors;
pub mod crm_hooks;
pub mod crm_seen;
pub mod dead_letters;
pub mod defaults;
pub mod google_seen;
pub mod hints;
pub mod holds;
pub mod intents;
pub mod links;
pub mod owners;
pub mod removal;
pub mod requests;
pub mod runs;
pub mod sync_journal;
pub mod taken_back;
pub mod takers;
pub mod undos;

/// The statements of all tables.
pub(super) const STATEMENTS: &[&[(&str, &str)]] = &[
    apart::STATEMENTS,
    asleep::STATEMENTS,
    calendar_users::STATEMENTS,
    calendars::STATEMENTS,
    channels::STATEMENTS,
    choices::STATEMENTS,
    crm_cursors::STATEMENTS,
    crm_hooks::STATEMENTS,
    crm_seen::STATEMENTS,
    dead_letters::STATEMENTS,
    defaults::STATEMENTS,
    google_seen::STATEMENTS,
    hints::STATEMENTS,
    holds::STATEMENTS,
    intents::STATEMENTS,
    links::STATEMENTS,
    owners::STATEMENTS,
    removal::STATEMENTS,
    requests::STATEMENTS,
    runs::STATEMENTS,
    sync_journal::STATEMENTS,
    takers::STATEMENTS,
    undos::STATEMENTS,
];
