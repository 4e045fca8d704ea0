//! The way to the calendars of the Google on a stage.

use url::Url;

use super::refresh::Lists;
use crate::actions::consent::trial::Stage;
use crate::google::calendar::Calendar;
use crate::google::calendar::metrics::Metrics;
use crate::google::calendar::quota::{Quota, Rates};
use crate::google::trial::broker;
use crate::metrics::Registry;

/// The lists of that Google.
pub fn lists(stage: &Stage) -> Lists {
    let (store, exchange) = (stage.store().clone(), stage.consents.exchange.clone());
    let quota = Quota::new(store.clock().clone(), store.dice().clone(), Rates::default());
    let broker = broker(store, exchange.clone(), stage.consents.redirect_uri.clone());
    let base = Url::parse("https://google.test/calendar/").unwrap();
    Lists::new(&Calendar::new(exchange, base, broker, quota, Metrics::register(&Registry::default())))
}
