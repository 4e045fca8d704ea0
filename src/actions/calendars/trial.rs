//! The way to the calendars of the Google on a stage.

use super::refresh::Lists;
use crate::actions::consent::trial::Stage;
use crate::google::trial::calendar;

/// The lists of that Google.
pub fn lists(stage: &Stage) -> Lists {
    let (store, exchange) = (stage.store().clone(), stage.consents.exchange.clone());
    Lists::new(&calendar(store, exchange, stage.consents.redirect_uri.clone()))
}
