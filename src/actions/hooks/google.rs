//! A call of Google's on a channel that watches a calendar.

use uuid::Uuid;

use super::hint;
use crate::auth::hash;
use crate::store::sync::channels;
use crate::store::sync::hints::About;
use crate::store::{Store, StoreError};

/// What Google says at the opening of a channel, when nothing has changed.
const OPENED: &str = "sync";

/// What a call shows, in its header fields.
#[derive(Debug, Clone, Copy, Default)]
pub struct Call<'h> {
    /// `X-Goog-Channel-ID`.
    pub channel: &'h str,
    /// `X-Goog-Channel-Token`.
    pub token: &'h str,
    /// `X-Goog-Resource-ID`.
    pub resource: &'h str,
    /// `X-Goog-Resource-State`.
    pub state: &'h str,
}

/// Takes a call as a hint to read the calendar soon; false when there is no such
/// channel, or it has another token or resource.
///
/// # Errors
/// When the database does not answer.
pub async fn called(store: &Store, call: Call<'_>) -> Result<bool, StoreError> {
    let Ok(id) = Uuid::try_parse(call.channel) else { return Ok(false) };
    let Some(channel) = channels::by_id(&mut store.read().await?, id).await? else { return Ok(false) };
    let ours = channel.resource.is_none_or(|resource| resource == call.resource);
    if !hash::matches(call.token, &channel.token_hash) || !ours {
        return Ok(false);
    }
    if call.state != OPENED {
        hint(store, About::Calendar(channel.calendar)).await?;
    }
    Ok(true)
}
