//! SIGHUP: the configuration is read again, and what can change while sessions
//! run does change: the certificate, `[limits]`, `[audit]`, who gets notices,
//! `telemetry.filter`.
//!
//! All or nothing: with one fault everything stays as it was, and every fault
//! is in the log. What only a restart can change is named there too.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::signal::unix::Signal;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{Config, Google};
use crate::net::identity::Identity;
use crate::net::notify::Notifier;
use crate::net::tls::ServerTls;
use crate::node::settings::Tuning;
use crate::telemetry::LogFilter;

/// What a reload changes.
pub struct Reload {
    /// As it is in force.
    pub config: Config,
    /// The environment of the process, which does not change.
    pub env: BTreeMap<String, String>,
    /// What may change, with what admins stored.
    pub tuning: Tuning,
    /// The certificate, if any listener has one.
    pub tls: Option<ServerTls>,
    /// The log.
    pub filter: LogFilter,
    /// Tells whether a certificate holds today.
    pub clock: Clock,
}

/// What a reload did.
#[derive(Debug, PartialEq, Eq)]
pub struct Applied {
    /// What holds now.
    pub taken: Vec<&'static str>,
    /// What differs from what is in force and stays so until a restart.
    pub waiting: Vec<&'static str>,
}

impl Reload {
    /// Reloads on each signal until `stop`.
    pub async fn run(mut self, mut hangup: Signal, notifier: Option<Arc<Notifier>>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                signal = hangup.recv() => if signal.is_none() { return },
            }
            if let Some(notifier) = &notifier {
                notifier.reloading().await;
            }
            self.tell();
            if let Some(notifier) = &notifier {
                notifier.ready().await;
            }
        }
    }

    fn tell(&mut self) {
        match self.again() {
            Ok(Applied { taken, waiting }) => {
                tracing::info!(taken = taken.join(", "), "SIGHUP, the configuration was read again");
                if !waiting.is_empty() {
                    tracing::warn!(sections = waiting.join(", "), "changes there need a restart");
                }
            }
            Err(faults) => {
                tracing::error!(faults = faults.len(), "SIGHUP, the configuration stays as it was");
                for fault in faults {
                    tracing::error!("{fault}");
                }
            }
        }
    }

    /// Reads the configuration and takes over what can be taken over.
    ///
    /// # Errors
    /// Every fault; then nothing has changed.
    pub fn again(&mut self) -> Result<Applied, Vec<String>> {
        let new = self.read().map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        let waiting = self.config.needs_restart(&new);
        let identity = self.identity(&new).map_err(|fault| vec![fault])?;
        self.filter.set(&new.telemetry.filter).map_err(|fault| vec![fault.to_string()])?;
        let mut taken = Vec::new();
        if let (Some(tls), Some(identity)) = (&self.tls, identity) {
            tls.replace(identity);
            taken.push("certificate");
        }
        let (old, tuned) = (self.config.clone(), new.clone());
        self.tuning.rebase(tuned);
        if new.limits != old.limits {
            taken.push("[limits]");
        }
        if new.audit != old.audit {
            taken.push("[audit]");
        }
        if (&new.notices.to, new.notices.owners) != (&old.notices.to, old.notices.owners) {
            taken.push("[notices]");
        }
        let welcome = |google: &Google| (google.allowed_domains.clone(), google.connect);
        if welcome(&new.google) != welcome(&old.google) {
            taken.push("[google]");
        }
        if new.telemetry.filter != self.config.telemetry.filter {
            taken.push("telemetry.filter");
        }
        self.config.limits = new.limits;
        self.config.audit = new.audit;
        (self.config.notices.to, self.config.notices.owners) = (new.notices.to, new.notices.owners);
        (self.config.google.allowed_domains, self.config.google.connect) = welcome(&new.google);
        self.config.telemetry.filter = new.telemetry.filter;
        Ok(Applied { taken, waiting })
    }

    fn read(&self) -> Result<Config, Vec<crate::config::Fault>> {
        let new = Config::load(self.config.file.as_deref(), &self.env).map_err(|faults| faults.0)?;
        new.serve_faults().into_result().map_err(|faults| faults.0)?;
        Ok(new)
    }

    // The files may have changed under the same names.
    fn identity(&self, new: &Config) -> Result<Option<Identity>, String> {
        match (&self.tls, &new.tls.pair) {
            (Some(_), Some(pair)) if self.config.tls == new.tls => {
                Identity::in_force(&pair.cert, &pair.key, &self.clock)
                    .map(Some)
                    .map_err(|fault| fault.to_string())
            }
            _ => Ok(None),
        }
    }
}
