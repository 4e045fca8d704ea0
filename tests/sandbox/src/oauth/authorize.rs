//! The authorization request: what may be asked, and what a decision becomes.

use std::collections::HashMap;

use url::Url;
use url::form_urlencoded;

use super::scopes;
use super::tokens::{Code, Grant};
use crate::google::Google;
use crate::people::User;

/// An authorization request that Google would show a consent page for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    state: Option<String>,
    nonce: Option<String>,
    challenge: Option<(String, bool)>,
    pub(crate) login_hint: Option<String>,
    offline: bool,
    prompt_consent: bool,
    include_granted: bool,
}

/// What the person at the page did.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(crate) account: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) allowed: bool,
}

/// An error page: these never redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unacceptable {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Unacceptable {
    pub(crate) fn new(status: u16, text: &str) -> Self {
        Self { status, text: text.to_owned() }
    }
}

impl Request {
    /// Reads and checks the query of an authorization address.
    pub(crate) fn read(google: &Google, query: &str) -> Result<Self, Unacceptable> {
        let mut fields: HashMap<String, String> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let client_id = required(&mut fields, "client_id")?;
        let redirect_uri = required(&mut fields, "redirect_uri")?;
        check_client(google, &client_id, &redirect_uri)?;
        if required(&mut fields, "response_type")? != "code" {
            return Err(Unacceptable::new(400, "unsupported_response_type"));
        }
        let scope = required(&mut fields, "scope")?;
        Ok(Self {
            client_id,
            redirect_uri,
            scopes: scopes::parse(&scope),
            state: fields.remove("state"),
            nonce: fields.remove("nonce"),
            challenge: challenge(&mut fields)?,
            login_hint: fields.remove("login_hint"),
            offline: fields.get("access_type").is_some_and(|it| it == "offline"),
            prompt_consent: fields
                .get("prompt")
                .is_some_and(|prompt| prompt.split(' ').any(|word| word == "consent")),
            include_granted: fields.get("include_granted_scopes").is_some_and(|include| include == "true"),
        })
    }

    /// The scopes with a tick box: there are boxes only when there is a choice.
    pub(crate) fn boxes(&self) -> Vec<&str> {
        let ticked = self.scopes.iter().filter(|it| !scopes::is_sign_in(it));
        let ticked: Vec<&str> = ticked.map(String::as_str).collect();
        if ticked.len() > 1 { ticked } else { Vec::new() }
    }

    /// Carries the decision out; the answer is where the browser goes next.
    pub(crate) fn decide(&self, google: &Google, decision: &Decision) -> Result<String, Unacceptable> {
        if !decision.allowed {
            return self.redirect(&[("error", "access_denied")]);
        }
        let user = google
            .user(&decision.account)
            .ok_or_else(|| Unacceptable::new(400, "Couldn't find your Google Account"))?;
        let code = self.code(google, &user, &decision.scopes);
        let mut answer = vec![("code", code.as_str())];
        let scope = self.granted(&decision.scopes).join(" ");
        answer.extend([("scope", scope.as_str()), ("authuser", "0")]);
        if let Some(domain) = &user.hd {
            answer.push(("hd", domain));
        }
        answer.push(("prompt", "consent"));
        self.redirect(&answer)
    }

    fn granted(&self, ticked: &[String]) -> Vec<String> {
        let boxes = self.boxes();
        let ticked: Vec<String> = ticked.iter().map(|it| scopes::spelled(it)).collect();
        let kept = |scope: &&String| !boxes.contains(&scope.as_str()) || ticked.contains(scope);
        self.scopes.iter().filter(kept).cloned().collect()
    }

    fn code(&self, google: &Google, user: &User, ticked: &[String]) -> String {
        let now = google.clock.now();
        let mut tokens = google.oauth.tokens.lock();
        let mut granted = self.granted(ticked);
        if self.include_granted {
            let before = tokens.consented(&user.sub);
            granted.extend(before.into_iter().filter(|it| !self.scopes.contains(it)));
        }
        let first = tokens.consent(&user.sub, &granted);
        let code = Code {
            grant: Grant { sub: user.sub.clone(), client_id: self.client_id.clone(), scopes: granted },
            redirect_uri: self.redirect_uri.clone(),
            challenge: self.challenge.clone(),
            nonce: self.nonce.clone(),
            with_refresh: self.offline && (first || self.prompt_consent),
            expires: now,
        };
        tokens.add_code(code, now)
    }

    fn redirect(&self, answer: &[(&str, &str)]) -> Result<String, Unacceptable> {
        let mut address =
            Url::parse(&self.redirect_uri).map_err(|_| Unacceptable::new(400, "redirect_uri_mismatch"))?;
        let mut query = address.query_pairs_mut();
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        query.extend_pairs(answer);
        drop(query);
        Ok(address.into())
    }
}

fn required(fields: &mut HashMap<String, String>, name: &str) -> Result<String, Unacceptable> {
    let text = format!("invalid_request: Required parameter is missing: {name}");
    fields.remove(name).filter(|value| !value.is_empty()).ok_or(Unacceptable { status: 400, text })
}

fn check_client(google: &Google, id: &str, redirect_uri: &str) -> Result<(), Unacceptable> {
    let people = google.people.lock();
    if people.deleted_clients.iter().any(|deleted| deleted == id) {
        let text = "deleted_client: The OAuth client was deleted.";
        return Err(Unacceptable::new(401, text));
    }
    let text = "invalid_client: The OAuth client was not found.";
    let client = people.clients.get(id).ok_or_else(|| Unacceptable::new(401, text))?;
    if client.redirect_uris.iter().any(|uri| uri == redirect_uri) {
        return Ok(());
    }
    Err(Unacceptable::new(400, "redirect_uri_mismatch"))
}

/// The PKCE challenge, and whether it is hashed.
fn challenge(fields: &mut HashMap<String, String>) -> Result<Option<(String, bool)>, Unacceptable> {
    let Some(challenge) = fields.remove("code_challenge") else {
        return Ok(None);
    };
    match fields.get("code_challenge_method").map(String::as_str) {
        Some("S256") => Ok(Some((challenge, true))),
        Some("plain") | None => Ok(Some((challenge, false))),
        Some(_) => {
            Err(Unacceptable::new(400, "invalid_request: Invalid parameter value for code_challenge_method"))
        }
    }
}
