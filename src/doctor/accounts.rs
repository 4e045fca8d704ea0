//! The accounts by their state, and which of them wait for somebody.

use postern_core::model::account::State;
use postern_core::model::finding::Finding;

use crate::store::accounts::{self, Account};
use crate::store::{Store, StoreError};

/// Most addresses that are named.
const NAMED: usize = 5;

/// Counts, and the account that stands for all when one is tried.
pub async fn look(store: &Store) -> Result<(Vec<Finding>, Option<Account>), StoreError> {
    let all = accounts::all(&mut store.read().await?).await?;
    let mut findings = judged(&all);
    let tried = all.into_iter().find(|account| account.state == State::Active);
    if tried.is_none() {
        findings.push(Finding::note("account", "no account is active, so no login at Gmail was tried"));
    }
    Ok((findings, tried))
}

fn judged(all: &[Account]) -> Vec<Finding> {
    let of = |state: State| all.iter().filter(move |account| account.state == state);
    let mut findings = vec![Finding::ok("accounts", counts(all))];
    let consent: Vec<&Account> = of(State::NeedsConsent).chain(of(State::NeedsSignIn)).collect();
    if !consent.is_empty() {
        let seen = format!("{} cannot log in until their owners consent: {}", consent.len(), names(&consent));
        let everybody = consent.len() > 2 && of(State::Active).count() == 0;
        let remedy = if everybody {
            "all at once: if it is seven days after the consents, publish the Google project \
             (status Testing ends every grant); then `postern account add EMAIL` prints a fresh link each"
        } else {
            "`postern account add EMAIL` prints a fresh link for the owner"
        };
        findings.push(Finding::warning("accounts.consent", seen, remedy));
    }
    let waiting: Vec<&Account> = of(State::AwaitingApproval).collect();
    if !waiting.is_empty() {
        let seen = format!("{} wait for an admin: {}", waiting.len(), names(&waiting));
        findings.push(Finding::warning("accounts.approval", seen, "postern account approve EMAIL"));
    }
    let renamed: Vec<&Account> = all.iter().filter(|account| account.proposed_address.is_some()).collect();
    if !renamed.is_empty() {
        let seen = format!("Google shows another address for {}", names(&renamed));
        findings.push(Finding::warning("accounts.renamed", seen, "confirm it: postern account rename EMAIL"));
    }
    findings
}

fn counts(all: &[Account]) -> String {
    const STATES: [State; 6] = [
        State::Active,
        State::New,
        State::NeedsConsent,
        State::NeedsSignIn,
        State::AwaitingApproval,
        State::Disabled,
    ];
    let count = |state: State| all.iter().filter(|account| account.state == state).count();
    let told: Vec<String> = STATES
        .iter()
        .map(|state| (count(*state), state))
        .filter(|(n, _)| *n > 0)
        .map(|(n, s)| format!("{n} {s}"))
        .collect();
    if told.is_empty() { "no account yet".to_owned() } else { told.join(", ") }
}

fn names(accounts: &[&Account]) -> String {
    let mut told: Vec<String> =
        accounts.iter().take(NAMED).map(|account| account.address.to_string()).collect();
    if accounts.len() > NAMED {
        told.push(format!("and {} more", accounts.len() - NAMED));
    }
    told.join(", ")
}
