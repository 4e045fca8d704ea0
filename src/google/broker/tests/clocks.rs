//! A clock that is a day off: at worst Google is asked once more.

use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::scope::ScopeSet;

use super::{Meanwhile, Stage};
use crate::clock::{Clock, Micros, micros};
use crate::google::broker::Broker;
use crate::google::broker::metrics::Metrics;
use crate::google::trial::endpoints;
use crate::metrics::Registry;
use crate::store::trial;
use crate::tasks::Tasks;

const START: Micros = 1_700_000_000_000_000;
const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_day_ahead_the_token_is_renewed_and_nothing_else_happens() {
    let stage = Stage::at(Clock::manual(START), Meanwhile::Nothing, true).await;
    stage.token().await.unwrap();
    assert_eq!(stage.asked(), 1);
    stage.store.clock().advance(DAY);
    stage.token().await.unwrap();
    assert_eq!((stage.asked(), stage.state().await), (2, State::Active));
    stage.token().await.unwrap();
    assert_eq!(stage.asked(), 2, "the new one counts as fresh");
    assert_eq!(stage.refresh_token().await, "1//rotated");
}

#[tokio::test]
async fn a_day_behind_what_seems_to_live_too_long_is_renewed() {
    let stage = Stage::at(Clock::manual(START), Meanwhile::Nothing, true).await;
    let token = stage.token().await.unwrap();

    // The same installation after the clock was set back.
    let store = trial::again(stage._folder.path(), Clock::manual(START - micros(DAY))).await;
    let uri = url::Url::parse("https://crm.example.com/oauth/google/callback").unwrap();
    let metrics = Metrics::register(&Registry::default());
    let google = stage.google.clone();
    let late = Broker::new(store, google, endpoints(), uri, Tasks::default(), metrics);
    let scopes = ScopeSet::mail();
    // No token lives for a day: nobody knows when this one ends.
    let renewed = late.token(stage.account, &scopes).await.unwrap();
    assert_ne!(renewed, token);
    assert_eq!((stage.asked(), stage.state().await), (2, State::Active));
    assert_eq!(late.token(stage.account, &scopes).await.unwrap(), renewed);
}
