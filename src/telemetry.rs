//! The log: one line a session, message readable alone, fields dotted.
//!
//! Third-party crates speak from `warn` on only, whatever the filter says:
//! some of them print what they send at lower levels, tokens included.

use std::sync::Arc;

use tracing::Level;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The filter text means nothing.
#[derive(Debug, thiserror::Error)]
#[error("telemetry.filter: {0}")]
pub struct BadFilter(String);

/// Changes what is logged while the process runs.
#[derive(Clone)]
pub struct LogFilter(Arc<dyn Fn(EnvFilter) -> bool + Send + Sync>);

impl LogFilter {
    /// From the next line on.
    ///
    /// # Errors
    /// When the filter cannot be read; the old one holds on.
    pub fn set(&self, filter: &str) -> Result<(), BadFilter> {
        let wanted = read(filter)?;
        if (self.0)(wanted) { Ok(()) } else { Err(BadFilter("the log is gone".to_owned())) }
    }
}

/// Starts the log on standard error. A second call does nothing.
///
/// # Errors
/// When the filter cannot be read.
pub fn start(format: Format, filter: &str) -> Result<LogFilter, BadFilter> {
    let (subscriber, filter) = filtered(format, filter, std::io::stderr)?;
    let _already = subscriber.try_init();
    Ok(filter)
}

/// The log as [`start`] makes it, on another writer.
///
/// # Errors
/// When the filter cannot be read.
pub fn subscriber<W>(
    format: Format,
    filter: &str,
    writer: W,
) -> Result<impl tracing::Subscriber + Send + Sync, BadFilter>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    filtered(format, filter, writer).map(|(subscriber, _)| subscriber)
}

fn filtered<W>(
    format: Format,
    filter: &str,
    writer: W,
) -> Result<(impl tracing::Subscriber + Send + Sync, LogFilter), BadFilter>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let (wanted, handle) = reload::Layer::new(read(filter)?);
    let own = filter_fn(|meta| {
        let target = meta.target();
        *meta.level() <= Level::WARN || target == "postern" || target.starts_with("postern::")
    });
    // A log on a full disk is told nowhere: telling it on standard error panics.
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).log_internal_errors(false);
    let lines = match format {
        Format::Text => lines.with_ansi(false).boxed(),
        Format::Json => lines.json().flatten_event(true).boxed(),
    };
    let filter = LogFilter(Arc::new(move |wanted| handle.reload(wanted).is_ok()));
    Ok((tracing_subscriber::registry().with(lines.with_filter(wanted.and(own))), filter))
}

fn read(filter: &str) -> Result<EnvFilter, BadFilter> {
    EnvFilter::try_new(filter).map_err(|e| BadFilter(e.to_string()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::{Format, filtered, subscriber};
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn other_crates_cannot_be_made_to_talk() {
        let lines = Lines::default();
        let writer = lines.clone();
        let filter = "trace,async_imap::imap_stream=trace";
        let log = subscriber(Format::Text, filter, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(log, || {
            tracing::trace!(target: "async_imap::imap_stream", "AUTHENTICATE secret");
            tracing::info!(target: "sqlx::query", "secret");
            tracing::warn!(target: "hyper", "a warning");
            tracing::debug!(target: "postern::relay", "ours");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(!text.contains("secret"), "{text}");
        assert!(text.contains("a warning") && text.contains("ours"));
    }

    #[test]
    fn a_new_filter_holds_from_the_next_line_on() {
        let lines = Lines::default();
        let writer = lines.clone();
        let (log, filter) = filtered(Format::Json, "info", move || writer.clone()).unwrap();
        tracing::subscriber::with_default(log, || {
            let say = |what| tracing::debug!(target: "postern::relay", what);
            say("before");
            filter.set("debug").unwrap();
            say("between");
            assert!(filter.set("postern=loud=9").is_err());
            say("still");
            filter.set("warn").unwrap();
            say("after");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let heard = ["before", "between", "still", "after"].map(|word| text.contains(word));
        assert_eq!(heard, [false, true, true, false], "{text}");
    }
}
