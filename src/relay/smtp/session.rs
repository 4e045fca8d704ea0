//! Driving the relay core: commands, messages, verdicts.
//!
//! Gmail is read always while it is there; the client only when the core can
//! use its bytes, so what a client sends ahead waits in the socket. The final
//! dot is a write of its own. Every finished transaction is a row in the
//! journal; the session's end is one line in the log.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::refusal::Reference;
use postern_core::model::token::Protocol;
use postern_core::wire::smtp::header::FromVerdict;
use postern_core::wire::smtp::relay::{Deadline, Relay, Step, Wait};
use postern_core::wire::smtp::transaction::{Outcome, Transaction};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::hang_up::hang_up;
use super::side::Side;
use crate::audit::{Note, Notes};
use crate::clock::Clock;
use crate::relay::metrics::Metrics;

/// Time limits after login.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// A command of the client, or Gmail's answer to one.
    pub command: Duration,
    /// The next piece of a message.
    pub data: Duration,
    /// Gmail's verdict.
    pub verdict: Duration,
    /// The rest of a refused message.
    pub drain: Duration,
}

impl Times {
    fn of(&self, deadline: Deadline) -> Duration {
        match deadline {
            Deadline::Command | Deadline::Reply => self.command,
            Deadline::Data => self.data,
            Deadline::Verdict => self.verdict,
            Deadline::Drain => self.drain,
        }
    }
}

/// Where a session's transactions and its end are told.
pub(super) struct Journal {
    pub(super) notes: Notes,
    pub(super) metrics: Metrics,
    pub(super) clock: Clock,
    pub(super) account: AccountId,
    pub(super) address: Address,
    pub(super) reference: Reference,
    pub(super) peer: IpAddr,
}

struct Session<C, U> {
    client: Side<C>,
    upstream: Side<U>,
    relay: Relay,
    times: Times,
    /// The last step that was no wait, and the last byte.
    stepped: Instant,
    heard: Instant,
    journal: Journal,
    messages: u32,
}

/// Runs a session to its end.
pub(super) async fn run<C, U>(
    client: C,
    upstream: U,
    relay: Relay,
    from_client: Vec<u8>,
    from_upstream: Vec<u8>,
    times: Times,
    journal: Journal,
) where
    C: AsyncRead + AsyncWrite + Unpin + Send,
    U: AsyncRead + AsyncWrite + Unpin + Send,
{
    let began = journal.clock.now();
    let now = Instant::now();
    let mut session = Session {
        client: Side::new(client, from_client),
        upstream: Side::new(upstream, from_upstream),
        relay,
        times,
        stepped: now,
        heard: now,
        journal,
        messages: 0,
    };
    while session.turn().await {}
    session.upstream.close().await;
    if let Some(mut client) = session.client.stream.take() {
        hang_up(&mut client).await;
    }
    let journal = &session.journal;
    tracing::info!(
        proto = "smtp", peer = %journal.peer, account.id = %journal.account, reference = %journal.reference,
        messages = session.messages, bytes_up = session.upstream.octets, bytes_down = session.client.octets,
        duration_ms = (journal.clock.now() - began) / 1_000, "session ended"
    );
}

/// What is left to do once the step's bytes were given back.
enum Next {
    Go,
    Wait(Wait),
    UpstreamLost,
    ClientLost,
    DropUpstream,
    Finished(Box<Transaction>),
    Close,
}

