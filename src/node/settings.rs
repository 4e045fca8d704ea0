//! Settings that may change while the process runs.
//!
//! Whoever lives longer than one connection holds a [`Live`] and looks when it
//! needs the value; a copy would be stale after a reload.

use std::sync::Arc;

use tokio::sync::watch;

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
