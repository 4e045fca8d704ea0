//! The rules of contacts sync: what people of Google and Contacts and Leads of the CRM say, and
//! how each is told to the other side.
//!
//! - [`person`], [`apply`]: a person of Google, read and written.
//! - [`card`]: a record of the CRM, read and written.
//! - [`several`], [`lists`], [`postal`], [`phone`]: values of more than one word.
//! - [`words`]: the dialect of a pair.

pub mod apply;
pub mod card;
pub mod lists;
pub mod person;
pub mod phone;
pub mod postal;
pub mod several;
pub mod words;
