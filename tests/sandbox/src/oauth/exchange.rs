//! What the token endpoint grants: a code for tokens, a refresh token for an access token.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::error::Refused;
use super::fault::IdTokenFault;
use super::id_token::{self, Subject};
use super::policy::Rotation;
use super::scopes;
use super::tokens::{Access, Code, Grant};
use crate::google::Google;
use crate::people::User;

/// The form of a token request.
pub(crate) type Form = HashMap<String, String>;

const SEVEN_DAYS: u64 = 7 * 24 * 3600;

/// Checks the client's own credentials.
pub(crate) fn authenticate(google: &Google, form: &Form) -> Result<String, Refused> {
    let id = form
        .get("client_id")
        .ok_or_else(|| Refused::request("Could not determine client ID from request."))?;
    let people = google.people.lock();
    if people.deleted_clients.contains(id) {
        let text = "The OAuth client was deleted.";
        return Err(Refused::new(401, "deleted_client", text));
    }
    let missing = "The OAuth client was not found.";
    let client = people.clients.get(id).ok_or_else(|| Refused::new(401, "invalid_client", missing))?;
    let secret = form.get("client_secret").ok_or_else(|| Refused::request("client_secret is missing."))?;
    if *secret != client.secret {
        return Err(Refused::new(401, "invalid_client", "Unauthorized"));
    }
    Ok(id.clone())
}

/// Grant type `authorization_code`.
pub(crate) fn code(google: &Google, form: &Form) -> Result<Value, Refused> {
    let client_id = authenticate(google, form)?;
    let name = form.get("code").ok_or_else(|| Refused::missing("code"))?;
    let now = google.clock.now();
    let code = google.oauth.tokens.lock().take_code(name, now);
    let code = code.ok_or_else(|| Refused::grant("Malformed auth code."))?;
    if code.grant.client_id != client_id {
        return Err(Refused::new(401, "unauthorized_client", "Unauthorized"));
    }
    if form.get("redirect_uri") != Some(&code.redirect_uri) {
        return Err(Refused::new(400, "redirect_uri_mismatch", "Bad Request"));
    }
    verify(&code, form.get("code_verifier"))?;
    let user = person(google, &code.grant)?;
    let mut answer = access(google, &code.grant, false);
    if code.with_refresh {
        let most = google.oauth.policy.lock().most_refresh_tokens;
        let mut tokens = google.oauth.tokens.lock();
        answer["refresh_token"] = json!(tokens.add_refresh(&code.grant, None, now, most));
    }
    add_id_token(google, &mut answer, &user, &code.grant, code.nonce.as_deref());
    Ok(answer)
}

fn verify(code: &Code, verifier: Option<&String>) -> Result<(), Refused> {
    match (&code.challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(Refused::grant("code_verifier or verifier is not needed.")),
        (Some(_), None) => Err(Refused::grant("Missing code verifier.")),
        (Some((challenge, hashed)), Some(verifier)) => {
            let proof = if *hashed {
                URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
            } else {
                verifier.clone()
            };
            let good = proof == *challenge;
            good.then_some(()).ok_or_else(|| Refused::grant("Invalid code verifier."))
        }
    }
}

/// Grant type `refresh_token`.
pub(crate) fn refresh(google: &Google, form: &Form) -> Result<Value, Refused> {
    let client_id = authenticate(google, form)?;
    let name = form.get("refresh_token").ok_or_else(|| Refused::missing("refresh_token"))?;
    let mut grant = live_grant(google, name, &client_id)?;
    let user = person(google, &grant)?;
    if let Some(asked) = form.get("scope").map(|scope| scopes::parse(scope)) {
        if asked.iter().any(|scope| !grant.scopes.contains(scope)) {
            let text = "Some requested scopes were invalid.";
            return Err(Refused::new(400, "invalid_scope", text));
        }
        grant.scopes = asked;
    }
    let mut answer = access(google, &grant, false);
    if let Some(next) = rotate(google, name) {
        answer["refresh_token"] = json!(next);
    }
    add_id_token(google, &mut answer, &user, &grant, None);
    Ok(answer)
}

fn live_grant(google: &Google, name: &str, client_id: &str) -> Result<Grant, Refused> {
    let now = google.clock.now();
    let testing = google.oauth.policy.lock().testing;
    let mut tokens = google.oauth.tokens.lock();
    let aged = |born: std::time::Duration| now.saturating_sub(born).as_secs() >= SEVEN_DAYS;
    if testing && tokens.refresh(name).is_some_and(|it| aged(it.born)) {
        tokens.kill_refresh(name, now);
    }
    if tokens.refresh(name).is_some_and(|it| it.grant.client_id != client_id) {
        return Err(Refused::new(401, "unauthorized_client", "Unauthorized"));
    }
    let text = if tokens.remembers(name, now) { "Token has been expired or revoked." } else { "Bad Request" };
    let used = tokens.use_refresh(name, now);
    used.map(|refresh| refresh.grant).ok_or_else(|| Refused::grant(text))
}

fn rotate(google: &Google, name: &str) -> Option<String> {
    let (rotation, most) = {
        let policy = google.oauth.policy.lock();
        (policy.rotation, policy.most_refresh_tokens)
    };
    if rotation == Rotation::Off {
        return None;
    }
    let now = google.clock.now();
    let mut tokens = google.oauth.tokens.lock();
    let grant = tokens.refresh(name)?.grant.clone();
    if rotation == Rotation::Strict {
        tokens.kill_refresh(name, now);
        return Some(tokens.add_refresh(&grant, None, now, most));
    }
    Some(tokens.add_refresh(&grant, Some(name), now, most))
}

/// The person a grant is from, if there still is one.
fn person(google: &Google, grant: &Grant) -> Result<User, Refused> {
    let people = google.people.lock();
    let mut users = people.users.values();
    let user = users.find(|user| user.sub == grant.sub).cloned();
    user.ok_or_else(|| Refused::grant("Account has been deleted"))
}

/// The answer with a new access token. A robot's names no scope.
pub(crate) fn access(google: &Google, grant: &Grant, robot: bool) -> Value {
    let lifetime = google.oauth.policy.lock().lifetime;
    let token = google.oauth.tokens.lock().add_access(Access {
        grant: grant.clone(),
        expires: google.clock.now() + lifetime,
        robot,
    });
    let mut answer = json!({
        "access_token": token,
        "expires_in": lifetime.as_secs(),
        "token_type": "Bearer",
    });
    if !robot {
        answer["scope"] = json!(grant.scopes.join(" "));
    }
    answer
}

fn add_id_token(google: &Google, answer: &mut Value, user: &User, grant: &Grant, nonce: Option<&str>) {
    if !grant.scopes.iter().any(|scope| scope == scopes::OPENID) {
        return;
    }
    let subject = Subject {
        user,
        client_id: &grant.client_id,
        nonce,
        now: google.clock.seconds(),
        with_email: grant.scopes.iter().any(|scope| scope == scopes::EMAIL),
    };
    let faults = &google.oauth.id_token_faults;
    let fault: Option<IdTokenFault> = faults.take(Some(&user.email), |_| true);
    if let Some(token) = id_token::issue(&subject, fault.as_ref()) {
        answer["id_token"] = json!(token);
    }
}
