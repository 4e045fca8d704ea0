//! The rows of this process's sessions: written together, and again until the
//! database takes them. Nobody waits for this; the claim of a seat has written
//! its row already where others count it.

use std::collections::BTreeMap;
use std::time::Duration;

use postern_core::model::id::SessionId;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::store::mail_sessions::{self, MailSession};
use crate::store::{Store, StoreError};

/// Between two writes where the rows are there to be seen: a short session
/// leaves none.
const SEEN: Duration = Duration::from_secs(1);
/// The same where other nodes wait for a session's end.
const COUNTED: Duration = Duration::from_millis(100);
const PRUNE: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(8);
const BATCH: usize = 500;

/// What is to be written, by session.
struct Rows {
    /// A row that the claim may have stored has to be removed in any case.
    claimed: bool,
    rows: BTreeMap<SessionId, Option<MailSession>>,
}

/// The way to the rows.
pub(super) struct Register(mpsc::UnboundedSender<(SessionId, Option<MailSession>)>);

type Heard = mpsc::UnboundedReceiver<(SessionId, Option<MailSession>)>;

/// A register, and what [`run`] writes.
pub(super) fn open() -> (Register, Heard) {
    let (register, rows) = mpsc::unbounded_channel();
    (Register(register), rows)
}

impl Register {
    /// A session is open.
    pub(super) fn put(&self, row: MailSession) {
        let _ended = self.0.send((row.id, Some(row)));
    }

    /// It has ended.
    pub(super) fn remove(&self, id: SessionId) {
        let _ended = self.0.send((id, None));
    }
}

/// Writes until `stop`, then removes all rows of this node.
pub(super) async fn run(store: Store, node: String, mut heard: Heard, stop: CancellationToken) {
    let pause = if store.embedded() { SEEN } else { COUNTED };
    let mut rows = Rows { claimed: !store.embedded(), rows: BTreeMap::new() };
    let mut down = false;
    let mut prune = tokio::time::interval(PRUNE);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = prune.tick() => said(&mut down, in_time(swept(&store)).await),
            word = heard.recv() => match word {
                Some((id, row)) => rows.note(id, row),
                None => break,
            },
        }
        while !rows.rows.is_empty() && !stop.is_cancelled() {
            let _stopped = timeout(pause, stop.cancelled()).await;
            while let Ok((id, row)) = heard.try_recv() {
                rows.note(id, row);
            }
            let written = in_time(rows.write(&store)).await;
            if written.is_err() {
                sleep(SEEN).await;
            }
            said(&mut down, written);
        }
    }
    let left = async {
        let mut batch = store.batch().await?;
        mail_sessions::leave(&mut batch, &node).await?;
        batch.commit().await
    };
    if let Err(error) = in_time(left).await {
        tracing::debug!(error = %error, "the session rows of this node stay until they are old");
    }
}

impl Rows {
    fn note(&mut self, id: SessionId, row: Option<MailSession>) {
        if row.is_none() && !self.claimed && self.rows.remove(&id).is_some() {
            return; // It was never written.
        }
        self.rows.insert(id, row);
    }

    async fn write(&mut self, store: &Store) -> Result<(), StoreError> {
        let mut batch = store.batch().await?;
        let some: Vec<SessionId> = self.rows.keys().take(BATCH).copied().collect();
        for id in &some {
            match self.rows.get(id) {
                Some(Some(row)) => mail_sessions::put(&mut batch, row).await?,
                Some(None) => mail_sessions::remove(&mut batch, *id).await?,
                None => {}
            }
        }
        batch.commit().await?;
        some.iter().for_each(|id| {
            self.rows.remove(id);
        });
        Ok(())
    }
}

async fn swept(store: &Store) -> Result<(), StoreError> {
    let mut batch = store.batch().await?;
    mail_sessions::prune(&mut batch).await?;
    batch.commit().await
}

async fn in_time<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let late = || StoreError::Unavailable("no answer in time".to_owned());
    timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(late()))
}

fn said(down: &mut bool, written: Result<(), StoreError>) {
    match written {
        Ok(()) => *down = false,
        Err(error) => {
            if !*down {
                tracing::warn!(error = %error, "the rows of mail sessions cannot be written, trying on");
                *down = true;
            }
        }
    }
}
