//! Creating a thing once, however often a program asks for it.

use std::time::Duration;

use postern_core::model::id::ApiKeyId;

use crate::clock::micros;
use crate::seal::same;
use crate::store::{Act, StoreError, Write, idempotency};

/// For so long a word stands for what was made under it.
pub const LIFE: Duration = Duration::from_secs(86_400);

/// The status of an answer to a creation.
pub const CREATED: u16 = 201;
/// The status of an answer to what was taken up, and is not done.
pub const ACCEPTED: u16 = 202;

/// A word under which a program creates one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Whose word it is.
    pub key: ApiKeyId,
    /// The word.
    pub word: String,
    /// Hash of the whole request.
    pub request: [u8; 32],
}

/// What became of a creation.
#[derive(Debug, Clone)]
pub enum Creation<T> {
    /// It was created.
    Fresh(T),
    /// The same request created this before.
    Replayed {
        /// The status it was answered with.
        status: u16,
        /// Identity of what was made.
        made: String,
    },
    /// The word stands for another request.
    OtherRequest,
}

/// Takes the word within the act that creates. `None`: go on.
pub(super) async fn claim<T>(act: &mut Act, once: Option<&Once>) -> Result<Option<Creation<T>>, StoreError> {
    let Some(once) = once else { return Ok(None) };
    let before = act.store().clock().now() - micros(LIFE);
    if idempotency::claim(act, once.key, &once.word, &once.request, before).await? {
        return Ok(None);
    }
    let done = idempotency::of(act, once.key, &once.word).await?;
    Ok(Some(match done {
        Some(done) if same(&done.request, &once.request) => {
            Creation::Replayed { status: u16::try_from(done.status).unwrap_or_default(), made: done.made }
        }
        _ => Creation::OtherRequest,
    }))
}

/// Keeps what was made.
pub(super) async fn keep(
    act: &mut Act,
    once: Option<&Once>,
    status: u16,
    made: &str,
) -> Result<(), StoreError> {
    if let Some(once) = once {
        idempotency::keep(act, once.key, &once.word, status, made).await?;
    }
    Ok(())
}
