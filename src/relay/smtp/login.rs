//! Driving the pre-auth core.

use std::time::Duration;

use postern_core::wire::smtp::READ_BUFFER;
use postern_core::wire::smtp::login::{Greeted, Login, Step};
use postern_core::wire::smtp::reply::Farewell;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::Instant;
use zeroize::Zeroize as _;

use super::Smtp;
use super::handshake::{Greeting, Ready};
use super::hang_up::hang_up;
use crate::relay::admit::{Admitted, Visitor};
use crate::relay::deadline::Deadline;
use crate::relay::refuse::Refused;
use crate::relay::upstream::Dial;
use crate::tasks::Phase;

const LAST_WORDS: Duration = Duration::from_secs(2);

/// How this phase of a connection ended.
pub(super) enum End<S> {
    /// The client is gone, too slow or was sent away; for the log.
    Closed(&'static str),
    /// The TLS handshake is due.
    StartTls,
    /// The session at Gmail is open and the client was told.
    Open(Box<Opened<S>>),
}

/// An open session before its first relayed command.
pub(super) struct Opened<S> {
    pub(super) admitted: Admitted<S, Ready>,
    pub(super) greeted: Greeted,
    pub(super) from_upstream: Vec<u8>,
}

/// Drives the core to the end of its phase. `unread` holds the client's bytes
/// that the core has not taken.
pub(super) async fn login<S, D>(
    stream: &mut S,
    core: &mut Login,
    unread: &mut Vec<u8>,
    smtp: &Smtp<D>,
    visitor: Visitor,
    deadline: &mut Deadline,
) -> End<D::Stream>
where
    S: AsyncRead + AsyncWrite + Unpin,
    D: Dial,
{
    let mut admitted = None;
    let stop = smtp.tasks.stop(Phase::Sessions);
    loop {
        if stop.is_cancelled() {
            core.end(Farewell::ShuttingDown);
            deadline.shorten(LAST_WORDS);
        }
        // Looked at in every turn: whoever keeps talking is never waited for.
        if deadline.left().is_zero() {
            core.end(Farewell::Silent);
            *deadline = Deadline::after(Duration::from_secs(5));
        }
        match step(core, unread) {
            Step::Send(bytes) => {
                let Ok(Ok(())) = tokio::time::timeout(deadline.left(), send(stream, &bytes)).await else {
                    return End::Closed("the client does not read");
                };
            }
            Step::Need => tokio::select! {
                () = stop.cancelled() => {}
                read = tokio::time::timeout(deadline.left(), read(stream, unread)) => match read {
                    Ok(Ok(())) | Err(_) => {}
                    Ok(Err(_)) => return End::Closed("the client hung up"),
                },
            },
            Step::Verify(credential) => {
                let began = Instant::now();
                let greeting = Greeting(&smtp.hostname);
                let outcome = tokio::select! {
                    () = stop.cancelled() => continue,
                    outcome = smtp.gate.admit(visitor, &credential.user, &credential.secret, &greeting) => outcome,
                };
                deadline.forgive(began);
                admitted = answer(core, outcome);
            }
            Step::Done(greeted) => return done(admitted, greeted),
            Step::StartTls => return End::StartTls,
            Step::Pending | Step::Close => {
                hang_up(stream).await;
                return End::Closed("sent away");
            }
        }
    }
}

fn answer<S>(core: &mut Login, outcome: Result<Admitted<S, Ready>, Refused>) -> Option<Admitted<S, Ready>> {
    match outcome {
        Err(Refused::Once(refusal)) => core.refused(&refusal),
        Err(Refused::ForGood(refusal)) => core.refused_for_good(&refusal),
        Err(Refused::Unheard) => core.end(Farewell::TooManyLogins),
        Ok(admitted) => {
            core.accepted();
            return Some(admitted);
        }
    }
    None
}

fn done<S>(admitted: Option<Admitted<S, Ready>>, greeted: Greeted) -> End<S> {
    match admitted {
        None => End::Closed("no login was due"),
        Some(mut admitted) => {
            let from_upstream = std::mem::take(&mut admitted.session.unread);
            End::Open(Box::new(Opened { admitted, greeted, from_upstream }))
        }
    }
}

// The AUTH line lies in this buffer: what was used is wiped.
fn step(core: &mut Login, unread: &mut Vec<u8>) -> Step {
    let mut rest = unread.as_slice();
    let step = core.step(&mut rest);
    let used = unread.len() - rest.len();
    unread.get_mut(..used).unwrap_or_default().zeroize();
    unread.drain(..used);
    step
}

async fn send<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

async fn read<S: AsyncRead + Unpin>(stream: &mut S, unread: &mut Vec<u8>) -> std::io::Result<()> {
    // One allocation: growing would leave copies of the secret behind.
    unread.reserve_exact(READ_BUFFER.saturating_sub(unread.len()));
    let held = unread.len();
    unread.resize(READ_BUFFER.max(held), 0);
    let read = stream.read(unread.get_mut(held..).unwrap_or_default()).await;
    let n = *read.as_ref().unwrap_or(&0);
    unread.truncate(held + n);
    match read? {
        0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}
