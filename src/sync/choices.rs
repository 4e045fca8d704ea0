//! What people chose, as a plan needs it.

use postern_core::model::id::AccountId;
use postern_core::plan::calendar::choices::Choices;

use crate::store::sync::choices;
use crate::store::{Source, StoreError};

/// The choices of an account, or the defaults.
///
/// # Errors
/// When the database does not answer, or what is stored cannot be read.
pub(super) async fn of(on: &mut impl Source, account: AccountId) -> Result<Choices, StoreError> {
    match choices::of(on, account).await? {
        None => Ok(Choices::default()),
        Some(chosen) => {
            let read: Result<Choices, _> = serde_json::from_str(&chosen.content);
            // Fail closed: nothing is synchronised by choices that nobody made.
            read.ok()
                .filter(|choices| choices.check().is_ok())
                .ok_or_else(|| StoreError::inconsistent("calendar_choices", "content"))
        }
    }
}
