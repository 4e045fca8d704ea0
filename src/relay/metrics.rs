//! What the relay counts: logins, sessions, bytes, messages, Gmail's failures.
//!
//! A session is counted from its login to the end of its client's connection,
//! its bytes as they pass: one that idles for hours is in the figures all along.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use postern_core::model::refusal::Cause;
use postern_core::model::token::Protocol;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::refuse::Refused;
use super::upstream::Failed;
use crate::metrics::{Counter, Counters, Gauges, Histograms, Registry, There};
use crate::net::crowd::Place;

const BOTH: [Protocol; 2] = [Protocol::Imap, Protocol::Smtp];
const LOGIN_SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0];
const WAIT_SECONDS: &[f64] = &[0.001, 0.01, 0.1, 0.5, 1.0, 2.0, 3.0];

/// The relay's families. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Families>);

struct Families {
    sessions: Gauges<1>,
    logins: Counters<2>,
    // All of them but `ok`: the registry does not say which outcomes there were.
    refusals: Counter,
    login_seconds: Histograms<1>,
    bytes: Counters<2>,
    messages: Counters<1>,
    upstream_errors: Counters<2>,
    throttled: Counters<1>,
    budget_wait: Histograms<1>,
    budget_full: Counters<1>,
}

impl Metrics {
    /// Enters the families in `registry`.
    #[must_use]
    pub fn register(registry: &Registry) -> Self {
        Self(Arc::new(Families {
            sessions: registry.gauges(
                "postern_sessions",
                "Mail sessions that are logged in at Gmail",
                ["protocol"],
            ),
            logins: registry.counters(
                "postern_logins_total",
                "Logins of mail clients by outcome: ok, or the cause as the log names it",
                ["protocol", "outcome"],
            ),
            refusals: Counter::default(),
            login_seconds: registry.histograms(
                "postern_login_seconds",
                "Time from a credential to an open session at Gmail, successful logins only",
                ["protocol"],
                LOGIN_SECONDS,
            ),
            bytes: registry.counters(
                "postern_bytes_total",
                "Octets of logged-in sessions, up from the client and down to it",
                ["protocol", "direction"],
            ),
            messages: registry.counters(
                "postern_messages_total",
                "SMTP transactions that reached DATA, by outcome",
                ["outcome"],
            ),
            upstream_errors: registry.counters(
                "postern_upstream_errors_total",
                "Failures of Gmail's mail servers by kind",
                ["protocol", "kind"],
            ),
            throttled: registry.counters(
                "postern_throttled_total",
                "Wrong logins from addresses that are shut out: answered late, or cut off where too many wait",
                ["answer"],
            ),
            budget_wait: registry.histograms(
                "postern_budget_wait_seconds",
                "Wait of a login for a place among the sessions of its account",
                ["protocol"],
                WAIT_SECONDS,
            ),
            budget_full: registry.counters(
                "postern_budget_full_total",
                "Logins that got no place among the sessions of their account",
                ["protocol"],
            ),
        }))
    }

    /// Sessions that are logged in now.
    #[must_use]
    pub fn running(&self, protocol: Protocol) -> i64 {
        self.0.sessions.of([protocol.name()]).get()
    }

    /// Logins that opened a session, so far.
    #[must_use]
    pub fn came_in_so_far(&self) -> u64 {
        BOTH.map(|protocol| self.0.logins.of([protocol.name(), "ok"]).get()).iter().sum()
    }

    /// Logins that were refused, so far.
    #[must_use]
    pub fn refused_so_far(&self) -> u64 {
        self.0.refusals.get()
    }

    /// Octets in both directions, so far.
    #[must_use]
    pub fn bytes_so_far(&self) -> u64 {
        let of = |protocol: Protocol, way| self.0.bytes.of([protocol.name(), way]).get();
        BOTH.map(|protocol| of(protocol, "up") + of(protocol, "down")).iter().sum()
    }

