//! One mailbox, step by step: what a login through the gateway needs at Google.
//!
//! state → token → IMAP connection → login → folders → quota, and with a test message
//! SMTP connection → login → message. A step that fails ends its side; an
//! access token that Gmail refuses is replaced, as in a login.

use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::finding::{Finding, Severity};
use postern_core::model::scope::ScopeSet;

use super::{remedy, step};
use crate::clock::written;
use crate::google::broker::{Broker, NoToken, Tries};
use crate::google::mailbox::{Folder, MailboxFault, Session, Submission};
use crate::net::dial::{Dialer, UpstreamStream};
use crate::net::target::Target;
use crate::store::access_tokens::AccessToken;
use crate::store::accounts::Account;

/// Time for each step.
pub const STEP: Duration = Duration::from_secs(25);

/// How Gmail is reached.
#[derive(Clone, Copy)]
pub struct Gmail<'a> {
    /// Access tokens.
    pub broker: &'a Broker,
    /// Mail connections.
    pub dialer: &'a Dialer,
    /// Gmail's IMAP server.
    pub imap: &'a Target,
    /// Gmail's SMTP server.
    pub smtp: &'a Target,
    /// The name that SMTP is greeted with.
    pub hostname: &'a str,
}

/// The same, owned by who lives as long as the gateway.
#[derive(Clone)]
pub struct Ways {
    /// Access tokens.
    pub broker: Broker,
    /// Mail connections.
    pub dialer: Dialer,
    /// Gmail's IMAP server.
    pub imap: Target,
    /// Gmail's SMTP server.
    pub smtp: Target,
    /// The name that SMTP is greeted with.
    pub hostname: String,
}

impl Ways {
    /// Lent for one check.
    #[must_use]
    pub fn gmail(&self) -> Gmail<'_> {
        Gmail {
            broker: &self.broker,
            dialer: &self.dialer,
            imap: &self.imap,
            smtp: &self.smtp,
            hostname: &self.hostname,
        }
    }
}

/// What is tried at Gmail's SMTP server.
#[derive(Debug, Clone, Copy)]
pub enum Submit<'a> {
    /// Nothing.
    Nothing,
    /// A login.
    LogIn,
    /// A login and a message to this address.
    Send(&'a Address),
}

/// Opens the mailbox as a login would.
pub async fn check(gmail: Gmail<'_>, account: &Account, submit: Submit<'_>) -> Vec<Finding> {
    let state = match account.state {
        State::NeedsConsent | State::NeedsSignIn => asked_again(gmail.broker, account).await,
        State::New | State::Active | State::AwaitingApproval | State::Disabled => of_state(account),
    };
    let barred = state.severity == Severity::Fault;
    let mut patient = Patient { gmail, account, findings: vec![state] };
    if barred {
        return patient.findings;
    }
    let mail = ScopeSet::mail();
    let mut tokens = gmail.broker.tries(account.id, &mail);
    let Some(token) = patient.token(&mut tokens).await else { return patient.findings };
    let token = patient.imap(token, tokens).await;
    match submit {
        Submit::Nothing => {}
        Submit::LogIn => patient.smtp(&token, None).await,
        Submit::Send(to) => patient.smtp(&token, Some(to)).await,
    }
    patient.findings
}

struct Patient<'a> {
    gmail: Gmail<'a>,
    account: &'a Account,
    findings: Vec<Finding>,
}

