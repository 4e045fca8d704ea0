//! Where an installation keeps its rows and its keys.

use std::path::Path;
use std::sync::Arc;

use postern_core::model::secret::Secret;

use crate::clock::Clock;
use crate::dice::Dice;
use crate::seal::{Ring, RingFault};
use crate::store::{Opening, Store, StoreError};

/// Database and key file.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Address of the database; may hold a password.
    pub database_url: &'a Secret,
    /// The key ring's file.
    pub key_file: &'a Path,
    /// The service manager guards the key file: its mode is not judged and it
    /// cannot be written.
    pub guarded: bool,
    /// Name of the audit chain.
    pub node: &'a str,
}

impl Place<'_> {
    /// The key ring that is there.
    ///
    /// # Errors
    /// Names the file and the remedy.
    pub fn ring(&self) -> Result<Ring, RingFault> {
        Ring::load(self.key_file, self.guarded)
    }

    /// Connects without asking how far the database is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open(&self, ring: Ring, clock: &Clock, dice: &Dice) -> Result<Store, StoreError> {
        Store::open(Opening {
            url: self.database_url.reveal().to_owned(),
            ring: Arc::new(ring),
            clock: clock.clone(),
            dice: dice.clone(),
            node: self.node.to_owned(),
        })
        .await
    }
}
