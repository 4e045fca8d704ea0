//! The way to the groups of the Google on a stage.

use super::groups::Groups;
use crate::actions::consent::trial::Stage;
use crate::google::trial::people;

/// The groups of that Google.
pub fn groups(stage: &Stage) -> Groups {
    let (store, exchange) = (stage.store().clone(), stage.consents.exchange.clone());
    Groups::new(&people(store, exchange, stage.consents.redirect_uri.clone()))
}
