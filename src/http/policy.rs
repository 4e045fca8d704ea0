//! What a browser may do with our answers: nothing that the page does not need.

use axum::http::HeaderValue;
use base64::Engine as _;

use super::page;
use crate::auth::hash;

/// Marks an answer that needs more than to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// It holds a form.
    Form,
    /// The same, and a script of ours that may ask us.
    Script,
}

/// The text of `Content-Security-Policy` for each kind of answer.
pub(super) struct Policies {
    plain: HeaderValue,
    form: HeaderValue,
    script: HeaderValue,
}

impl Policies {
    /// `consent` is the origin that a form may lead to.
    pub fn new(consent: &str) -> Self {
        // After the press Google may send a browser straight on to the sign-in page of the
        // organisation, and browsers hold such redirects of a form to this list: hence `https:`.
        let form = format!("'self' {consent} https:");
        let script = format!("{form}; script-src 'self'; connect-src 'self'");
        Self { plain: policy("'none'"), form: policy(&form), script: policy(&script) }
    }

    /// The policy of an answer.
    pub fn of(&self, needs: Option<&Needs>) -> &HeaderValue {
        match needs {
            None => &self.plain,
            Some(Needs::Form) => &self.form,
            Some(Needs::Script) => &self.script,
        }
    }
}

fn policy(form_action: &str) -> HeaderValue {
    let style = base64::engine::general_purpose::STANDARD.encode(hash::of(page::STYLE));
    let text = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action {form_action}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
