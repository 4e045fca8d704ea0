//! A run of one address book: the people of one account at Google, and the Contacts and Leads of the
//! CRM that its owner may see.
//!
//! 1. `settle`: what an earlier run meant to do and was cut off is settled.
//! 2. `pull`: what Google shows anew is stored with the cursor that covers it.
//! 3. `sight`: now and then it is asked which linked records the user may see.
//! 4. `stage`, `cast`: what changed on either side, what was pushed, and who may be whom.
//! 5. `perform`, `make`, `records`: each operation that no guard holds is meant, done, remembered.
//! 6. `pushed`, `review`: what came of a push is told; what only a person can say is asked.
//!
//! Before it is planned, `confirmed` and `undo` take back what somebody wants taken back of an earlier run.
//!
//! States of a person that is made: meant (a link without a person, and an intent), then made, or not
//! made, or unknown. Of an unknown one nobody makes another before a full list that began
//! after Google's delay has not shown our mark. So a lost answer costs time and never a second
//! person; where Google has two all the same, the one that nobody has touched goes.
//!
//! Promised: as in the plan, and: what is written to a person is written under the version that
//! was planned for; a batch is answered person by person; a record is read again right before it is
//! written, and written only as long as the user may see it. Refused: whatever the plan refuses.
//!
//! `cards` reads what changed in the CRM, once for all books. `worker` runs what is due. `look` looks
//! once more at whom something is to be done about.

mod cards;
mod cast;
mod confirmed;
mod crm;
mod google;
mod hold;
mod ledger;
mod look;
mod make;
mod perform;
mod pull;
mod pushed;
mod records;
mod review;
mod run;
mod settle;
mod sight;
mod stage;
mod undo;
mod worker;

pub use worker::{Contacts, JOB, Roads};
