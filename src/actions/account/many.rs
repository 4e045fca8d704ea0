//! Registering many mailboxes behind a page.
//!
//! Each line is an act of its own: registered as a whole or not at all. No link
//! is made, for there is nobody to show it to. Whoever starts it gets a name for
//! the run, under which every node tells how far it is; when the process stops,
//! what is registered stays and the rest is not begun.

use std::time::Duration;

use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, ProgressId};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::add::{Rules, all};
use super::link;
use super::mail::helps;
use super::register::{Registration, examine, register};
use crate::actions::{ActError, By};
use crate::clock::{Micros, micros};
use crate::store::accounts::{self, Account};
pub use crate::store::progress::Begun;
use crate::store::progress::{self, Line, Progress};
use crate::store::{Store, StoreError};

const KIND: &str = "register";
/// Whoever shows no sign of life for so long is gone.
const ALIVE: Duration = Duration::from_secs(60);
const BEAT: Duration = Duration::from_secs(1);
const LAST_TRIES: usize = 5;

/// How a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Figures.
    pub progress: Progress,
    /// It goes on.
    pub running: bool,
    /// Lines that failed, each with its reason.
    pub failed: Vec<(i64, String)>,
}

/// What registering a line would do: whether it is known already.
///
/// # Errors
/// Why it could not be registered.
pub async fn look(store: &Store, rules: Rules<'_>, wanted: &Registration) -> Result<bool, ActError> {
    let known = examine(&mut store.read().await?, rules.allowed_domains, wanted).await?;
    Ok(known.is_some())
}

/// Takes a name for a run of `total` lines; one runs at a time.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(store: &Store, total: usize) -> Result<Begun, StoreError> {
    let mut batch = store.batch().await?;
    let begun = progress::begin(&mut batch, KIND, total, since(store)).await?;
    batch.commit().await?;
    Ok(begun)
}

/// Registers line after line until `stop`; `binds` as in [`Rules`].
pub async fn run(
    store: Store,
    by: By,
    domains: Vec<String>,
    id: ProgressId,
    wanted: Vec<(usize, Registration)>,
    binds: bool,
    stop: CancellationToken,
) {
    let (mut done, mut noted) = (Vec::new(), Instant::now());
    for (number, wanted) in wanted {
        if stop.is_cancelled() {
            break;
        }
        let outcome = one(&store, &by, &domains, &wanted, binds).await.map_err(|why| why.to_string());
        done.push(Line { number, outcome });
        if noted.elapsed() >= BEAT {
            note(&store, id, &mut done, false).await;
            noted = Instant::now();
        }
    }
    for _ in 0..LAST_TRIES {
        if note(&store, id, &mut done, true).await {
            return;
        }
        tokio::time::sleep(BEAT).await;
    }
}

async fn one(
    store: &Store,
    by: &By,
    domains: &[String],
    wanted: &Registration,
    binds: bool,
) -> Result<AccountId, ActError> {
    let mut act = by.open(store).await?;
    let (account, events) = register(&mut act, domains, wanted, binds).await?;
    if !events.is_empty() {
        all(act, events).await?;
    }
    Ok(account.id)
}

// What cannot be written down now is kept for the next time.
async fn note(store: &Store, id: ProgressId, done: &mut Vec<Line>, last: bool) -> bool {
    let noted = async {
        let mut batch = store.batch().await?;
        progress::note(&mut batch, id, done).await?;
        if last {
            progress::finish(&mut batch, id).await?;
        }
        batch.commit().await
    };
    match noted.await {
        Ok(()) => done.clear(),
        Err(error) => {
            tracing::warn!(%error, "the progress of a registration was not stored");
            return false;
        }
    }
    true
}

/// How a run stands; none when nobody knows it.
///
/// # Errors
/// When the database does not answer.
pub async fn standing(store: &Store, id: ProgressId) -> Result<Option<Standing>, StoreError> {
    let mut read = store.read().await?;
    let Some(progress) = progress::get(&mut read, id).await? else { return Ok(None) };
    let running = progress.finished_at.is_none() && progress.beat_at > since(store);
    Ok(Some(Standing { progress, running, failed: progress::failed(&mut read, id).await? }))
}

/// The mailboxes of a run.
///
/// # Errors
/// When the database does not answer.
pub async fn registered(store: &Store, id: ProgressId) -> Result<Vec<AccountId>, StoreError> {
    progress::accounts(&mut store.read().await?, id).await
}

/// A fresh link for each of these mailboxes whose owner has to consent, all or
/// none.
///
/// # Errors
/// When the database does not answer.
pub async fn links(
    store: &Store,
    by: &By,
    rules: Rules<'_>,
    wanted: &[AccountId],
) -> Result<Vec<(Account, Option<link::Link>)>, ActError> {
    let mut act = by.open(store).await?;
    let (mut out, mut events) = (Vec::new(), Vec::new());
    for id in wanted.iter().copied() {
        let Some(account) = accounts::locked(&mut act, id).await? else { continue };
        let link = match helps(store, &mut act, &account).await? {
            true => Some(link::issue(&mut act, id, rules.public_url).await?),
            false => None,
        };
        if link.is_some() {
            events.push(Event::ConsentLinkIssued { account: id, address: account.address.clone() });
        }
        out.push((account, link));
    }
    all(act, events).await?;
    Ok(out)
}

fn since(store: &Store) -> Micros {
    store.clock().now() - micros(ALIVE)
}
