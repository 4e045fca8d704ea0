//! What is handed to the writer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, TokenId};
use postern_core::model::token::Protocol;
use tokio::sync::mpsc;

use super::refusals::Refusals;
use super::wrong_keys::WrongKeys;
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

impl Note {
    /// What it is, for the log.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Event { .. } => "event",
            Self::Login { .. } => "login",
            Self::Help { .. } => "help",
            Self::Noted { .. } => "noted",
            Self::Throttled { .. } => "throttled",
        }
    }
}

/// The way to the writer. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Notes {
    queue: mpsc::Sender<Note>,
    losses: Losses,
    refusals: Arc<Mutex<Refusals>>,
    wrong_keys: Arc<Mutex<WrongKeys>>,
}

impl Notes {
    pub(super) fn new(queue: mpsc::Sender<Note>) -> Self {
        Self { queue, losses: Losses::default(), refusals: Arc::default(), wrong_keys: Arc::default() }
    }

    pub(super) fn refusals(&self) -> &Mutex<Refusals> {
        &self.refusals
    }

    pub(super) fn wrong_keys(&self) -> &Mutex<WrongKeys> {
        &self.wrong_keys
    }

    /// What can be told of the queue without keeping it open.
    #[must_use]
    pub(super) fn gauge(&self) -> Gauge {
        Gauge { queue: self.queue.downgrade(), losses: self.losses() }
    }

    /// Hands a note over without waiting. A full queue means that the database
    /// has been away for long: the note is counted as lost, because a mail
    /// session must not wait for it, and the count becomes a row of its own.
    pub fn note(&self, note: Note) {
        if self.queue.try_send(note).is_err() && self.losses.one_more().is_multiple_of(1000) {
            tracing::error!("the audit queue is full, rows of logins and messages are lost");
        }
    }

    /// What the writer must tell of.
    #[must_use]
    pub fn losses(&self) -> Losses {
        self.losses.clone()
    }
}

/// How many notes found the queue full.
#[derive(Debug, Clone, Default)]
pub struct Losses(Arc<Lost>);

#[derive(Debug, Default)]
struct Lost {
    all: AtomicU64,
    untold: AtomicU64,
}

impl Losses {
    fn one_more(&self) -> u64 {
        self.0.untold.fetch_add(1, Ordering::Relaxed);
        self.0.all.fetch_add(1, Ordering::Relaxed)
    }

    /// The note that stands for those of which no row tells yet; now it is the
    /// caller's to store.
    pub(super) fn told(&self, at: Micros) -> Option<Note> {
        let count = self.0.untold.swap(0, Ordering::Relaxed);
        let event = Event::NotesDropped { count, why: "queue_full" };
        (count > 0).then(|| Note::Event { at, request: String::new(), event })
    }
}

/// How full the queue is, and how many notes it could not take.
pub(super) struct Gauge {
    queue: mpsc::WeakSender<Note>,
    losses: Losses,
}

impl Gauge {
    /// Notes that wait; `None` when nobody writes any more.
    pub(super) fn waiting(&self) -> Option<usize> {
        let queue = self.queue.upgrade()?;
        Some(queue.max_capacity() - queue.capacity())
    }

    /// Notes that were lost.
    pub(super) fn lost(&self) -> u64 {
        self.losses.0.all.load(Ordering::Relaxed)
    }
}
