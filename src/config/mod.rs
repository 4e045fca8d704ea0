//! The configuration: one file a section, every fault at once.
//!
//! A document becomes a `tree` in which each value knows its line;
//! `environment` lays `POSTERN__SECTION__KEY` over it; `keys` refuses what
//! is not known; then each section reads its own table. `docs/configuration.md`
//! is the reference for people.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod address;
mod audit;
mod changed;
mod claims;
mod crm;
mod database;
mod environment;
mod fault;
mod files;
mod google;
mod hooks;
mod http;
mod imap;
mod keys;
mod limits;
mod listed;
mod listener;
mod node;
mod notes;
mod notices;
mod proxy;
mod quantity;
mod secrets;
mod section;
mod smtp;
mod source;
mod sync;
mod telemetry;
mod template;
#[cfg(test)]
mod tests;
mod tls;
mod tree;
mod tunable;
mod web;

pub use address::{HostPort, ListenAddr};
pub use audit::Audit;
pub use crm::{Crm, CrmAdmin, Webhook};
pub use database::{Database, DatabaseKind};
pub use fault::{Fault, Faults, Origin};
pub use google::Google;
pub use http::Http;
pub use imap::Imap;
pub use keys::{KEYS, Key, Kind};
pub use limits::{Limits, MESSAGE_SIZE};
pub use listed::listed;
pub use listener::{Advertised, ListenTls, Listener, Security};
pub use node::Node;
pub use notices::{Language, MailServer, MailTls, Notices, Sending, Via};
pub use proxy::{Proxy, ProxyKind};
pub use quantity::written;
pub use secrets::Secrets;
pub use smtp::{FromPolicy, Smtp};
pub use source::DEFAULT_FILES;
pub use sync::Sync;
pub use telemetry::{LogFormat, Telemetry};
pub use template::{Template, annotated};
pub use tls::{Tls, TlsPair};
pub use tunable::{Form, Stored, TUNABLE, Tunable};
pub use web::{on_loopback, private_name};

use claims::Claims;
use section::{Found, Section};

/// Everything `postern` is told from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The file it was read from; `None` for a text.
    pub file: Option<PathBuf>,
    /// `[database]`
    pub database: Database,
    /// `[secrets]`
    pub secrets: Secrets,
    /// `[tls]`
    pub tls: Tls,
    /// `[imap]`
    pub imap: Imap,
    /// `[smtp]`
    pub smtp: Smtp,
    /// `[http]`
    pub http: Http,
    /// `[google]`
    pub google: Google,
    /// `[crm]`
    pub crm: Crm,
    /// `[limits]`
    pub limits: Limits,
    /// `[node]`
    pub node: Node,
    /// `[audit]`
    pub audit: Audit,
    /// `[sync]`
    pub sync: Sync,
    /// `[notices]`
    pub notices: Notices,
    /// `[telemetry]`
    pub telemetry: Telemetry,
    // Where file or environment set what admins could set otherwise.
    set: BTreeMap<&'static str, Origin>,
}

impl Config {
    /// Reads the file, or the first of [`DEFAULT_FILES`] that exists, and the
    /// environment. Relative paths in it are relative to the working directory
    /// of the process.
    ///
    /// # Errors
    /// Every fault there is; a missing file names all places looked at.
    pub fn load(path: Option<&Path>, env: &BTreeMap<String, String>) -> Result<Self, Faults> {
        let (path, text) = source::read(path)?;
        let mut config = read(&text, &path.display().to_string().into(), env)?;
        config.file = Some(path);
        Ok(config)
    }

    /// Reads a text and the environment.
    ///
    /// # Errors
    /// Every fault there is.
    pub fn from_str(text: &str, env: &BTreeMap<String, String>) -> Result<Self, Faults> {
        read(text, &"configuration".into(), env)
    }

    /// What only `serve` cannot do without.
    #[must_use]
    pub fn serve_faults(&self) -> Faults {
        if !self.imap.listen.is_empty() || !self.smtp.listen.is_empty() {
            return Faults::default();
        }
        Faults(vec![Fault {
            origin: self.origin(),
            key: "imap.listen".to_owned(),
            what: "no mail client could connect: there is no [[imap.listen]] and no [[smtp.listen]]"
                .to_owned(),
            remedy: "write at least one".to_owned(),
        }])
    }

    /// The file as a whole, for what is found after reading.
    fn origin(&self) -> Origin {
        let name = self.file.as_ref().map_or("configuration".to_owned(), |file| file.display().to_string());
        Origin::File(name.into())
    }
}

fn read(text: &str, file: &Arc<str>, env: &BTreeMap<String, String>) -> Result<Config, Faults> {
    let found = Found::default();
    let mut root = match tree::document(text, file) {
        Ok(root) => root,
        Err(faults) => {
            // what the keys hold cannot be told, what the variables hold can
            found.add(faults);
            found.add(environment::lay_over(&mut tree::Table::new(), env));
            return Err(Faults::sorted(found.into_faults()));
        }
    };
    found.add(environment::lay_over(&mut root, env));
    found.add(keys::unknown(&root));
    let config = sections(|name| Section::open(&root, name, file, &found), env);
    let config = config.map(|config| Config { set: tunable::origins(&root), ..config });
    match (config, Faults::sorted(found.into_faults())) {
        (Some(config), faults) if faults.is_empty() => Ok(config),
        (_, faults) => Err(faults),
    }
}

/// Reads every section before it gives up on any; `None` comes with a fault.
fn sections<'t>(open: impl Fn(&str) -> Section<'t>, env: &BTreeMap<String, String>) -> Option<Config> {
    let claims = Claims::default();
    let tls_section = open("tls");
    // half a pair is a fault of its own, not of every listener
    let certificate = tls_section.has("cert") || tls_section.has("key");
    let database = database::read(&open("database"));
    let secrets = secrets::read(&open("secrets"), env);
    let tls = tls::read(&tls_section);
    let imap = imap::read(&open("imap"), certificate, &claims);
    let http = http::read(&open("http"), certificate, &claims);
    let smtp = smtp::read(&open("smtp"), certificate, &claims, http.as_ref().map(|http| &http.public_url));
    let google = google::read(&open("google"));
    let crm = crm::read(&open("crm"));
    let limits = limits::read(&open("limits"));
    let node = node::read(&open("node"), env);
    let audit = audit::read(&open("audit"));
    let sync = sync::read(&open("sync"));
    let notices = notices::read(&open("notices"), &smtp.hostname);
    let telemetry = telemetry::read(&open("telemetry"), &claims);
    Some(Config {
        file: None,
        database,
        secrets,
        tls,
        imap,
        smtp,
        http: http?,
        google: google?,
        crm,
        limits: limits?,
        node: node?,
        audit: audit?,
        sync: sync?,
        notices: notices?,
        telemetry: telemetry?,
        set: BTreeMap::new(),
    })
}
