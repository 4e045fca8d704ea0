//! What is handed to the writer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, TokenId};
use postern_core::model::token::Protocol;
use tokio::sync::mpsc;

use super::refusals::Refusals;
use crate::clock::Micros;

/// Something to be stored without a transaction of its own.
#[derive(Debug, Clone)]
pub enum Note {
    /// An audit row of the gateway.
    Event {
        /// When.
        at: Micros,
        /// The reference that log and answer share.
        request: String,
        /// What.
        event: Event,
    },
    /// A login that succeeded: counted per token and hour, a row only when the
    /// peer is new to the token.
    Login {
        /// When.
        at: Micros,
        /// Which token.
        token: TokenId,
        /// Which mailbox.
        address: Address,
        /// Where.
        protocol: Protocol,
        /// The peer's address without port.
        peer: String,
    },
    /// What `/r/<ref>` will show.
    Help {
        /// The reference.
        reference: String,
        /// Whose mailbox.
        account: AccountId,
        /// Name of the cause.
        cause: &'static str,
        /// End of life.
        expires_at: Micros,
    },
    /// Gmail's words of a refusal, or that a session was opened again.
    Noted {
        /// Whose mailbox.
        account: AccountId,
        /// The words; none when all is well.
        words: Option<String>,
    },
    /// No new session before `until`.
    Throttled {
        /// Whose mailbox.
        account: AccountId,
        /// Microseconds since 1970.
        until: Micros,
    },
}

/// The way to the writer. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Notes {
    queue: mpsc::Sender<Note>,
    lost: Arc<AtomicU64>,
    refusals: Arc<Mutex<Refusals>>,
}

impl Notes {
    pub(super) fn new(queue: mpsc::Sender<Note>) -> Self {
        Self { queue, lost: Arc::default(), refusals: Arc::default() }
    }

    pub(super) fn refusals(&self) -> &Mutex<Refusals> {
        &self.refusals
    }

    /// What can be told of the queue without keeping it open.
    #[must_use]
    pub(super) fn gauge(&self) -> Gauge {
        Gauge { queue: self.queue.downgrade(), lost: Arc::clone(&self.lost) }
    }

    /// Hands a note over without waiting. A full queue means that the database
    /// has been away for long: the note is counted as lost and said so in the
    /// log, because a mail session must not wait for it.
    pub fn note(&self, note: Note) {
        if self.queue.try_send(note).is_err()
            && self.lost.fetch_add(1, Ordering::Relaxed).is_multiple_of(1000)
        {
            tracing::error!("the audit queue is full, rows of logins and messages are lost");
        }
    }
}

/// How full the queue is, and how many notes it could not take.
pub(super) struct Gauge {
    queue: mpsc::WeakSender<Note>,
    lost: Arc<AtomicU64>,
}

impl Gauge {
    /// Notes that wait; `None` when nobody writes any more.
    pub(super) fn waiting(&self) -> Option<usize> {
        let queue = self.queue.upgrade()?;
        Some(queue.max_capacity() - queue.capacity())
    }

    /// Notes that were lost.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}
