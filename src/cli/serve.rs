//! `postern serve`: the life of the process, top to bottom.

use crate::app::{self, Listeners, Parts};
use crate::config::{Config, LogFormat};
use crate::lifecycle::Signals;
use crate::telemetry::Format;
use crate::{lifecycle, telemetry};

/// Runs the gateway until SIGTERM or SIGINT.
///
/// # Errors
/// When it cannot start: configuration, keys, database, ports, certificate.
pub async fn run(config: Config) -> anyhow::Result<()> {
    config.serve_faults().into_result()?;
    let format = match config.telemetry.log {
        LogFormat::Text => Format::Text,
        LogFormat::Json => Format::Json,
    };
    telemetry::start(format, &config.telemetry.filter)?;
    for note in config.notes() {
        tracing::warn!("{note}");
    }
    tracing::info!(version = env!("CARGO_PKG_VERSION"), node = config.node.name, "postern starts");
    let parts = Parts::open_or_found(config).await?;
    let listeners = Listeners::bind(&parts.config)?;
    let mut signals = Signals::listen()?;
    let heartbeat = app::serve(&parts, listeners).await?;
    tracing::info!("ready");
    let ended = tokio::select! {
        () = signals.asked_to_stop() => Ok(()),
        () = heartbeat.overtaken() => Err(anyhow::anyhow!("another process has taken the name of this node")),
    };
    lifecycle::stop_or_cut(signals, &parts.tasks, &parts.store, parts.config.limits.drain).await;
    tracing::info!("stopped");
    ended
}
