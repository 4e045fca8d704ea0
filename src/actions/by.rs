//! Who acts.

use postern_core::model::actor::Actor;

use crate::dice::{Dice, NoRandomness};
use crate::store::{Act, Store, StoreError};

/// Who acts, and the reference that answer, log and audit share.
#[derive(Debug, Clone)]
pub struct By {
    /// The author of the audit rows.
    pub actor: Actor,
    /// The reference.
    pub request: String,
}

impl By {
    /// An author with a fresh reference.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    pub fn new(actor: Actor, dice: &Dice) -> Result<Self, NoRandomness> {
        Ok(Self { actor, request: dice.reference()? })
    }

    pub(super) async fn open(&self, store: &Store) -> Result<Act, StoreError> {
        store.act(&self.actor, &self.request).await
    }
}
