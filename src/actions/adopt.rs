//! Taking over a database that was served from somewhere else, or restored from a backup.
//!
//! Until then its synchronisation and its notices are held; see [`crate::store::home`]. Taken over, both
//! sides are read from the beginning, and what would change many records at once waits for a word.

use postern_core::model::event::Event;

use super::By;
use crate::store::{Standing, Store, StoreError, home};

/// Takes over; how it stood before. Nothing changes where the database is at home.
///
/// # Errors
/// When the database does not answer.
pub async fn adopt(store: &Store, by: &By, public_url: &str) -> Result<Standing, StoreError> {
    let before = store.standing().await?;
    if before.holds() {
        let mut act = by.open(store).await?;
        home::adopt(&mut act).await?;
        act.commit(Event::Adopted { public_url: public_url.to_owned() }).await?;
    }
    Ok(before)
}
