//! How a message leaves: through a mailbox of this installation, as its owner's
//! grant allows, or through a mail server of the admin's.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::Mailbox as Person;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::{Address as Envelope, Message};
use postern_core::model::address::Address;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use tokio::time::timeout;
use uuid::Uuid;

use super::digest::Letter;
use super::starttls;
use crate::clock::Micros;
use crate::google::broker::{Broker, NoToken};
use crate::google::mailbox::{Courier, CourierFault, MailboxFault, Submission};
use crate::net::dial::Dialer;
use crate::net::target::Target;
use crate::store::{Store, accounts};

// A name, a connection, a token, a login; then a message and its verdict.
const OPEN: Duration = Duration::from_secs(60);
const DELIVER: Duration = Duration::from_secs(90);

/// Who sends, and through what.
pub struct Sender {
    /// The way out.
    pub way: Way,
    /// Whose messages they are.
    pub from: Address,
    /// Our own name.
    pub hostname: String,
}

/// The way out.
pub enum Way {
    /// A mailbox of this installation.
    Account {
        /// Which.
        address: Address,
        /// Its access token.
        broker: Broker,
        /// The way to Google.
        dialer: Dialer,
        /// Gmail's submission server.
        smtp: Target,
    },
    /// A mail server.
    Server {
        /// The way there.
        dialer: Dialer,
        /// Where it is.
        at: Target,
        /// How it is spoken to.
        tls: Tls,
        /// User name and password.
        login: Option<(String, Secret)>,
    },
}

/// How a mail server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// TLS from the first octet.
    Implicit,
    /// Nothing of worth is said before STARTTLS.
    StartTls,
    /// In the clear; on this machine only.
    None,
}

/// Why a message did not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The mailbox that should send wants its own owner: nothing goes out.
    Fallen(String),
    /// Another try may help.
    Later(String),
    /// No try will help.
    Never(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Fallen(why) | Self::Later(why) | Self::Never(why)) = self;
        f.write_str(why)
    }
}

impl From<CourierFault> for Trouble {
    fn from(fault: CourierFault) -> Self {
        let words = fault.to_string();
        // Gmail's limit of a day has a code that lasts.
        if fault.lasts() && !words.contains(" 5.4.5 ") { Self::Never(words) } else { Self::Later(words) }
    }
}

fn later(why: impl fmt::Display) -> Trouble {
    Trouble::Later(why.to_string())
}

/// An open session with whoever takes messages.
pub(super) enum Post {
    Google(Submission),
    Server(Courier),
}

impl Post {
    /// Sends a message. After trouble other than a refusal it is of no more use.
    pub(super) async fn deliver(&mut self, message: &Message) -> Result<(), Trouble> {
        let sent = async {
            match self {
                Self::Google(it) => it.deliver(message).await,
                Self::Server(it) => it.deliver(message).await,
            }
        };
        let delivered = timeout(DELIVER, sent).await.map_err(|_| later("no verdict in time"))??;
        if delivered.refused > 0 {
            tracing::warn!(
                recipients = delivered.refused,
                "a notice was not taken for all of its recipients"
            );
        }
        Ok(())
    }

    pub(super) async fn close(self) {
        let farewell = async {
            match self {
                Self::Google(it) => it.close().await,
                Self::Server(it) => it.close().await,
            }
        };
        let _slow = timeout(Duration::from_secs(2), farewell).await;
    }
}

impl Sender {
    /// Opens the way.
    pub(super) async fn open(&self, store: &Store) -> Result<Post, Trouble> {
        let opened = async {
            match &self.way {
                Way::Account { address, broker, dialer, smtp } => {
                    self.account(store, address, broker, dialer, smtp).await.map(Post::Google)
                }
                Way::Server { dialer, at, tls, login } => {
                    self.server(dialer, at, *tls, login.as_ref()).await.map(Post::Server)
                }
            }
        };
        timeout(OPEN, opened).await.map_err(|_| later("no session in time"))?
    }

    async fn account(
        &self,
        store: &Store,
        address: &Address,
        broker: &Broker,
        dialer: &Dialer,
        smtp: &Target,
    ) -> Result<Submission, Trouble> {
        let mut read = store.read().await.map_err(later)?;
        let account = accounts::by_address(&mut read, address).await.map_err(later)?;
        drop(read);
        let unknown = || Trouble::Fallen(format!("{address} in notices.via is not registered here"));
        let id = account.ok_or_else(unknown)?.id;
        let scopes = ScopeSet::mail();
        let mut tokens = broker.tries(id, &scopes);
        loop {
            let token = tokens.next().await.map_err(no_token)?;
            let stream = dialer.dial(smtp).await.map_err(later)?;
            match Submission::open(stream, &self.hostname, address, &token.token).await {
                // Gmail may take another token.
                Err(MailboxFault::Refused { .. }) if tokens.goes_on() => {}
                opened => return opened.map_err(later),
            }
        }
    }

    async fn server(
        &self,
        dialer: &Dialer,
        at: &Target,
        tls: Tls,
        login: Option<&(String, Secret)>,
    ) -> Result<Courier, Trouble> {
        let mut courier = match tls {
            Tls::Implicit => {
                Courier::open(dialer.dial(at).await.map_err(later)?, &self.hostname).await.map_err(later)?
            }
            Tls::StartTls => {
                let mut tcp = dialer.bare(at).await.map_err(later)?;
                starttls::ask(&mut tcp, &self.hostname).await.map_err(later)?;
                let stream = dialer.upgrade(at, tcp).await.map_err(later)?;
                Courier::resume(stream, &self.hostname).await.map_err(later)?
            }
            Tls::None if at.is_loopback() => {
                Courier::open(dialer.bare(at).await.map_err(later)?, &self.hostname).await.map_err(later)?
            }
            Tls::None => return Err(later("in the clear only to this machine")),
        };
        if let Some((user, password)) = login {
            courier.log_in(user, password).await.map_err(later)?;
        }
        Ok(courier)
    }

    /// A message; sent once more it has the same identity.
    pub(super) fn message(
        &self,
        to: &[Address],
        letter: &Letter,
        id: Uuid,
        now: Micros,
    ) -> Result<Message, Trouble> {
        let date = UNIX_EPOCH + Duration::from_micros(now.unsigned_abs());
        let mut message = Message::builder()
            .from(person(&self.from)?)
            .date(date)
            .message_id(Some(format!("<{id}@{}>", self.hostname)))
            .subject(&letter.subject)
            .header(ContentType::TEXT_PLAIN)
            // RFC 3834: nobody's holiday answers it.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        for address in to {
            message = message.to(person(address)?);
        }
        let body = letter.body.reveal().to_owned();
        message.body(body).map_err(|_| Trouble::Never("the message cannot be written".to_owned()))
    }
}

fn person(address: &Address) -> Result<Person, Trouble> {
    let unfit = |_| Trouble::Never(format!("{address} cannot be written to"));
    Ok(Person::new(None, address.as_str().parse::<Envelope>().map_err(unfit)?))
}

// What time does not mend is not waited for: what is to be told is in the log then.
fn no_token(no: NoToken) -> Trouble {
    match no {
        NoToken::Temporary(why) => Trouble::Later(why),
        NoToken::NeedsConsent
        | NoToken::NeedsSignIn
        | NoToken::ProductMissing
        | NoToken::SwitchedOff
        | NoToken::Barred(_)
        | NoToken::ClientRefused(_)
        | NoToken::SubjectRefused(_) => Trouble::Fallen(no.to_string()),
    }
}