impl Patient<'_> {
    fn address(&self) -> &Address {
        &self.account.address
    }

    async fn token(&mut self, tokens: &mut Tries<'_>) -> Option<AccessToken> {
        let address = &self.account.address;
        let work = async {
            let token = tokens.next().await.map_err(|fault| {
                let remedy = remedy::of_token(&fault, address);
                Finding::fault("account.token", format!("no access token: {fault}"), remedy)
            })?;
            let seen = format!("an access token until {}", written(token.expires_at));
            Ok((Finding::ok("account.token", seen), token))
        };
        step(&mut self.findings, STEP, late("account.token", "no access token"), work).await
    }

    /// Returns the token that SMTP should use.
    async fn imap(&mut self, token: AccessToken, tokens: Tries<'_>) -> AccessToken {
        let Some(stream) = self.connect("imap.connect").await else { return token };
        let (mut session, token) = match self.log_in(stream, &token).await {
            LogIn::In(session) => (session, token),
            LogIn::Failed => return token,
            LogIn::Stale => match self.again(token, tokens).await {
                (Some(session), last) => (session, last),
                (None, last) => return last,
            },
        };
        let address = self.account.address.clone();
        let fault = |id, fault: &MailboxFault| {
            Finding::fault(id, fault.to_string(), remedy::of_mailbox(fault, &address))
        };
        let work = async {
            let folders = session.folders().await.map_err(|it| fault("imap.folders", &it))?;
            Ok((of_folders(&folders), ()))
        };
        let listed =
            step(&mut self.findings, STEP, late("imap.folders", "the folders were not told"), work).await;
        if listed.is_some() {
            let work = async {
                let quota = session.quota().await.map_err(|it| fault("imap.quota", &it))?;
                let finding = quota.map_or_else(
                    || Finding::note("imap.quota", "Gmail tells no quota of this mailbox"),
                    |quota| of_quota(quota.used, quota.limit),
                );
                Ok((finding, ()))
            };
            let quota =
                step(&mut self.findings, STEP, late("imap.quota", "the quota was not told"), work).await;
            if quota.is_some() {
                let _slow = tokio::time::timeout(Duration::from_secs(2), session.close()).await;
            }
        }
        token
    }

    async fn connect(&mut self, id: &'static str) -> Option<UpstreamStream> {
        let target = if id == "imap.connect" { self.gmail.imap } else { self.gmail.smtp };
        let dialer = self.gmail.dialer;
        let work = async {
            let stream = dialer
                .dial(target)
                .await
                .map_err(|error| Finding::fault(id, error.to_string(), remedy::of_dial(&error)))?;
            Ok((Finding::ok(id, format!("{target} is reached over TLS")), stream))
        };
        step(&mut self.findings, STEP, late(id, "no connection"), work).await
    }

    async fn log_in(&mut self, stream: UpstreamStream, token: &AccessToken) -> LogIn {
        let address = self.account.address.clone();
        let mut stale = false;
        let work = async {
            match Session::open(stream, &address, &token.token).await {
                Ok(session) => Ok((Finding::ok("imap.login", format!("logged in as {address}")), session)),
                Err(fault) => {
                    stale =
                        matches!(&fault, MailboxFault::Refused { why, .. } if refuses_token(why.as_str()));
                    Err(Finding::fault("imap.login", fault.to_string(), remedy::of_mailbox(&fault, &address)))
                }
            }
        };
        match step(&mut self.findings, STEP, late("imap.login", "no answer to the login"), work).await {
            Some(session) => LogIn::In(session),
            None if stale => LogIn::Stale,
            None => LogIn::Failed,
        }
    }

    /// A login with a token that Gmail has not refused yet; the one that was
    /// given last.
    async fn again(
        &mut self,
        refused: AccessToken,
        mut tokens: Tries<'_>,
    ) -> (Option<Session<UpstreamStream>>, AccessToken) {
        let mut last = refused;
        while tokens.goes_on() {
            let Ok(Ok(other)) = tokio::time::timeout(STEP, tokens.next()).await else { break };
            last = other;
            let Ok(stream) = self.gmail.dialer.dial(self.gmail.imap).await else { break };
            // The last verdict stands for all.
            self.findings.pop();
            match self.log_in(stream, &last).await {
                LogIn::In(session) => return (Some(session), last),
                LogIn::Stale => {}
                LogIn::Failed => break,
            }
        }
        (None, last)
    }

    async fn smtp(&mut self, token: &AccessToken, to: Option<&Address>) {
        let Some(stream) = self.connect("smtp.connect").await else { return };
        let address = self.address().clone();
        let hostname = self.gmail.hostname;
        let fault = |id, fault: &MailboxFault| {
            Finding::fault(id, fault.to_string(), remedy::of_mailbox(fault, &address))
        };
        let work = async {
            let session = Submission::open(stream, hostname, &address, &token.token).await;
            let session = session.map_err(|it| fault("smtp.login", &it))?;
            Ok((Finding::ok("smtp.login", format!("logged in as {address}")), session))
        };
        let late_login = late("smtp.login", "no answer to the login");
        let Some(mut session) = step(&mut self.findings, STEP, late_login, work).await else { return };
        if let Some(to) = to {
            let work = async {
                let said = session.send(&address, to).await.map_err(|it| fault("smtp.send", &it))?;
                let seen = format!("a message to {to} is accepted: {}", said.as_str());
                Ok((Finding::ok("smtp.send", seen), ()))
            };
            let late = late("smtp.send", "no verdict on the message");
            if step(&mut self.findings, STEP, late, work).await.is_none() {
                return;
            }
        }
        let _slow = tokio::time::timeout(Duration::from_secs(2), session.close()).await;
    }
}