impl<C, U> Session<C, U>
where
    C: AsyncRead + AsyncWrite + Unpin + Send,
    U: AsyncRead + AsyncWrite + Unpin + Send,
{
    /// One step; false when the session is over.
    async fn turn(&mut self) -> bool {
        let client = std::mem::take(&mut self.client.unread);
        let upstream = std::mem::take(&mut self.upstream.unread);
        let (mut rest, mut rest_up) = (client.as_slice(), upstream.as_slice());
        let step = self.relay.step(&mut rest, &mut rest_up);
        let next = self.perform(step).await;
        let used = client.len() - rest.len();
        let used_up = upstream.len() - rest_up.len();
        self.client.unread = rested(client, used);
        self.upstream.unread = rested(upstream, used_up);
        if !matches!(next, Next::Wait(_)) {
            self.stepped = Instant::now();
        }
        match next {
            Next::Go => {}
            Next::Wait(wait) => self.wait(wait).await,
            Next::UpstreamLost => self.lose_upstream().await,
            Next::ClientLost => {
                self.client.close().await;
                self.relay.client_lost();
            }
            Next::DropUpstream => self.upstream.close().await,
            Next::Finished(transaction) => self.note(&transaction),
            Next::Close => return false,
        }
        true
    }

    async fn perform(&mut self, step: Step<'_>) -> Next {
        let patience = self.times.data;
        let up = |sent: Result<io::Result<()>, _>| match sent {
            Ok(Ok(())) => Next::Go,
            Ok(Err(_)) | Err(tokio::time::error::Elapsed { .. }) => Next::UpstreamLost,
        };
        match step {
            Step::Need(wait) => Next::Wait(wait),
            Step::ToClient(bytes) => {
                match tokio::time::timeout(patience, self.client.write(&bytes, true)).await {
                    Ok(Ok(())) => Next::Go,
                    Ok(Err(_)) | Err(_) => Next::ClientLost,
                }
            }
            Step::ToUpstream(line) => {
                up(tokio::time::timeout(patience, self.upstream.write(&line, true)).await)
            }
            Step::Body(piece) => up(tokio::time::timeout(patience, self.upstream.write(piece, false)).await),
            Step::FinalDot(dot) => {
                let sent = async {
                    self.upstream.flush().await?;
                    self.upstream.write(dot, true).await
                };
                up(tokio::time::timeout(patience, sent).await)
            }
            Step::DropUpstream => Next::DropUpstream,
            Step::Finished(transaction) => Next::Finished(transaction),
            Step::Close => Next::Close,
        }
    }

    async fn wait(&mut self, wait: Wait) {
        if !self.flushed().await {
            return self.lose_upstream().await;
        }
        let since = match wait.deadline {
            // Nobody owes a byte while we wait for the other side.
            Deadline::Data | Deadline::Drain => self.heard.max(self.stepped),
            Deadline::Command | Deadline::Reply | Deadline::Verdict => self.stepped,
        };
        let until = since + self.times.of(wait.deadline);
        tokio::select! {
            // Gmail first: what it said or that it is gone must be known before more goes up.
            biased;
            said = self.upstream.read(true) => match said {
                Ok(()) => self.heard = Instant::now(),
                Err(_) => self.lose_upstream().await,
            },
            said = self.client.read(wait.client) => match said {
                Ok(()) => self.heard = Instant::now(),
                Err(_) => {
                    self.client.close().await;
                    self.relay.client_lost();
                }
            },
            () = tokio::time::sleep_until(until) => self.relay.expired(),
        }
    }

    /// A piece of a message that Gmail has not seen must not wait for the next one.
    async fn flushed(&mut self) -> bool {
        if self.upstream.stream.is_none() {
            return true;
        }
        let began = Instant::now();
        let flushed = tokio::time::timeout(self.times.data, self.upstream.flush()).await;
        self.stepped += began.elapsed();
        self.heard += began.elapsed();
        matches!(flushed, Ok(Ok(())))
    }

    async fn lose_upstream(&mut self) {
        self.upstream.close().await;
        self.journal.metrics.lost(Protocol::Smtp);
        self.relay.upstream_lost();
    }

    fn note(&mut self, transaction: &Transaction) {
        self.messages += 1;
        let journal = &self.journal;
        let reference = journal.reference.as_str().to_owned();
        let outcome = match transaction.outcome {
            Outcome::Accepted => "accepted",
            Outcome::Refused(_) => "refused",
            Outcome::Unknown => "unknown",
            Outcome::Abandoned => "abandoned",
        };
        journal.metrics.message(outcome);
        if transaction.outcome == Outcome::Unknown {
            tracing::warn!(account.id = %journal.account, reference, "Gmail's verdict on a message was lost");
        }
        journal.notes.note(Note::Event {
            at: journal.clock.now(),
            request: reference.clone(),
            event: Event::MessageSent {
                address: journal.address.clone(),
                sender: person(transaction.sender.as_str()),
                recipients: transaction.accepted,
                size: transaction.size,
                message_id: transaction.message_id.clone().unwrap_or_default(),
                outcome,
                answer: transaction.reply.as_str().to_owned(),
                from: from_word(transaction.from.as_ref()),
                reference,
            },
        });
    }
}

// The audit knows a person by one spelling of the address.
fn person(sender: &str) -> String {
    Address::parse(sender).map_or_else(|_| sender.to_owned(), |address| address.to_string())
}

fn rested(mut unread: Vec<u8>, used: usize) -> Vec<u8> {
    if used == unread.len() {
        return Vec::new();
    }
    unread.drain(..used);
    unread
}

fn from_word(from: Option<&FromVerdict>) -> &'static str {
    match from {
        None => "not_seen",
        Some(FromVerdict::Own) => "own",
        Some(FromVerdict::Foreign(_)) => "rewritten_by_gmail",
        Some(FromVerdict::Missing) => "missing",
        Some(FromVerdict::TooLarge) => "header_too_large",
    }
}
