//! The JWT grant: a service account asks in the name of a user of its domain.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::Value;

use super::error::Refused;
use super::exchange::{self, Form};
use super::scopes;
use super::tokens::Grant;
use crate::google::Google;
use crate::people::ServiceAccount;

/// The audience Google names; the sandbox's own token address is accepted beside it.
const GOOGLES_AUDIENCE: &str = "https://oauth2.googleapis.com/token";
const HOUR: u64 = 3600;
/// How far ahead of Google's clock an assertion may have been written.
const SKEW: u64 = 300;

#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    #[serde(default)]
    scope: String,
    aud: String,
    iat: u64,
    exp: u64,
    sub: Option<String>,
}

/// Grant type `urn:ietf:params:oauth:grant-type:jwt-bearer`.
pub(crate) fn exchange(google: &Google, form: &Form) -> Result<Value, Refused> {
    let assertion = form.get("assertion").ok_or_else(|| Refused::missing("assertion"))?;
    let unread = jsonwebtoken::dangerous::insecure_decode::<Claims>(assertion)
        .map_err(|_| Refused::grant("Invalid JWT: Token is malformed."))?;
    let robot = robot(google, &unread.claims.iss)?;
    let claims = verified(assertion, &robot)?;
    check_audience(google, &claims)?;
    check_times(google.clock.seconds(), &claims)?;
    let asked = scopes::parse(&claims.scope);
    if asked.is_empty() {
        let text = "Invalid OAuth scope or ID token audience provided.";
        return Err(Refused::new(400, "invalid_scope", text));
    }
    let sub = impersonated(google, &robot, &claims, &asked)?;
    let grant = Grant { sub, client_id: robot.email.clone(), scopes: asked };
    Ok(exchange::access(google, &grant, true))
}

/// The address an assertion speaks for, without checking anything.
pub(crate) fn speaks_for(assertion: &str) -> Option<String> {
    let unread = jsonwebtoken::dangerous::insecure_decode::<Claims>(assertion).ok()?;
    unread.claims.sub.map(|sub| sub.to_ascii_lowercase())
}

fn robot(google: &Google, email: &str) -> Result<ServiceAccount, Refused> {
    let people = google.people.lock();
    let robot = people.robots.get(email).cloned();
    let robot = robot.ok_or_else(|| Refused::grant("Invalid grant: account not found"))?;
    if robot.disabled {
        return Err(Refused::grant("Robot is disabled."));
    }
    Ok(robot)
}

fn verified(assertion: &str, robot: &ServiceAccount) -> Result<Claims, Refused> {
    let refused = || Refused::grant("Invalid JWT Signature.");
    let (n, e) = &robot.key;
    let key = DecodingKey::from_rsa_components(n, e).map_err(|_| refused())?;
    let mut validation = Validation::new(Algorithm::RS256);
    // Times and audience are judged below, by the sandbox clock and in Google's words.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let token = decode::<Claims>(assertion, &key, &validation).map_err(|_| refused())?;
    Ok(token.claims)
}

fn check_audience(google: &Google, claims: &Claims) -> Result<(), Refused> {
    if claims.aud == GOOGLES_AUDIENCE || claims.aud == google.token_url() {
        return Ok(());
    }
    Err(Refused::grant(&format!(
        "Invalid JWT: Failed audience check. The right audience is {GOOGLES_AUDIENCE}"
    )))
}

fn check_times(now: u64, claims: &Claims) -> Result<(), Refused> {
    let short_lived = claims.exp > claims.iat && claims.exp - claims.iat <= HOUR;
    let timely = claims.iat <= now + SKEW && claims.exp > now && claims.exp <= now + HOUR;
    if short_lived && timely {
        return Ok(());
    }
    Err(Refused::grant(
        "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable \
         timeframe. Check your iat and exp values in the JWT claim.",
    ))
}

/// The person impersonated; one scope that is not delegated spoils the whole request.
fn impersonated(
    google: &Google,
    robot: &ServiceAccount,
    claims: &Claims,
    asked: &[String],
) -> Result<String, Refused> {
    let unauthorized = || {
        Refused::new(
            401,
            "unauthorized_client",
            "Client is unauthorized to retrieve access tokens using this method, or client \
             not authorized for any of the scopes requested.",
        )
    };
    let email = claims.sub.as_deref().ok_or_else(unauthorized)?;
    let domain = email.rsplit_once('@').map(|(_, domain)| domain);
    let delegated = domain.is_some_and(|it| robot.domains.iter().any(|own| own == it));
    let known: Vec<String> = robot.scopes.iter().map(|it| scopes::spelled(it)).collect();
    if !delegated || asked.iter().any(|scope| !known.contains(scope)) {
        return Err(unauthorized());
    }
    let user = google.user(email);
    user.map(|user| user.sub).ok_or_else(|| Refused::grant("Invalid email or User ID"))
}
