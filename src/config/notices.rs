//! `[notices]`: who is written to when Google shuts a mailbox, and by which way.

use std::time::Duration;

use postern_core::model::address::Address;
use postern_core::model::secret::Secret;

use super::address::{self, HostPort};
use super::fault::{Wrong, quoted};
use super::proxy::decoded;
use super::quantity::duration;
use super::section::{Section, one_of};

const DAY: Duration = Duration::from_secs(86_400);

/// Messages to admins and owners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notices {
    /// Admins. Default: none.
    pub to: Vec<Address>,
    /// How messages leave; without it everything is only logged.
    pub sending: Option<Sending>,
    /// Whether the owner of a mailbox gets a link to connect it again. Default
    /// true.
    pub owners: bool,
    /// For how long news are gathered into one message. Default 10 minutes.
    pub gather: Duration,
    /// Default `English`.
    pub language: Language,
}

/// The way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Through what.
    pub via: Via,
    /// Whose messages they are. Default: the account itself, or `postern@` and
    /// our host name.
    pub from: Address,
}

/// What takes the messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// A mailbox of this installation.
    Account(Address),
    /// A mail server.
    Server(MailServer),
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    /// Where it is.
    pub at: HostPort,
    /// How it is spoken to.
    pub tls: MailTls,
    /// User name and password, if it wants them.
    pub login: Option<(String, Secret)>,
}

/// How a mail server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// TLS from the first octet.
    Implicit,
    /// Nothing is said before STARTTLS.
    StartTls,
    /// In the clear, on this machine.
    None,
}

/// The language of the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Czech.
    Czech,
}

/// `hostname` is our own name.
pub(super) fn read(section: &Section<'_>, hostname: &str) -> Option<Notices> {
    let to = section.texts("to", mailbox);
    let owners = section.flag_or("owners", true);
    let gather = section.or("gather", "10m", duration(DAY));
    let words = [("en", Language::English), ("cs", Language::Czech)];
    let language = section.or("language", "en", one_of(&words));
    let given = section.has("via") || section.has("via_file");
    let from = section.get("from", mailbox);
    let sending = if given { Some(sending(section, from, hostname)?) } else { None };
    if !given && (section.has("from") || !to.is_empty()) {
        let remedy =
            "write via = \"crm@example.com\", a mailbox of this installation, or \"smtp://mail.example.com\"";
        section.fault("via", "is missing, so nothing could be sent", remedy);
    }
    if sending.is_some() && to.is_empty() && !owners {
        section.fault("to", "names nobody, and owners = false", "name the admins, or leave owners out");
    }
    Some(Notices { to, sending, owners, gather: gather?, language: language? })
}

/// Whether anybody can be told, and somebody is.
pub(super) fn told(notices: &Notices) -> Result<(), Wrong> {
    if notices.sending.is_none() && !notices.to.is_empty() {
        let remedy = "set notices.via in the configuration file first";
        return Err(Wrong::new("nothing could be sent: notices.via is not set", remedy));
    }
    if notices.sending.is_some() && notices.to.is_empty() && !notices.owners {
        return Err(Wrong::new("nobody would be told", "name the admins, or let owners be told"));
    }
    Ok(())
}

fn sending(section: &Section<'_>, from: Option<Address>, hostname: &str) -> Option<Sending> {
    let text = section.secret("via")?;
    let key = if section.has("via") { "via" } else { "via_file" };
    let via = via(text.reveal()).map_err(|wrong| section.fault(key, wrong.what, wrong.remedy)).ok()?;
    let from = match (&via, section.has("from")) {
        (_, true) => from?,
        (Via::Account(address), false) => address.clone(),
        (Via::Server(_), false) => section.or("from", &format!("postern@{hostname}"), mailbox)?,
    };
    Some(Sending { via, from })
}

pub(super) fn mailbox(text: &str) -> Result<Address, Wrong> {
    Address::parse(text)
        .map_err(|why| Wrong::new(format!("{}: {why}", quoted(text)), "write \"admin@example.com\""))
}

