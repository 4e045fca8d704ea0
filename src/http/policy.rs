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
    /// The same in a frame of the CRM, and its form leads nowhere but to us.
    Panel,
}

/// The text of `Content-Security-Policy` for each kind of answer.
pub(super) struct Policies {
    plain: HeaderValue,
    form: HeaderValue,
    script: HeaderValue,
    panel: HeaderValue,
}

impl Policies {
    /// `consent` is the origin that a form may lead to, `embedders` are those
    /// whose pages may show the panel.
    pub fn new(consent: &str, embedders: &[String]) -> Self {
        // After the press Google may send a browser straight on to the sign-in page of the
        // organisation, and browsers hold such redirects of a form to this list: hence `https:`.
        let form = format!("'self' {consent} https:");
        let with_script = |form: &str| format!("{form}; script-src 'self'; connect-src 'self'");
        let alone = "'none'".to_owned();
        let around = if embedders.is_empty() { alone } else { embedders.join(" ") };
        Self {
            plain: policy("'none'", "'none'"),
            script: policy(&with_script(&form), "'none'"),
            panel: policy(&with_script("'self'"), &around),
            form: policy(&form, "'none'"),
        }
    }

    /// The policy of an answer.
    pub fn of(&self, needs: Option<&Needs>) -> &HeaderValue {
        match needs {
            None => &self.plain,
            Some(Needs::Form) => &self.form,
            Some(Needs::Script) => &self.script,
            Some(Needs::Panel) => &self.panel,
        }
    }
}

fn policy(form_action: &str, ancestors: &str) -> HeaderValue {
    let style = base64::engine::general_purpose::STANDARD.encode(hash::of(page::STYLE));
    let text = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action {form_action}; base-uri 'none'; \
         frame-ancestors {ancestors}"
    );
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
