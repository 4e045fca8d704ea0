//! A consent link for a mailbox that has lost its grant, made by the gateway
//! itself.

use postern_core::model::account::State;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use url::Url;

use super::link::{self, Link};
use crate::actions::{ActError, By};
use crate::store::{Store, accounts, grants, service_accounts};

/// A fresh link; none when the account does not want its owner any more, or its
/// owner could not help: a service account opens it.
///
/// # Errors
/// When the database does not answer.
pub async fn invite(
    store: &Store,
    by: &By,
    account: AccountId,
    public_url: &Url,
) -> Result<Option<Link>, ActError> {
    let mut act = by.open(store).await?;
    let Some(account) = accounts::locked(&mut act, account).await? else { return Ok(None) };
    if !matches!(account.state, State::NeedsConsent | State::NeedsSignIn) {
        return Ok(None);
    }
    let own = grants::of(store, &mut act, account.id).await?.is_some();
    if !own && service_accounts::serving(store, &mut act, account.address.domain()).await?.is_some() {
        return Ok(None);
    }
    let link = link::issue(&mut act, account.id, public_url).await?;
    act.commit(Event::ConsentLinkIssued { account: account.id, address: account.address }).await?;
    Ok(Some(link))
}
