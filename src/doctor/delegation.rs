//! A service account and one mailbox: whether Google lets the one open the
//! other.
//!
//! The assertion asks for one scope alone, so that a refusal names it.

use postern_core::model::address::Address;
use postern_core::model::finding::Finding;
use postern_core::model::scope::{GMAIL, ScopeSet};

use crate::google::endpoints::Endpoints;
use crate::google::fault::{ClientCode, Fault};
use crate::google::service_account::{ServiceAccount, grant};
use crate::net::exchange::Exchange;
use crate::store::{Store, StoreError, service_accounts};

/// The scope is not delegated.
pub const SCOPE: &str = "delegation.scope";
/// The mailbox is refused, not the service account.
pub const MAILBOX: &str = "delegation.mailbox";
/// The service account itself is refused.
pub const KEY: &str = "delegation.key";
/// Google was not reached or did not make sense.
pub const WAY: &str = "delegation.way";

/// Asks Google for an access token to this mailbox; `None` when there is no
/// such service account.
pub async fn look(
    exchange: &dyn Exchange,
    endpoints: &Endpoints,
    store: &Store,
    email: &str,
    mailbox: &Address,
) -> Result<Option<Finding>, StoreError> {
    let stored = service_accounts::all(store, &mut store.read().await?).await?;
    let Some(stored) = stored.into_iter().find(|it| it.email == email) else { return Ok(None) };
    let Ok(account) = ServiceAccount::from_key_file(&stored.key) else {
        let remedy = "make a new key in Google's console and import it";
        return Ok(Some(Finding::fault(KEY, "the stored key cannot sign", remedy)));
    };
    let now = store.clock().seconds();
    let outcome = grant(exchange, endpoints, &account, mailbox, &ScopeSet::mail(), now).await;
    Ok(Some(match outcome {
        Ok(_) => Finding::ok(SCOPE, format!("Google lets {email} open {mailbox} ({GMAIL})")),
        Err(fault) => judged(&fault, &account, mailbox),
    }))
}

fn judged(fault: &Fault, account: &ServiceAccount, mailbox: &Address) -> Finding {
    let seen = fault.to_string();
    match fault {
        Fault::ClientRefused { code: ClientCode::UnauthorizedClient | ClientCode::InvalidScope, .. } => {
            let remedy = format!(
                "allow the client id {} the scope {GMAIL}: Admin console, Security, API controls, Domain-wide \
                 delegation. It may take up to 24 hours until it holds.",
                account.client_id()
            );
            Finding::fault(SCOPE, seen, remedy)
        }
        Fault::ClientRefused { code: ClientCode::Clock, .. } => {
            Finding::fault(KEY, seen, "keep the clock by NTP: timedatectl set-ntp true")
        }
        Fault::ClientRefused { .. } => {
            Finding::fault(KEY, seen, "make a new key in Google's console and import it")
        }
        Fault::SubjectRefused { .. } | Fault::GrantRefused { .. } | Fault::SignInWanted { .. } => {
            let remedy = format!("check that {mailbox} exists in the Workspace and has Gmail");
            Finding::fault(MAILBOX, seen, remedy)
        }
        Fault::Temporary { .. }
        | Fault::Malformed { .. }
        | Fault::Declined { .. }
        | Fault::TokenRefused { .. }
        | Fault::RequestRefused { .. } => {
            Finding::warning(WAY, seen, "try again; `postern doctor` tells what stands between")
        }
    }
}
