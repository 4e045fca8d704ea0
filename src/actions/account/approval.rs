//! What a program registers is opened by a service account only after an admin
//! has approved: whenever such a mailbox would be opened by one, it waits.

use postern_core::model::account::State;
use postern_core::model::event::Event;

use crate::actions::ActError;
use crate::store::accounts::{self, Account};
use crate::store::{Act, Store, grants, programs, service_accounts};

/// Has an unapproved mailbox wait when a service account would open it now.
pub(super) async fn held_back(
    store: &Store,
    act: &mut Act,
    account: &mut Account,
    why: &'static str,
) -> Result<Option<Event>, ActError> {
    if !account.unapproved || account.state != State::New {
        return Ok(None);
    }
    let own = grants::of(store, act, account.id).await?.is_some();
    if own || service_accounts::serving(store, act, account.address.domain()).await?.is_none() {
        return Ok(None);
    }
    let (from, to) = (account.state, State::AwaitingApproval);
    accounts::set_state(act, account.id, to).await?;
    account.state = to;
    Ok(Some(Event::StateChanged { account: account.id, address: account.address.clone(), from, to, why }))
}

/// Has all mailboxes wait that a service account of these domains would open
/// without anybody's leave.
pub(in crate::actions) async fn hold_domains(
    act: &mut Act,
    domains: &[String],
) -> Result<Vec<Event>, ActError> {
    let (mut last, mut events) = (String::new(), Vec::new());
    loop {
        let page = programs::unopened(act, &last).await?;
        let Some((_, address)) = page.last() else { return Ok(events) };
        last = address.to_string();
        for (account, address) in page {
            if domains.iter().any(|domain| domain == address.domain()) {
                let (from, to) = (State::New, State::AwaitingApproval);
                accounts::set_state(act, account, to).await?;
                events.push(Event::StateChanged { account, address, from, to, why: "service_account" });
            }
        }
    }
}
