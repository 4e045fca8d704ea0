//! `google.proxy`: between this machine and Google.

use postern_core::model::secret::Secret;

use super::address::{self, HostPort};
use super::fault::Wrong;
use super::section::Section;

/// What a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyKind {
    /// HTTP CONNECT.
    Http,
    /// SOCKS 5; it resolves the names.
    Socks5,
}

/// A proxy on the way to Google.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// What it speaks.
    pub kind: ProxyKind,
    /// Where it is.
    pub at: HostPort,
    /// User name and password, if it wants them.
    pub login: Option<(String, Secret)>,
}

pub(super) fn read(section: &Section<'_>) -> Option<Proxy> {
    let address = section.secret("proxy")?;
    let key = if section.has("proxy") { "proxy" } else { "proxy_file" };
    parse(address.reveal()).map_err(|wrong| section.fault(key, wrong.what, wrong.remedy)).ok()
}

/// No fault shows the address: a password may be anywhere in it.
fn parse(text: &str) -> Result<Proxy, Wrong> {
    let remedy =
        "write \"http://proxy.example.com:3128\" or \"socks5://user:password@proxy.example.com:1080\"";
    let (kind, rest) = if let Some(rest) = text.strip_prefix("http://") {
        (ProxyKind::Http, rest)
    } else if let Some(rest) = text.strip_prefix("socks5://").or_else(|| text.strip_prefix("socks5h://")) {
        (ProxyKind::Socks5, rest)
    } else if text.starts_with("https://") {
        let what = "is a proxy that is itself reached by TLS, which is not spoken";
        return Err(Wrong::new(what, "write http:// and the proxy's port without TLS"));
    } else {
        return Err(Wrong::new("is not the address of a proxy", remedy));
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (login, place) = match rest.rsplit_once('@') {
        Some((login, place)) => (Some(self::login(kind, login)?), place),
        None => (None, rest),
    };
    let at = address::host_port(place).map_err(|_| Wrong::new("has no host and port", remedy))?;
    Ok(Proxy { kind, at, login })
}

fn login(kind: ProxyKind, text: &str) -> Result<(String, Secret), Wrong> {
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    let wrong = |what: &str| {
        Wrong::new(what, "write special characters of user name and password as %25, %3A, %40 and so on")
    };
    let both = decoded(user).zip(decoded(password)).ok_or_else(|| wrong("has a broken % in its login"))?;
    let (user, password) = (both.0, Secret::new(both.1));
    if user.is_empty() || user.contains(':') && kind == ProxyKind::Http {
        return Err(wrong("has a user name that cannot be sent"));
    }
    if [user.as_str(), password.reveal()]
        .iter()
        .any(|part| part.len() > 255 || part.contains(char::is_control))
    {
        return Err(wrong("has a login that cannot be sent"));
    }
    Ok((user, password))
}

pub(super) fn decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&octet, behind)) = rest.split_first() {
        rest = behind;
        if octet != b'%' {
            out.push(octet);
            continue;
        }
        let (digits, behind) = rest.split_at_checked(2)?;
        let digits =
            std::str::from_utf8(digits).ok().filter(|it| it.bytes().all(|b| b.is_ascii_hexdigit()))?;
        out.push(u8::from_str_radix(digits, 16).ok()?);
        rest = behind;
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::{ProxyKind, parse};

    #[test]
    fn both_kinds_with_and_without_a_login() {
        let plain = parse("http://Proxy.example.com:3128/").unwrap();
        assert_eq!((plain.kind, plain.at.to_string().as_str()), (ProxyKind::Http, "proxy.example.com:3128"));
        assert_eq!(plain.login, None);
        let known = parse("socks5://me%40corp:p%3Aw:x@[2001:db8::1]:1080").unwrap();
        let (user, password) = known.login.unwrap();
        assert_eq!((known.kind, known.at.to_string().as_str()), (ProxyKind::Socks5, "[2001:db8::1]:1080"));
        assert_eq!((user.as_str(), password.reveal()), ("me@corp", "p:w:x"));
        assert_eq!(parse("socks5h://me@proxy.lan:1").unwrap().login.unwrap().1.reveal(), "");
    }

    #[test]
    fn a_fault_never_shows_the_password() {
        for text in [
            "hunter2",
            "http://me:hunter2",
            "http://me:hunter2@proxy",
            "http://me:hunter2@proxy:0",
            "http://me:hunter2%zz@proxy:1",
            "http://me:hunter2%0d%0aX@proxy:1",
            "http://a%3Ab:hunter2@proxy:1",
            "http://:hunter2@proxy:1",
            "https://me:hunter2@proxy:1",
            "socks4://me:hunter2@proxy:1",
            "http://me:hunter2@proxy:1/path",
        ] {
            let wrong = parse(text).unwrap_err();
            assert!(!format!("{wrong:?}").contains("hunter2"), "{wrong:?}");
        }
        assert!(!format!("{:?}", parse("http://me:hunter2@proxy:1").unwrap()).contains("hunter2"));
    }
}
