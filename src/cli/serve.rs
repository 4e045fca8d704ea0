//! `postern serve`: the life of the process, top to bottom.

use std::collections::BTreeMap;
use std::sync::Arc;

use postern_core::model::token::Protocol;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::{self, Listeners, Parts, Serving};
use crate::config::{Config, LogFormat};
use crate::lifecycle::reload::Reload;
use crate::lifecycle::{Signals, supervisor};
use crate::net::notify::Notifier;
use crate::tasks::Phase;
use crate::telemetry::{Format, LogFilter};
use crate::{lifecycle, telemetry};

/// Runs the gateway until SIGTERM or SIGINT.
///
/// # Errors
/// When it cannot start: configuration, keys, database, ports, certificate.
pub async fn run(config: Config, env: BTreeMap<String, String>) -> anyhow::Result<()> {
    config.serve_faults().into_result()?;
    let filter = telemetry::start(format(&config), &config.telemetry.filter)?;
    for note in config.notes() {
        tracing::warn!("{note}");
    }
    tracing::info!(version = env!("CARGO_PKG_VERSION"), node = config.node.name, "postern starts");
    let notifier = Notifier::from_env(&env).unwrap_or_else(|error| {
        tracing::warn!(%error, "the service manager cannot be reached");
        None
    });
    let parts = Parts::open_or_found(config).await?;
    let listeners = Listeners::bind(&parts.config)?;
    let mut signals = Signals::listen()?;
    let serving = app::serve(&parts, listeners).await?;
    attend(&parts, &serving, notifier.map(Arc::new), filter, env)?;
    tracing::info!("ready");
    let ended = tokio::select! {
        () = signals.asked_to_stop() => Ok(()),
        () = serving.heartbeat.overtaken() => Err(anyhow::anyhow!("another process has taken the name of this node")),
    };
    let drain = parts.tuning.limits().now().drain;
    lifecycle::stop_or_cut(signals, &parts.tasks, &parts.store, drain).await;
    tracing::info!("stopped");
    ended
}

fn format(config: &Config) -> Format {
    match config.telemetry.log {
        LogFormat::Text => Format::Text,
        LogFormat::Json => Format::Json,
    }
}

// Reloads, and what the service manager is told.
fn attend(
    parts: &Parts,
    serving: &Serving,
    notifier: Option<Arc<Notifier>>,
    filter: LogFilter,
    env: BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let tasks = &parts.tasks;
    let reload = Reload {
        config: parts.config.clone(),
        env,
        tuning: parts.tuning.clone(),
        tls: serving.tls.clone(),
        filter,
        clock: parts.store.clock().clone(),
    };
    let (hangup, stop) = (signal(SignalKind::hangup())?, tasks.stop(Phase::Listeners));
    tasks.spawn(Phase::Listeners, reload.run(hangup, notifier.clone(), stop));
    if let Some(notifier) = notifier {
        let (sessions, stop) = (serving.sessions.clone(), tasks.stop(Phase::Node));
        let status = move || {
            let running = |protocol| sessions.running(protocol);
            format!("{} IMAP and {} SMTP sessions", running(Protocol::Imap), running(Protocol::Smtp))
        };
        tasks.spawn(Phase::Node, supervisor::report(notifier, parts.health.clone(), status, stop));
    }
    Ok(())
}