/// No fault shows the text: a password may be anywhere in it.
fn via(text: &str) -> Result<Via, Wrong> {
    let remedy = "write the address of a mailbox of this installation, \"smtp://mail.example.com\" or \
                  \"smtps://user:password@mail.example.com\"";
    let (rest, tls, port) = if let Some(rest) = text.strip_prefix("smtps://") {
        (rest, MailTls::Implicit, 465)
    } else if let Some(rest) = text.strip_prefix("smtp://") {
        (rest, MailTls::StartTls, 587)
    } else if text.contains("://") {
        return Err(Wrong::new("is neither smtp:// nor smtps://", remedy));
    } else {
        let account = Address::parse(text).map(Via::Account);
        return account.map_err(|_| Wrong::new("is neither a mailbox nor a mail server", remedy));
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (login, place) = match rest.rsplit_once('@') {
        Some((login, place)) => (Some(self::login(login)?), place),
        None => (None, rest),
    };
    let at = address::host_port(place).or_else(|_| address::host_port(&format!("{place}:{port}")));
    let at = at.map_err(|_| Wrong::new("has no host, or a wrong port", remedy))?;
    let tls = if tls == MailTls::StartTls && at.is_loopback() { MailTls::None } else { tls };
    Ok(Via::Server(MailServer { at, tls, login }))
}

fn login(text: &str) -> Result<(String, Secret), Wrong> {
    let remedy = "write user:password, special characters as %25, %3A, %40 and so on";
    let both = text.split_once(':').and_then(|(user, password)| decoded(user).zip(decoded(password)));
    let Some((user, password)) = both else {
        return Err(Wrong::new("has a login without a password, or a broken % in it", remedy));
    };
    let password = Secret::new(password);
    let unfit = |part: &str| part.is_empty() || part.len() > 255 || part.contains(char::is_control);
    if unfit(&user) || unfit(password.reveal()) {
        return Err(Wrong::new("has a login that cannot be sent", remedy));
    }
    Ok((user, password))
}

#[cfg(test)]
mod tests {
    use super::{MailServer, MailTls, Via, via};
    use crate::config::Config;
    use std::collections::BTreeMap;

    fn server(text: &str) -> MailServer {
        match via(text) {
            Ok(Via::Server(server)) => server,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn an_account_or_a_mail_server() {
        assert!(matches!(via("CRM@Example.com"), Ok(Via::Account(it)) if it.as_str() == "crm@example.com"));
        let plain = server("smtp://mail.example.com");
        assert_eq!((plain.at.to_string().as_str(), plain.tls), ("mail.example.com:587", MailTls::StartTls));
        assert_eq!(plain.login, None);
        let known = server("smtps://me%40corp:p%3Aw@[2001:db8::1]/");
        let (user, password) = known.login.unwrap();
        assert_eq!((known.at.to_string().as_str(), known.tls), ("[2001:db8::1]:465", MailTls::Implicit));
        assert_eq!((user.as_str(), password.reveal()), ("me@corp", "p:w"));
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for text in ["smtp://localhost:25", "smtp://127.0.0.1:25", "smtp://[::1]:25"] {
            assert_eq!(server(text).tls, MailTls::None, "{text}");
        }
        assert_eq!(server("smtp://10.0.0.1:25").tls, MailTls::StartTls);
        assert_eq!(server("smtps://localhost").tls, MailTls::Implicit);
    }

    #[test]
    fn a_fault_never_shows_the_password() {
        for text in [
            "hunter2",
            "me:hunter2@host",
            "http://me:hunter2@host",
            "smtp://me:hunter2@",
            "smtp://hunter2@host",
            "smtp://me:hunter2@host:0",
            "smtp://me:hunter2%zz@host",
            "smtp://me:hunter2%0d%0a@host",
            "smtp://:hunter2@host",
            "smtps://me:hunter2@host/path",
        ] {
            let wrong = via(text).unwrap_err();
            assert!(!format!("{wrong:?}").contains("hunter2"), "{wrong:?}");
        }
        assert!(!format!("{:?}", via("smtp://me:hunter2@host").unwrap()).contains("hunter2"));
    }

    fn read(text: &str) -> Result<Config, String> {
        Config::from_str(text, &BTreeMap::new()).map_err(|faults| faults.to_string())
    }

    #[test]
    fn the_sender_is_derived_and_what_leads_nowhere_is_a_fault() {
        let from = |text: &str| read(text).unwrap().notices.sending.unwrap().from.to_string();
        assert_eq!(from("[notices]\nvia = \"crm@example.com\""), "crm@example.com");
        let named = "[smtp]\nhostname = \"mail.example.com\"\n[notices]\nvia = \"smtp://localhost:25\"\n";
        assert_eq!(from(named), "postern@mail.example.com");
        assert_eq!(from(&format!("{named}from = \"it@example.com\"")), "it@example.com");
        for (text, key) in [
            ("to = [\"it@example.com\"]", "notices.via"),
            ("via = \"a@x.cz\"\nowners = false", "notices.to"),
            ("to = [\"nobody\"]", "notices.to"),
            ("via = \"a@x.cz\"\nfrom = \"a b\"", "notices.from"),
            ("via = \"a@x.cz\"\ngather = \"2d\"", "notices.gather"),
            ("language = \"de\"", "notices.language"),
        ] {
            let told = read(&format!("[notices]\n{text}")).unwrap_err();
            assert!(told.contains(key), "{text}: {told}");
        }
        assert_eq!(read("").unwrap().notices.sending, None);
    }
}
