//! Runs the address books that are due, on whichever node is free.
//!
//! A book is due at its own place in the interval, or at once when somebody pushes, chooses, decides or
//! asks for it, or the CRM shows a change. Whoever takes its lease runs it. A book that has used up
//! Google's pace is due again when there is more of it; any other failure delays this book, and
//! no other.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::id::BookId;
use postern_core::model::scope::Product;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::cards::Source;
use super::crm::Crm;
use super::run::Run;
use crate::clock::{Micros, micros};
use crate::crm::client::Client;
use crate::crm::contacts::Sight;
use crate::crm::describe::people::{PeopleDescribed, describe_people};
use crate::crm::user::UserId;
use crate::google::people::People;
use crate::google::quota::Caller;
use crate::store::contacts::books::{self, Book};
use crate::store::contacts::pushes;
use crate::store::leases::{self, Lease};
use crate::store::sync::calendars::Ended;
use crate::store::sync::runs::{self, Counts};
use crate::store::{Store, StoreError, accounts, jobs, switched_off};
use crate::sync::missed::{Missed, Stop};
use crate::sync::schedule;
use crate::sync::worker::paused;
use crate::tasks::{Phase, Tasks};

/// The job under which the synchronisation is listed, paused and asked for.
pub const JOB: &str = "SynchronizeContactsWithGoogle";

/// How often the worker looks for what is due.
const LOOK: Duration = Duration::from_secs(1);
/// Books that run at a time in one process.
const AT_ONCE: i64 = 4;
const LEASE: Duration = Duration::from_secs(180);
/// What the CRM is, is asked anew after this time.
const DESCRIBED: Duration = Duration::from_secs(600);
/// A CRM that did not describe itself is asked again after this time: more wrong keys shut the
/// whole address out.
const SHUT: Duration = Duration::from_secs(60);
/// Time between two sweeps of the CRM.
const SWEEP: Duration = Duration::from_secs(6 * 3_600);
/// The least time between two readings of the CRM.
const HURRY: Duration = Duration::from_secs(60);
/// After Google asked for a slower pace, the next run begins no earlier.
const SLOWER: Duration = Duration::from_secs(60);
/// How long what was pushed is told.
const TOLD: Duration = Duration::from_secs(30 * 86_400);
/// Requests wait so long for their place in the budget before the run gives way.
const PATIENCE: Duration = Duration::from_secs(5);
/// Words of runs that only wait for Google's pace.
const PARKED: &str = "parked";
const TOO_FAST: [&str; 2] = ["rate_limited_user", "rate_limited_project"];

/// The ways to both sides, and how often they are gone.
pub struct Roads {
    /// Google.
    pub google: People,
    /// The CRM; without one nothing runs.
    pub crm: Option<Client>,
    /// Time between two runs of an address book.
    pub interval: Duration,
    /// How long Google may hide what was made.
    pub delay: Duration,
}

/// Keeps address books in step. Cheap to clone.
#[derive(Clone)]
pub struct Contacts(Arc<Inner>);

type Known = Result<Arc<Described>, Missed>;

struct Described {
    people: PeopleDescribed,
    me: String,
}

struct Inner {
    store: Store,
    roads: Roads,
    tasks: Tasks,
    // Until when it holds, and what the CRM is, or why it did not say.
    described: Mutex<Option<(Micros, Known)>>,
    crm_at: Mutex<Micros>,
    // One reading at a time.
    reading: AtomicBool,
    running: std::sync::Mutex<BTreeSet<BookId>>,
}

