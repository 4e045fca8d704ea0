//! Web addresses: our own, and those of Google.

use url::{Host, Url};

use super::address::is_loopback;
use super::fault::{Wrong, quoted};

/// Reads the address of an endpoint: https, or http on loopback.
pub(super) fn endpoint(text: &str) -> Result<Url, Wrong> {
    read(text, "https://oauth2.googleapis.com/token")
}

/// Reads the address that an API's paths are put behind: as an endpoint's,
/// always with a last slash. `example` is one that fits.
pub(super) fn base(text: &str, example: &str) -> Result<Url, Wrong> {
    let mut url = read(text, example)?;
    if url.query().is_some() {
        return Err(Wrong::new(format!("{} has a query", quoted(text)), "leave out what follows the ?"));
    }
    let path = format!("{}/", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

/// Reads the address under which people reach us. A path is kept without its
/// last slash, so that paths of ours can be put behind it.
pub(super) fn public(text: &str) -> Result<Url, Wrong> {
    let mut url = read(text, "https://crm.example.com/postern")?;
    if url.query().is_some() {
        return Err(Wrong::new(format!("{} has a query", quoted(text)), "leave out what follows the ?"));
    }
    let raw = matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
    if raw && !on_loopback(&url) {
        return Err(Wrong::new(
            format!(
                "{} has an IP address for a host, which Google refuses to send anyone back to",
                quoted(text)
            ),
            "write a host name, or localhost",
        ));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Whether the host is this machine.
#[must_use]
pub fn on_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| is_loopback(host.trim_matches(['[', ']'])))
}

/// Whether no public suffix ends the name of the host.
#[must_use]
pub fn private_name(url: &Url) -> bool {
    const PRIVATE: [&str; 10] =
        ["lan", "local", "internal", "intranet", "home", "corp", "localdomain", "test", "example", "invalid"];
    let Some(Host::Domain(name)) = url.host() else { return false };
    match name.rsplit_once('.') {
        None => name != "localhost",
        Some((_, last)) => PRIVATE.contains(&last),
    }
}

/// Reads a web address: https, or http on loopback, without user name.
pub(super) fn read(text: &str, example: &str) -> Result<Url, Wrong> {
    let remedy = || format!("write an address such as \"{example}\"");
    // not shown: before the @ stands a password, most likely
    if text.contains('@') {
        return Err(Wrong::new("has a user name in it", remedy()));
    }
    let wrong = |what: &str, remedy: String| Wrong::new(format!("{} {what}", quoted(text)), remedy);
    let url =
        Url::parse(text).map_err(|error| wrong(&format!("is not a web address ({error})"), remedy()))?;
    match url.scheme() {
        "https" => {}
        "http" if on_loopback(&url) => {}
        "http" => {
            return Err(wrong(
                "is not encrypted",
                "write https://; http:// is for localhost only".to_owned(),
            ));
        }
        _ => return Err(wrong("is not a web address", remedy())),
    }
    if url.fragment().is_some() {
        return Err(wrong("has a fragment", "leave out what follows the #".to_owned()));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::{base, endpoint, public};

    #[test]
    fn the_public_address_follows_googles_rules() {
        for text in [
            "https://crm.example.com/postern/",
            "http://localhost:8025",
            "http://127.0.0.1:1",
            "http://[::1]:1",
        ] {
            assert!(public(text).is_ok(), "{text}");
        }
        for text in [
            "http://crm.example.com",
            "https://10.0.0.5",
            "https://[2001:db8::1]/x",
            "https://a.example/?q",
            "https://a.example/#f",
            "ftp://a.example",
            "crm.example.com",
            "https://u:p@a.example",
        ] {
            assert!(public(text).is_err(), "{text}");
        }
        assert_eq!(public("https://crm.example.com/postern/").unwrap().path(), "/postern");
    }

    #[test]
    fn an_endpoint_in_clear_is_on_loopback_only() {
        assert!(endpoint("http://127.0.0.1:4000/token").is_ok());
        assert!(endpoint("http://oauth2.googleapis.com/token").is_err());
    }

    #[test]
    fn paths_can_be_put_behind_a_base() {
        let example = "https://people.googleapis.com/v1/";
        for text in ["http://127.0.0.1:4000/calendar/v3", "http://127.0.0.1:4000/calendar/v3/"] {
            assert_eq!(base(text, example).unwrap().path(), "/calendar/v3/");
        }
        for text in ["http://www.googleapis.com/calendar/v3/", "https://www.googleapis.com/?key=1"] {
            assert!(base(text, example).is_err(), "{text}");
        }
        assert!(base("here", example).unwrap_err().remedy.contains(example));
    }

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        let wrong = endpoint("https://me:hunter2@a.example/").unwrap_err();
        assert!(!wrong.what.contains("hunter2"));
    }
}
