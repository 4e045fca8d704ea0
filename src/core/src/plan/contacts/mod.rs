//! The rules of contacts sync: what people of Google and Contacts and Leads of the CRM say, and
//! how each is told to the other side.
//!
//! - [`person`], [`apply`]: a person of Google, read and written.
//! - [`card`]: a record of the CRM, read and written.
//! - [`several`], [`lists`], [`postal`], [`phone`]: values of more than one word.
//! - [`words`]: the dialect of a pair.
//! - [`matching`]: who is who.
//! - [`choices`]: what a user chooses.
//! - [`compose`], [`operation`]: the plan of a group, in three steps: people whom a link knows under
//!   another name, links, and who comes new.
//!
//! Promised: nobody is deleted unless the user wants that and it is a copy that nobody has touched;
//! nobody is made who may be there; what one side cannot hold stays on the other; a note
//! of a user's own does not reach another user by a record that both have. Refused: a record that the
//! user may not see, a second record for one person, an account by the name of an organisation.

pub mod apply;
mod arrive;
pub mod card;
pub mod choices;
pub mod compose;
mod known;
pub mod lists;
pub mod matching;
pub mod operation;
pub mod person;
pub mod phone;
pub mod postal;
pub mod several;
pub mod words;
