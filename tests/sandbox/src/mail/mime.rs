//! The part tree of a message, as far as BODYSTRUCTURE and part numbers need it.

use super::header;

/// A message or one of its parts.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub(crate) header: &'a [u8],
    pub(crate) body: &'a [u8],
    pub(crate) kind: String,
    pub(crate) subkind: String,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) children: Vec<Part<'a>>,
}

const DEEPEST: usize = 16;

/// Reads a whole message.
pub(crate) fn parse(raw: &[u8]) -> Part<'_> {
    part(raw, 0)
}

fn part(raw: &[u8], depth: usize) -> Part<'_> {
    let (head, body) = header::split(raw);
    let text = header::value(head, "Content-Type").unwrap_or_else(|| "text/plain".into());
    let (media, parameters) = parameters(&text);
    let (kind, subkind) = media.split_once('/').unwrap_or(("text", "plain"));
    let (kind, subkind) = (kind.to_owned(), subkind.to_owned());
    let boundary = parameters.iter().find(|(name, _)| name == "boundary");
    let children = match boundary {
        Some((_, boundary)) if kind == "multipart" && depth < DEEPEST => {
            let pieces = pieces(body, boundary);
            pieces.into_iter().map(|raw| part(raw, depth + 1)).collect()
        }
        _ => Vec::new(),
    };
    Part { header: head, body, kind, subkind, parameters, children }
}

/// A value such as `text/plain; charset="utf-8"`, in lower case where case means nothing.
pub(crate) fn parameters(value: &str) -> (String, Vec<(String, String)>) {
    let mut words = value.split(';');
    let media = words.next().unwrap_or_default().trim().to_ascii_lowercase();
    let pairs = words.filter_map(|word| {
        let (name, value) = word.split_once('=')?;
        let value = value.trim().trim_matches('"');
        Some((name.trim().to_ascii_lowercase(), value.to_owned()))
    });
    (media, pairs.collect())
}

fn pieces<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let fence = format!("--{boundary}");
    let mut pieces = Vec::new();
    let mut open: Option<usize> = None;
    let mut at = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let end = at + line.len();
        if line.starts_with(fence.as_bytes()) {
            if let Some(start) = open {
                // The line end before a fence belongs to the fence.
                let piece = body.get(start..at).unwrap_or_default();
                let piece = piece.strip_suffix(b"\n").unwrap_or(piece);
                pieces.push(piece.strip_suffix(b"\r").unwrap_or(piece));
            }
            let last = line.get(fence.len()..).is_some_and(|it| it.starts_with(b"--"));
            open = (!last).then_some(end);
        }
        at = end;
    }
    pieces
}

impl<'a> Part<'a> {
    /// The part of a number such as 1.2; a message that is not multipart is its own part 1.
    pub(crate) fn numbered(&self, number: &[usize]) -> Option<&Part<'a>> {
        let Some((first, rest)) = number.split_first() else {
            return Some(self);
        };
        if self.children.is_empty() {
            return (*first == 1 && rest.is_empty()).then_some(self);
        }
        self.children.get(first.checked_sub(1)?)?.numbered(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn parts_have_numbers() {
        let raw = b"Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\npre\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\ntwo\r\n--b--\r\n";
        let message = parse(raw);
        let bodies: Vec<_> = message.children.iter().map(|part| part.body).collect();
        assert_eq!(bodies, [b"one", b"two"]);
        let second = message.numbered(&[2]);
        assert_eq!(second.map(|part| part.subkind.as_str()), Some("html"));
        assert!(message.numbered(&[3]).is_none());
    }
}
