//! Driving the pre-auth core.

use std::time::Duration;

use postern_core::wire::imap::login::{HandOver, Login, Step};
use postern_core::wire::imap::relay::Relay;
use postern_core::wire::imap::reply::Farewell;
use postern_core::wire::imap::upstream::Welcome;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::ended::{Times, Why};
use super::handshake::UnderTag;
use super::splice::{Session, splice};
use crate::clock::Clock;
use crate::relay::admit::{Admitted, Gate, Visitor};
use crate::relay::deadline::Deadline;
use crate::relay::metrics::Metrics;
use crate::relay::refuse::Refused;
use crate::relay::upstream::Dial;

const CHUNK: usize = 4096;
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How this phase of a connection ended.
pub(super) enum End<S> {
    /// The client is gone, too slow or was sent away; for the log.
    Closed(&'static str),
    /// The TLS handshake is due.
    StartTls,
    /// The session at Gmail is open.
    Open(Box<Opened<S>>),
}

/// An open session before its first relayed byte.
pub(super) struct Opened<S> {
    admitted: Admitted<S, Welcome>,
    hand_over: HandOver,
}

/// Drives the core to the end of its phase.
pub(super) async fn login<S, D>(
    stream: &mut S,
    core: &mut Login,
    gate: &Gate<D>,
    visitor: Visitor,
    deadline: &mut Deadline,
    stop: &CancellationToken,
) -> End<D::Stream>
where
    S: AsyncRead + AsyncWrite + Unpin,
    D: Dial,
{
    let mut buffer = [0; CHUNK];
    let mut told = false;
    loop {
        told = told || sent_away(core, deadline, stop);
        match core.step() {
            Step::Send(bytes) => {
                let Ok(Ok(())) = tokio::time::timeout(deadline.left(), send(stream, &bytes)).await else {
                    return End::Closed("the client does not read");
                };
            }
            Step::Need => {
                let room = core.room().min(CHUNK);
                let space = buffer.get_mut(..room).unwrap_or_default();
                let read = tokio::select! {
                    () = stop.cancelled(), if !told => continue,
                    read = tokio::time::timeout(deadline.left(), stream.read(space)) => read,
                };
                match read {
                    Ok(Ok(0) | Err(_)) => return End::Closed("the client hung up"),
                    Ok(Ok(n)) => {
                        let _all = core.feed(buffer.get(..n).unwrap_or_default());
                    }
                    Err(_) => {
                        core.close(Farewell::Timeout);
                        *deadline = Deadline::after(Duration::from_secs(5));
                    }
                }
            }
            Step::Verify(credential) => {
                let began = Instant::now();
                let handshake = UnderTag(credential.tag.clone());
                let outcome = tokio::select! {
                    () = stop.cancelled(), if !told => continue,
                    outcome = gate.admit(visitor, &credential.user, &credential.secret, &handshake) => outcome,
                };
                deadline.forgive(began);
                if let Some(end) = answer(core, outcome) {
                    return end;
                }
            }
            Step::StartTls => return End::StartTls,
            Step::Wait | Step::Close => {
                let _gone = tokio::time::timeout(LAST_WORDS, see_off(stream)).await;
                return End::Closed("sent away");
            }
        }
    }
}

fn sent_away(core: &mut Login, deadline: &mut Deadline, stop: &CancellationToken) -> bool {
    if stop.is_cancelled() {
        core.close(Farewell::Shutdown);
        deadline.shorten(LAST_WORDS);
    }
    stop.is_cancelled()
}

fn answer<S>(core: &mut Login, outcome: Result<Admitted<S, Welcome>, Refused>) -> Option<End<S>> {
    match outcome {
        Err(Refused::Once(refusal)) => core.refused(&refusal),
        Err(Refused::ForGood(refusal)) => core.refused_for_good(&refusal),
        Err(Refused::Unheard) => core.close(Farewell::TooManyRefusals),
        Ok(admitted) => {
            return Some(match core.accepted() {
                Some(hand_over) => End::Open(Box::new(Opened { admitted, hand_over })),
                None => End::Closed("no login was due"),
            });
        }
    }
    None
}

/// Closes our side and reads to the end of the other: a socket closed over
/// unread bytes is reset, and the client may lose what it was told.
async fn see_off<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> std::io::Result<()> {
    stream.shutdown().await?;
    let mut unheard = [0; CHUNK];
    while stream.read(&mut unheard).await? > 0 {}
    Ok(())
}

async fn send<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

impl<U: AsyncRead + AsyncWrite + Unpin + Send + 'static> Opened<U> {
    /// The relay from the hand-over on, with both sides' unread bytes, and the
    /// one line that the log gets of it.
    pub(super) async fn relay<S>(
        self,
        client: S,
        times: Times,
        visitor: Visitor,
        clock: Clock,
        metrics: Metrics,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { admitted, hand_over } = self;
        let Admitted { verified, upstream, session, reference, running, seat } = admitted;
        let began = clock.now();
        let mut from_upstream = session.reply;
        from_upstream.extend_from_slice(&session.unread);
        let account = verified.account.id;
        drop(verified);
        let session = Session {
            relay: Relay::new(hand_over.tag),
            from_client: hand_over.unread,
            from_upstream,
            times,
            running,
            reference: reference.clone(),
        };
        let ended = splice(client, upstream, session).await;
        drop(seat);
        if ended.why == Why::Upstream && !ended.bye {
            metrics.lost(visitor.protocol);
        }
        tracing::info!(
            proto = "imap", peer = %visitor.peer, account.id = %account, reference = %reference,
            bytes_up = ended.up, bytes_down = ended.down, bye = ended.bye,
            duration_ms = (clock.now() - began) / 1_000, why = %ended.why, "session ended"
        );
    }
}