enum LogIn {
    /// Logged in.
    In(Session<UpstreamStream>),
    /// Gmail does not take the token, which may be its fault alone.
    Stale,
    /// No session, and another token would not help.
    Failed,
}

// No login asks Google about such an account; a success brings it back.
async fn asked_again(broker: &Broker, account: &Account) -> Finding {
    match tokio::time::timeout(STEP, broker.probe(account.id, &ScopeSet::mail())).await {
        Ok(Ok(_)) => {
            let seen = format!("the account was {}; Google gives a token again, it is active", account.state);
            Finding::ok("account.state", seen)
        }
        Ok(Err(_)) | Err(_) => of_state(account),
    }
}

// What bars every login, whatever Google would say.
fn of_state(account: &Account) -> Finding {
    let seen = format!("the account is {}", account.state);
    match account.state.bar() {
        None => Finding::ok("account.state", seen),
        Some(cause) => {
            let remedy = remedy::of_token(&NoToken::Barred(cause), &account.address);
            Finding::fault("account.state", seen, remedy)
        }
    }
}

fn late(id: &'static str, what: &'static str) -> impl FnOnce() -> Finding {
    move || {
        let seen = format!("{what} within {} s", STEP.as_secs());
        Finding::fault(id, seen, "Google or the way to it is slow: try again, then run `postern doctor`")
    }
}

fn refuses_token(words: &str) -> bool {
    let lower = words.to_ascii_lowercase();
    lower.contains("authenticationfailed") || lower.contains("invalid credentials")
}

fn of_folders(folders: &[Folder]) -> Finding {
    let special: Vec<String> =
        folders.iter().filter_map(|it| Some(format!("{} is {}", it.special?, it.name))).collect();
    let seen = format!("{} folders; {}", folders.len(), special.join(", "));
    if special.is_empty() {
        return Finding::note("imap.folders", format!("{} folders, none with a special use", folders.len()));
    }
    Finding::ok("imap.folders", seen)
}

fn of_quota(used: u64, limit: u64) -> Finding {
    let gib = |kib: u64| format!("{}.{} GiB", kib / 1_048_576, kib % 1_048_576 * 10 / 1_048_576);
    let seen = format!("{} of {} used", gib(used), gib(limit));
    if limit > 0 && used >= limit {
        return Finding::fault(
            "imap.quota",
            seen,
            "the mailbox is full and takes no mail: its owner has to make room",
        );
    }
    if used > limit / 10 * 9 {
        return Finding::warning(
            "imap.quota",
            seen,
            "the mailbox is nearly full: its owner should make room",
        );
    }
    Finding::ok("imap.quota", seen)
}

#[cfg(test)]
pub(crate) mod trial {
    use std::sync::Arc;

    use url::Url;

    use super::{Dialer, STEP, Target, Ways};
    use crate::google::trial::broker;
    use crate::net::exchange::Exchange;
    use crate::net::trust::Trust;
    use crate::store::Store;

    /// A Gmail that nobody answers for behind a Google that does.
    pub fn ways(store: Store, exchange: Arc<dyn Exchange>, redirect_uri: Url) -> Ways {
        let closed = Target { host: "127.0.0.1".to_owned(), port: 1 };
        Ways {
            broker: broker(store, exchange, redirect_uri),
            dialer: Dialer::new(&Trust::load(None).unwrap(), STEP),
            imap: closed.clone(),
            smtp: closed,
            hostname: "postern.test".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{of_quota, refuses_token};
    use postern_core::model::finding::Severity;

    #[test]
    fn a_full_mailbox_is_a_fault_and_a_nearly_full_one_a_warning() {
        let severity = |used| of_quota(used, 15_728_640).severity;
        assert_eq!(severity(10), Severity::Ok);
        assert_eq!(severity(15_000_000), Severity::Warning);
        assert_eq!(severity(15_728_640), Severity::Fault);
        assert_eq!(of_quota(1_572_864, 15_728_640).seen, "1.5 GiB of 15.0 GiB used");
    }

    #[test]
    fn only_a_refused_token_is_worth_a_second_one() {
        assert!(refuses_token("(AUTHENTICATIONFAILED) Invalid credentials (Failure)"));
        assert!(!refuses_token("(ALERT) Your account is not enabled for IMAP use."));
    }
}
