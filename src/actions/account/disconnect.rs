//! Ending the grant of a mailbox that stays registered.

use postern_core::model::account::Happening;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;

use super::approval::held_back;
use crate::actions::{ActError, By};
use crate::google::endpoints::Endpoints;
use crate::google::oauth;
use crate::net::exchange::Exchange;
use crate::store::accounts::Account;
use crate::store::{Store, StoreError, access_tokens, accounts, grants, mail_sessions, web_sessions};

/// Tells Google to end the grant, then forgets it: sessions end within seconds,
/// and the owner can connect again. Google ends everything that the person gave
/// this project, other products and installations of the same project included.
/// CRM tokens stay, and open nothing until then.
///
/// # Errors
/// When Google does not confirm; then nothing has changed.
pub async fn disconnect(
    store: &Store,
    by: &By,
    exchange: &dyn Exchange,
    endpoints: &Endpoints,
    id: AccountId,
) -> Result<Account, ActError> {
    let grant = grants::of(store, &mut store.read().await?, id).await?;
    if grant.is_some() && store.standing().await?.holds() {
        return Err(ActError::Held);
    }
    if let Some(grant) = &grant {
        let revoked = oauth::revoke(exchange, endpoints, &grant.refresh_token).await;
        revoked.map_err(ActError::StillGranted)?;
    }
    let mut act = by.open(store).await?;
    let gone = || StoreError::inconsistent("accounts", "the mailbox is gone");
    let mut account = accounts::locked(&mut act, id).await?.ok_or_else(gone)?;
    grants::remove(&mut act, id).await?;
    access_tokens::forget(&mut act, id).await?;
    for session in mail_sessions::of(&mut act, id).await? {
        mail_sessions::request_end(&mut act, session.id).await?;
    }
    if let Some(state) = account.state.after(Happening::Disconnected) {
        accounts::set_state(&mut act, id, state).await?;
        account.state = state;
    }
    web_sessions::end_of_account(&mut act, id).await?;
    let waits = held_back(store, &mut act, &mut account, "disconnected").await?;
    waits.into_iter().for_each(|event| act.also(event));
    act.commit(Event::AccountDisconnected { account: id, address: account.address.clone() }).await?;
    Ok(account)
}
