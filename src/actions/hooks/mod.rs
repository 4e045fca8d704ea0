//! What comes in by itself: deliveries of the CRM's webhooks, and Google's calls
//! on the channels that watch calendars.
//!
//! Both are hints. Whoever sends one shows that the CRM or Google may be behind
//! it, and all it can bring about is that they are asked sooner, at most once in
//! fifteen seconds. So one that is sent again, late or in another order does no
//! harm, and one that is lost costs time only.

pub mod crm;
pub mod google;

use crate::store::sync::hints::{self, About};
use crate::store::{Store, StoreError};

// Of many hints the first one is written.
async fn hint(store: &Store, about: About) -> Result<(), StoreError> {
    if hints::waits(&mut store.read().await?, about).await?.is_some() {
        return Ok(());
    }
    let mut batch = store.batch().await?;
    hints::give(&mut batch, about).await?;
    batch.commit().await
}
