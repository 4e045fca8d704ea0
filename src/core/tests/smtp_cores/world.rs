//! A driver without sockets: two read buffers, two written streams. What it
//! does with each step is what the real driver must do.

use std::collections::VecDeque;

use postern_core::{
    model::{
        address::Address,
        refusal::{Cause, Reference, Refusal},
        secret::Secret,
    },
    wire::smtp::{
        READ_BUFFER,
        auth::Credential,
        header::{Mode, Policy},
        login::{self, Greeted, Login},
        offers::{GMAIL_SIZE, Offers},
        relay::{self, Deadline, Relay},
        transaction::Transaction,
        upstream::{self, Failure, Upstream},
    },
};

/// What the driver says to a `Verify`.
#[derive(Debug, Clone)]
pub enum Answer {
    /// In, without a dial side.
    Accept,
    /// Dial: the upstream script is Gmail's from its greeting on.
    Dial,
    Refuse(Cause),
}

#[derive(Debug, Clone)]
pub struct Settings {
    pub starttls: bool,
    pub size_limit: u64,
    pub mode: Mode,
    pub offers: Offers,
    pub answers: VecDeque<Answer>,
    /// Begin behind the login.
    pub logged_in: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            starttls: false,
            size_limit: 25_000_000,
            mode: Mode::Note,
            offers: Offers::ours(GMAIL_SIZE),
            answers: VecDeque::new(),
            logged_in: false,
        }
    }
}

enum Phase {
    Login,
    Dialling(Box<Upstream>),
    Relay(Box<Relay>),
    Closed,
}

/// One write to upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    Command(Vec<u8>),
    Body(Vec<u8>),
    FinalDot,
}

pub struct World {
    settings: Settings,
    login: Login,
    phase: Phase,
    client: Vec<u8>,
    upstream: Vec<u8>,
    pub to_client: Vec<u8>,
    pub to_upstream: Vec<u8>,
    pub writes: Vec<Write>,
    pub upstream_dropped: bool,
    pub credentials: Vec<Credential>,
    pub failures: Vec<Failure>,
    pub reports: Vec<Transaction>,
    pub deadline: Option<Deadline>,
    pub client_paused: bool,
    client_eof: bool,
    upstream_eof: bool,
}

pub fn mailbox() -> Address {
    Address::parse("anna@example.com").unwrap()
}

pub fn refusal(cause: Cause) -> Refusal {
    Refusal { cause, reference: Reference::new("k3x9"), help: None }
}

impl World {
    pub fn new(settings: Settings) -> Self {
        let login = Login::new(login::Setup {
            hostname: "gate.test".into(),
            size_limit: settings.size_limit,
            starttls: settings.starttls,
        });
        let mut world = Self {
            login,
            phase: Phase::Login,
            client: Vec::new(),
            upstream: Vec::new(),
            to_client: Vec::new(),
            to_upstream: Vec::new(),
            writes: Vec::new(),
            upstream_dropped: false,
            credentials: Vec::new(),
            failures: Vec::new(),
            reports: Vec::new(),
            deadline: None,
            client_paused: false,
            client_eof: false,
            upstream_eof: false,
            settings,
        };
        if world.settings.logged_in {
            world.hand_over(Greeted::Ehlo);
        }
        world.run();
        world
    }

    pub fn closed(&self) -> bool {
        matches!(self.phase, Phase::Closed)
    }

    pub fn client_sends(&mut self, bytes: &[u8]) {
        self.client.extend_from_slice(bytes);
        self.run();
    }

    pub fn upstream_sends(&mut self, bytes: &[u8]) {
        if !self.upstream_dropped {
            self.upstream.extend_from_slice(bytes);
            self.run();
        }
    }

    pub fn client_ends(&mut self) {
        self.client_eof = true;
        self.run();
    }

    pub fn upstream_ends(&mut self) {
        self.upstream_eof = true;
        self.run();
    }

    /// Something only a driver can say to the relay.
    pub fn tell(&mut self, word: impl FnOnce(&mut Relay)) {
        if let Phase::Relay(relay) = &mut self.phase {
            word(relay);
        }
        self.run();
    }

    pub fn tell_login(&mut self, word: impl FnOnce(&mut Login)) {
        word(&mut self.login);
        self.run();
    }

    fn run(&mut self) {
        while match self.phase {
            Phase::Login => self.step_login(),
            Phase::Dialling(_) => self.step_upstream(),
            Phase::Relay(_) => self.step_relay(),
            Phase::Closed => false,
        } {}
    }

