//! What is kept in step: calendars, or contacts.

use clap::ValueEnum;
use postern_core::model::id::AccountId;

use super::Desk;
use crate::actions::calendars::progress::{self, Progress};
use crate::actions::{calendars, contacts};
use crate::app;
use crate::clock::Micros;
use crate::store::{Store, StoreError};

/// What is to be kept in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Job {
    /// Meetings and calls
    Calendar,
    /// Contacts and leads
    Contacts,
}

impl Job {
    /// What is run, of several.
    pub(super) fn several(self) -> &'static str {
        match self {
            Self::Calendar => "calendars",
            Self::Contacts => "address books",
        }
    }

    /// Makes it due, and says how much was not due already.
    pub(super) async fn ask(self, desk: &Desk, account: Option<AccountId>) -> anyhow::Result<u64> {
        let (store, by) = (&desk.parts.store, &desk.by);
        Ok(match self {
            Self::Calendar => calendars::run::run_now(store, by, account).await?,
            Self::Contacts => contacts::run::run_now(store, by, account).await?,
        })
    }

    /// Runs what is due where no node does; how much.
    pub(super) async fn drain(self, desk: &Desk) -> Result<u64, StoreError> {
        match self {
            Self::Calendar => app::calendars(&desk.parts).drain().await,
            Self::Contacts => app::contacts(&desk.parts).drain().await,
        }
    }

    /// What runs since then.
    pub(super) async fn since(
        self,
        store: &Store,
        account: Option<AccountId>,
        asked: Micros,
    ) -> Result<Progress, StoreError> {
        match self {
            Self::Calendar => progress::since(store, account, asked).await,
            Self::Contacts => contacts::progress::since(store, account, asked).await,
        }
    }
}
