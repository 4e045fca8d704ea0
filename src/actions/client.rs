//! The OAuth client of this installation.

use postern_core::model::account::Happening;
use postern_core::model::address::Address;
use postern_core::model::change::Change;
use postern_core::model::event::Event;
use postern_core::model::finding::Severity;
use postern_core::model::id::{AccountId, ClientId};
use postern_core::model::secret::Secret;
use uuid::Uuid;

use super::{ActError, By};
use crate::store::{Act, Source, Store, access_tokens, accounts, clients, grants};

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSet {
    /// Another client id stood here before.
    pub replaced: bool,
    /// Accounts that were moved: their owners have to connect again.
    pub reconnect: Vec<Address>,
    /// Accounts whose grants belong to this client and that need no new consent
    /// after all: it stood here before the one that was replaced.
    pub restored: Vec<Address>,
}

/// Makes this the client of every new consent. Grants of another client id
/// cannot be used with it, so their accounts need a new consent. A former
/// client id that is set again brings the accounts of its grants back: a wrong
/// id costs nobody a consent.
///
/// # Errors
/// When the id is no client id, or the secret is empty.
pub async fn set(store: &Store, by: &By, client_id: &str, secret: &Secret) -> Result<ClientSet, ActError> {
    fit(client_id)?;
    if secret.is_empty() {
        return Err(ActError::Empty("client secret"));
    }
    let mut act = by.open(store).await?;
    let before = clients::current(store, &mut act).await?;
    let replaced = before.is_some_and(|client| client.client_id != client_id);
    let id = clients::set(&mut act, client_id, secret).await?;
    let foreign = grants::foreign(&mut act, id).await?;
    let reconnect = moved(&mut act, foreign, Happening::ClientReplaced, "client_replaced").await?;
    let own = if replaced { grants::own(&mut act, id).await? } else { Vec::new() };
    let restored = moved(&mut act, own, Happening::ClientRestored, "client_restored").await?;
    let accounts_to_reconnect = reconnect.len() as u64;
    act.commit(Event::ClientSet { client_id: client_id.to_owned(), accounts_to_reconnect }).await?;
    Ok(ClientSet { replaced, reconnect, restored })
}

/// Moves those of the accounts that the happening concerns.
async fn moved(
    act: &mut Act,
    ids: Vec<AccountId>,
    happening: Happening,
    why: &'static str,
) -> Result<Vec<Address>, ActError> {
    let mut moved = Vec::new();
    for id in ids {
        let Some(account) = accounts::locked(act, id).await? else { continue };
        let Some(to) = account.state.after(happening) else { continue };
        accounts::set_state(act, id, to).await?;
        access_tokens::forget(act, id).await?;
        let (from, address) = (account.state, account.address.clone());
        act.also(Event::StateChanged { account: id, address, from, to, why });
        moved.push(account.address);
    }
    moved.sort();
    Ok(moved)
}

/// What setting this client would do. Nothing is changed, and nobody is kept
/// from changing it meanwhile.
///
/// # Errors
/// When the id is no client id.
pub async fn consequences(store: &Store, client_id: &str) -> Result<ClientSet, ActError> {
    fit(client_id)?;
    let mut read = store.read().await?;
    let before = clients::current(store, &mut read).await?;
    let replaced = before.is_some_and(|client| client.client_id != client_id);
    // No grant belongs to the identity of a client that was never set.
    let id = clients::known(&mut read, client_id).await?.unwrap_or(ClientId(Uuid::nil()));
    let foreign = grants::foreign(&mut read, id).await?;
    let reconnect = concerned(&mut read, foreign, Happening::ClientReplaced).await?;
    let own = if replaced { grants::own(&mut read, id).await? } else { Vec::new() };
    let restored = concerned(&mut read, own, Happening::ClientRestored).await?;
    Ok(ClientSet { replaced, reconnect, restored })
}

// What a made-up code disproves; other refusals are met by consents only.
const DISPROVED: [&str; 3] = ["invalid_client", "deleted_client", "disabled_client"];

/// Records how a test of this client went. One that went well ends a refusal
/// that was noted before: mailboxes are tried again at once.
///
/// # Errors
/// When the database does not answer.
pub async fn tried(store: &Store, by: &By, client_id: &str, went: Severity) -> Result<(), ActError> {
    let mut act = by.open(store).await?;
    let client = clients::current(store, &mut act).await?.filter(|client| client.client_id == client_id);
    if let Some(client) = client
        && went == Severity::Ok
        && client.fault.is_some_and(|code| DISPROVED.contains(&code.as_str()))
    {
        clients::fault(&mut act, client.id, None).await?;
        act.tell(Change::Client);
    }
    let event = Event::ClientTried { client_id: client_id.to_owned(), outcome: went.name() };
    Ok(act.commit(event).await?)
}

fn fit(client_id: &str) -> Result<(), ActError> {
    let plain = client_id.bytes().all(|b| b.is_ascii_graphic());
    if client_id.is_empty() || client_id.len() > 255 || !plain || client_id.contains('@') {
        return Err(ActError::NotAClientId);
    }
    Ok(())
}

async fn concerned(
    read: &mut impl Source,
    ids: Vec<AccountId>,
    happening: Happening,
) -> Result<Vec<Address>, ActError> {
    let mut concerned = Vec::new();
    for id in ids {
        let account = accounts::by_id(read, id).await?;
        concerned.extend(account.filter(|it| it.state.after(happening).is_some()).map(|it| it.address));
    }
    concerned.sort();
    Ok(concerned)
}