    /// Messages that Gmail took, so far.
    #[must_use]
    pub fn messages_so_far(&self) -> u64 {
        self.0.messages.of(["accepted"]).get()
    }

    /// A login that opened a session after `took`.
    pub(super) fn came_in(&self, protocol: Protocol, took: Duration) {
        self.0.logins.inc([protocol.name(), "ok"]);
        self.0.login_seconds.of([protocol.name()]).observe(took.as_secs_f64());
    }

    /// A login that was refused.
    pub(super) fn refused(&self, protocol: Protocol, cause: &Cause) {
        self.0.logins.inc([protocol.name(), cause.name()]);
        self.0.refusals.inc();
    }

    /// A login waited for a place among the sessions of its account.
    pub(super) fn waited(&self, protocol: Protocol, took: Duration, seated: bool) {
        self.0.budget_wait.of([protocol.name()]).observe(took.as_secs_f64());
        if !seated {
            self.0.budget_full.inc([protocol.name()]);
        }
    }

    /// A wrong login as it was answered.
    pub(super) fn answered(&self, refused: &Refused) {
        match refused {
            Refused::Once(_) => {}
            Refused::ForGood(_) => self.0.throttled.inc(["late"]),
            Refused::Unheard => self.0.throttled.inc(["cut_off"]),
        }
    }

    /// An attempt to open a session at Gmail that failed.
    pub(super) fn failed(&self, protocol: Protocol, failed: &Failed) {
        self.upstream_error(protocol, failed.kind());
    }

    /// Gmail's connection of a session ended before its client was done.
    pub(super) fn lost(&self, protocol: Protocol) {
        self.upstream_error(protocol, "lost");
    }

    /// A finished SMTP transaction.
    pub(super) fn message(&self, outcome: &'static str) {
        self.0.messages.inc([outcome]);
    }

    /// Counts the session of a logged-in client's connection, and its bytes.
    /// Its place among the connections is free when it ends.
    pub(super) fn session<S>(&self, protocol: Protocol, stream: S, mut place: Place) -> Metered<S> {
        place.logged_in();
        let families = &self.0;
        Metered {
            stream,
            up: families.bytes.of([protocol.name(), "up"]),
            down: families.bytes.of([protocol.name(), "down"]),
            _session: There::count(families.sessions.of([protocol.name()])),
            _place: place,
        }
    }

    fn upstream_error(&self, protocol: Protocol, kind: &'static str) {
        self.0.upstream_errors.inc([protocol.name(), kind]);
    }
}

/// A logged-in client's connection that counts what passes.
pub(super) struct Metered<S> {
    stream: S,
    up: Counter,
    down: Counter,
    _session: There,
    _place: Place,
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, into);
        let more = into.filled().len() - before;
        if more > 0 {
            self.up.inc_by(more as u64);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.written(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S> Metered<S> {
    fn written(&self, written: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(octets)) = written {
            self.down.inc_by(*octets as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Metrics, Place};
    use crate::metrics::Registry;
    use postern_core::model::token::Protocol;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn a_running_session_shows_its_bytes_and_is_gone_with_its_connection() {
        let registry = Registry::default();
        let metrics = Metrics::register(&registry);
        let (near, mut far) = tokio::io::duplex(64);
        let mut near = metrics.session(Protocol::Imap, near, Place::default());
        far.write_all(b"a1 NOOP\r\n").await.unwrap();
        near.read_exact(&mut [0; 9]).await.unwrap();
        near.write_all(b"a1 OK\r\n").await.unwrap();

        let text = registry.text();
        for line in [
            "postern_sessions{protocol=\"imap\"} 1\n",
            "postern_bytes_total{protocol=\"imap\",direction=\"up\"} 9\n",
            "postern_bytes_total{protocol=\"imap\",direction=\"down\"} 7\n",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
        drop(near);
        assert!(registry.text().contains("postern_sessions{protocol=\"imap\"} 0\n"));
    }
}
