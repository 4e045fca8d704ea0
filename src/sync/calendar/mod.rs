//! A run of one calendar.
//!
//! 1. `settle`: what an earlier run meant to do and was cut off is settled.
//! 2. `pull`: what Google shows anew is stored with the cursor that covers it.
//! 3. `unfold`: series are told as the events that they stand for.
//! 4. `confirmed`, `undo`: what a person wants taken back or removed goes; a calendar that is only run
//!    for that plans nothing.
//! 5. `scene`: what changed on either side is read from the store and planned.
//! 6. `perform`: each operation that no guard holds is meant, done, remembered; `invite` writes guests.
//! 7. `people`: who takes part, and what they answered, goes to the CRM.
//!
//! What turns out to be different from what was planned for is looked at again
//! and planned again, three times in a run.
//!
//! `copies` is of what a user only takes part in: planned and performed with the rest, and in no
//! pair's way.
//!
//! `channels` stands beside the runs: it has Google call when a calendar changes.

pub(in crate::sync) mod channels;
mod confirmed;
mod copies;
pub(in crate::sync) mod crm;
mod google;
mod hold;
mod invite;
mod ledger;
mod made;
mod make;
mod miss;
mod moving;
mod people;
mod perform;
mod pull;
mod reclaim;
mod rival;
mod run;
mod scene;
mod settle;
mod undo;
mod unfold;

pub(in crate::sync) use run::{Homes, Run};
