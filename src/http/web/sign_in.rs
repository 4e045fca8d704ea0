//! `/admin/sign-in` and `/admin/sign-out`.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use postern_core::model::secret::Secret;
use zeroize::Zeroizing;

use super::frame::{answer, onward};
use super::second;
use crate::actions::admin::enter::{Attempt, Entry, EntryFault};
use crate::http::cookie;
use crate::http::form::parameter;
use crate::http::gate::{Admitted, Peer};
use crate::http::page::{Page, Tone, Tongue, refusal};
use crate::http::site::Site;
use crate::texts::{Admins, Desk, Lang, Text};

/// The form.
#[derive(Template)]
#[template(path = "sign_in.html", config = "src/http/askama.toml")]
struct SignIn<'a> {
    lang: Lang,
    action: String,
    said: Option<String>,
    wrong: bool,
    name: &'a str,
    then: &'a str,
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
) -> Response {
    let then = query.as_deref().and_then(|query| parameter(query.as_bytes(), "then"));
    let then = then.filter(|then| ours(then)).unwrap_or_default();
    let said = (!then.is_empty()).then_some(Desk::SessionOver);
    form(&site, lang, said, "", &then, StatusCode::OK)
}

pub(super) async fn press(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = Zeroizing::new(body.to_vec());
    let of = |field| parameter(&body, field).unwrap_or_default();
    let (name, then) = (of("name"), Some(of("then")).filter(|then| ours(then)).unwrap_or_default());
    let attempt = Attempt { name, password: Secret::new(of("password")), peer, agent: agent(&headers) };
    match site.entrance.sign_in(&attempt).await {
        Ok(Entry::In(word)) => inside(&site, &word, &then),
        Ok(Entry::Code(step)) => second::form(&site, lang, &step, &then, false),
        Err(EntryFault::Wrong(delay)) => {
            tokio::time::sleep(delay).await;
            let name: String = attempt.name.chars().take(40).collect();
            form(&site, lang, Some(Desk::SignInWrong), &name, &then, StatusCode::FORBIDDEN)
        }
        Err(error) => {
            tracing::error!(%error, "nobody could sign in");
            refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown)
        }
    }
}

/// Lets somebody in who has shown everything, where they wanted to go.
pub(super) fn inside(site: &Site, word: &Secret, then: &str) -> Response {
    let mut response = onward(site, if then.is_empty() { "/admin" } else { then });
    cookie::give_session(site, &mut response, word.reveal());
    response
}

pub(super) async fn out(State(site): State<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    let (admin, session) = (&admitted.admin, admitted.visit.session.id);
    let mut response = match site.entrance.sign_out(admin, session, admitted.peer).await {
        Ok(()) => Page::new(lang, Tone::Calm, Desk::SignedOut).answer(StatusCode::OK),
        Err(error) => {
            tracing::error!(%error, "a session could not be ended");
            return refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown);
        }
    };
    cookie::clear_session(&site, &mut response);
    response
}

/// The answer to somebody who is not signed in: a page leads to the form and
/// back, a change is not done.
pub(in crate::http) fn wanted(site: &Site, lang: Lang, parts: &Parts) -> Response {
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return form(site, lang, Some(Desk::SessionOver), "", "", StatusCode::UNAUTHORIZED);
    }
    let then = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let then = then.strip_prefix(site.base.as_str()).filter(|then| ours(then) && *then != "/admin");
    let query = then.map(|then| {
        format!(
            "?{}",
            url::form_urlencoded::Serializer::new(String::new()).append_pair("then", then).finish()
        )
    });
    onward(site, &format!("/admin/sign-in{}", query.unwrap_or_default()))
}

// A page of ours: whoever makes people follow a link decides where in here they get, not where else.
pub(super) fn ours(path: &str) -> bool {
    let plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    path.len() < 512
        && plain
        && (path == "/admin" || path.starts_with("/admin/") || path.starts_with("/admin?"))
}

/// What the browser calls itself.
pub(in crate::http) fn agent(headers: &HeaderMap) -> String {
    let field = headers.get(USER_AGENT).and_then(|field| field.to_str().ok());
    field.unwrap_or_default().to_owned()
}

/// The form anew, because the second step cannot go on.
pub(super) fn again(site: &Site, lang: Lang, why: Admins, then: &str) -> Response {
    let (action, said) = (site.at("/admin/sign-in"), Some(why.say(lang)));
    let page = SignIn { lang, action, said, wrong: true, name: "", then };
    answer(&page, StatusCode::FORBIDDEN)
}

fn form(site: &Site, lang: Lang, said: Option<Desk>, name: &str, then: &str, status: StatusCode) -> Response {
    let wrong = said == Some(Desk::SignInWrong);
    let action = site.at("/admin/sign-in");
    let said = said.map(|said| said.say(lang));
    answer(&SignIn { lang, action, said, wrong, name, then }, status)
}

#[cfg(test)]
mod tests {
    use super::ours;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for path in ["/admin", "/admin/accounts?q=a", "/admin?x"] {
            assert!(ours(path), "{path}");
        }
        for path in
            ["", "//evil.test", "/admin.evil", "https://evil.test/admin/", "/admin/\\evil", "/admin/ x"]
        {
            assert!(!ours(path), "{path}");
        }
    }
}
