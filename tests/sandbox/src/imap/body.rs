//! `BODY[...]`: which octets of a message a section names.

use crate::mail::{header, mime};

/// `BODY[section]<origin.size>`, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    text: String,
    part: Vec<usize>,
    what: What,
    partial: Option<(usize, usize)>,
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    Whole,
    Header,
    Text,
    Mime,
    Fields { names: Vec<String>, not: bool },
}

impl Section {
    /// Reads `BODY[..]` or `BODY.PEEK[..]`, with or without a range.
    pub(super) fn read(item: &str) -> Option<Self> {
        let upper = item.to_ascii_uppercase();
        let rest = upper.strip_prefix("BODY.PEEK[").or_else(|| upper.strip_prefix("BODY["))?;
        let (text, range) = rest.rsplit_once(']')?;
        let (part, word) = numbers(text);
        let what = match word {
            "" => What::Whole,
            "HEADER" => What::Header,
            "TEXT" => What::Text,
            "MIME" if !part.is_empty() => What::Mime,
            fields => chosen_fields(fields)?,
        };
        Some(Self { text: text.to_owned(), part, what, partial: partial(range)? })
    }

    /// How the answer names it.
    pub(super) fn label(&self) -> String {
        match self.partial {
            Some((origin, _)) => format!("BODY[{}]<{origin}>", self.text),
            None => format!("BODY[{}]", self.text),
        }
    }
}

/// Leading part numbers, and what follows them.
fn numbers(text: &str) -> (Vec<usize>, &str) {
    let mut rest = text;
    let mut numbers = Vec::new();
    loop {
        let (word, tail) = rest.split_once('.').unwrap_or((rest, ""));
        let Ok(number) = word.parse() else {
            return (numbers, rest);
        };
        numbers.push(number);
        rest = tail;
    }
}

fn chosen_fields(text: &str) -> Option<What> {
    let (not, list) = match text.strip_prefix("HEADER.FIELDS.NOT") {
        Some(list) => (true, list),
        None => (false, text.strip_prefix("HEADER.FIELDS")?),
    };
    let list = list.trim().strip_prefix('(')?.strip_suffix(')')?;
    let names = list.split_ascii_whitespace();
    let names = names.map(|name| name.trim_matches('"').to_owned()).collect();
    Some(What::Fields { names, not })
}

/// `<origin.size>`; the outer `None` is a range that cannot be read.
fn partial(range: &str) -> Option<Option<(usize, usize)>> {
    if range.is_empty() {
        return Some(None);
    }
    let (origin, size) = range.strip_prefix('<')?.strip_suffix('>')?.split_once('.')?;
    Some(Some((origin.parse().ok()?, size.parse().ok()?)))
}

/// The octets a section names; `None` when there is no such part.
pub(super) fn section(raw: &[u8], section: &Section) -> Option<Vec<u8>> {
    let bytes = whole(raw, section)?;
    let Some((origin, size)) = section.partial else {
        return Some(bytes);
    };
    let end = origin.saturating_add(size).min(bytes.len());
    Some(bytes.get(origin..end).unwrap_or_default().to_vec())
}

fn whole(raw: &[u8], section: &Section) -> Option<Vec<u8>> {
    if section.part.is_empty() {
        let (head, text) = header::split(raw);
        return Some(match &section.what {
            What::Whole | What::Mime => raw.to_vec(),
            What::Header => head.to_vec(),
            What::Text => text.to_vec(),
            What::Fields { names, not } => fields(head, names, *not),
        });
    }
    let message = mime::parse(raw);
    let part = message.numbered(&section.part)?;
    // HEADER and TEXT of a part speak of the message inside a message/rfc822.
    let (head, text) = header::split(part.body);
    Some(match &section.what {
        What::Whole => part.body.to_vec(),
        What::Mime => part.header.to_vec(),
        What::Header => head.to_vec(),
        What::Text => text.to_vec(),
        What::Fields { names, not } => fields(head, names, *not),
    })
}

fn fields(head: &[u8], names: &[String], not: bool) -> Vec<u8> {
    let named = |field: &[u8]| {
        let name = header::name(field);
        names.iter().any(|it| it.as_bytes().eq_ignore_ascii_case(name))
    };
    let mut chosen: Vec<u8> =
        header::fields(head).into_iter().filter(|field| named(field) != not).flatten().copied().collect();
    chosen.extend_from_slice(b"\r\n");
    chosen
}

#[cfg(test)]
mod tests {
    use super::{Section, section};

    const RAW: &[u8] = b"From: a@x\r\nTo: b@x\r\nSubject: s\r\n\r\nhello";

    fn get(item: &str) -> Option<(String, Vec<u8>)> {
        let read = Section::read(item)?;
        Some((read.label(), section(RAW, &read)?))
    }

    #[test]
    fn sections_name_octets() {
        let fields = get("body.peek[header.fields (to subject)]");
        let expected = b"To: b@x\r\nSubject: s\r\n\r\n".to_vec();
        assert_eq!(fields, Some(("BODY[HEADER.FIELDS (TO SUBJECT)]".into(), expected)));
        assert_eq!(get("BODY[TEXT]<1.3>"), Some(("BODY[TEXT]<1>".into(), b"ell".to_vec())));
        assert_eq!(get("BODY[1]"), Some(("BODY[1]".into(), b"hello".to_vec())));
        assert_eq!(get("BODY[2]"), None);
        assert_eq!(get("BODY[NONSENSE]"), None);
        assert_eq!(get("BODY[]").map(|it| it.1.len()), Some(RAW.len()));
    }
}
