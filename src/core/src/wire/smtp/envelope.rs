//! MAIL and RCPT: checked so far that they may pass unchanged.
//!
//! A path is `<...>` of printable characters, blanks only in a quoted local
//! part, 8-bit only as UTF-8 where SMTPUTF8 is offered. Parameters are those of
//! the extensions we offer. `AUTH=` (RFC 4954 section 5) is left out of what
//! passes: whoever logged in is the author, and Gmail offers nothing for it.

use super::offers::{Offers, number};

/// The longest path we relay; RFC 5321 4.5.3.1.3 asks for 256.
const PATH_LIMIT: usize = 1024;

/// Why a MAIL or RCPT does not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Path,
    NotAscii,
    Parameter,
    TooLarge,
}

/// A checked MAIL or RCPT.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Checked<'a> {
    /// What stands between the angle brackets.
    pub(super) path: &'a [u8],
    /// The line for upstream, CRLF included.
    pub(super) line: Vec<u8>,
}

/// Checks what follows `MAIL FROM:`.
pub(super) fn mail<'a>(arguments: &'a [u8], offers: &Offers) -> Result<Checked<'a>, Fault> {
    let (path, parameters) = path(arguments, offers)?;
    let mut line = [b"MAIL FROM:<", path, b">"].concat();
    for parameter in words(parameters) {
        if passes(parameter, offers)? {
            line.push(b' ');
            line.extend_from_slice(parameter);
        }
    }
    line.extend_from_slice(b"\r\n");
    Ok(Checked { path, line })
}

/// Checks what follows `RCPT TO:`; we offer no extension with a parameter for it.
pub(super) fn recipient<'a>(arguments: &'a [u8], offers: &Offers) -> Result<Checked<'a>, Fault> {
    let (path, parameters) = path(arguments, offers)?;
    if path.is_empty() {
        return Err(Fault::Path);
    }
    match words(parameters).next() {
        Some(_) => Err(Fault::Parameter),
        None => Ok(Checked { path, line: [b"RCPT TO:<", path, b">\r\n"].concat() }),
    }
}

fn words(parameters: &[u8]) -> impl Iterator<Item = &[u8]> {
    parameters.split(|b| *b == b' ').filter(|word| !word.is_empty())
}

fn path<'a>(arguments: &'a [u8], offers: &Offers) -> Result<(&'a [u8], &'a [u8]), Fault> {
    let inner = arguments.trim_ascii_start().strip_prefix(b"<").ok_or(Fault::Path)?;
    let end = closing(inner).ok_or(Fault::Path)?;
    let (path, rest) = inner.split_at_checked(end).ok_or(Fault::Path)?;
    let parameters = rest.strip_prefix(b">").ok_or(Fault::Path)?;
    if path.len() > PATH_LIMIT || !(parameters.is_empty() || parameters.starts_with(b" ")) {
        return Err(Fault::Path);
    }
    let readable = path.is_ascii() || (offers.utf8 && std::str::from_utf8(path).is_ok());
    if readable { Ok((path, parameters)) } else { Err(Fault::NotAscii) }
}

// The `>` that ends the path: not one inside a quoted local part.
fn closing(inner: &[u8]) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in inner.iter().enumerate() {
        match byte {
            _ if byte.is_ascii_control() => return None,
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'>' if !quoted => return Some(at),
            b' ' | b'<' if !quoted => return None,
            _ => {}
        }
    }
    None
}

fn passes(parameter: &[u8], offers: &Offers) -> Result<bool, Fault> {
    let (keyword, value) = match parameter.iter().position(|b| *b == b'=') {
        Some(at) => {
            let (keyword, rest) = parameter.split_at(at);
            (keyword, rest.strip_prefix(b"="))
        }
        None => (parameter, None),
    };
    if !parameter.is_ascii() {
        return Err(Fault::Parameter);
    }
    match (keyword.to_ascii_uppercase().as_slice(), value) {
        (b"SIZE", Some(value)) => match number(value) {
            Some(size) if size <= offers.size_limit() => Ok(true),
            Some(_) => Err(Fault::TooLarge),
            None if value.len() > 15 && value.iter().all(u8::is_ascii_digit) => Err(Fault::TooLarge),
            None => Err(Fault::Parameter),
        },
        (b"BODY", Some(value)) if offers.eight_bit => {
            let known = value.eq_ignore_ascii_case(b"8BITMIME") || value.eq_ignore_ascii_case(b"7BIT");
            if known { Ok(true) } else { Err(Fault::Parameter) }
        }
        (b"SMTPUTF8", None) if offers.utf8 => Ok(true),
        (b"AUTH", Some(_)) => Ok(false),
        _ => Err(Fault::Parameter),
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, mail, recipient};
    use crate::wire::smtp::offers::Offers;

    const PLAIN: Offers = Offers { size: Some(100), eight_bit: false, utf8: false, enhanced: false };

    #[test]
    fn good_envelopes_pass_unchanged() {
        let all = Offers::ours(1000);
        for line in [
            "<anna@x.cz>",
            "<>",
            "<anna@x.cz> SIZE=1000 BODY=8BITMIME SMTPUTF8",
            "<\"a > b\\\"\"@x.cz> body=7bit",
            "<ž@x.cz> SMTPUTF8",
        ] {
            let checked = mail(line.as_bytes(), &all).unwrap();
            assert_eq!(checked.line, format!("MAIL FROM:{line}\r\n").as_bytes());
        }
        let checked = mail(b" <a@x> AUTH=<> SIZE=3", &all).unwrap();
        assert_eq!(checked.line, b"MAIL FROM:<a@x> SIZE=3\r\n");
    }

    #[test]
    fn the_rest_is_refused_by_kind() {
        let cases: [(&[u8], Fault); 11] = [
            (b"anna@x.cz", Fault::Path),
            (b"<anna@x.cz", Fault::Path),
            (b"<an na@x.cz>", Fault::Path),
            (b"<a@x>SIZE=1", Fault::Path),
            (b"<a@x\r\nRCPT TO:<b@x>>", Fault::Path),
            ("<ž@x.cz>".as_bytes(), Fault::NotAscii),
            (b"<a@x> SIZE=101", Fault::TooLarge),
            (b"<a@x> SIZE=99999999999999999999999", Fault::TooLarge),
            (b"<a@x> BODY=8BITMIME", Fault::Parameter),
            (b"<a@x> RET=HDRS", Fault::Parameter),
            (b"<a@x> SIZE=-1", Fault::Parameter),
        ];
        for (line, fault) in cases {
            assert_eq!(mail(line, &PLAIN), Err(fault), "{}", line.escape_ascii());
        }
        assert_eq!(recipient(b"<b@x> NOTIFY=NEVER", &PLAIN), Err(Fault::Parameter));
        assert_eq!(recipient(b"<>", &PLAIN), Err(Fault::Path));
    }
}
