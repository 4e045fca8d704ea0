//! SASL towards the client (PLAIN, LOGIN) and towards Gmail (XOAUTH2).
//!
//! An [`Exchange`] holds what the client has said so far; each line moves it on
//! to a prompt, a credential or a fault. Base64 is strict (RFC 4954 section 4).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use crate::model::{address::Address, secret::Secret};

/// How the client proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// RFC 4616.
    Plain,
    /// The two prompts that were never a standard.
    Login,
}

/// What the client claims to be. Octets that are no UTF-8 become U+FFFD, which
/// no token and no address holds: such a login is wrong, not an error of its own.
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

/// Why an exchange ended without a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The client sent `*`.
    Cancelled,
    /// Not base64, or not the form of the mechanism.
    Undecodable,
    /// PLAIN with an authorization identity that is not the user.
    OtherIdentity,
}

/// Where one line of the client leads.
#[derive(Debug)]
pub(super) enum Turn {
    /// Send `334` with this text and wait for the next line.
    Prompt(&'static str, Exchange),
    /// All is said.
    Credential(Credential),
    /// The exchange is over.
    Fault(Fault),
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

    /// Starts the exchange; `=` is an empty initial response (RFC 4954 section 4).
    pub(super) fn begin(self, initial: Option<&[u8]>) -> Turn {
        match (self, initial) {
            (Self::Plain, None) => Turn::Prompt("", Exchange::Plain),
            (Self::Login, None) => Turn::Prompt(PROMPT_USER, Exchange::User),
            (Self::Plain, Some(b"=")) => Exchange::Plain.hear(b""),
            (Self::Login, Some(b"=")) => Exchange::User.hear(b""),
            (Self::Plain, Some(response)) => Exchange::Plain.hear(response),
            (Self::Login, Some(response)) => Exchange::User.hear(response),
        }
    }
}

// Clients compare these two, byte for byte.
const PROMPT_USER: &str = "VXNlcm5hbWU6";
const PROMPT_PASSWORD: &str = "UGFzc3dvcmQ6";

impl Exchange {
    /// Reads the client's next line.
    pub(super) fn hear(self, line: &[u8]) -> Turn {
        if line == b"*" {
            return Turn::Fault(Fault::Cancelled);
        }
        let Ok(said) = STANDARD.decode(line).map(Zeroizing::new) else {
            return Turn::Fault(Fault::Undecodable);
        };
        match self {
            Self::Plain => plain(&said),
            Self::User => Turn::Prompt(PROMPT_PASSWORD, Self::Password { user: text(&said) }),
            Self::Password { user } => Turn::Credential(Credential {
                user,
                secret: Secret::new(text(&said)),
                mechanism: Mechanism::Login,
            }),
        }
    }
}

// RFC 4616: authzid NUL authcid NUL password.
fn plain(said: &[u8]) -> Turn {
    let mut parts = said.split(|b| *b == 0);
    let (Some(identity), Some(user), Some(password), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Turn::Fault(Fault::Undecodable);
    };
    if !identity.is_empty() && !identity.eq_ignore_ascii_case(user) {
        return Turn::Fault(Fault::OtherIdentity);
    }
    Turn::Credential(Credential {
        user: text(user),
        secret: Secret::new(text(password)),
        mechanism: Mechanism::Plain,
    })
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

/// The line that answers Gmail's `334` to `AUTH XOAUTH2`, CRLF included.
pub(super) fn xoauth2(user: &Address, access_token: &Secret) -> Secret {
    let clear = Secret::new(format!("user={user}\u{1}auth=Bearer {}\u{1}\u{1}", access_token.reveal()));
    let mut line = STANDARD.encode(clear.reveal());
    line.push_str("\r\n");
    Secret::new(line)
}

#[cfg(test)]
mod tests {
    use super::{Credential, Exchange, Fault, Mechanism, Turn, xoauth2};
    use crate::model::{address::Address, secret::Secret};

    fn credential(turn: Turn) -> Credential {
        match turn {
            Turn::Credential(credential) => credential,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn plain_with_and_without_identity() {
        // "\0anna@x.cz\0token" and "anna@x.cz\0anna@x.cz\0token"
        for line in ["AGFubmFAeC5jegB0b2tlbg==", "YW5uYUB4LmN6AGFubmFAeC5jegB0b2tlbg=="] {
            let said = credential(Mechanism::Plain.begin(Some(line.as_bytes())));
            assert_eq!((said.user.as_str(), said.secret.reveal()), ("anna@x.cz", "token"));
        }
    }

    #[test]
    fn what_is_no_plain_message_is_a_fault() {
        let cases: [(&[u8], Fault); 6] = [
            (b"*", Fault::Cancelled),
            (b"YWJj", Fault::Undecodable),
            (b"AGFubmFAeC5jegB0b2tlbg", Fault::Undecodable),
            (b"AGFubmFAeC5jegB0b2tlbg== ", Fault::Undecodable),
            (b"AGEAYgBj", Fault::Undecodable),
            (b"YgBhAHQ=", Fault::OtherIdentity),
        ];
        for (line, fault) in cases {
            match Exchange::Plain.hear(line) {
                Turn::Fault(found) => assert_eq!(found, fault, "{line:?}"),
                other => panic!("{line:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn xoauth2_is_one_line() {
        let line = xoauth2(&Address::parse("anna@x.cz").unwrap(), &Secret::new("t".repeat(1024)));
        assert_eq!(line.reveal().find("\r\n"), Some(line.reveal().len() - 2));
        assert!(line.reveal().starts_with("dXNlcj1hbm5hQHguY3oBYXV0aD1CZWFyZXIg"));
    }
}
