//! What the synchronisation of contacts keeps: the people of each account and what their owner has
//! chosen, what was seen of both sides, what they agreed on, what is to be done, what was pushed,
//! and of whom a person has to say who they are.
//!
//! Runs, changes, holds and dead letters are kept with those of calendars, see [`super::sync`].

pub mod books;
pub mod cards;
pub mod groups;
pub mod intents;
pub mod links;
pub mod pushes;
pub mod removal;
pub mod reviews;
pub mod seen;
pub mod taken_back;

/// The statements of all tables.
pub(super) const STATEMENTS: &[&[(&str, &str)]] = &[
    books::STATEMENTS,
    cards::STATEMENTS,
    groups::STATEMENTS,
    intents::STATEMENTS,
    links::STATEMENTS,
    pushes::STATEMENTS,
    reviews::STATEMENTS,
    seen::STATEMENTS,
];
