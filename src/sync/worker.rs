//! Runs what is due, on whichever node is free.
//!
//! A calendar is due at its own place in the interval, or earlier when somebody
//! asks, the CRM shows a change, or one of the two gives a hint. Whoever takes its lease runs it; another one
//! finds it taken and goes on. A failure delays this calendar, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use postern_core::model::id::{CalendarId, RunId};
use postern_core::plan::calendar::entry::Entity;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::calendar::crm::Crm;
use super::calendar::{Homes, Run};
use super::directory::Directory;
use super::hands::Hands;
use super::missed::{Missed, Stop};
use super::reach::Reach;
use super::{asleep, schedule, who};
use crate::clock::{Micros, micros};
use crate::crm::client::Client;
use crate::crm::describe::{Described, describe};
use crate::google::calendar;
use crate::google::quota::Caller;
use crate::store::leases::{self, Lease};
use crate::store::sync::calendars::{Calendar, Ended};
use crate::store::sync::hints::{self, About};
use crate::store::sync::runs::{self, Counts};
use crate::store::sync::{calendar_users, calendars, crm_cursors, defaults};
use crate::store::{Store, StoreError, jobs, meta};
use crate::sync::crm::source::Source;
use crate::tasks::{Phase, Tasks};

/// The job under which the synchronisation is listed, paused and asked for.
pub const JOB: &str = "SynchronizeEventsWithGoogleCalendar";

/// How often the worker looks for what is due.
const LOOK: Duration = Duration::from_secs(1);
/// Calendars that one look finds.
const FOUND: i64 = 64;
const LEASE: Duration = Duration::from_secs(120);
/// What the CRM is, is asked anew after this time.
const DESCRIBED: Duration = Duration::from_secs(600);
/// Lists of the CRM that began anew are tried again after this time.
const HURRY: Duration = Duration::from_secs(5);
/// A CRM that did not describe itself is asked again after this time: more wrong keys shut the
/// whole address out.
const SHUT: Duration = Duration::from_secs(60);
/// A hint that led to no reading of the CRM leads to another one after this time.
const AGAIN: Duration = Duration::from_secs(60);
/// The word for a run that nobody's account could be used for.
const NOBODY: &str = "nobody";
/// Time between two sweeps of the CRM.
const SWEEP: Duration = Duration::from_secs(3_600);

/// The ways to both sides, and how often they are gone.
pub struct Ways {
    /// Google.
    pub google: calendar::Calendar,
    /// The CRM; without one nothing runs.
    pub crm: Option<Client>,
    /// Time between two runs of a calendar.
    pub interval: Duration,
}

/// Keeps calendars in step. Cheap to clone.
#[derive(Clone)]
pub struct Sync(Arc<Inner>);

type Known = Result<Arc<Described>, Missed>;

struct Inner {
    store: Store,
    ways: Ways,
    tasks: Tasks,
    // Until when it holds, and what the CRM is, or why it did not say.
    described: Mutex<Option<(Micros, Known)>>,
    crm_at: Mutex<Micros>,
    hurry_at: AtomicI64,
    people: Mutex<(Micros, People)>,
    directory: Directory,
    reach: Reach,
    hands: Hands,
}

impl Sync {
    /// A worker that has done nothing yet.
    #[must_use]
    pub fn new(store: Store, ways: Ways, tasks: Tasks) -> Self {
        Self(Arc::new(Inner {
            store,
            ways,
            tasks,
            described: Mutex::default(),
            crm_at: Mutex::default(),
            hurry_at: AtomicI64::default(),
            people: Mutex::default(),
            directory: Directory::default(),
            reach: Reach::default(),
            hands: Hands::default(),
        }))
    }

    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        if self.0.ways.crm.is_none() {
            return;
        }
        let mut down = false;
        loop {
            match self.turn().await {
                Ok(()) => down = false,
                Err(error) if down => tracing::debug!(%error, "the calendars still wait"),
                Err(error) => {
                    tracing::warn!(%error, "the calendars wait");
                    down = true;
                }
            }
            tokio::select! {
                () = stop.cancelled() => return self.0.hands.offer(Vec::new()),
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Reads the CRM and runs every calendar that is due, one after another: for
    /// a command line where no node serves. How many were run.
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
            let now = store.clock().now();
            let due = calendars::due(&mut store.read().await?, now, FOUND).await?;
            if due.is_empty() {
                return Ok(ran);
            }
            let before = ran;
            for calendar in due {
                ran += u64::from(self.calendar(calendar).await?);
            }
            if ran == before {
                // Another process has them all in hand.
                tokio::time::sleep(LOOK).await;
            }
        }
    }

