//! HTTP CONNECT: one request, and the head of its answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::Denied;
use crate::model::secret::Secret;

/// Longest head of an answer that is read.
pub const LONGEST: usize = 16 * 1024;

/// What the octets of an answer so far are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The beginning of a head. All of these octets belong to it.
    Partial,
    /// The connection stands; the head has so many octets.
    Open {
        /// Its length.
        length: usize,
    },
    /// There will be no connection.
    Denied(Denied),
}

/// The request for a connection to `host` (IPv6 without brackets).
#[must_use]
pub fn request(host: &str, port: u16, login: Option<(&str, &Secret)>) -> Zeroizing<Vec<u8>> {
    let place = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut text = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n");
    let Some((user, password)) = login else {
        text.push_str("\r\n");
        return Zeroizing::new(text.into_bytes());
    };
    let plain = Zeroizing::new([user, ":", password.reveal()].concat());
    let code = Zeroizing::new(STANDARD.encode(plain.as_bytes()));
    Zeroizing::new([&text, "Proxy-Authorization: Basic ", &code, "\r\n\r\n"].concat().into_bytes())
}

/// Judges the octets of the answer from its beginning on.
#[must_use]
pub fn read(octets: &[u8]) -> Verdict {
    let known = octets.iter().zip(b"HTTP/1.").all(|(a, b)| a == b);
    if !known {
        return Verdict::Denied(Denied::NotSpoken);
    }
    let Some(status) = status(octets) else { return partial(octets) };
    match status {
        // Anything but a 2xx is final: what else it says is for people with a browser.
        Ok(200..=299) => match head(octets) {
            Some(length) => Verdict::Open { length },
            None => partial(octets),
        },
        // tinyproxy says 401 to a wrong password.
        Ok(401 | 407) => Verdict::Denied(Denied::Credentials),
        Ok(403 | 405 | 451) => Verdict::Denied(Denied::Forbidden),
        Ok(500..=599) => Verdict::Denied(Denied::Upstream),
        Ok(_) => Verdict::Denied(Denied::Other),
        Err(()) => Verdict::Denied(Denied::NotSpoken),
    }
}

fn partial(octets: &[u8]) -> Verdict {
    if octets.len() < LONGEST { Verdict::Partial } else { Verdict::Denied(Denied::NotSpoken) }
}

/// The code of a whole status line, `HTTP/1.1 200 OK`.
fn status(octets: &[u8]) -> Option<Result<u16, ()>> {
    let end = octets.iter().position(|b| *b == b'\n')?;
    let line = octets.get(..end).unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let code = match line {
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0' | b'1', b' ', code @ ..] => code,
        _ => return Some(Err(())),
    };
    let code = match code {
        [a, b, c] | [a, b, c, b' ', ..] => [*a, *b, *c],
        _ => return Some(Err(())),
    };
    let digits = std::str::from_utf8(&code).ok().filter(|code| code.bytes().all(|b| b.is_ascii_digit()));
    Some(digits.and_then(|code| code.parse().ok()).ok_or(()))
}

/// Octets up to and with the empty line.
fn head(octets: &[u8]) -> Option<usize> {
    let mut start = 0_usize;
    loop {
        let line = octets.get(start..)?;
        let end = line.iter().position(|b| *b == b'\n')?;
        start = start.saturating_add(end).saturating_add(1);
        if matches!(line.get(..end), Some(b"" | b"\r")) {
            return Some(start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Verdict, read, request};
    use crate::model::secret::Secret;
    use crate::wire::tunnel::Denied;

    #[test]
    fn the_request_names_the_host_and_may_hold_a_login() {
        let plain = request("imap.gmail.com", 993, None);
        assert_eq!(*plain, b"CONNECT imap.gmail.com:993 HTTP/1.1\r\nHost: imap.gmail.com:993\r\n\r\n");
        let six = request("2001:db8::1", 443, Some(("me", &Secret::new("p:w"))));
        let text = String::from_utf8(six.to_vec()).unwrap();
        assert!(text.starts_with("CONNECT [2001:db8::1]:443 HTTP/1.1\r\n"), "{text}");
        assert!(text.ends_with("\r\nProxy-Authorization: Basic bWU6cDp3\r\n\r\n"), "{text}");
    }

    #[test]
    fn an_open_tunnel_is_known_at_every_split_and_nothing_behind_it_counts() {
        for head in [
            "HTTP/1.1 200 Connection established\r\n\r\n",
            "HTTP/1.0 200\r\nProxy-agent: tinyproxy/1.11.1\r\nX: y\r\n\r\n",
            "HTTP/1.1 204 \nlax: lines\n\n",
        ] {
            for split in 0..head.len() {
                assert_eq!(read(&head.as_bytes()[..split]), Verdict::Partial, "{split} of {head:?}");
            }
            let open = Verdict::Open { length: head.len() };
            assert_eq!(read(head.as_bytes()), open);
            assert_eq!(read(format!("{head}HTTP/1.1 403\r\n\r\n").as_bytes()), open);
        }
    }

    #[test]
    fn refusals_are_told_apart_by_their_first_line() {
        for (line, why) in [
            ("HTTP/1.1 407 Proxy Authentication Required", Denied::Credentials),
            ("HTTP/1.1 401 Unauthorized", Denied::Credentials),
            ("HTTP/1.1 403 Filtered", Denied::Forbidden),
            ("HTTP/1.0 502 Bad Gateway", Denied::Upstream),
            ("HTTP/1.1 504", Denied::Upstream),
            ("HTTP/1.1 302 Found", Denied::Other),
            ("HTTP/1.1 100 Continue", Denied::Other),
            ("HTTP/1.1 20 OK", Denied::NotSpoken),
            ("HTTP/1.1 2000 OK", Denied::NotSpoken),
            ("HTTP/1.1 +20 OK", Denied::NotSpoken),
            ("HTTP/1.2 200 OK", Denied::NotSpoken),
        ] {
            assert_eq!(read(format!("{line}\r\n").as_bytes()), Verdict::Denied(why), "{line}");
        }
        for other in ["* OK Gimp ready\r\n", "\x05\x01", "HTTP/2 200", "SSH-2.0"] {
            assert_eq!(read(other.as_bytes()), Verdict::Denied(Denied::NotSpoken), "{other}");
        }
    }

    #[test]
    fn an_endless_head_is_bounded() {
        for start in ["HTTP/1.1 200 ", "HTTP/1.1 200 OK\r\nx: "] {
            let text = format!("{start}{}", "x".repeat(LONGEST));
            assert_eq!(read(&text.as_bytes()[..LONGEST - 1]), Verdict::Partial);
            assert_eq!(read(&text.as_bytes()[..LONGEST]), Verdict::Denied(Denied::NotSpoken));
        }
    }
}
