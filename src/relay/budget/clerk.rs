//! Handing out seats: one task, one queue an account.
//!
//! What arrives while the database is asked waits for the next round, so that
//! a thousand logins to one mailbox are a handful of transactions. Nothing is
//! held while one waits.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use postern_core::model::id::{AccountId, SessionId};
use postern_core::model::token::Protocol;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, timeout_at};
use tokio_util::sync::CancellationToken;

use super::register::Register;
use super::{Most, NoSeat, Seat};
use crate::config::Limits;
use crate::node::settings::Live;
use crate::store::mail_sessions::{Claimed, MailSession, claim};
use crate::store::{Store, StoreError};

/// Between two looks whether another node has let go of a session.
const LOOK: Duration = Duration::from_millis(200);
/// Longest wait of a round for the database; then only this node's sessions are counted.
const ANSWER: Duration = Duration::from_secs(2);
/// The same after a round in which it did not answer: who came during one such round is served in the
/// next, within [`super::PATIENCE`].
const ANSWER_AGAIN: Duration = Duration::from_millis(700);
/// Claims at once, of different accounts.
const AT_ONCE: usize = 8;

/// What one budget is for.
pub(super) type Desk = (AccountId, Protocol);

/// What the clerk is told.
#[derive(Debug)]
pub(super) enum Word {
    /// Somebody wants a seat.
    Ask { row: MailSession, told: oneshot::Sender<Result<Seat, NoSeat>> },
    /// A session has ended.
    Gone { id: SessionId, desk: Desk },
}

#[derive(Default)]
struct Queue {
    /// Sessions of this process.
    open: usize,
    waiting: VecDeque<(MailSession, oneshot::Sender<Result<Seat, NoSeat>>)>,
}

/// The one who hands out.
pub(super) struct Clerk {
    store: Store,
    most: Live<Limits>,
    heard: mpsc::UnboundedReceiver<Word>,
    words: mpsc::UnboundedSender<Word>,
    register: Register,
    queues: HashMap<Desk, Queue>,
    /// Desks at which somebody may get a seat now.
    due: HashSet<Desk>,
    /// Desks at which somebody waits for what other nodes let go of.
    starved: HashSet<Desk>,
    down: bool,
}

impl Clerk {
    pub(super) fn new(
        store: Store,
        most: Live<Limits>,
        heard: mpsc::UnboundedReceiver<Word>,
        words: mpsc::UnboundedSender<Word>,
        register: Register,
    ) -> Self {
        let (queues, due, starved) = (HashMap::new(), HashSet::new(), HashSet::new());
        Self { store, most, heard, words, register, queues, due, starved, down: false }
    }

    /// Hands out until `stop`.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                word = self.heard.recv() => match word {
                    Some(word) => self.hear(word),
                    None => return,
                },
                _ = look.tick(), if !self.starved.is_empty() => self.due.extend(self.starved.drain()),
            }
            while let Ok(word) = self.heard.try_recv() {
                self.hear(word);
            }
            self.serve().await;
        }
    }

    fn hear(&mut self, word: Word) {
        match word {
            Word::Ask { row, told } => {
                let desk = (row.account, row.protocol);
                self.queues.entry(desk).or_default().waiting.push_back((row, told));
                self.due.insert(desk);
            }
            Word::Gone { id, desk } => {
                self.register.remove(id);
                if let Some(queue) = self.queues.get_mut(&desk) {
                    queue.open = queue.open.saturating_sub(1);
                    self.due.insert(desk);
                }
            }
        }
    }

    async fn serve(&mut self) {
        let due: Vec<Desk> = self.due.drain().collect();
        let mut claims = Vec::new();
        for desk in due {
            let Some(queue) = self.queues.get_mut(&desk) else { continue };
            queue.waiting.retain(|(_, told)| !told.is_closed());
            let most = Most::now(&self.most).of(desk.1).saturating_sub(queue.open);
            let rows: Vec<_> = queue.waiting.iter().take(most).map(|(row, _)| row.clone()).collect();
            if !rows.is_empty() {
                claims.push((desk, rows, most));
            } else if queue.open == 0 && queue.waiting.is_empty() {
                self.queues.remove(&desk);
            }
        }
        if self.store.embedded() {
            for (desk, rows, _) in claims {
                rows.iter().for_each(|row| self.register.put(row.clone()));
                self.grant(desk, rows.len());
            }
            return;
        }
        let store = &self.store;
        let end = Instant::now() + if self.down { ANSWER_AGAIN } else { ANSWER };
        let claimed: Vec<_> = stream::iter(claims)
            .map(async |(desk, rows, most)| (desk, claimed(store, &rows, most, end).await, rows))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (desk, outcome, rows) in claimed {
            self.told(desk, outcome, rows);
        }
    }

    fn told(&mut self, desk: Desk, outcome: Result<Claimed, StoreError>, rows: Vec<MailSession>) {
        match outcome {
            Ok(Claimed::Some(count)) => {
                self.down = false;
                self.grant(desk, count);
                if count < rows.len() {
                    self.starved.insert(desk);
                }
            }
            Ok(Claimed::Throttled(_)) => {
                self.down = false;
                let queue = self.queues.entry(desk).or_default();
                for (_, told) in queue.waiting.drain(..) {
                    let _gone = told.send(Err(NoSeat::Throttled));
                }
            }
            Err(error) => {
                if !self.down {
                    tracing::warn!(error = %error, "sessions of other nodes cannot be counted, trying on");
                    self.down = true;
                }
                // Their rows may have been stored all the same: the register makes sure of it.
                let count = rows.len();
                rows.into_iter().for_each(|row| self.register.put(row));
                self.grant(desk, count);
            }
        }
    }

    // Who has left meanwhile gets a seat too: dropped at once, it is free again.
    fn grant(&mut self, desk: Desk, count: usize) {
        let queue = self.queues.entry(desk).or_default();
        let count = count.min(queue.waiting.len());
        queue.open += count;
        for (row, told) in queue.waiting.drain(..count) {
            let _gone = told.send(Ok(Seat { id: row.id, desk, words: self.words.clone() }));
        }
    }
}

async fn claimed(
    store: &Store,
    rows: &[MailSession],
    most: usize,
    end: Instant,
) -> Result<Claimed, StoreError> {
    let claimed = async {
        let mut batch = store.batch().await?;
        let claimed = claim(&mut batch, rows, most).await?;
        batch.commit().await?;
        Ok(claimed)
    };
    let late = || StoreError::Unavailable("no answer in time".to_owned());
    timeout_at(end, claimed).await.unwrap_or_else(|_| Err(late()))
}
