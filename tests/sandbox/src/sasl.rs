//! The bearer mechanisms, read the way Gmail reads them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What a client puts into XOAUTH2 or OAUTHBEARER.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) user: String,
    pub(crate) token: String,
}

/// Gmail's challenge after a refused XOAUTH2, before base64.
pub(crate) const XOAUTH2_REFUSED: &str =
    r#"{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}"#;

/// Gmail's challenge after a refused OAUTHBEARER, before base64.
pub(crate) const OAUTHBEARER_REFUSED: &str =
    r#"{"status":"invalid_request","scope":"https://mail.google.com/"}"#;

/// The challenge of a refusal, ready for the wire.
pub(crate) fn refusal(mechanism: &str) -> String {
    let oauthbearer = mechanism.eq_ignore_ascii_case("OAUTHBEARER");
    STANDARD.encode(if oauthbearer { OAUTHBEARER_REFUSED } else { XOAUTH2_REFUSED })
}

/// Reads a client response of either bearer mechanism; `None` when it cannot be read.
pub(crate) fn bearer(mechanism: &str, response: &[u8]) -> Option<Bearer> {
    let decoded = String::from_utf8(STANDARD.decode(response).ok()?).ok()?;
    if mechanism.eq_ignore_ascii_case("OAUTHBEARER") { oauthbearer(&decoded) } else { xoauth2(&decoded) }
}

fn xoauth2(text: &str) -> Option<Bearer> {
    let body = text.strip_suffix("\u{1}\u{1}")?;
    let (user, auth) = body.split_once('\u{1}')?;
    Some(Bearer {
        user: user.strip_prefix("user=")?.to_owned(),
        token: auth.strip_prefix("auth=Bearer ")?.to_owned(),
    })
}

fn oauthbearer(text: &str) -> Option<Bearer> {
    let (header, rest) = text.split_once('\u{1}')?;
    let user = header.strip_prefix("n,a=")?.strip_suffix(',')?;
    let mut fields = rest.split('\u{1}');
    let token = fields.find_map(|field| field.strip_prefix("auth=Bearer "))?;
    Some(Bearer { user: user.replace("=2C", ",").replace("=3D", "="), token: token.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::{Bearer, bearer, refusal};

    #[test]
    fn googles_own_sample_is_read() {
        let sample = "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==";
        let expected = Bearer {
            user: "someuser@example.com".into(),
            token: "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg".into(),
        };
        assert_eq!(bearer("XOAUTH2", sample.as_bytes()), Some(expected));
        assert_eq!(bearer("XOAUTH2", b"!"), None);
    }

    #[test]
    fn the_refusals_are_the_recorded_bytes() {
        assert_eq!(
            refusal("XOAUTH2"),
            "eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNvbS8ifQ=="
        );
        assert_eq!(
            refusal("OAUTHBEARER"),
            "eyJzdGF0dXMiOiJpbnZhbGlkX3JlcXVlc3QiLCJzY29wZSI6Imh0dHBzOi8vbWFpbC5nb29nbGUuY29tLyJ9"
        );
    }
}