    fn step_login(&mut self) -> bool {
        let mut unread = &self.client[..];
        let step = self.login.step(&mut unread);
        let left = unread.len();
        self.client.drain(..self.client.len() - left);
        match step {
            login::Step::Send(bytes) => self.to_client.extend(bytes),
            login::Step::Need => {
                assert!(left < READ_BUFFER, "asks for more than a read buffer holds");
                if self.client_eof {
                    self.phase = Phase::Closed;
                }
                return false;
            }
            login::Step::StartTls => self.login.secured(),
            login::Step::Verify(credential) => {
                self.credentials.push(credential);
                self.verify();
            }
            login::Step::Pending => return false,
            login::Step::Done(greeted) => self.hand_over(greeted),
            login::Step::Close => self.phase = Phase::Closed,
        }
        true
    }

    fn verify(&mut self) {
        match self.settings.answers.pop_front() {
            Some(Answer::Accept) => self.login.accepted(),
            Some(Answer::Refuse(cause)) => self.login.refused(&refusal(cause)),
            Some(Answer::Dial) => {
                let token = Secret::new("ya29.token");
                self.phase = Phase::Dialling(Box::new(Upstream::new("gate.test", &mailbox(), &token)));
            }
            None => {}
        }
    }

    fn step_upstream(&mut self) -> bool {
        let Phase::Dialling(dial) = &mut self.phase else { return false };
        let mut unread = &self.upstream[..];
        let mut step = dial.step(&mut unread);
        let left = unread.len();
        if step == upstream::Step::Need && self.upstream_eof {
            step = upstream::Step::Failed(dial.lost());
        }
        self.upstream.drain(..self.upstream.len() - left);
        match step {
            upstream::Step::Send(bytes) => self.to_upstream.extend(bytes),
            upstream::Step::SendSecret(line) => self.to_upstream.extend(line.reveal().as_bytes()),
            upstream::Step::Need => {
                assert!(left < READ_BUFFER);
                return false;
            }
            upstream::Step::Done(offers) => {
                self.settings.offers = offers;
                self.login.accepted();
                self.phase = Phase::Login;
            }
            upstream::Step::Failed(failure) => {
                self.login.refused(&refusal(failure.cause()));
                self.failures.push(failure);
                self.upstream.clear();
                self.phase = Phase::Login;
            }
        }
        true
    }

    fn hand_over(&mut self, greeted: Greeted) {
        self.phase = Phase::Relay(Box::new(Relay::new(relay::Setup {
            hostname: "gate.test".into(),
            size_limit: self.settings.size_limit,
            offers: self.settings.offers,
            greeted,
            policy: Policy { addresses: vec![mailbox()], mode: self.settings.mode },
            reference: Reference::new("k3x9"),
        })));
    }

    fn step_relay(&mut self) -> bool {
        let Phase::Relay(relay) = &mut self.phase else { return false };
        let (mut client, mut upstream) = (&self.client[..], &self.upstream[..]);
        let step = relay.step(&mut client, &mut upstream);
        let (client_left, upstream_left) = (client.len(), upstream.len());
        let mut goes_on = true;
        match step {
            relay::Step::Need(wait) => {
                self.deadline = Some(wait.deadline);
                self.client_paused = !wait.client;
                assert!(!wait.client || client_left < READ_BUFFER);
                assert!(upstream_left < READ_BUFFER);
                goes_on = false;
                if self.upstream_eof && !self.upstream_dropped {
                    relay.upstream_lost();
                    goes_on = true;
                } else if self.client_eof {
                    relay.client_lost();
                    self.client_eof = false;
                    goes_on = true;
                }
            }
            relay::Step::ToClient(bytes) => self.to_client.extend(bytes),
            relay::Step::ToUpstream(bytes) => {
                assert!(!self.upstream_dropped, "writes to a dropped upstream");
                self.to_upstream.extend(&bytes);
                self.writes.push(Write::Command(bytes));
            }
            relay::Step::Body(bytes) => {
                assert!(!self.upstream_dropped, "writes to a dropped upstream");
                self.to_upstream.extend(bytes);
                self.writes.push(Write::Body(bytes.to_vec()));
            }
            relay::Step::FinalDot(bytes) => {
                assert!(!self.upstream_dropped, "writes to a dropped upstream");
                self.to_upstream.extend(bytes);
                self.writes.push(Write::FinalDot);
            }
            relay::Step::DropUpstream => self.upstream_dropped = true,
            relay::Step::Finished(transaction) => self.reports.push(*transaction),
            relay::Step::Close => self.phase = Phase::Closed,
        }
        self.client.drain(..self.client.len() - client_left);
        self.upstream.drain(..self.upstream.len() - upstream_left);
        if self.upstream_dropped {
            self.upstream.clear();
        }
        goes_on
    }
}
