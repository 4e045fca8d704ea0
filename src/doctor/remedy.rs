//! What to do about what Gmail or the network said: one place a sentence.

use postern_core::model::address::Address;
use postern_core::model::refusal::Cause;
use postern_core::wire::tunnel::Denied;

use crate::google::broker::NoToken;
use crate::google::mailbox::MailboxFault;
use crate::net::dial::{DialError, Stage};
use crate::net::fault::TlsFault;
use crate::net::proxy::ProxyFault;
use crate::net::target::Target;

/// What mends what did not answer in time.
pub(super) const SLOW: &str =
    "Google or the way to it is slow or closed: see the network findings, and try again";

/// What mends a CRM that does not answer.
pub(super) const CRM: &str = "see whether crm.url opens from this machine: curl -sS -o /dev/null -w '%{http_code}' URL/api/v1/App/user";

/// What mends a connection that does not come up.
pub(super) fn of_dial(error: &DialError) -> String {
    match error {
        DialError::Resolve { target } => {
            format!("check that this machine's resolver knows the name: getent ahosts {}", target.host)
        }
        DialError::Refused { target, .. } | DialError::Timeout { target, stage: Stage::Connecting } => {
            format!(
                "let this machine connect to {target}: a firewall stands between, or the name leads elsewhere"
            )
        }
        DialError::Timeout { stage: Stage::Resolving, .. } => {
            "the resolver of this machine does not answer: check /etc/resolv.conf".to_owned()
        }
        DialError::Timeout { stage: Stage::Asking | Stage::Handshaking, .. } => {
            "something between takes connections and does not pass them on: ask who runs the firewall"
                .to_owned()
        }
        DialError::Proxy { target, proxy, fault } => of_proxy(target, proxy, *fault),
        DialError::Tls { fault, .. } => of_tls(fault).to_owned(),
    }
}

fn of_proxy(target: &Target, proxy: &Target, fault: ProxyFault) -> String {
    match fault {
        ProxyFault::Unresolved | ProxyFault::Unreachable(_) => {
            format!("check google.proxy: nobody answers at {proxy}")
        }
        ProxyFault::Silent | ProxyFault::Gone(_) => {
            format!("ask who runs the proxy {proxy}: it takes connections and does not pass them on")
        }
        ProxyFault::Denied(Denied::Credentials) => {
            "write the proxy's user name and password into google.proxy (or google.proxy_file)".to_owned()
        }
        ProxyFault::Denied(Denied::Forbidden | Denied::Other) => {
            format!("ask who runs the proxy {proxy} to allow CONNECT to {target}")
        }
        ProxyFault::Denied(Denied::Upstream) => {
            format!("ask who runs the proxy {proxy} whether it reaches {target} itself")
        }
        ProxyFault::Denied(Denied::NotSpoken) => {
            "check the scheme and the port of google.proxy: http:// or socks5://".to_owned()
        }
    }
}

/// What mends a TLS session that does not come up.
pub(super) fn of_tls(fault: &TlsFault) -> &'static str {
    match fault {
        TlsFault::Untrusted(_) => {
            "if a firewall here opens TLS on purpose, name its authority in google.extra_ca_file; \
             otherwise somebody stands between: do not go on"
        }
        TlsFault::WrongName => {
            "the name leads to another server: check DNS, /etc/hosts and the address in [google]"
        }
        TlsFault::Expired | TlsFault::NotYetValid => {
            "check the clock of this machine (timedatectl); if it is right, the server or what stands between is to blame"
        }
        TlsFault::NotTls => "name the port of direct TLS: 993 for google.imap, 465 for google.smtp",
        TlsFault::Certificate
        | TlsFault::RefusedByPeer
        | TlsFault::NothingInCommon
        | TlsFault::Closed
        | TlsFault::Other => {
            "a firewall that looks into TLS does this: ask who runs it to let the connection pass"
        }
    }
}

