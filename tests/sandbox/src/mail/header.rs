//! Header blocks: splitting, looking up, choosing fields.

/// Splits a message at its first empty line; the header keeps that line.
pub(crate) fn split(raw: &[u8]) -> (&[u8], &[u8]) {
    if raw.starts_with(b"\r\n") {
        return raw.split_at(2);
    }
    let crlf = find(raw, b"\r\n\r\n").map(|at| at + 4);
    let lf = find(raw, b"\n\n").map(|at| at + 2);
    let end = match (crlf, lf) {
        (Some(crlf), Some(lf)) => crlf.min(lf),
        (one, other) => one.or(other).unwrap_or(raw.len()),
    };
    raw.split_at(end)
}

/// Where `needle` first stands.
pub(crate) fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}

/// The fields of a header block, folded lines and line ends included.
pub(crate) fn fields(header: &[u8]) -> Vec<&[u8]> {
    let mut fields = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(end) = find(header.get(at..).unwrap_or_default(), b"\n") {
        at += end + 1;
        let folded = matches!(header.get(at), Some(b' ' | b'\t'));
        if !folded {
            fields.push(header.get(start..at).unwrap_or_default());
            start = at;
        }
    }
    fields.retain(|field| !field.trim_ascii().is_empty());
    fields
}

/// The name of a field.
pub(crate) fn name(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == b':').unwrap_or(0);
    field.get(..end).unwrap_or_default().trim_ascii()
}

/// The value of the first field of that name, unfolded.
pub(crate) fn value(header: &[u8], wanted: &str) -> Option<String> {
    let field =
        fields(header).into_iter().find(|field| name(field).eq_ignore_ascii_case(wanted.as_bytes()))?;
    let text = String::from_utf8_lossy(field.get(name(field).len() + 1..)?);
    let unfolded: String = text.chars().filter(|it| !matches!(it, '\r' | '\n')).collect();
    Some(unfolded.trim().to_owned())
}

/// The bare address in a `From`-like value.
pub(crate) fn address(value: &str) -> String {
    let inner = value.rsplit_once('<').map_or(value, |(_, rest)| rest);
    let inner = inner.split('>').next().unwrap_or_default();
    inner.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{address, fields, split, value};

    #[test]
    fn folded_fields_are_one() {
        let raw = b"From: A <a@X>\r\nSubject: one\r\n two\r\n\r\nbody";
        let (header, body) = split(raw);
        assert_eq!(body, b"body");
        assert_eq!(fields(header).len(), 2);
        assert_eq!(value(header, "subject").as_deref(), Some("one two"));
        assert_eq!(address("A <a@X>"), "a@x");
    }
}
