//! What tests of higher floors need: an embedded database of their own.

use std::path::Path;
use std::sync::Arc;

use super::{Opening, Store};
use crate::clock::Clock;
use crate::dice::Dice;
use crate::seal::Ring;

/// A migrated database in `folder`, with a ring of its own.
pub async fn store(folder: &Path, clock: Clock) -> Store {
    let dice = Dice::default();
    let ring = Arc::new(Ring::create(&folder.join("key"), &dice).unwrap());
    let url = format!("sqlite://{}", folder.join("postern.db").display());
    let store = Store::open(Opening { url, ring, clock, dice, node: "main".into() }).await.unwrap();
    store.migrate().await.unwrap();
    store
}

/// The same database once more, as another process would open it.
pub async fn again(folder: &Path, clock: Clock) -> Store {
    let ring = Arc::new(Ring::load(&folder.join("key"), false).unwrap());
    let url = format!("sqlite://{}", folder.join("postern.db").display());
    Store::open(Opening { url, ring, clock, dice: Dice::default(), node: "other".into() }).await.unwrap()
}

/// Lets the time of every lease run out.
pub async fn end_leases(store: &Store) {
    let mut batch = store.batch().await.unwrap();
    super::sql::execute!(&mut batch, "UPDATE leases SET expires_at = 1").unwrap();
    batch.commit().await.unwrap();
}
