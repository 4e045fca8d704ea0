//! The rules of contacts sync: values of people.

pub mod postal;
pub mod several;
