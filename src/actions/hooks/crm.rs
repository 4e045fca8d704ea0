//! A delivery of one of the CRM's webhooks.

use postern_core::model::secret::Secret;
use postern_core::plan::calendar::entry::Entity;

use super::hint;
use crate::config;
use crate::crm::id::Id;
use crate::crm::webhook;
use crate::store::sync::hints::About;
use crate::store::sync::{crm_hooks, crm_seen};
use crate::store::{Store, StoreError};

#[cfg(test)]
pub(crate) use crate::crm::trial::signed;
pub use crate::crm::webhook::{LONGEST, Signed};

/// Who may deliver.
#[derive(Debug, Clone, Default)]
pub struct Webhooks {
    // Made by hand in the CRM.
    given: Vec<(Id, Secret)>,
}

impl Webhooks {
    /// Those that the configuration names, beside those that the gateway makes.
    #[must_use]
    pub fn new(given: &[config::Webhook]) -> Self {
        let known = |hook: &config::Webhook| Some((Id::parse(&hook.id)?, hook.secret.clone()));
        Self { given: given.iter().filter_map(known).collect() }
    }

    /// The secret of the webhook that is named, before a body is read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn secret(&self, store: &Store, signed: Signed<'_>) -> Result<Option<Secret>, StoreError> {
        let Some(id) = signed.sender() else { return Ok(None) };
        match self.given.iter().find(|(given, _)| *given == id) {
            Some((_, secret)) => Ok(Some(secret.clone())),
            None => crm_hooks::secret(store, &mut store.read().await?, id.as_str()).await,
        }
    }
}

/// Takes a delivery as a hint to read the CRM soon, and the known records that
/// it names among what is read; false when its signature is wrong.
///
/// A body that names nothing is a hint all the same: it was signed.
///
/// # Errors
/// When the database does not answer.
pub async fn delivered(
    store: &Store,
    signed: Signed<'_>,
    secret: &Secret,
    body: &[u8],
) -> Result<bool, StoreError> {
    if !webhook::verify(body, signed, secret) {
        return Ok(false);
    }
    // Which kind of record it is, only the webhook would tell; no two share an identity.
    let named = webhook::hints(body).unwrap_or_default();
    if !named.is_empty() {
        let mut batch = store.batch().await?;
        for id in &named {
            for entity in Entity::ALL {
                crm_seen::name(&mut batch, entity.name(), id.as_str()).await?;
            }
        }
        batch.commit().await?;
    }
    hint(store, About::Crm).await?;
    Ok(true)
}
