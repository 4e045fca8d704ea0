//! The consent page: a plain form that a script can fill in.

use super::authorize::{Request, Unacceptable};
use crate::google::Google;

/// The page for one authorization request; `query` travels along in a hidden field.
pub(crate) fn consent(google: &Google, request: &Request, query: &str) -> String {
    let accounts = accounts(google, request.login_hint.as_deref());
    let boxes: String = request.boxes().iter().map(|scope| tick_box(scope)).collect();
    let fixed: String = request
        .scopes
        .iter()
        .filter(|scope| !request.boxes().contains(&scope.as_str()))
        .map(|scope| format!("<li>{}</li>\n", escaped(scope)))
        .collect();
    frame(&format!(
        "<h1>Sign in with Google</h1>\n\
         <p><em>This is the sandbox, not Google.</em> <b>{client}</b> wants access to your account.</p>\n\
         <form method=\"post\">\n\
         <input type=\"hidden\" name=\"request\" value=\"{query}\">\n\
         <fieldset><legend>Choose an account</legend>\n{accounts}</fieldset>\n\
         <fieldset><legend>What it may do</legend>\n<ul>{fixed}</ul>\n{boxes}</fieldset>\n\
         <button name=\"decision\" value=\"allow\">Allow</button>\n\
         <button name=\"decision\" value=\"deny\">Deny</button>\n\
         </form>",
        client = escaped(&request.client_id),
        query = escaped(query),
    ))
}

/// The page of a request that cannot go on.
pub(crate) fn error(unacceptable: &Unacceptable) -> String {
    frame(&format!(
        "<h1>Access blocked: Authorization Error</h1>\n<p>Error {}: {}</p>",
        unacceptable.status,
        escaped(&unacceptable.text)
    ))
}

fn accounts(google: &Google, hint: Option<&str>) -> String {
    let hint = hint.map(str::to_ascii_lowercase);
    let people = google.people.lock();
    let preselected = |email: &str, at: usize| match &hint {
        Some(hint) => hint == email,
        None => at == 0,
    };
    let row = |(at, email): (usize, &String)| {
        let checked = if preselected(email, at) { " checked" } else { "" };
        let email = escaped(email);
        format!(
            "<label><input type=\"radio\" name=\"account\" value=\"{email}\"{checked}> {email}</label><br>\n"
        )
    };
    people.users.keys().enumerate().map(row).collect()
}

fn tick_box(scope: &str) -> String {
    let scope = escaped(scope);
    format!("<label><input type=\"checkbox\" name=\"scope\" value=\"{scope}\"> {scope}</label><br>\n")
}

fn frame(body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <title>Sign in - sandbox</title>\
         <style>body{{font:16px/1.5 sans-serif;max-width:34em;margin:3em auto}}fieldset{{margin:1em 0}}</style>\
         </head>\n<body>\n{body}\n</body></html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
