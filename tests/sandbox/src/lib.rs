//! A stand-in Google in one process: OAuth, Gmail IMAP, Gmail SMTP, Google Calendar and Google
//! People with Google's own bytes, a clock that can be turned forward, and faults on request; and a
//! stand-in CRM beside it.
//!
//! It imports nothing of Postern: what it checks, it implements a second time.
//!
//! ```ignore
//! let sandbox = Sandbox::start(Options::default()).await?;
//! let google = sandbox.google();
//! google.add_client("crm", "secret", &["http://127.0.0.1/callback"]);
//! google.add_user("anna@example.com");
//! google.deliver("anna@example.com", b"Subject: hello\r\n\r\nHi.\r\n");
//! ```

mod api;
mod calendar;
mod certificate;
mod clock;
mod contacts;
mod crm;
mod demo;
mod desk;
mod dice;
mod faults;
mod google;
mod guarded;
mod http;
mod imap;
mod mail;
mod oauth;
mod people;
mod sandbox;
mod sasl;
mod smtp;
mod wire;

pub use api::{
    Fault as CalendarFault, Fault as ContactsFault, Trouble as CalendarTrouble, Trouble as ContactsTrouble,
};
pub use calendar::{CalendarCounters, CalendarPolicy, Notice, Refusal as CalendarRefusal, Role, Tombstones};
pub use clock::Clock;
pub use contacts::{BatchCost, ContactsCounters, ContactsPolicy, Refusal as ContactsRefusal};
pub use crm::{
    Crm, CrmFault, CrmOptions, CrmTrouble, Deed, Delivery, Doing, EventField, Hand, Notification, Outgoing,
    Reply, Version,
};
pub use desk::Desk;
pub use faults::Faults;
pub use google::Google;
pub use http::CloseInstead;
pub use imap::ImapFault;
pub use mail::SessionReport;
pub use oauth::consent::{Choice, ConsentError};
pub use oauth::fault::{IdTokenFault, TokenFault};
pub use oauth::journal::TokenRequest;
pub use oauth::policy::{Rotation, Tokeninfo};
pub use people::{Client, ServiceAccount, User};
pub use sandbox::{Options, Sandbox};
pub use smtp::{SmtpFault, Transaction, Verb};

/// The scope that opens IMAP and SMTP.
pub const MAIL_SCOPE: &str = "https://mail.google.com/";
