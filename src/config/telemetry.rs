//! `[telemetry]`: the log, and where those who watch may look.

use super::address::{self, ListenAddr};
use super::claims::Claims;
use super::fault::{Wrong, quoted};
use super::section::{Section, one_of};

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telemetry {
    /// Form of a line. Default `Text`.
    pub log: LogFormat,
    /// A level, or `level,target=level,…` as `tracing` reads it. Default `info`.
    pub filter: String,
    /// Where figures and readiness are served; nowhere by default.
    pub listen: Option<ListenAddr>,
    /// Whether other machines may look. Default false.
    pub allow_cleartext: bool,
}

/// Form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

pub(super) fn read(section: &Section<'_>, claims: &Claims) -> Option<Telemetry> {
    let log = section.or("log", "text", one_of(&[("text", LogFormat::Text), ("json", LogFormat::Json)]));
    let filter = section.or("filter", "info", filter);
    let listen = section.get("listen", address::listen);
    let allow_cleartext = section.flag("allow_cleartext");
    if let Some(listen) = &listen {
        claims.claim(section, "listen", listen);
        if !listen.is_loopback() && !allow_cleartext {
            section.fault(
                "listen",
                format!("{listen} would show the figures to other machines, unasked and in the clear"),
                "write 127.0.0.1:9464, or allow_cleartext = true beside it",
            );
        }
    }
    Some(Telemetry { log: log?, filter: filter?, listen, allow_cleartext })
}

/// A bare word must be a level: `tracing` would take a mistyped level for the
/// name of a part and log nothing else.
fn filter(text: &str) -> Result<String, Wrong> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    for directive in text.split(',').map(str::trim) {
        let (target, level) = directive.rsplit_once('=').unwrap_or(("-", directive));
        if target.is_empty() || !LEVELS.iter().any(|known| known.eq_ignore_ascii_case(level)) {
            let remedy =
                "write off, error, warn, info, debug or trace, for a part \"info,postern::relay=debug\"";
            return Err(Wrong::new(format!("{} is not a level", quoted(directive)), remedy));
        }
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn a_filter_is_made_of_levels() {
        for text in ["info", "WARN", "info,postern::relay=debug", "warn, sqlx=error"] {
            assert!(filter(text).is_ok(), "{text}");
        }
        for text in ["inof", "info,", "postern=loud", "=info", "postern"] {
            assert!(filter(text).is_err(), "{text}");
        }
    }
}