    /// The job itself: calendars are due each at its own place in the interval,
    /// so it only makes them all due when somebody has asked for it. How many are
    /// in use.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn called(&self) -> Result<Option<u64>, StoreError> {
        let store = &self.0.store;
        let mut read = store.read().await?;
        let Some(job) = jobs::by_name(&mut read, JOB).await? else { return Ok(None) };
        let asked = jobs::runs(&mut read, job.id, 1).await?.iter().any(|run| run.asked_by.is_some());
        let used = calendars::used(&mut read).await?;
        drop(read);
        if asked {
            let mut batch = store.batch().await?;
            calendars::wake_all(&mut batch, None, store.clock().now()).await?;
            batch.commit().await?;
            *self.0.crm_at.lock().await = 0;
        }
        Ok(u64::try_from(used).ok())
    }

    async fn turn(&self) -> Result<(), StoreError> {
        let store = &self.0.store;
        let now = store.clock().now();
        if paused(store, JOB).await? {
            self.0.hands.offer(Vec::new());
            return Ok(());
        }
        if self.crm_due(now).await {
            self.read_crm().await?;
        }
        self.0.hands.offer(calendars::due(&mut store.read().await?, now, FOUND).await?);
        while let Some(calendar) = self.0.hands.next() {
            let this = self.clone();
            self.0.tasks.spawn(Phase::Work, async move { this.work(calendar).await });
        }
        Ok(())
    }

    // One after another, as long as something that was found waits.
    async fn work(&self, first: CalendarId) {
        let mut next = Some(first);
        while let Some(calendar) = next {
            let busy = self.0.hands.busy(calendar);
            if let Err(error) = self.calendar(calendar).await {
                tracing::warn!(calendar.id = %calendar, %error, "a calendar was not run");
            }
            drop(busy);
            next = self.0.hands.next();
        }
    }

    async fn crm_due(&self, now: Micros) -> bool {
        let mut at = self.0.crm_at.lock().await;
        // Lists that began anew are waited for by every calendar.
        let hurry = async || now >= self.0.hurry_at.load(Ordering::SeqCst) && self.uncovered().await;
        if now < *at && !self.hinted(now).await && !hurry().await {
            return false;
        }
        *at = now + micros(self.0.ways.interval);
        self.0.hurry_at.store(now + micros(HURRY), Ordering::SeqCst);
        true
    }

    async fn hinted(&self, now: Micros) -> bool {
        let waits = async { hints::waits(&mut self.0.store.read().await?, About::Crm).await };
        waits.await.is_ok_and(|since| since.is_some_and(|since| since <= now))
    }

    async fn uncovered(&self) -> bool {
        let looked = async {
            let mut read = self.0.store.read().await?;
            let used = calendars::used(&mut read).await? > 0;
            Ok::<_, StoreError>(
                used && !crm_cursors::covered(&mut read, &Entity::ALL.map(Entity::name)).await?,
            )
        };
        looked.await.unwrap_or(false)
    }

    /// Reads what changed in the CRM, once for all calendars.
    async fn read_crm(&self) -> Result<(), StoreError> {
        let Some(client) = &self.0.ways.crm else { return Ok(()) };
        let store = &self.0.store;
        if calendars::used(&mut store.read().await?).await? == 0 {
            return Ok(());
        }
        let Some(lease) = leases::take(store, "sync crm", LEASE).await? else { return Ok(()) };
        let mut batch = store.batch().await?;
        let hinted = hints::take(&mut batch, About::Crm).await?;
        batch.commit().await?;
        let pulled = match self.described().await {
            Ok(described) => {
                Source { store, client, described: &described, lease: &lease, sweep: SWEEP }.pull().await
            }
            Err(missed) => Err(missed),
        };
        if let Err(missed) = pulled {
            tracing::warn!(?missed, "the CRM's changes were not read, the next run goes on");
            if hinted {
                let mut batch = store.batch().await?;
                hints::again(&mut batch, About::Crm, store.clock().now() + micros(AGAIN)).await?;
                batch.commit().await?;
            }
        }
        leases::give_back(store, &lease).await
    }

    async fn described(&self) -> Result<Arc<Described>, Missed> {
        let now = self.0.store.clock().now();
        let mut known = self.0.described.lock().await;
        if let Some((until, described)) = &*known
            && now < *until
        {
            return described.clone();
        }
        let Some(client) = &self.0.ways.crm else {
            return Err(Missed::Refused("no CRM is configured".to_owned()));
        };
        let described = describe(client).await.map(Arc::new).map_err(Missed::from);
        let keep = if described.is_ok() { DESCRIBED } else { SHUT };
        *known = Some((now + micros(keep), described.clone()));
        described
    }

    // False when another process has it in hand.
    async fn calendar(&self, id: CalendarId) -> Result<bool, StoreError> {
        let store = &self.0.store;
        let name = format!("sync calendar {id}");
        let Some(lease) = leases::take(store, &name, LEASE).await? else { return Ok(false) };
        let outcome = self.leased(id, &lease).await;
        leases::give_back(store, &lease).await?;
        outcome.map(|()| true)
    }

    async fn leased(&self, id: CalendarId, lease: &Lease) -> Result<(), StoreError> {
        let store = &self.0.store;
        let mut read = store.read().await?;
        // Another process may have run it since it was found.
        if !calendars::is_due(&mut read, id, store.clock().now()).await? {
            return Ok(());
        }
        let Some(calendar) = calendars::get(store, &mut read, id).await? else { return Ok(()) };
        drop(read);
        let mut batch = store.batch().await?;
        leases::hold(&mut batch, lease).await?;
        let next_at = schedule::next(id.0, store.clock().now(), self.0.ways.interval);
        calendars::begin(&mut batch, id, next_at).await?;
        hints::take(&mut batch, About::Calendar(id)).await?;
        let run = runs::begin(&mut batch, id).await?;
        batch.commit().await?;
        let (counts, outcome) = self.attempt(calendar.clone(), lease, run).await;
        let stop = outcome.err().map(stop);
        let mut batch = store.batch().await?;
        leases::hold(&mut batch, lease).await?;
        let fault = stop.as_ref().map(|stop| stop.word);
        runs::end(&mut batch, id, run, &counts, fault).await?;
        match stop {
            None => {
                calendar_users::synced(&mut batch, id).await?;
                let ended = Ended { fault: None, failures: 0, next_at };
                calendars::end(&mut batch, id, &ended).await?;
            }
            Some(stop) => {
                tracing::warn!(calendar.id = %id, word = stop.word, why = stop.why, "a run ended early");
                // While nobody was connected nothing was tried.
                let left = calendar.fault.as_deref() == Some(NOBODY) && stop.word != NOBODY;
                let failures = if left { 1 } else { calendar.failures.saturating_add(1) };
                let pause =
                    schedule::pause(u32::try_from(failures).unwrap_or(u32::MAX), self.0.ways.interval);
                let next_at = stop.until.unwrap_or_default().max(store.clock().now() + micros(pause));
                let ended = Ended { fault: Some(stop.word.to_owned()), failures, next_at };
                calendars::end(&mut batch, id, &ended).await?;
            }
        }
        batch.commit().await
    }

    async fn attempt(&self, calendar: Calendar, lease: &Lease, run: RunId) -> (Counts, Result<(), Missed>) {
        let mut counts = Counts::default();
        let outcome = async {
            let Some(client) = &self.0.ways.crm else { return Ok(()) };
            let described = self.described().await?;
            let store = &self.0.store;
            let Some(who) = who::of(store, calendar.id).await? else {
                asleep::sleep(store, lease, &calendar).await?;
                return Err(nobody());
            };
            let calendar = asleep::wake(store, lease, calendar, who.account).await?;
            let chosen = defaults::holding(&mut store.read().await?, who.account).await?;
            let (installation, _) = meta::found(store).await?;
            let people = self.people().await?;
            let mut run = Run {
                store,
                lease,
                id: run,
                account: who.account,
                owns: calendar.google_id.eq_ignore_ascii_case(&who.address),
                user: who.user,
                guests: chosen.guests,
                writes_guests: chosen.writes_guests,
                invitations: chosen.invitations,
                parts: chosen.takes_part,
                team: chosen.default_team.clone(),
                directory: &self.0.directory,
                reach: &self.0.reach,
                users: people.users,
                takes_new: who.main,
                leaving: who.leaving,
                writable: who.writable,
                client: &self.0.ways.google,
                writer: &self.0.ways.google.made_for(Caller::Write),
                importer: &self.0.ways.google.made_for(Caller::Import),
                crm: Crm { client, described: &described },
                installation: &installation,
                door: chosen
                    .door(who.domains.into_iter().collect())
                    .map_err(|why| Missed::Refused(why.to_string()))?,
                policy: chosen.policy(),
                chosen: chosen.fingerprint(),
                connected: people.connected,
                homes: people.homes,
                saw: None,
                told_at: store.clock().now(),
                counts,
                calendar,
            };
            // A run knows much at a time: it stands on the heap, and not in every frame above it.
            let outcome = Box::pin(run.go()).await;
            counts = run.counts;
            outcome
        };
        let outcome = outcome.await;
        (counts, outcome)
    }

    // What a minute ago was is near enough.
    async fn people(&self) -> Result<People, StoreError> {
        let now = self.0.store.clock().now();
        let mut known = self.0.people.lock().await;
        if now >= known.0 {
            let mut read = self.0.store.read().await?;
            let all = calendar_users::connected(&mut read).await?.into_iter();
            let all: Vec<_> = all.map(|(address, user)| (address.to_lowercase(), user)).collect();
            let homes = calendar_users::homes(&mut read).await?;
            let people = People {
                connected: Arc::new(all.iter().map(|(address, _)| address.clone()).collect()),
                users: Arc::new(
                    all.into_iter().filter_map(|(address, user)| Some((address, user?))).collect(),
                ),
                homes: Arc::new(homes.into_iter().map(|home| (home.crm_user.clone(), home)).collect()),
            };
            *known = (now + micros(LOOK * 60), people);
        }
        Ok(known.1.clone())
    }
}