impl Contacts {
    /// A worker that has done nothing yet.
    #[must_use]
    pub fn new(store: Store, roads: Roads, tasks: Tasks) -> Self {
        Self(Arc::new(Inner {
            store,
            roads,
            tasks,
            described: Mutex::default(),
            crm_at: Mutex::default(),
            reading: AtomicBool::default(),
            running: std::sync::Mutex::default(),
        }))
    }

    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        if self.0.roads.crm.is_none() {
            return;
        }
        let mut down = false;
        loop {
            match self.turn().await {
                Ok(()) => down = false,
                Err(error) if down => tracing::debug!(%error, "the contacts still wait"),
                Err(error) => {
                    tracing::warn!(%error, "the contacts wait");
                    down = true;
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Reads the CRM and runs every book that is due, one after another: for a command line where no
    /// node serves. How many were run.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn drain(&self) -> Result<u64, StoreError> {
        let store = &self.0.store;
        if store.standing().await?.holds() {
            return Ok(0);
        }
        self.read_crm().await?;
        let mut ran = 0;
        loop {
            let due = books::due(&mut store.read().await?, store.clock().now(), 64).await?;
            if due.is_empty() {
                return Ok(ran);
            }
            let before = ran;
            for book in due {
                ran += u64::from(self.book(book).await?);
            }
            if ran == before {
                // Another process has them all in hand.
                tokio::time::sleep(LOOK).await;
            }
        }
    }

    /// The job itself: books are due each at its own place in the interval, so it only makes them all
    /// due when somebody has asked for it, and forgets what was pushed long ago. How many are in use.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn called(&self) -> Result<Option<u64>, StoreError> {
        let store = &self.0.store;
        let mut read = store.read().await?;
        let Some(job) = jobs::by_name(&mut read, JOB).await? else { return Ok(None) };
        let asked = jobs::runs(&mut read, job.id, 1).await?.iter().any(|run| run.asked_by.is_some());
        let used = books::used(&mut read).await?;
        drop(read);
        let now = store.clock().now();
        let mut batch = store.batch().await?;
        pushes::prune(&mut batch, now - micros(TOLD)).await?;
        if asked {
            books::wake_all(&mut batch, None, now).await?;
        }
        batch.commit().await?;
        if asked {
            *self.0.crm_at.lock().await = 0;
        }
        Ok(u64::try_from(used).ok())
    }

    async fn turn(&self) -> Result<(), StoreError> {
        let store = &self.0.store;
        let now = store.clock().now();
        if paused(store, JOB).await? {
            return Ok(());
        }
        if !self.0.reading.load(Ordering::Acquire) && self.crm_due(now).await {
            self.0.reading.store(true, Ordering::Release);
            // However long that takes, who pushes does not wait for it.
            let this = self.clone();
            self.0.tasks.spawn(Phase::Work, async move {
                if let Err(error) = this.read_crm().await {
                    tracing::warn!(%error, "the CRM's changes of contacts wait");
                }
                this.0.reading.store(false, Ordering::Release);
            });
        }
        let free = AT_ONCE - i64::try_from(self.running().len()).unwrap_or(AT_ONCE);
        if free <= 0 {
            return Ok(());
        }
        for book in books::due(&mut store.read().await?, now, AT_ONCE * 2).await? {
            if self.running().len() >= usize::try_from(AT_ONCE).unwrap_or(1) {
                break;
            }
            if !self.running().insert(book) {
                continue;
            }
            let this = self.clone();
            self.0.tasks.spawn(Phase::Work, async move {
                let busy = Busy(&this, book);
                if let Err(error) = this.book(book).await {
                    tracing::warn!(book.id = %book, %error, "an address book was not run");
                }
                drop(busy);
            });
        }
        Ok(())
    }

    fn running(&self) -> std::sync::MutexGuard<'_, BTreeSet<BookId>> {
        self.0.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    // Once in an interval, and not because of every push.
    async fn crm_due(&self, now: Micros) -> bool {
        let mut at = self.0.crm_at.lock().await;
        if now < *at {
            return false;
        }
        *at = now + micros(self.0.roads.interval.max(HURRY).min(Duration::from_secs(600)));
        true
    }

    /// Reads what changed in the CRM, once for all books.
    async fn read_crm(&self) -> Result<(), StoreError> {
        let Some(client) = &self.0.roads.crm else { return Ok(()) };
        let store = &self.0.store;
        if books::used(&mut store.read().await?).await? == 0 {
            return Ok(());
        }
        let Some(lease) = leases::take(store, "sync crm people", LEASE).await? else { return Ok(()) };
        if let Err(missed) = (Source { store, client, lease: &lease, sweep: SWEEP }).pull().await {
            tracing::warn!(?missed, "the CRM's changes of contacts were not read, the next run goes on");
        }
        leases::give_back(store, &lease).await
    }

    async fn described(&self) -> Known {
        let now = self.0.store.clock().now();
        let mut known = self.0.described.lock().await;
        if let Some((until, described)) = &*known
            && now < *until
        {
            return described.clone();
        }
        let Some(client) = &self.0.roads.crm else {
            return Err(Missed::Refused("no CRM is configured".to_owned()));
        };
        let described = match describe_people(client).await {
            Ok(people) => Ok(Arc::new(Described { me: people.me.clone(), people })),
            Err(fault) => Err(Missed::from(fault)),
        };
        let keep = if described.is_ok() { DESCRIBED } else { SHUT };
        *known = Some((now + micros(keep), described.clone()));
        described
    }

    // False when another process has it in hand.
    async fn book(&self, id: BookId) -> Result<bool, StoreError> {
        let store = &self.0.store;
        let name = format!("sync contacts {id}");
        let Some(lease) = leases::take(store, &name, LEASE).await? else { return Ok(false) };
        let outcome = self.leased(id, &lease).await;
        leases::give_back(store, &lease).await?;
        outcome.map(|()| true)
    }

    async fn leased(&self, id: BookId, lease: &Lease) -> Result<(), StoreError> {
        let store = &self.0.store;
        let mut read = store.read().await?;
        // Another process may have run it since it was found.
        if !books::is_due(&mut read, id, store.clock().now()).await? {
            return Ok(());
        }
        let Some(book) = books::get(store, &mut read, id).await? else { return Ok(()) };
        drop(read);
        let mut batch = store.batch().await?;
        leases::hold(&mut batch, lease).await?;
        let next_at = schedule::next(id.0, store.clock().now(), self.0.roads.interval);
        books::begin(&mut batch, id, next_at).await?;
        let run = runs::begin(&mut batch, id).await?;
        batch.commit().await?;
        let failures = book.failures;
        let (counts, outcome) = self.attempt(book, lease, run).await;
        let stop = outcome.err().map(stop);
        let ended = self.ended(id, failures, next_at, stop.as_ref());
        let mut batch = store.batch().await?;
        leases::hold(&mut batch, lease).await?;
        runs::end(&mut batch, id, run, &counts, ended.fault.as_deref()).await?;
        books::end(&mut batch, id, &ended).await?;
        batch.commit().await
    }

    fn ended(&self, id: BookId, failures: i64, next_at: Micros, stop: Option<&Stop>) -> Ended {
        let Some(stop) = stop else { return Ended { fault: None, failures: 0, next_at } };
        let now = self.0.store.clock().now();
        if stop.word == PARKED {
            return Ended { fault: None, failures: 0, next_at: stop.until.unwrap_or(next_at).max(now) };
        }
        tracing::warn!(book.id = %id, word = stop.word, why = stop.why, "a run ended early");
        let fault = Some(stop.word.to_owned());
        if TOO_FAST.contains(&stop.word) {
            return Ended { fault, failures, next_at: now + micros(SLOWER) };
        }
        let failures = failures.saturating_add(1);
        let first = self.0.roads.interval.min(Duration::from_secs(300));
        let pause = schedule::pause(u32::try_from(failures - 1).unwrap_or(u32::MAX), first);
        Ended { fault, failures, next_at: stop.until.unwrap_or_default().max(now + micros(pause)) }
    }

    async fn attempt(
        &self,
        book: Book,
        lease: &Lease,
        run: postern_core::model::id::RunId,
    ) -> (Counts, Result<(), Missed>) {
        let mut counts = Counts::default();
        let outcome = async {
            let Some(client) = &self.0.roads.crm else { return Ok(()) };
            let chosen = book.choices.group.clone();
            if chosen.is_none() && !book.leaving {
                return Ok(());
            }
            let user = self.user(&book).await?;
            let teams = self.teams(client, &user).await?;
            let described = self.described().await?;
            let google = |caller| self.0.roads.google.counted_as(caller, PATIENCE);
            let store = &self.0.store;
            let mut run = Run {
                store,
                lease,
                id: run,
                there: chosen.is_some(),
                lost: BTreeSet::new(),
                slowed: false,
                group: chosen.unwrap_or_default(),
                client: &google(Caller::Poll),
                writer: &google(Caller::Write),
                importer: &google(Caller::Import),
                crm: Crm { client, sight: Sight { user: &user, teams: &teams } },
                me: &described.me,
                habits: &described.people.contact.habits,
                delay: self.0.roads.delay,
                vouched: BTreeSet::new(),
                counts,
                told_at: store.clock().now(),
                book,
            };
            // A run knows much at a time: it stands on the heap, and not in every frame above it.
            let outcome = Box::pin(run.go()).await;
            counts = run.counts;
            outcome
        };
        let outcome = outcome.await;
        (counts, outcome)
    }

    // Who the owner is in the CRM, while they are connected.
    async fn user(&self, book: &Book) -> Result<String, Missed> {
        let found = async {
            let mut read = self.0.store.read().await?;
            let account = accounts::by_id(&mut read, book.account).await?;
            let off = switched_off::of(&mut read, book.account).await?.contains(&Product::Contacts);
            Ok::<_, StoreError>(account.filter(|account| account.state == State::Active && !off))
        };
        let account = found.await?.ok_or_else(|| ended("nobody", "the account is not connected"))?;
        account.crm_user.ok_or_else(|| ended("no_crm_user", "the account is nobody's in the CRM"))
    }

    async fn teams(&self, client: &Client, user: &str) -> Result<Vec<String>, Missed> {
        let id = UserId::parse(user).ok_or_else(|| ended("no_crm_user", "no identity of a user"))?;
        match client.user(&id).await {
            Ok(user) if user.active => {
                Ok(user.teams.unwrap_or_default().into_iter().map(|team| team.id).collect())
            }
            Ok(_) => Err(ended("no_crm_user", "the user may not sign in in the CRM")),
            Err(fault) => match Missed::from(fault) {
                Missed::Gone => Err(ended("no_crm_user", "the CRM has no such user")),
                other => Err(other),
            },
        }
    }
}

/// Frees the place of a book when it is let go, whatever became of the run.
struct Busy<'a>(&'a Contacts, BookId);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.running().remove(&self.1);
    }
}

fn ended(word: &'static str, why: &str) -> Missed {
    Missed::Stop(Stop { word, why: why.to_owned(), until: None, account: true })
}

fn stop(missed: Missed) -> Stop {
    let ended = |word, why| Stop { word, why, until: None, account: false };
    match missed {
        Missed::Stop(stop) => stop,
        Missed::Gone => ended("gone", "what was asked for is not there".to_owned()),
        Missed::Barred => ended("barred", "what was asked for may not be seen".to_owned()),
        Missed::Changed => ended("changed", "what was looked at changed meanwhile".to_owned()),
        Missed::Unknown(why) => ended("unknown", why),
        Missed::Refused(why) => ended("refused", why),
    }
}
