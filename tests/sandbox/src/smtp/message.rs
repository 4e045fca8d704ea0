//! What Gmail does to a message before it sends it on.

use crate::mail::header;
use crate::people::User;

/// The message as Gmail sends it: a foreign From becomes the account's address.
pub(super) fn rewritten(message: &[u8], user: &User) -> Vec<u8> {
    let (head, body) = header::split(message);
    let from = header::value(head, "From").unwrap_or_default();
    let address = header::address(&from);
    let mut out = Vec::with_capacity(message.len() + 200);
    let own = address == user.email || user.aliases.contains(&address);
    for field in header::fields(head) {
        if own || !header::name(field).eq_ignore_ascii_case(b"From") {
            out.extend_from_slice(field);
        }
    }
    if !own {
        let name = from.rsplit_once('<').map_or("", |(name, _)| name).trim();
        let replaced = format!("From: {name} <{}>", user.email).replace(":  <", ": <");
        out.extend_from_slice(replaced.as_bytes());
        out.extend_from_slice(b"\r\n");
        if !from.is_empty() {
            let original = format!("X-Google-Original-From: {from}\r\n");
            out.extend_from_slice(original.as_bytes());
        }
    }
    if header::value(head, "Message-ID").is_none() {
        let id = format!("Message-ID: <{}@mx.google.com>\r\n", crate::dice::trace());
        out.extend_from_slice(id.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
    out
}

/// The copy for recipients: Bcc is not theirs to see.
pub(super) fn without_bcc(message: &[u8]) -> Vec<u8> {
    let (head, body) = header::split(message);
    let mut out = Vec::with_capacity(message.len());
    for field in header::fields(head) {
        if !header::name(field).eq_ignore_ascii_case(b"Bcc") {
            out.extend_from_slice(field);
        }
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
    out
}

#[cfg(test)]
mod tests {
    use super::{rewritten, without_bcc};
    use crate::people::User;

    fn anna() -> User {
        User {
            email: "anna@x.com".into(),
            sub: "1".into(),
            hd: None,
            aliases: vec!["sales@x.com".into()],
            name: "Anna".into(),
        }
    }

    #[test]
    fn a_foreign_sender_is_replaced() {
        let mail = b"From: Boss <boss@x.com>\r\nMessage-ID: <1@x>\r\n\r\nhi\r\n";
        let text = String::from_utf8_lossy(&rewritten(mail, &anna())).into_owned();
        assert!(text.contains("From: Boss <anna@x.com>\r\n"));
        assert!(text.contains("X-Google-Original-From: Boss <boss@x.com>\r\n"));
        assert!(text.ends_with("\r\n\r\nhi\r\n"));
    }

    #[test]
    fn an_alias_stays_and_bcc_goes() {
        let mail = b"From: sales@x.com\r\nBcc: c@y\r\nMessage-ID: <1@x>\r\n\r\nhi\r\n";
        assert_eq!(rewritten(mail, &anna()), mail);
        let text = String::from_utf8_lossy(&without_bcc(mail)).into_owned();
        assert!(!text.contains("Bcc"));
    }
}