/// Who is connected.
#[derive(Clone, Default)]
struct People {
    /// Their addresses, in lower case.
    connected: Arc<BTreeSet<String>>,
    /// Who of them is whom in the CRM.
    users: Arc<BTreeMap<String, String>>,
    homes: Arc<Homes>,
}

/// Whether somebody has paused the job.
///
/// # Errors
/// When the database does not answer.
// By an admin, or since the database is at home somewhere else.
pub(super) async fn paused(store: &Store, job: &str) -> Result<bool, StoreError> {
    let job = jobs::by_name(&mut store.read().await?, job).await?;
    Ok(job.is_some_and(|job| job.disabled_at.is_some()) || store.standing().await?.holds())
}

fn nobody() -> Missed {
    let why = "nobody who uses the calendar is connected".to_owned();
    Missed::Stop(Stop { word: NOBODY, why, until: None, account: true })
}

fn stop(missed: Missed) -> Stop {
    let ended = |word, why| Stop { word, why, until: None, account: false };
    match missed {
        Missed::Stop(stop) => stop,
        Missed::Gone => ended("calendar_gone", "there is no such calendar any more".to_owned()),
        Missed::Barred => ended("barred", "the calendar may not be seen any more".to_owned()),
        Missed::Changed => ended("changed", "what was looked at changed meanwhile".to_owned()),
        Missed::Unknown(why) => ended("unknown", why),
        Missed::Refused(why) => ended("refused", why),
    }
}
