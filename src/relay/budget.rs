//! How many sessions one account may have at Gmail at once.
//!
//! Gmail takes 15 IMAP connections of an account, the user's own programs among
//! them; a sixteenth makes it refuse all for a while. So whoever logs in takes a
//! [`Seat`] first, and waits up to three seconds in a fair queue for one.
//!
//! One clerk per process hands the seats out. On SQLite it is alone and counts
//! in memory; the rows are there to be seen. On PostgreSQL it claims rows under
//! the lock of the account's row, in one short transaction for all that wait,
//! and rows of nodes that are silent for 60 s do not count. With the database
//! away it counts its own sessions only and stores the rows later: a mailbox
//! with sessions on several nodes may then have more of them than its budget.

mod clerk;
mod register;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::time::Duration;

use postern_core::model::id::SessionId;
use postern_core::model::token::Protocol;
use tokio::sync::{mpsc, oneshot};

use self::clerk::{Clerk, Word};
use crate::auth::mail::Verified;
use crate::config::Limits;
use crate::node::settings::Live;
use crate::store::Store;
use crate::store::mail_sessions::MailSession;
use crate::tasks::{Phase, Tasks};

/// Longest wait for a seat.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// Sessions of one account at once, over all nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// Reading.
    pub imap: u32,
    /// Sending.
    pub smtp: u32,
}

impl Most {
    fn now(limits: &Live<Limits>) -> Self {
        let limits = limits.now();
        Self { imap: limits.account_sessions, smtp: limits.account_smtp_sessions }
    }

    fn of(self, protocol: Protocol) -> usize {
        let most = match protocol {
            Protocol::Imap => self.imap,
            Protocol::Smtp => self.smtp,
        };
        usize::try_from(most).unwrap_or(usize::MAX)
    }
}

/// Why there is no seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSeat {
    /// All are taken, for as long as one waits.
    Full,
    /// Gmail said to another node that there are too many.
    Throttled,
    /// This process ends.
    Closing,
}

/// Hands out seats. Cheap to clone.
#[derive(Clone)]
pub struct Budget {
    words: mpsc::UnboundedSender<Word>,
    store: Store,
    node: String,
}

impl Budget {
    /// Starts the clerk of this process, whose rows belong to `node`.
    #[must_use]
    pub fn start(store: &Store, node: &str, most: Live<Limits>, tasks: &Tasks) -> Self {
        let (words, heard) = mpsc::unbounded_channel();
        let (register, rows) = register::open();
        let stop = tasks.stop(Phase::Records);
        tasks.spawn(Phase::Records, register::run(store.clone(), node.to_owned(), rows, stop));
        let clerk = Clerk::new(store.clone(), most, heard, words.clone(), register);
        tasks.spawn(Phase::Work, clerk.run(tasks.stop(Phase::Work)));
        Self { words, store: store.clone(), node: node.to_owned() }
    }

    /// A seat for a session of that mailbox.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn seat(&self, verified: &Verified, protocol: Protocol, peer: IpAddr) -> Result<Seat, NoSeat> {
        let clock = self.store.clock();
        let row = MailSession {
            id: SessionId(self.store.dice().id(clock).map_err(|_| NoSeat::Closing)?),
            account: verified.account.id,
            token: verified.token.id,
            protocol,
            peer: peer.to_string(),
            node: self.node.clone(),
            began_at: clock.now(),
        };
        self.ask(row).await
    }

    async fn ask(&self, row: MailSession) -> Result<Seat, NoSeat> {
        let (told, answer) = oneshot::channel();
        self.words.send(Word::Ask { row, told }).map_err(|_| NoSeat::Closing)?;
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(NoSeat::Closing),
            Err(_) => Err(NoSeat::Full),
        }
    }
}

/// A place among the sessions of an account; free again when it is dropped.
#[derive(Debug)]
pub struct Seat {
    id: SessionId,
    desk: clerk::Desk,
    words: mpsc::UnboundedSender<Word>,
}

impl Seat {
    /// The session's identity in the store.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.id
    }
}

#[cfg(test)]
impl Seat {
    /// One that nobody counts.
    pub(super) fn of_nobody() -> Self {
        let nobody = uuid::Uuid::nil();
        let desk = (postern_core::model::id::AccountId(nobody), Protocol::Imap);
        Self { id: SessionId(nobody), desk, words: mpsc::unbounded_channel().0 }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Without a clerk the process ends, and the rows with it.
        let _heard = self.words.send(Word::Gone { id: self.id, desk: self.desk });
    }
}
