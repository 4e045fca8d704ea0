//! Acts on accounts.

pub mod absent;
pub mod add;
pub mod aliases;
pub mod amend;
pub(super) mod approval;
pub mod approve;
pub mod batch;
pub mod create;
mod csv;
pub mod disconnect;
mod find;
pub mod import;
pub mod invite;
pub mod link;
pub mod mail;
pub mod many;
pub mod offboard;
pub mod onboarding;
pub mod product;
mod prove;
mod register;
pub mod remove;
pub mod rename;
pub mod switch;
pub mod view;

pub use csv::BadLine;
pub(super) use find::held;
pub use find::named;
pub use register::Registration;
