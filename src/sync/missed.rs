//! Why an effect did not happen, as kinds that a run branches on.

use crate::clock::Micros;
use crate::store::StoreError;

/// What came of an effect that was not had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missed {
    /// The thing is another than it was planned for: look again and plan again.
    Changed,
    /// The thing is gone.
    Gone,
    /// It may not be seen any more.
    Barred,
    /// Nobody knows whether it happened.
    Unknown(String),
    /// It will never happen like this; a person has to look. A word for it.
    Refused(String),
    /// The whole run has to stop.
    Stop(Stop),
}

/// Why a run stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// A word for it, kept with the calendar.
    pub word: &'static str,
    /// For the log.
    pub why: String,
    /// Not before, where that is known.
    pub until: Option<Micros>,
    /// Whether this account cannot do it now and another one may.
    pub account: bool,
}

/// The database does not answer, or somebody has overtaken this run.
pub(super) fn failed(error: StoreError) -> Missed {
    let word = if matches!(error, StoreError::LeaseLost) { "overtaken" } else { "store" };
    Missed::Stop(Stop { word, why: error.to_string(), until: None, account: false })
}
