//! The three ways to touch the database.

use std::time::Duration;

use postern_core::model::actor::Actor;
use postern_core::model::change::Change;
use postern_core::model::event::Event;
use sqlx::pool::PoolConnection;
use sqlx::{Postgres, Sqlite, Transaction};

use super::error::StoreError;
use super::open::{Pool, Store};
use super::sql::{ANSWER, Db, Source, Write, within};
use super::{audit, changes};
use crate::tasks::Holding;

// A place in SQLite's queue of writers, then its lock.
const BEGIN: Duration = Duration::from_secs(17);
// A commit without an answer may have happened: it is given up late.
const COMMIT: Duration = ANSWER.saturating_mul(3);

/// A connection for reading.
pub struct Read(Reading);

enum Reading {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Source for Read {
    fn db(&mut self) -> Db<'_> {
        match &mut self.0 {
            Reading::Sqlite(c) => Db::Sqlite(c),
            Reading::Postgres(c) => Db::Postgres(c),
        }
    }
}

enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    fn db(&mut self) -> Db<'_> {
        match self {
            Self::Sqlite(tx) => Db::Sqlite(tx),
            Self::Postgres(tx) => Db::Postgres(tx),
        }
    }

    async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => within(COMMIT, tx.commit()).await,
            Self::Postgres(tx) => within(COMMIT, tx.commit()).await,
        }
    }
}

/// A write that needs no audit row of its own: counters, caches, batches of
/// audit rows. Dropping it undoes it.
pub struct Batch {
    tx: Tx,
    store: Store,
    _holding: Holding,
}

impl Source for Batch {
    fn db(&mut self) -> Db<'_> {
        self.tx.db()
    }
}

impl Write for Batch {
    fn store(&self) -> Store {
        self.store.clone()
    }
}

impl Batch {
    /// Makes it durable.
    ///
    /// # Errors
    /// When the database refuses; then nothing was written. When it does not
    /// answer, what was written stands or not.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.tx.commit().await
    }
}

/// A change of accounts, grants, tokens or clients. It ends only by
/// [`Act::commit`], together with its audit row and what other processes must
/// notice; dropping it undoes it.
pub struct Act {
    tx: Tx,
    store: Store,
    actor: Actor,
    request: String,
    changes: Vec<Change>,
    also: Vec<Event>,
    _holding: Holding,
}

impl Source for Act {
    fn db(&mut self) -> Db<'_> {
        self.tx.db()
    }
}

impl Write for Act {
    fn store(&self) -> Store {
        self.store.clone()
    }
}

impl Act {
    /// Something that every process must notice, this one first.
    pub fn tell(&mut self, change: Change) {
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }

    /// Names the author, where only the rows that are changed tell who it is.
    pub fn authored(&mut self, actor: Actor) {
        self.actor = actor;
    }

    /// A further audit row.
    pub fn also(&mut self, event: Event) {
        self.also.push(event);
    }

    /// Writes the audit rows and, last, bumps the change sequence (its row lock
    /// orders the commits of all processes), then commits.
    ///
    /// # Errors
    /// When anything of it fails; then nothing was written.
    pub async fn commit(mut self, event: Event) -> Result<(), StoreError> {
        let mut events = vec![event];
        events.append(&mut self.also);
        let (actor, request) = (self.actor.label(), self.request.clone());
        let store = self.store.clone();
        let rows: Vec<_> = events
            .iter()
            .map(|event| audit::Entry { at: store.clock().now(), actor: &actor, request: &request, event })
            .collect();
        audit::append(&mut self, &store, &rows).await?;
        let told = std::mem::take(&mut self.changes);
        if !told.is_empty() {
            changes::bump(&mut self, &told, store.clock().now()).await?;
        }
        self.tx.commit().await?;
        told.into_iter().for_each(|change| store.told().tell(change));
        Ok(())
    }
}

impl Store {
    /// A connection for reading.
    ///
    /// # Errors
    /// When none is free in time.
    pub async fn read(&self) -> Result<Read, StoreError> {
        Ok(Read(match &self.0.pool {
            Pool::Sqlite { read, .. } => Reading::Sqlite(read.acquire().await?),
            Pool::Postgres(pool) => Reading::Postgres(pool.acquire().await?),
        }))
    }

    /// Opens an act of `actor`; `request` is the reference that log, answer and
    /// audit share.
    ///
    /// # Errors
    /// When the database does not answer or stays locked.
    pub async fn act(&self, actor: &Actor, request: &str) -> Result<Act, StoreError> {
        Ok(Act {
            tx: self.begin().await?,
            store: self.clone(),
            actor: actor.clone(),
            request: request.to_owned(),
            changes: Vec::new(),
            also: Vec::new(),
            _holding: Holding::start(),
        })
    }

    /// Whether a write could begin now: takes the write lock and gives it back.
    ///
    /// # Errors
    /// When the database does not answer or stays locked.
    pub async fn writable(&self) -> Result<(), StoreError> {
        self.batch().await.map(drop)
    }

    /// Opens a batch.
    ///
    /// # Errors
    /// When the database does not answer or stays locked.
    pub async fn batch(&self) -> Result<Batch, StoreError> {
        Ok(Batch { tx: self.begin().await?, store: self.clone(), _holding: Holding::start() })
    }

    async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match &self.0.pool {
            Pool::Sqlite { write, .. } => {
                Tx::Sqlite(within(BEGIN, write.begin_with("BEGIN IMMEDIATE")).await?)
            }
            Pool::Postgres(pool) => Tx::Postgres(within(BEGIN, pool.begin()).await?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{StoreError, meta, trial};
    use crate::clock::Clock;

    #[tokio::test]
    async fn a_full_file_refuses_a_batch_for_now_and_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = trial::store(folder.path(), Clock::system()).await;
        meta::found(&store).await.unwrap();
        for _ in 0..3 {
            // Each failure costs the connection, and the limit with it.
            trial::page_limit(&store, 1).await;
            let error = trial::fill(&store, 1_000_000).await.unwrap_err();
            assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
            assert!(error.to_string().contains("full"), "{error}");
        }
        assert!(meta::founded(&store).await.unwrap());
        trial::fill(&store, 1_000_000).await.unwrap();
        let reopened = trial::again(folder.path(), Clock::system()).await;
        assert!(meta::founded(&reopened).await.unwrap());
    }
}
