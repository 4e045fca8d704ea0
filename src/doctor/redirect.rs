//! Our redirect address against Google's rules for one. Most of them are faults
//! of the configuration already: https except on this machine, no IP address,
//! no fragment.

use postern_core::model::finding::Finding;
use url::Url;

use crate::config::Http;

/// Judges the address that Google sends people back to.
#[must_use]
pub fn look(http: &Http, redirect_uri: &Url) -> Finding {
    const ID: &str = "redirect";
    if http.is_private_name() {
        let seen = format!("Google accepts public host names only; {redirect_uri} can hardly be registered");
        let remedy = "give http.public_url a name below a public domain (it may lead to a private address)";
        return Finding::fault(ID, seen, remedy);
    }
    if http.is_local_name() {
        let seen = format!("{redirect_uri} works for a browser on this machine only");
        let remedy = "set http.public_url to the address that people open, \
                      or connect by `postern account connect EMAIL --paste`";
        return Finding::warning(ID, seen, remedy);
    }
    Finding::ok(ID, format!("{redirect_uri} has to stand in Google's console, octet for octet"))
}
