//! Calendars kept in step between the stand-in Google and the stand-in CRM.

mod assumed;
mod both_ways;
mod crashes;
mod explained;
mod listening;
mod series;
mod series_histories;
mod sim;
mod terminal;
mod world;
