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
