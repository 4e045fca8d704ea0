//! `multipart/form-data` (RFC 7578) of a form that was read as a whole, so its
//! size is bounded already. A part that stands there twice is no part, as a field
//! that stands twice is none.

/// Parts that are looked at; our forms have fewer.
const MOST: usize = 32;

/// The boundary that a `Content-Type` names, if it is of this kind.
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let named = parameters.split(';').filter_map(|parameter| parameter.trim().split_once('='));
    let (_, value) = named.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?;
    let value = value.trim_matches('"');
    // RFC 2046 section 5.1.1.
    (1..=70).contains(&value.len()).then(|| value.to_owned())
}

/// What stands in the part of that name.
pub(super) fn part<'b>(body: &'b [u8], boundary: &str, name: &str) -> Option<&'b [u8]> {
    let mut found = parts(body, boundary).filter(|(own, _)| *own == name);
    match (found.next(), found.next()) {
        (Some((_, content)), None) => Some(content),
        _ => None,
    }
}

fn parts<'b>(body: &'b [u8], boundary: &str) -> impl Iterator<Item = (&'b str, &'b [u8])> {
    let (first, between) = (format!("--{boundary}"), format!("\r\n--{boundary}"));
    let mut rest = body.strip_prefix(first.as_bytes());
    std::iter::from_fn(move || {
        // Each part begins behind the line of its boundary; "--" there is the end of all.
        let part = rest?.strip_prefix(b"\r\n")?;
        let end = boundary_in(part, between.as_bytes())?;
        let (whole, after) = part.split_at(end);
        rest = after.strip_prefix(between.as_bytes());
        Some(whole)
    })
    .take(MOST)
    .filter_map(|whole| {
        let end = find(whole, b"\r\n\r\n")?;
        let (head, content) = whole.split_at(end);
        Some((named(std::str::from_utf8(head).ok()?)?, content.strip_prefix(b"\r\n\r\n")?))
    })
}

/// Where the next boundary begins: what only begins like one is content.
fn boundary_in(part: &[u8], between: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + find(part.get(from..)?, between)?;
        let after = part.get(at + between.len()..)?;
        if after.starts_with(b"\r\n") || after.starts_with(b"--") {
            return Some(at);
        }
        from = at + 1;
    }
}

fn named(head: &str) -> Option<&str> {
    let field = "content-disposition: form-data; name=\"";
    let line = head
        .split("\r\n")
        .find(|line| line.get(..field.len()).is_some_and(|start| start.eq_ignore_ascii_case(field)))?;
    // Browsers write a quote in a name as %22.
    line.get(field.len()..)?.split('"').next()
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::{boundary, part};

    const FORM: &[u8] = b"--b\r\nContent-Disposition: form-data; name=\"form_token\"\r\n\r\ntoken\r\n\
        --b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"name=a.csv\"\r\nContent-Type: text/csv\
        \r\n\r\nemail\r\n--bx@y.cz\r\n\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\
        \r\n--b--\r\n";

    #[test]
    fn parts_are_found_by_name_octet_for_octet() {
        assert_eq!(part(FORM, "b", "form_token"), Some(&b"token"[..]));
        assert_eq!(part(FORM, "b", "empty"), Some(&b""[..]));
        assert_eq!(part(FORM, "b", "name=a.csv"), None);
        assert_eq!(part(FORM, "b", "file"), Some(&b"email\r\n--bx@y.cz\r\n\r\n"[..]));
    }

    #[test]
    fn what_is_cut_off_or_foreign_is_no_part() {
        for cut in 0..FORM.len() {
            for name in ["form_token", "file", "empty"] {
                let found = part(&FORM[..cut], "b", name);
                assert!(found.is_none() || found == part(FORM, "b", name), "{name} cut at {cut}");
            }
        }
        assert_eq!(part(FORM, "c", "form_token"), None);
        assert_eq!(part(b"", "b", "x"), None);
        let same = b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
            --b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--b--";
        assert_eq!(part(same, "b", "a"), None, "twice is not at all");
    }

    #[test]
    fn boundaries_are_read_from_the_type() {
        assert_eq!(boundary("multipart/form-data; boundary=abc").as_deref(), Some("abc"));
        assert_eq!(boundary("Multipart/Form-Data; charset=x; boundary=\"a b\"").as_deref(), Some("a b"));
        for other in
            ["application/x-www-form-urlencoded", "multipart/form-data", "multipart/mixed; boundary=a"]
        {
            assert_eq!(boundary(other), None, "{other}");
        }
        assert_eq!(boundary(&format!("multipart/form-data; boundary={}", "x".repeat(71))), None);
    }
}
