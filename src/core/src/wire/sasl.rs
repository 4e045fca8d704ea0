//! SASL mechanisms: PLAIN (RFC 4616) and LOGIN as mail clients speak them,
//! XOAUTH2 as Gmail reads it.
//!
//! Decoding is strict: canonical base64, one identity. What a client sent and
//! what is sent upstream is a [`Secret`] or overwritten memory throughout.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::model::address::Address;
use crate::model::secret::Secret;

/// Longest failure challenge that is looked at.
const CHALLENGE_LIMIT: usize = 4096;

/// A user name and its secret, as a mechanism delivered them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user name; what is not UTF-8 in it is replaced and matches nobody.
    pub user: String,
    /// The secret; what is not UTF-8 in it is replaced and matches nothing.
    pub secret: Secret,
}

/// Why a client's response is no credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SaslFault {
    /// The client sent `*`.
    #[error("authentication cancelled")]
    Cancelled,
    /// Not canonical base64.
    #[error("invalid base64")]
    Base64,
    /// The decoded message has another form than the mechanism says.
    #[error("invalid SASL message")]
    Form,
    /// PLAIN asks to act as somebody else than the user who logs in.
    #[error("authorization identity differs from the user name")]
    OtherIdentity,
}

/// Decodes one response line of a client.
///
/// # Errors
/// The line is `*` or no base64.
pub fn response(line: &[u8]) -> Result<Zeroizing<Vec<u8>>, SaslFault> {
    if line == b"*" {
        return Err(SaslFault::Cancelled);
    }
    // decode_slice, so that a half decoded secret is overwritten too.
    let mut decoded = Zeroizing::new(vec![0; base64::decoded_len_estimate(line.len())]);
    let length = STANDARD.decode_slice(line, &mut decoded).map_err(|_| SaslFault::Base64)?;
    decoded.truncate(length);
    Ok(decoded)
}

/// Decodes an initial response, where `=` stands for an empty one (RFC 4959).
///
/// # Errors
/// As [`response`].
pub fn initial_response(word: &[u8]) -> Result<Zeroizing<Vec<u8>>, SaslFault> {
    if word == b"=" { Ok(Zeroizing::default()) } else { response(word) }
}

/// Reads a PLAIN message: `[authzid] NUL authcid NUL password`. Clients that
/// set the authzid set it to the user name.
///
/// # Errors
/// The message has another form, or names two identities.
pub fn plain(message: &[u8]) -> Result<Identity, SaslFault> {
    let mut fields = message.split(|&byte| byte == 0);
    let (Some(authzid), Some(user), Some(secret), None) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err(SaslFault::Form);
    };
    if user.is_empty() {
        return Err(SaslFault::Form);
    }
    if !authzid.is_empty() && !authzid.eq_ignore_ascii_case(user) {
        return Err(SaslFault::OtherIdentity);
    }
    Ok(Identity { user: user_name(user), secret: secret_text(secret) })
}

/// A user name out of bytes.
#[must_use]
pub fn user_name(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A secret out of bytes. CRM tokens are ASCII, so replacing what is not UTF-8
/// cannot make a wrong one right.
#[must_use]
pub fn secret_text(bytes: &[u8]) -> Secret {
    Secret::new(String::from_utf8_lossy(bytes))
}

/// Prompt of the LOGIN mechanism for the user name: base64 of `Username:`.
pub const USER_PROMPT: &str = "VXNlcm5hbWU6";

/// Prompt of the LOGIN mechanism for the password: base64 of `Password:`.
pub const PASSWORD_PROMPT: &str = "UGFzc3dvcmQ6";

/// The XOAUTH2 client response in base64, in one line.
#[must_use]
pub fn xoauth2(user: &Address, access_token: &Secret) -> Secret {
    let plain =
        Zeroizing::new(format!("user={}\u{1}auth=Bearer {}\u{1}\u{1}", user.as_str(), access_token.reveal()));
    Secret::new(STANDARD.encode(plain.as_bytes()))
}

/// What Google says in the challenge that follows a refused token. The status
/// is `400` for every cause, so it serves the log only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Challenge {
    /// HTTP-like status.
    pub status: String,
    /// The scope a token would need.
    pub scope: String,
}

/// Reads a failure challenge (the text after `+` or `334`). Nothing depends on
/// it, so anything unreadable is just absent.
#[must_use]
pub fn challenge(text: &[u8]) -> Option<Challenge> {
    let text = text.trim_ascii();
    if text.is_empty() || text.len() > CHALLENGE_LIMIT {
        return None;
    }
    let json = STANDARD.decode(text).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::{SaslFault, challenge, initial_response, plain, response, xoauth2};
    use crate::model::address::Address;
    use crate::model::secret::Secret;

    #[test]
    fn plain_takes_one_identity() {
        for message in [&b"\0anna@x.cz\0s3"[..], b"anna@x.cz\0anna@x.cz\0s3", b"ANNA@x.cz\0anna@x.cz\0s3"] {
            let identity = plain(message).unwrap();
            assert_eq!((identity.user.as_str(), identity.secret.reveal()), ("anna@x.cz", "s3"));
        }
        assert_eq!(plain(b"bob@x.cz\0anna@x.cz\0s3"), Err(SaslFault::OtherIdentity));
        for message in [&b""[..], b"a", b"\0a", b"\0a\0b\0c", b"\0\0b"] {
            assert_eq!(plain(message), Err(SaslFault::Form), "{message:?}");
        }
    }

    #[test]
    fn base64_is_strict() {
        assert_eq!(response(b"AGEAYg==").unwrap().as_slice(), b"\0a\0b");
        assert_eq!(response(b"").unwrap().as_slice(), b"");
        assert_eq!(initial_response(b"=").unwrap().as_slice(), b"");
        assert_eq!(response(b"*"), Err(SaslFault::Cancelled));
        for text in [&b"AGEAYg"[..], b"AGEAYg=", b"AGEAYh==", b"AGEA Yg==", b"AGE_Yg==", b"=", b"AGEAYg==\r"]
        {
            assert_eq!(response(text), Err(SaslFault::Base64), "{text:?}");
        }
    }

    #[test]
    fn xoauth2_is_googles_own_sample() {
        let user = Address::parse("someuser@example.com").unwrap();
        let token = Secret::new("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
        assert_eq!(
            xoauth2(&user, &token).reveal(),
            "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
        );
    }

    #[test]
    fn a_challenge_is_read_when_it_can_be() {
        let google = b"eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNvbS8ifQ==";
        let read = challenge(google).unwrap();
        assert_eq!((read.status.as_str(), read.scope.as_str()), ("400", "https://mail.google.com/"));
        for text in [&b""[..], b"hello", b"e30x", &[b'A'; 5000]] {
            assert_eq!(challenge(text), None);
        }
    }
}
