//! Whether the CRM still has the users to whom mailboxes belong. Whoever it has no more, or lets in no
//! more, has nothing kept in step, and an admin is asked whether they have left; nothing is ended by
//! that. When the user is there again, it goes on by itself.

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::event::Event;

use crate::actions::{ActError, By};
use crate::crm::client::Client;
use crate::crm::fault::Fault;
use crate::crm::user::UserId;
use crate::store::accounts::{self, Account};
use crate::store::contacts::books;
use crate::store::crm_absent::{self, Why};
use crate::store::sync::calendars;
use crate::store::{Act, Store, StoreError, outbox};

/// Asks the CRM about everybody. How many it has no more; none when it does not tell.
///
/// # Errors
/// When the database does not answer.
pub async fn look(store: &Store, crm: &Client) -> Result<Option<u64>, ActError> {
    let all = accounts::all(&mut store.read().await?).await?;
    let asked = all.into_iter().filter(|account| account.state != State::Disabled);
    for account in asked {
        let Some(user) = account.crm_user.clone() else { continue };
        match standing(crm, &user).await {
            Ok(gone) => told(store, &account, user, gone).await?,
            // It is about this one alone, and says nothing of them.
            Err(fault @ (Fault::NoAccess { .. } | Fault::NoSuchEntity)) => {
                tracing::info!(%fault, account.id = %account.id, "the CRM does not tell whether a user is there");
            }
            Err(fault) => {
                // Nothing is known of anybody else then either.
                tracing::info!(%fault, "the CRM does not tell whether its users are there");
                return Ok(None);
            }
        }
    }
    let count = crm_absent::count(&mut store.read().await?).await?;
    Ok(u64::try_from(count).ok())
}

async fn standing(crm: &Client, user: &str) -> Result<Option<Why>, Fault> {
    let Some(id) = UserId::parse(user) else { return Ok(Some(Why::Deleted)) };
    match crm.user(&id).await {
        Ok(user) if user.active => Ok(None),
        Ok(_) => Ok(Some(Why::Deactivated)),
        Err(Fault::NoUser) => Ok(Some(Why::Deleted)),
        Err(fault) => Err(fault),
    }
}

async fn told(store: &Store, known: &Account, user: String, gone: Option<Why>) -> Result<(), ActError> {
    let before = crm_absent::of(&mut store.read().await?, known.id).await?.map(|(why, _)| why);
    if before == gone {
        return Ok(());
    }
    let by = By::new(Actor::Gateway, store.dice())?;
    let mut act = by.open(store).await?;
    let Some(account) = accounts::locked(&mut act, known.id).await? else { return Ok(()) };
    // It belongs to somebody else by now.
    if account.crm_user.as_deref() != Some(user.as_str()) {
        return Ok(());
    }
    let event = noted(&mut act, &account, user, gone).await?;
    let now = store.clock().now();
    calendars::wake_all(&mut act, Some(account.id), now).await?;
    books::wake_all(&mut act, Some(account.id), now).await?;
    Ok(act.commit(event).await?)
}

async fn noted(
    act: &mut Act,
    account: &Account,
    crm_user: String,
    gone: Option<Why>,
) -> Result<Event, StoreError> {
    let (id, address) = (account.id, account.address.clone());
    let Some(why) = gone else {
        crm_absent::take(act, id).await?;
        return Ok(Event::CrmUserBack { account: id, address, crm_user });
    };
    crm_absent::put(act, id, why).await?;
    outbox::crm_user_gone(act, id).await?;
    Ok(Event::CrmUserGone { account: id, address, crm_user, why: why.name() })
}
