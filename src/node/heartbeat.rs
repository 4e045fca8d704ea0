//! This process's sign of life among those that serve on the database.
//!
//! - A node takes its name when it begins to serve, beats every five seconds,
//!   and gives the name up at the orderly end. Silent for 60 s, it is dead.
//! - A name that another process has is not taken while that process lives: the
//!   claim watches for its next beat and refuses, or takes over when it stays
//!   silent: for a minute, or for two beats where [`Remains`] prove its end. On
//!   SQLite the lock of [`crate::store::Alone`] has decided already.
//! - A database that is away ends no node. A node that finds its name taken by
//!   another living process is no node any more: [`Heartbeat::overtaken`] says
//!   so, and it must stop serving.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::remains::Remains;
use crate::store::nodes::{self, Card, Claim, Node, Over, QUIET, SILENT};
use crate::store::{Store, StoreError};

const BEAT: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_secs(1);

/// Why this process does not serve.
#[derive(Debug, thiserror::Error)]
pub enum NotOurs {
    /// The name belongs to a process that lives.
    #[error(
        "another process serves as node {:?} on host {} (Postern {}, last heard of {} s ago): give this one its \
         own name, `[node] name`, or stop the other",
        .0.card.name, .0.card.host, .0.card.version, .0.silent.as_secs()
    )]
    Held(Box<Node>),
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A node's presence. Cheap to clone.
#[derive(Clone)]
pub struct Heartbeat {
    store: Store,
    card: Card,
    overtaken: CancellationToken,
    // Whoever gets them knows that this process is gone.
    _remains: Option<Arc<Remains>>,
}

impl Heartbeat {
    /// Takes the name of this process. With the name in a row that another
    /// process left behind, this may take until that one has been silent for a
    /// minute, or for two beats where it left its remains in `folder`.
    ///
    /// # Errors
    /// When another process has it and lives.
    pub async fn start(store: &Store, folder: Option<&Path>) -> Result<Self, NotOurs> {
        let card = card(store)?;
        let take = || Remains::take(folder?, &card.name);
        let mut remains = None;
        let mut first: Option<Box<Node>> = None;
        loop {
            // Who ends just now lets go of its lock last.
            remains = remains.or_else(take);
            let dead = remains.as_ref().map(Remains::dead).filter(|dead| !dead.is_empty());
            let over = match dead {
                _ if store.embedded() => Over::Anybody,
                Some(dead) => Over::Dead(dead),
                None => Over::Silent,
            };
            let mut batch = store.batch().await?;
            let Claim::Held(other) = nodes::claim(&mut batch, &card, over).await? else {
                batch.commit().await?;
                if let Some(remains) = &mut remains {
                    remains.sign(&card.incarnation);
                }
                let (overtaken, remains) = (CancellationToken::new(), remains.map(Arc::new));
                return Ok(Self { store: store.clone(), card, overtaken, _remains: remains });
            };
            drop(batch);
            match &first {
                Some(first) if first.beat_at != other.beat_at => return Err(NotOurs::Held(other)),
                Some(_) => {}
                None => {
                    let Node { card, silent, .. } = &*other;
                    let gone = card.host == machine() && dead == Some(&card.incarnation);
                    tracing::warn!(
                        node = card.name,
                        host = card.host,
                        silent = silent.as_secs(),
                        "another process has the name of this node; waiting whether it lives, for at most {} s",
                        if gone { QUIET } else { SILENT }.saturating_sub(*silent).as_secs()
                    );
                    first = Some(other);
                }
            }
            sleep(LOOK).await;
        }
    }

    /// Who this process is; sessions and the like are stored under it.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// Returns when another process has taken this one's name: then this one
    /// counts as dead everywhere and must stop.
    pub async fn overtaken(&self) {
        self.overtaken.cancelled().await;
    }

    /// Beats until `stop`, then gives the name up.
    pub async fn run(self, stop: CancellationToken) {
        let mut down = false;
        while !self.overtaken.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => return self.leave().await,
                () = sleep(BEAT) => {}
            }
            match self.tick().await {
                Ok(()) if down => {
                    tracing::info!("this node is heard of again");
                    down = false;
                }
                Ok(()) => {}
                Err(error) => {
                    if !down {
                        tracing::warn!(error = %error, "this node gives no sign of life, trying on");
                        down = true;
                    }
                }
            }
        }
    }

    /// One beat.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tick(&self) -> Result<(), StoreError> {
        let beaten = timeout(PATIENCE, self.beat()).await;
        let held = beaten.map_err(|_| StoreError::Unavailable("no answer in time".to_owned()))??;
        if let Some(other) = held {
            tracing::error!(
                node = other.card.name,
                host = other.card.host,
                silent = other.silent.as_secs(),
                "another process has taken the name of this node, which was silent for a minute or shares its \
                 name; this one stops"
            );
            self.overtaken.cancel();
        }
        Ok(())
    }

    async fn beat(&self) -> Result<Option<Box<Node>>, StoreError> {
        let mut batch = self.store.batch().await?;
        // A key that was loaded since is told of.
        let card = Card { keys: self.store.ring().ids().collect(), ..self.card.clone() };
        if nodes::beat(&mut batch, &card).await? {
            return batch.commit().await.map(|()| None);
        }
        // The row was swept while this process slept, or somebody else has it.
        match nodes::claim(&mut batch, &card, Over::Silent).await? {
            Claim::Ours => batch.commit().await.map(|()| None),
            Claim::Held(other) => Ok(Some(other)),
        }
    }

    async fn leave(&self) {
        let left = async {
            let mut batch = self.store.batch().await?;
            nodes::leave(&mut batch, &self.card).await?;
            batch.commit().await
        };
        if let Err(error) = left.await {
            tracing::debug!(error = %error, "the row of this node stays until it is old");
        }
    }
}

/// The name of this machine.
#[must_use]
pub fn machine() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn card(store: &Store) -> Result<Card, StoreError> {
    Ok(Card {
        name: store.node().to_owned(),
        incarnation: store.dice().word()?,
        host: machine(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema_known: store.schema_known(),
        keys: store.ring().ids().collect(),
    })
}
