//! Settings that may change while the process runs.
//!
//! Whoever lives longer than one connection holds a [`Live`] and looks when it
//! needs the value; a copy would be stale after a reload. [`Tuning`] is the one
//! place that says what holds: file and environment over what admins stored
//! over the default. It computes it anew when a reload brings another file, and
//! when it is told that an admin, here or elsewhere, set something.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use postern_core::model::change::Change;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::{Audit, Config, Google, Limits, Notices, Stored};
use crate::store::told::Follower;
use crate::store::{Store, StoreError, settings};

const AGAIN: Duration = Duration::from_secs(1);

/// A setting in the hand of who may change it. Cheap to clone.
#[derive(Debug)]
pub struct Setting<T>(watch::Sender<Arc<T>>);

/// A setting as it is now. Cheap to clone.
#[derive(Debug)]
pub struct Live<T>(watch::Receiver<Arc<T>>);

impl<T> Clone for Setting<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Setting<T> {
    /// A setting that begins with `value`.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(watch::Sender::new(Arc::new(value)))
    }

    /// What others hold of it.
    #[must_use]
    pub fn live(&self) -> Live<T> {
        Live(self.0.subscribe())
    }

    /// Holds for everybody from the next look on.
    pub fn set(&self, value: T) {
        self.0.send_replace(Arc::new(value));
    }
}

impl<T> Live<T> {
    /// A setting that stays as it is.
    #[must_use]
    pub fn fixed(value: T) -> Self {
        Setting::new(value).live()
    }

    /// As it is now. It is not kept across a wait that may be long.
    #[must_use]
    pub fn now(&self) -> Arc<T> {
        Arc::clone(&self.0.borrow())
    }
}

/// What holds now, and what it is made of. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tuning(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    made_of: Mutex<MadeOf>,
    limits: Setting<Limits>,
    audit: Setting<Audit>,
    notices: Setting<Notices>,
    google: Setting<Google>,
}

#[derive(Debug)]
struct MadeOf {
    /// What file and environment say.
    base: Config,
    stored: Stored,
    /// What could not be used, as it was told last.
    unfit: Vec<(&'static str, String)>,
}

impl Tuning {
    /// What file and environment say; nothing is stored yet.
    #[must_use]
    pub fn new(base: Config) -> Self {
        let limits = Setting::new(base.limits.clone());
        let (audit, notices) = (Setting::new(base.audit.clone()), Setting::new(base.notices.clone()));
        let google = Setting::new(base.google.clone());
        let made_of = Mutex::new(MadeOf { base, stored: Stored::new(), unfit: Vec::new() });
        Self(Arc::new(Inner { made_of, limits, audit, notices, google }))
    }

    /// Everybody's bounds.
    #[must_use]
    pub fn limits(&self) -> Live<Limits> {
        self.0.limits.live()
    }

    /// How long the journal is kept.
    #[must_use]
    pub fn audit(&self) -> Live<Audit> {
        self.0.audit.live()
    }

    /// Who is told.
    #[must_use]
    pub fn notices(&self) -> Live<Notices> {
        self.0.notices.live()
    }

    /// Who may connect.
    #[must_use]
    pub fn google(&self) -> Live<Google> {
        self.0.google.live()
    }

    /// What file and environment say.
    #[must_use]
    pub fn base(&self) -> Config {
        self.made_of().base.clone()
    }

    /// Another file holds from now on.
    pub fn rebase(&self, base: Config) {
        let mut made_of = self.made_of();
        made_of.base = base;
        self.apply(&mut made_of);
    }

    /// Looks up what is stored, and lets it hold.
    ///
    /// # Errors
    /// When the database does not answer; then everything stays.
    pub async fn take(&self, store: &Store) -> Result<(), StoreError> {
        let all = settings::all(&mut store.read().await?).await?;
        let mut made_of = self.made_of();
        made_of.stored = all.into_iter().filter_map(|set| Some((set.name, set.value?))).collect();
        self.apply(&mut made_of);
        Ok(())
    }

    /// Takes what is told to have changed until `stop`.
    pub async fn follow(self, store: Store, mut changes: Follower, stop: CancellationToken) {
        loop {
            let change = tokio::select! {
                () = stop.cancelled() => return,
                change = changes.next() => change,
            };
            match change {
                None => return,
                Some(Change::Settings | Change::Everything) => {}
                Some(_) => continue,
            }
            while let Err(error) = self.take(&store).await {
                tracing::warn!(%error, "settings could not be looked up, trying on");
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(AGAIN) => {}
                }
            }
        }
    }

    fn apply(&self, made_of: &mut MadeOf) {
        let (now, unfit) = made_of.base.over(&made_of.stored);
        if unfit != made_of.unfit {
            for (name, why) in &unfit {
                tracing::warn!(setting = name, why, "what was set on the page cannot be used");
            }
            made_of.unfit = unfit;
        }
        let Inner { limits, audit, notices, google, .. } = &*self.0;
        limits.set(now.limits);
        audit.set(now.audit);
        notices.set(now.notices);
        google.set(now.google);
    }

    fn made_of(&self) -> MutexGuard<'_, MadeOf> {
        self.0.made_of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Live, Setting};

    #[test]
    fn a_change_is_seen_by_every_holder_and_a_fixed_one_stays() {
        let setting = Setting::new(1);
        let (live, other) = (setting.live(), setting.clone().live());
        let held = live.now();
        setting.set(2);
        assert_eq!((*held, *live.now(), *other.now()), (1, 2, 2));
        drop(setting);
        assert_eq!((*live.now(), *Live::fixed(3).now()), (2, 3));
    }
}
