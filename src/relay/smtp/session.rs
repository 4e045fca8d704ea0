//! Driving the relay core: commands, messages, verdicts.
//!
//! Gmail is read always while it is there; the client only when the core can
//! use its bytes, so what a client sends ahead waits in the socket. The final
//! dot is a write of its own. Every finished transaction is a row in the
//! journal; the session's end is one line in the log.
//!
//! An order to end is heard in every wait. What it means for a transaction is
//! the core's business; how long last words may take is [`Patience`]'s.

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
use postern_core::wire::smtp::reply::Farewell;
use postern_core::wire::smtp::transaction::{Outcome, Transaction};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::hang_up::hang_up;
use super::patience::{Patience, farewell};
use super::side::Side;
use crate::audit::{Note, Notes};
use crate::clock::Clock;
use crate::config::Limits;
use crate::relay::budget::Seat;
use crate::relay::metrics::Metrics;
use crate::relay::order::{Order, Running};

/// For the rest of a refused message.
const DRAIN: Duration = Duration::from_secs(10);

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
    /// The times of `[limits]`.
    #[must_use]
    pub fn within(limits: &Limits) -> Self {
        Self {
            command: limits.smtp_command,
            data: limits.smtp_data,
            verdict: limits.smtp_verdict,
            drain: DRAIN,
        }
    }

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
    /// Free again at the session's end.
    pub(super) _seat: Seat,
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
    patience: Patience,
}

/// A session behind its login.
pub(super) struct Begun {
    pub(super) relay: Relay,
    /// Read of the client before the hand-over.
    pub(super) from_client: Vec<u8>,
    /// The same of Gmail.
    pub(super) from_upstream: Vec<u8>,
    pub(super) times: Times,
    pub(super) running: Running,
    pub(super) journal: Journal,
}

/// Runs a session to its end.
pub(super) async fn run<C, U>(client: C, upstream: U, begun: Begun)
where
    C: AsyncRead + AsyncWrite + Unpin + Send,
    U: AsyncRead + AsyncWrite + Unpin + Send,
{
    let began = begun.journal.clock.now();
    let now = Instant::now();
    let mut session = Session {
        client: Side::new(client, begun.from_client),
        upstream: Side::new(upstream, begun.from_upstream),
        relay: begun.relay,
        times: begun.times,
        stepped: now,
        heard: now,
        journal: begun.journal,
        messages: 0,
        patience: Patience::new(begun.running),
    };
    while session.turn().await {}
    session.part().await;
    let journal = &session.journal;
    let order = session.patience.order();
    let why = order.map_or("by one of its sides".to_owned(), |order| order.to_string());
    tracing::info!(
        proto = "smtp", peer = %journal.peer, account.id = %journal.account, reference = %journal.reference,
        messages = session.messages, bytes_up = session.upstream.octets, bytes_down = session.client.octets,
        duration_ms = (journal.clock.now() - began) / 1_000, why, "session ended"
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
        if let Some(order) = self.patience.take_order() {
            self.obey(order);
        }
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
        let limit = self.times.data;
        let up = |sent: io::Result<()>| if sent.is_ok() { Next::Go } else { Next::UpstreamLost };
        match step {
            Step::Need(wait) => Next::Wait(wait),
            Step::ToClient(bytes) => {
                match self.patience.allow(limit, self.client.write(&bytes, true)).await {
                    Ok(()) => Next::Go,
                    Err(_) => Next::ClientLost,
                }
            }
            Step::ToUpstream(line) => up(self.patience.allow(limit, self.upstream.write(&line, true)).await),
            Step::Body(piece) => up(self.patience.allow(limit, self.upstream.write(piece, false)).await),
            Step::FinalDot(dot) => {
                let sent = async {
                    self.upstream.flush().await?;
                    self.upstream.write(dot, true).await
                };
                up(self.patience.allow(limit, sent).await)
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
        let until = self.patience.sooner(until, wait.deadline == Deadline::Verdict);
        tokio::select! {
            // Gmail first: what it said or that it is gone must be known before more goes up.
            biased;
            () = self.patience.hear() => {}
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
            () = tokio::time::sleep_until(until) => match self.patience.order() {
                Some(Order::End(ending)) => self.relay.end(farewell(ending)),
                Some(Order::Close) => self.relay.end(Farewell::ShuttingDown),
                Some(Order::Leave) | None => self.relay.expired(),
            },
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Leave => self.relay.drain(),
            Order::End(ending) => self.relay.leave(farewell(ending)),
            Order::Close => self.relay.end(Farewell::ShuttingDown),
        }
    }

    /// Closes what is open; a side that takes its time is dropped.
    async fn part(&mut self) {
        if self.patience.order() == Some(Order::Close) {
            return;
        }
        self.upstream.close().await;
        if let Some(mut client) = self.client.stream.take() {
            hang_up(&mut client).await;
        }
    }

    /// A piece of a message that Gmail has not seen must not wait for the next one.
    async fn flushed(&mut self) -> bool {
        if self.upstream.stream.is_none() {
            return true;
        }
        let began = Instant::now();
        let flushed = self.patience.allow(self.times.data, self.upstream.flush()).await;
        self.stepped += began.elapsed();
        self.heard += began.elapsed();
        flushed.is_ok()
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
