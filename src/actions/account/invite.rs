//! Consent links that the gateway makes itself, for letters that leave now.

use postern_core::model::account::State;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use url::Url;

use super::link::{self, Link};
use super::mail::helps;
use crate::actions::{ActError, By};
use crate::store::{Store, accounts};

/// A fresh link for a mailbox that has lost its grant; none when the account
/// does not want its owner any more, or its owner could not help: a service
/// account opens it.
///
/// # Errors
/// When the database does not answer.
pub async fn invite(
    store: &Store,
    by: &By,
    account: AccountId,
    public_url: &Url,
) -> Result<Option<Link>, ActError> {
    let fallen = |state| matches!(state, State::NeedsConsent | State::NeedsSignIn);
    make(store, by, account, public_url, fallen).await
}

/// A fresh link that somebody asked for; none when its owner could not help.
///
/// # Errors
/// When the database does not answer.
pub async fn asked(
    store: &Store,
    by: &By,
    account: AccountId,
    public_url: &Url,
) -> Result<Option<Link>, ActError> {
    make(store, by, account, public_url, |_| true).await
}

async fn make(
    store: &Store,
    by: &By,
    account: AccountId,
    public_url: &Url,
    fits: impl Fn(State) -> bool + Send,
) -> Result<Option<Link>, ActError> {
    let mut act = by.open(store).await?;
    let Some(account) = accounts::locked(&mut act, account).await? else { return Ok(None) };
    if !fits(account.state) || !helps(store, &mut act, &account).await? {
        return Ok(None);
    }
    let link = link::issue(&mut act, account.id, public_url).await?;
    act.commit(Event::ConsentLinkIssued { account: account.id, address: account.address }).await?;
    Ok(Some(link))
}
