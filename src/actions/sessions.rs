//! The open mail sessions of a mailbox, and ending one.

use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, SessionId};

use super::{ActError, By};
use crate::store::mail_sessions::{self, MailSession};
use crate::store::{Store, accounts};

/// What is open, on all nodes that live, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn open(store: &Store, account: AccountId) -> Result<Vec<MailSession>, ActError> {
    Ok(mail_sessions::of(&mut store.read().await?, account).await?)
}

/// Ends a session of this mailbox within seconds, whichever node has it. The
/// client may log in again. False when it is gone or was asked to end before.
///
/// # Errors
/// When the database does not answer.
pub async fn end(store: &Store, by: &By, account: AccountId, id: SessionId) -> Result<bool, ActError> {
    let mut act = by.open(store).await?;
    let Some(session) = mail_sessions::by_id(&mut act, id).await?.filter(|s| s.account == account) else {
        return Ok(false);
    };
    let Some(account) = accounts::by_id(&mut act, account).await? else { return Ok(false) };
    if !mail_sessions::request_end(&mut act, id).await? {
        return Ok(false);
    }
    let (address, protocol, peer) = (account.address, session.protocol, session.peer);
    act.commit(Event::MailSessionEnded { session: id, address, protocol, peer }).await?;
    Ok(true)
}
