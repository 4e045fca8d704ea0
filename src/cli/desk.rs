//! What most commands work with: the parts of this installation and who gives
//! the command.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;

use postern_core::model::actor::Actor;

use super::Outside;
use crate::actions::account::add::Rules;
use crate::actions::{By, Place, Reach};
use crate::app::Parts;
use crate::config::{Config, Faults, Google, HostPort};
use crate::dice::Dice;
use crate::doctor::account::Gmail;
use crate::net::target::Target;

/// An opened installation.
pub(super) struct Desk {
    pub(super) parts: Parts,
    pub(super) by: By,
    google: Arc<Google>,
    imap: Target,
    smtp: Target,
}

impl Desk {
    pub(super) async fn open(outside: &Outside) -> anyhow::Result<Self> {
        let config = configuration(outside)?;
        let by = author(&outside.env)?;
        let target = |at: &HostPort| Target { host: at.host.clone(), port: at.port };
        let (imap, smtp) = (target(&config.google.imap), target(&config.google.smtp));
        let parts = Parts::open(config).await?;
        Ok(Self { google: parts.tuning.google().now(), parts, by, imap, smtp })
    }

    pub(super) async fn close(&self) {
        self.parts.store.close().await;
    }

    pub(super) fn reach(&self) -> Reach<'_> {
        Reach {
            exchange: &*self.parts.exchange,
            endpoints: &self.parts.endpoints,
            redirect_uri: &self.parts.redirect_uri,
            dialer: &self.parts.dialer,
            imap: &self.imap,
        }
    }

    pub(super) fn gmail(&self) -> Gmail<'_> {
        Gmail {
            broker: &self.parts.broker,
            dialer: &self.parts.dialer,
            imap: &self.imap,
            smtp: &self.smtp,
            hostname: &self.parts.config.smtp.hostname,
        }
    }

    pub(super) fn allowed_domains(&self) -> &[String] {
        &self.google.allowed_domains
    }

    pub(super) fn rules(&self) -> Rules<'_> {
        Rules {
            allowed_domains: self.allowed_domains(),
            public_url: &self.parts.config.http.public_url,
            binds: true,
        }
    }
}

/// The configuration that the command line names.
pub(super) fn configuration(outside: &Outside) -> Result<Config, Faults> {
    Config::load(outside.config.as_deref(), &outside.env)
}

/// Where that configuration keeps rows and keys.
pub(super) fn place(config: &Config) -> Place<'_> {
    Place {
        database_url: &config.database.url,
        key_file: &config.secrets.key_file,
        guarded: config.secrets.from_credentials,
        node: &config.node.name,
    }
}

/// The operating-system user who gives the command, with a fresh reference.
pub(super) fn author(env: &BTreeMap<String, String>) -> anyhow::Result<By> {
    let named = ["USER", "LOGNAME"].iter().find_map(|name| env.get(*name).filter(|v| !v.is_empty()));
    let name = named.cloned().unwrap_or_else(|| {
        std::fs::metadata("/proc/self").map_or_else(|_| "unknown".to_owned(), |me| format!("uid{}", me.uid()))
    });
    Ok(By::new(Actor::CommandLine(name), &Dice::default())?)
}
