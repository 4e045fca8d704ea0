//! Keeping Google and the CRM in step.
//!
//! | file | what is in it |
//! |---|---|
//! | `worker` | [`Sync`]: runs what is due, on whichever node is free |
//! | `hands` | which calendar is run next in this process |
//! | `listening` | [`Listening`]: has both sides tell of their changes |
//! | `schedule` | when a calendar is due |
//! | `who` | through whom a calendar is read, written and watched |
//! | `asleep` | calendars of disconnected accounts, and their return |
//! | `approvals` | what waits for a person, and what a person has approved |
//! | `contacts` | a run of one address book, and its own loop: [`Contacts`] |
//! | `crm` | the CRM as one source for all calendars |
//! | `calendar` | a run of one calendar: pull, plan, perform |
//! | `directory` | who has which address in the CRM, remembered for an hour |
//! | `reach` | by which address people of the CRM can be invited, remembered for an hour |
//! | `missed` | why an effect did not happen |
//! | `more` | what is left to be planned for after one that did |
//! | `taking_back` | what an undo does, one act at a time |
//! | `told` | what the log was told already |
//!
//! A run holds the calendar's lease; everything it writes is written under its
//! fence, so a holder that was overtaken while it slept writes nothing more. What
//! is seen is stored first, with the cursor that covers it; plans are made from
//! what is stored. Every effect is meant before it is done and remembered with
//! its answer, so that a run that is cut off anywhere is taken up by the next.

mod approvals;
mod asleep;
mod calendar;
mod contacts;
mod crm;
mod directory;
mod hands;
mod listening;
mod missed;
mod more;
mod reach;
mod remembered;
mod schedule;
mod taking_back;
mod told;
mod who;
mod worker;

pub use contacts::{Contacts, JOB as CONTACTS_JOB, Roads};
pub use listening::{Addresses, Listening};
pub use worker::{JOB, Sync, Ways};
