//! Service accounts with domain-wide delegation.

use postern_core::model::address::Address;
use postern_core::model::change::Change;
use postern_core::model::event::Event;
use postern_core::model::finding::Severity;
use postern_core::model::secret::Secret;

use super::account::approval::hold_domains;
use super::{ActError, By};
use crate::google::service_account::ServiceAccount;
use crate::store::{Store, service_accounts};

// Their users are in no Workspace whose admin could delegate.
const PUBLIC: [&str; 2] = ["gmail.com", "googlemail.com"];

/// What was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The service account's own address.
    pub email: String,
    /// The number to enter under domain-wide delegation.
    pub client_id: String,
    /// Domains it serves.
    pub domains: Vec<String>,
    /// It stood here before, with another key or other domains.
    pub replaced: bool,
}

/// Stores a key file and the domains it serves; without any, the allowed ones.
///
/// # Errors
/// When the file is no key file, or a domain cannot be served.
pub async fn import(
    store: &Store,
    by: &By,
    key_file: &Secret,
    domains: &[String],
    allowed_domains: &[String],
) -> Result<Stored, ActError> {
    let account = ServiceAccount::from_key_file(key_file).map_err(ActError::KeyFile)?;
    let domains = served(domains, allowed_domains)?;
    let email = account.client_email().to_string();
    let mut act = by.open(store).await?;
    let stored = service_accounts::all(store, &mut act).await?;
    for other in stored.iter().filter(|other| other.email != email) {
        if let Some(domain) = domains.iter().find(|domain| other.domains.contains(domain)) {
            let (domain, email) = (domain.clone(), other.email.clone());
            return Err(ActError::DomainServed { domain, email });
        }
    }
    service_accounts::set(&mut act, &email, key_file, &domains).await?;
    let waiting = hold_domains(&mut act, &domains).await?;
    waiting.into_iter().for_each(|event| act.also(event));
    act.commit(Event::ServiceAccountImported { email: email.clone(), domains: domains.clone() }).await?;
    let replaced = stored.iter().any(|other| other.email == email);
    Ok(Stored { email, client_id: account.client_id().to_owned(), domains, replaced })
}

fn served(domains: &[String], allowed: &[String]) -> Result<Vec<String>, ActError> {
    let mut wanted = domains.to_vec();
    if wanted.is_empty() {
        wanted.extend(allowed.iter().filter(|domain| !PUBLIC.contains(&domain.as_str())).cloned());
    }
    let mut served = Vec::new();
    for domain in &wanted {
        let folded = domain.trim().trim_end_matches('.').to_ascii_lowercase();
        if !is_domain(&folded) {
            return Err(ActError::NotADomain(domain.clone()));
        }
        if PUBLIC.contains(&folded.as_str()) {
            return Err(ActError::PublicDomain(folded));
        }
        if !allowed.is_empty() && !allowed.contains(&folded) {
            return Err(ActError::DomainNotAllowed(folded));
        }
        if !served.contains(&folded) {
            served.push(folded);
        }
    }
    if served.is_empty() { Err(ActError::NoDomain) } else { Ok(served) }
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

/// A service account as it is shown: without its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its own address.
    pub email: String,
    /// The number to enter under domain-wide delegation.
    pub client_id: Option<String>,
    /// Domains it serves.
    pub domains: Vec<String>,
    /// Google's code when it was last refused.
    pub fault: Option<String>,
}

/// All service accounts.
///
/// # Errors
/// When the database does not answer or a key does not open.
pub async fn list(store: &Store) -> Result<Vec<Listed>, ActError> {
    let stored = service_accounts::all(store, &mut store.read().await?).await?;
    let listed = |it: service_accounts::ServiceAccount| Listed {
        client_id: ServiceAccount::from_key_file(&it.key).ok().map(|key| key.client_id().to_owned()),
        email: it.email,
        domains: it.domains,
        fault: it.fault,
    };
    Ok(stored.into_iter().map(listed).collect())
}

/// Records how a test with one mailbox went. One that went well ends a refusal
/// that was noted before: mailboxes are tried again at once.
///
/// # Errors
/// When the database does not answer.
pub async fn tried(
    store: &Store,
    by: &By,
    email: &str,
    mailbox: Address,
    went: Severity,
) -> Result<(), ActError> {
    let mut act = by.open(store).await?;
    let stored = service_accounts::all(store, &mut act).await?;
    if let Some(robot) = stored.into_iter().find(|it| it.email == email)
        && went == Severity::Ok
        && robot.fault.is_some()
    {
        service_accounts::fault(&mut act, robot.id, None).await?;
        act.tell(Change::Client);
    }
    let (email, outcome) = (email.to_owned(), went.name());
    Ok(act.commit(Event::ServiceAccountTried { email, address: mailbox, outcome }).await?)
}
