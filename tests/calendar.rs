//! Calendars kept in step between the stand-in Google and the stand-in CRM.

mod accidents;
mod assumed;
mod away;
mod both_ways;
mod copies;
mod costs;
mod crashes;
mod duplicates;
mod explained;
mod guests;
mod guests_written;
mod house;
mod listening;
mod losses;
mod mailed;
mod patience;
mod removal;
mod rules;
mod schema;
mod series;
mod series_histories;
mod sim;
mod team;
mod terminal;
mod undo;
mod undo_of_people;
pub mod world;
