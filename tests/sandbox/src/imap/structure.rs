//! ENVELOPE and BODYSTRUCTURE, simple but true.

use super::answer::{literal, quoted};
use crate::mail::header;
use crate::mail::mime::{self, Part};

/// The ten fields of an envelope.
pub(super) fn envelope(head: &[u8]) -> Vec<u8> {
    let field = |name: &str| nstring(header::value(head, name).as_deref());
    let people = |name: &str| {
        let value = header::value(head, name).or_else(|| header::value(head, "From"));
        addresses(value.filter(|_| name != "From" || header::value(head, "From").is_some()).as_deref())
    };
    let others = |name: &str| addresses(header::value(head, name).as_deref());
    let fields = [
        field("Date"),
        field("Subject"),
        people("From"),
        people("Sender"),
        people("Reply-To"),
        others("To"),
        others("Cc"),
        others("Bcc"),
        field("In-Reply-To"),
        field("Message-ID"),
    ];
    [b"(", fields.join(&b' ').as_slice(), b")"].concat()
}

fn nstring(text: Option<&str>) -> Vec<u8> {
    match text {
        None => b"NIL".to_vec(),
        Some(text) if text.bytes().all(|it| (0x20..0x7f).contains(&it)) => quoted(text).into_bytes(),
        Some(text) => literal(text.as_bytes()),
    }
}

fn addresses(value: Option<&str>) -> Vec<u8> {
    let Some(value) = value.filter(|value| !value.trim().is_empty()) else {
        return b"NIL".to_vec();
    };
    let list: Vec<Vec<u8>> = separate(value).iter().map(|it| address(it)).collect();
    [b"(", list.concat().as_slice(), b")"].concat()
}

/// Splits at commas that stand outside quotes.
fn separate(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for letter in value.chars() {
        quoted ^= letter == '"';
        if letter == ',' && !quoted {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn address(text: &str) -> Vec<u8> {
    let bare = text.rsplit_once('<').map_or(text, |(_, rest)| rest);
    let bare = bare.split('>').next().unwrap_or_default().trim();
    let (mailbox, host) = bare.rsplit_once('@').unwrap_or((bare, ""));
    let name = text.rsplit_once('<').map(|(name, _)| name.trim().trim_matches('"'));
    let name = nstring(name.filter(|name| !name.is_empty()));
    let fields = [name, b"NIL".to_vec(), nstring(Some(mailbox)), nstring(Some(host))];
    [b"(", fields.join(&b' ').as_slice(), b")"].concat()
}

/// BODYSTRUCTURE, or BODY without the extension data.
pub(super) fn structure(raw: &[u8], extended: bool) -> Vec<u8> {
    let mut out = Vec::new();
    part(&mut out, &mime::parse(raw), extended);
    out
}

fn part(out: &mut Vec<u8>, of: &Part<'_>, extended: bool) {
    if of.children.is_empty() {
        return leaf(out, of, extended);
    }
    out.push(b'(');
    for child in &of.children {
        part(out, child, extended);
    }
    out.push(b' ');
    out.extend_from_slice(&upper(&of.subkind));
    if extended {
        out.push(b' ');
        out.extend_from_slice(&parameters(&of.parameters));
        out.extend_from_slice(b" NIL NIL");
    }
    out.push(b')');
}

fn leaf(out: &mut Vec<u8>, of: &Part<'_>, extended: bool) {
    let is_text = of.kind == "text" || of.kind == "multipart";
    let (kind, subkind) =
        if of.kind == "multipart" { ("text", "plain") } else { (of.kind.as_str(), of.subkind.as_str()) };
    let encoding = header::value(of.header, "Content-Transfer-Encoding");
    let encoding = encoding.unwrap_or_else(|| "7BIT".into());
    let mut fields = vec![
        upper(kind),
        upper(subkind),
        parameters(&of.parameters),
        nstring(header::value(of.header, "Content-ID").as_deref()),
        nstring(header::value(of.header, "Content-Description").as_deref()),
        upper(&encoding),
        of.body.len().to_string().into_bytes(),
    ];
    if is_text {
        let lines = of.body.iter().filter(|byte| **byte == b'\n').count();
        fields.push(lines.to_string().into_bytes());
    }
    if extended {
        fields.extend([b"NIL".to_vec(), disposition(of), b"NIL".to_vec()]);
    }
    out.push(b'(');
    out.extend_from_slice(&fields.join(&b' '));
    out.push(b')');
}

fn disposition(of: &Part<'_>) -> Vec<u8> {
    let Some(value) = header::value(of.header, "Content-Disposition") else {
        return b"NIL".to_vec();
    };
    let (kind, pairs) = mime::parameters(&value);
    [b"(", upper(&kind).as_slice(), b" ", parameters(&pairs).as_slice(), b")"].concat()
}

fn parameters(pairs: &[(String, String)]) -> Vec<u8> {
    if pairs.is_empty() {
        return b"NIL".to_vec();
    }
    let words = pairs.iter();
    let words = words.map(|(name, value)| [upper(name), nstring(Some(value))].join(&b' '));
    let words: Vec<Vec<u8>> = words.collect();
    [b"(", words.join(&b' ').as_slice(), b")"].concat()
}

fn upper(text: &str) -> Vec<u8> {
    nstring(Some(&text.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::{envelope, structure};

    #[test]
    fn an_envelope() {
        let head = b"From: \"A, B\" <a@x>\r\nTo: c@y, D <d@y>\r\nSubject: s\r\n\r\n";
        let expected = "(NIL \"s\" ((\"A, B\" NIL \"a\" \"x\")) ((\"A, B\" NIL \"a\" \"x\")) ((\"A, B\" NIL \"a\" \"x\")) ((NIL NIL \"c\" \"y\")(\"D\" NIL \"d\" \"y\")) NIL NIL NIL NIL)";
        assert_eq!(String::from_utf8_lossy(&envelope(head)), expected);
    }

    #[test]
    fn a_structure() {
        let raw = b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhi\r\n--b--\r\n";
        let expected = "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"7BIT\" 2 0) \"ALTERNATIVE\")";
        assert_eq!(String::from_utf8_lossy(&structure(raw, false)), expected);
    }
}