/// What mends an account that gets no access token.
pub(super) fn of_token(fault: &NoToken, address: &Address) -> String {
    let link = format!("`postern account add {address}` prints a fresh link");
    match fault {
        NoToken::NeedsConsent | NoToken::Barred(Cause::NeedsConsent) => {
            format!("its owner has to consent: {link}")
        }
        NoToken::NeedsSignIn | NoToken::Barred(Cause::NeedsSignIn) => format!(
            "its owner has to sign in again: {link}; a Workspace admin can exempt the app from re-authentication"
        ),
        NoToken::ProductMissing => format!("its owner has to consent again and tick Gmail: {link}"),
        NoToken::SwitchedOff => {
            "its owner has switched mail off, and can switch it on again on the own page (/me)".to_owned()
        }
        NoToken::Barred(Cause::AwaitingApproval) => format!("let it in: postern account approve {address}"),
        NoToken::Barred(_) => format!("let it in again: postern account enable {address}"),
        NoToken::ClientRefused(_) => "compare the client with Google's console and set it again: \
             postern client set, or postern service-account import"
            .to_owned(),
        NoToken::SubjectRefused(_) => {
            "check that the mailbox exists in the Workspace and that the service account may act for it: \
             Admin console, Security, API controls, Domain-wide delegation"
                .to_owned()
        }
        NoToken::Temporary(_) => "try again; `postern doctor` tells what stands between".to_owned(),
    }
}

/// What mends a mailbox that does not do what was asked.
pub(super) fn of_mailbox(fault: &MailboxFault, address: &Address) -> String {
    match fault {
        MailboxFault::Refused { why, .. } => of_refusal(why.as_str(), address),
        MailboxFault::Declined { why, .. } => of_decline(why.as_str()),
        MailboxFault::Unreachable(error) => of_dial(error),
        MailboxFault::NoVerdict(_) => {
            "try again; if it stays so, `postern doctor` tells what stands between".to_owned()
        }
    }
}

fn of_refusal(words: &str, address: &Address) -> String {
    let lower = words.to_ascii_lowercase();
    let says = |text: &str| lower.contains(text);
    if says("not enabled for imap") {
        "IMAP is switched off in this mailbox: its owner opens Gmail's settings, \
         Forwarding and POP/IMAP, and enables IMAP"
            .to_owned()
    } else if says("disabled for your domain") {
        "IMAP is switched off for the domain: a Workspace admin allows it in the Admin console, \
         Apps, Gmail, End User Access"
            .to_owned()
    } else if says("web browser") || says("webalert") || says("web login") {
        format!(
            "Google wants to see a person: sign in as {address} at https://mail.google.com/ in a browser once"
        )
    } else if says("too many") {
        "other sessions take all connections of this mailbox: wait, or close mail clients that log in directly".to_owned()
    } else if says("lookup failed") {
        "Google finds no such mailbox behind this token: check the address of the account".to_owned()
    } else if says("temporary") || says("system error") {
        "Gmail has a bad moment: try again".to_owned()
    } else {
        format!(
            "Gmail does not take a fresh access token: check that {address} still has Gmail, \
             then connect it again: `postern account add {address}` prints a fresh link"
        )
    }
}

fn of_decline(words: &str) -> String {
    if words.contains("5.4.5") {
        "the mailbox has sent all that Gmail allows in 24 hours: try again tomorrow".to_owned()
    } else if words.starts_with('4') || words.to_ascii_lowercase().contains("system error") {
        "Gmail has a bad moment: try again".to_owned()
    } else {
        "follow Gmail's words".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{of_decline, of_refusal};
    use postern_core::model::address::Address;

    #[test]
    fn gmails_known_sentences_have_a_remedy_each() {
        let anna = Address::parse("anna@x.cz").unwrap();
        let known = [
            ("(ALERT) Your account is not enabled for IMAP use. Please visit", "enables IMAP"),
            ("(ALERT) IMAP access is disabled for your domain.", "Admin console"),
            ("(ALERT) Please log in via your web browser: https://", "https://mail.google.com/"),
            ("(ALERT) Too many simultaneous connections. (Failure)", "close mail clients"),
            ("Lookup failed abc", "check the address"),
            ("454 4.7.0 Cannot authenticate due to temporary system problem.", "try again"),
            ("(AUTHENTICATIONFAILED) Invalid credentials (Failure)", "postern account add anna@x.cz"),
        ];
        for (words, remedy) in known {
            let told = of_refusal(words, &anna);
            assert!(told.contains(remedy), "{words}: {told}");
        }
        assert!(of_decline("550 5.4.5 Daily user sending limit exceeded.").contains("24 hours"));
        assert_eq!(of_decline("550 5.7.1 Blocked"), "follow Gmail's words");
    }
}
