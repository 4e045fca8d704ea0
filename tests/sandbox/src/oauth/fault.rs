//! Faults of the token endpoint and of id tokens.

use std::time::Duration;

/// What the token endpoint does in place of answering, or to its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFault {
    /// Answers with this status, these headers and this body.
    Answer {
        /// HTTP status.
        status: u16,
        /// Further headers, such as `retry-after`.
        headers: Vec<(String, String)>,
        /// The body; JSON is not required.
        body: String,
    },
    /// Answers 200 with a JSON string of this many octets.
    Huge(usize),
    /// Never answers.
    Hang,
    /// Closes the connection without a byte.
    Close,
    /// Does what was asked, then closes the connection without telling.
    LoseAnswer,
    /// Waits, then does what was asked and answers as usual.
    Delay(Duration),
    /// Does what was asked at once, and tells it this much later.
    TellLate(Duration),
    /// Answers as usual, with `expires_in` as a string.
    ExpiresInString,
}

impl TokenFault {
    /// A JSON answer with this status.
    pub fn json(status: u16, body: &str) -> Self {
        Self::Answer { status, headers: Vec::new(), body: body.to_owned() }
    }

    /// The grant is dead.
    pub fn invalid_grant() -> Self {
        let description = "Token has been expired or revoked.";
        Self::json(400, &format!(r#"{{"error":"invalid_grant","error_description":"{description}"}}"#))
    }

    /// A Workspace policy asks for a new sign-in; the grant is not dead.
    pub fn invalid_rapt() -> Self {
        Self::json(
            400,
            r#"{"error":"invalid_grant","error_description":"reauth related error (invalid_rapt)","error_uri":"https://support.google.com/a/answer/9368756","error_subtype":"invalid_rapt"}"#,
        )
    }

    /// The client secret is wrong.
    pub fn invalid_client() -> Self {
        Self::json(401, r#"{"error":"invalid_client","error_description":"Unauthorized"}"#)
    }

    /// A fault on Google's side: 500 or 503.
    pub fn server_error(status: u16) -> Self {
        Self::json(status, r#"{"error":"internal_failure","error_description":"Backend Error"}"#)
    }

    /// Too many requests, come back after so many seconds.
    pub fn too_many(retry_after: u64) -> Self {
        Self::Answer {
            status: 429,
            headers: vec![("retry-after".into(), retry_after.to_string())],
            body: r#"{"error":"rate_limit_exceeded","error_description":"Rate Limit Exceeded"}"#.into(),
        }
    }

    /// 200 with a body that breaks off in the middle.
    pub fn malformed() -> Self {
        Self::json(200, r#"{"access_token":"ya29.half"#)
    }
}

/// What is wrong with the next id token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdTokenFault {
    /// The signature does not fit.
    BadSignature,
    /// `alg` is `none` and there is no signature.
    AlgNone,
    /// `aud` is another client.
    WrongAudience,
    /// `iss` is not Google.
    WrongIssuer,
    /// `nonce` is not the one of the request.
    WrongNonce,
    /// It expired an hour ago.
    Expired,
    /// `email_verified` is false.
    EmailUnverified,
    /// There is no id token.
    Missing,
    /// Not a fault: `iss` in Google's other spelling, without `https://`.
    IssuerWithoutScheme,
}
