//! AUTH towards the client: which mechanism, and where in it the client is.
//!
//! An `Exchange` holds what the client has said so far; each line moves it on
//! to a prompt, a credential or a fault. What the lines mean says `wire::sasl`.

use zeroize::Zeroizing;

use crate::{
    model::secret::Secret,
    wire::sasl::{self, Identity, SaslFault},
};

/// How the client proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// RFC 4616.
    Plain,
    /// The two prompts that were never a standard.
    Login,
}

/// What the client claims to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The mailbox address as the client wrote it.
    pub user: String,
    /// The CRM token.
    pub secret: Secret,
    /// How it came.
    pub mechanism: Mechanism,
}

/// What the server waits for.
#[derive(Debug)]
pub(super) enum Exchange {
    /// The one message of PLAIN.
    Plain,
    /// The user name of LOGIN.
    User,
    /// The password of LOGIN.
    Password { user: String },
}

/// Where one line of the client leads.
#[derive(Debug)]
pub(super) enum Turn {
    /// Send `334` with this text and wait for the next line.
    Prompt(&'static str, Exchange),
    /// All is said.
    Credential(Credential),
    /// The exchange is over.
    Fault(SaslFault),
}

impl Mechanism {
    /// The mechanism a client named, if it is one of ours.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        if name.eq_ignore_ascii_case(b"PLAIN") {
            Some(Self::Plain)
        } else if name.eq_ignore_ascii_case(b"LOGIN") {
            Some(Self::Login)
        } else {
            None
        }
    }

    /// Starts the exchange.
    pub(super) fn begin(self, initial: Option<&[u8]>) -> Turn {
        let exchange = match self {
            Self::Plain => Exchange::Plain,
            Self::Login => Exchange::User,
        };
        match initial {
            None => Turn::Prompt(exchange.prompt(), exchange),
            Some(word) => exchange.read(sasl::initial_response(word)).unwrap_or_else(Turn::Fault),
        }
    }
}

impl Exchange {
    /// Reads the client's next line.
    pub(super) fn hear(self, line: &[u8]) -> Turn {
        self.read(sasl::response(line)).unwrap_or_else(Turn::Fault)
    }

    fn prompt(&self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::User => sasl::USER_PROMPT,
            Self::Password { .. } => sasl::PASSWORD_PROMPT,
        }
    }

    fn read(self, said: Result<Zeroizing<Vec<u8>>, SaslFault>) -> Result<Turn, SaslFault> {
        let said = said?;
        Ok(match self {
            Self::Plain => credential(sasl::plain(&said)?, Mechanism::Plain),
            Self::User => {
                let next = Self::Password { user: sasl::user_name(&said) };
                Turn::Prompt(next.prompt(), next)
            }
            Self::Password { user } => {
                credential(Identity { user, secret: sasl::secret_text(&said) }, Mechanism::Login)
            }
        })
    }
}

fn credential(identity: Identity, mechanism: Mechanism) -> Turn {
    let Identity { user, secret } = identity;
    Turn::Credential(Credential { user, secret, mechanism })
}

#[cfg(test)]
mod tests {
    use super::{Exchange, Mechanism, Turn};
    use crate::wire::sasl::{SaslFault, USER_PROMPT};

    fn claimed(turn: Turn) -> (String, String, Mechanism) {
        match turn {
            Turn::Credential(said) => (said.user, said.secret.reveal().to_owned(), said.mechanism),
            other => panic!("{other:?}"),
        }
    }

    fn claim(mechanism: Mechanism) -> (String, String, Mechanism) {
        ("anna@x.cz".to_owned(), "token".to_owned(), mechanism)
    }

    #[test]
    fn plain_at_once_and_in_two_steps() {
        let said = b"AGFubmFAeC5jegB0b2tlbg==";
        assert_eq!(claimed(Mechanism::Plain.begin(Some(said))), claim(Mechanism::Plain));
        let Turn::Prompt("", exchange) = Mechanism::Plain.begin(None) else { panic!("no prompt") };
        assert_eq!(claimed(exchange.hear(said)), claim(Mechanism::Plain));
    }

    #[test]
    fn login_asks_for_what_it_has_not_heard() {
        let Turn::Prompt(USER_PROMPT, exchange) = Mechanism::Login.begin(None) else { panic!("no prompt") };
        for turn in [exchange.hear(b"YW5uYUB4LmN6"), Mechanism::Login.begin(Some(b"YW5uYUB4LmN6"))] {
            let Turn::Prompt("UGFzc3dvcmQ6", password) = turn else { panic!("{turn:?}") };
            assert_eq!(claimed(password.hear(b"dG9rZW4=")), claim(Mechanism::Login));
        }
    }

    #[test]
    fn every_fault_ends_the_exchange() {
        let cases: [(&[u8], SaslFault); 4] = [
            (b"*", SaslFault::Cancelled),
            (b"AGFubmFAeC5jegB0b2tlbg", SaslFault::Base64),
            (b"AGEAYgBj", SaslFault::Form),
            (b"YgBhAHQ=", SaslFault::OtherIdentity),
        ];
        for (line, fault) in cases {
            for turn in [Exchange::Plain.hear(line), Mechanism::Plain.begin(Some(line))] {
                match turn {
                    Turn::Fault(found) => assert_eq!(found, fault, "{line:?}"),
                    other => panic!("{line:?}: {other:?}"),
                }
            }
        }
    }
}
