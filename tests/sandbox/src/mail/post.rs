//! Everybody's mail, and the bell that rings when some arrives.

use std::collections::BTreeMap;

use tokio::sync::watch;

use super::folder::Account;
use crate::guarded::Guarded;

#[derive(Debug)]
pub(crate) struct Post {
    accounts: Guarded<BTreeMap<String, Account>>,
    bell: watch::Sender<()>,
}

impl Default for Post {
    fn default() -> Self {
        Self { accounts: Guarded::default(), bell: watch::Sender::new(()) }
    }
}

impl Post {
    /// Opens an account; one that is there keeps its mail.
    pub(crate) fn open(&self, email: &str) {
        self.accounts.lock().entry(email.to_owned()).or_default();
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        let mut accounts = self.accounts.lock();
        if let Some(account) = accounts.remove(from) {
            accounts.insert(to.to_owned(), account);
        }
    }

    /// Works on one account. `None` when nobody has it.
    pub(crate) fn with<T>(&self, email: &str, work: impl FnOnce(&mut Account) -> T) -> Option<T> {
        self.accounts.lock().get_mut(email).map(work)
    }

    /// Has every waiting session look at its folder, its account and itself.
    pub(crate) fn ring(&self) {
        self.bell.send_replace(());
    }

    pub(crate) fn bell(&self) -> watch::Receiver<()> {
        self.bell.subscribe()
    }
}
