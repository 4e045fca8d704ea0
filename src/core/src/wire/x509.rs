//! What people need to know of a certificate: who issued it, and until when it
//! holds. Nothing is verified here.

/// Longest name that is told.
const NAME: usize = 64;

/// What stands in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The issuer's common name, else its organisation: at most 64 printable
    /// ASCII characters without quotes, whatever stands there. Empty when it
    /// has neither.
    pub issuer: String,
    /// First second of its life, since 1970.
    pub not_before: i64,
    /// Last second of its life, since 1970.
    pub not_after: i64,
}

/// Reads a certificate in DER (RFC 5280, 4.1); `None` when it is none.
#[must_use]
pub fn read(der: &[u8]) -> Option<Facts> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (mut body, _) = element(certificate, SEQUENCE)?;
    if let Some((_, rest)) = element(body, VERSION) {
        body = rest;
    }
    let (_, body) = element(body, INTEGER)?;
    let (_, body) = element(body, SEQUENCE)?;
    let (issuer, body) = element(body, SEQUENCE)?;
    let (validity, _) = element(body, SEQUENCE)?;
    let (not_before, rest) = time(validity)?;
    let (not_after, _) = time(rest)?;
    Some(Facts { issuer: name(issuer).unwrap_or_default(), not_before, not_after })
}

const INTEGER: u8 = 0x02;
const OBJECT: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const ORGANISATION: &[u8] = &[0x55, 4, 10];

/// The content of the first element, if it has that tag, and what follows.
fn element(octets: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = any(octets)?;
    (found == tag).then_some((content, rest))
}

fn any(octets: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = octets.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let count = usize::from(first & 0x7f);
        if !(1..=3).contains(&count) {
            return None;
        }
        let (digits, behind) = rest.split_at_checked(count)?;
        length = digits.iter().fold(0, |sum, digit| (sum << 8) | usize::from(*digit));
        rest = behind;
    }
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

fn name(mut parts: &[u8]) -> Option<String> {
    let mut found = None;
    while let Some((part, rest)) = element(parts, SET) {
        parts = rest;
        let Some((pair, _)) = element(part, SEQUENCE) else { continue };
        let Some((kind, value)) = element(pair, OBJECT) else { continue };
        let Some((_, text, _)) = any(value) else { continue };
        match kind {
            COMMON_NAME => return Some(cleaned(text)),
            ORGANISATION => found = Some(cleaned(text)),
            _ => {}
        }
    }
    found
}

fn cleaned(text: &[u8]) -> String {
    let printable = |octet: &u8| match octet {
        b'"' | b'\\' => '\'',
        b' '..=b'~' => char::from(*octet),
        _ => '?',
    };
    text.iter().take(NAME).map(printable).collect()
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
fn time(octets: &[u8]) -> Option<(i64, &[u8])> {
    let (tag, text, rest) = any(octets)?;
    let digits = text.strip_suffix(b"Z")?;
    let (year, digits) = match tag {
        UTC_TIME => {
            let (year, digits) = number(digits, 2)?;
            (if year < 50 { year.checked_add(2000)? } else { year.checked_add(1900)? }, digits)
        }
        GENERALIZED_TIME => number(digits, 4)?,
        _ => return None,
    };
    let (month, digits) = number(digits, 2)?;
    let (day, digits) = number(digits, 2)?;
    let (hour, digits) = number(digits, 2)?;
    let (minute, digits) = number(digits, 2)?;
    let (second, digits) = number(digits, 2)?;
    let fits = (1..=12).contains(&month) && (1..=31).contains(&day) && digits.is_empty();
    let clock = hour.checked_mul(3600)?.checked_add(minute.checked_mul(60)?)?.checked_add(second)?;
    fits.then(|| days(year, month, day)?.checked_mul(86_400)?.checked_add(clock))
        .flatten()
        .map(|at| (at, rest))
}

fn number(digits: &[u8], count: usize) -> Option<(i64, &[u8])> {
    let (number, rest) = digits.split_at_checked(count)?;
    let number = std::str::from_utf8(number).ok().filter(|n| n.bytes().all(|b| b.is_ascii_digit()))?;
    Some((number.parse().ok()?, rest))
}

/// Days from 1970 to a day of the Gregorian calendar: years begin in March, so
/// that the leap day is the last one.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let year = if month > 2 { year } else { year.checked_sub(1)? };
    let month = if month > 2 { month.checked_sub(3)? } else { month.checked_add(9)? };
    let in_year = month.checked_mul(153)?.checked_add(2)?.div_euclid(5).checked_add(day)?.checked_sub(1)?;
    let leaps = year.div_euclid(4).checked_sub(year.div_euclid(100))?.checked_add(year.div_euclid(400))?;
    year.checked_mul(365)?.checked_add(leaps)?.checked_add(in_year)?.checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::{Facts, days, read};

    fn wrap(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82], &length[..], &content].concat()
    }

    fn part(kind: u8, text: &[u8]) -> Vec<u8> {
        wrap(0x31, &[&wrap(0x30, &[&[6, 3, 0x55, 4, kind], &wrap(0x0c, &[text])])])
    }

    fn certificate(issuer: &[&[u8]], from: &[u8], until: &[u8]) -> Vec<u8> {
        let times = [wrap(0x17, &[from]), wrap(0x18, &[until])].concat();
        let body =
            [&[0xa0, 3, 2, 1, 2][..], &[2, 1, 7], &[0x30, 0], &wrap(0x30, issuer), &wrap(0x30, &[&times])];
        wrap(0x30, &[&wrap(0x30, &body), &[0x30, 0], &[3, 1, 0]])
    }

    #[test]
    fn issuer_and_life_are_read_and_cleaned() {
        let der = certificate(
            &[&part(6, b"CZ"), &part(10, b"Example \"Corp\""), &part(3, b"Proxy CA\r\n\xc3\xa9")],
            b"260101000000Z",
            b"20500102030405Z",
        );
        let facts = read(&der).unwrap();
        assert_eq!(facts.issuer, "Proxy CA????");
        assert_eq!((facts.not_before, facts.not_after), (1_767_225_600, 2_524_705_445));
        let der = certificate(&[&part(10, b"Example \"Corp\"")], b"991231235959Z", b"20500102030405Z");
        let wanted =
            Facts { issuer: "Example 'Corp'".to_owned(), not_before: 946_684_799, not_after: 2_524_705_445 };
        assert_eq!(read(&der), Some(wanted));
        let long = certificate(&[&part(3, &[b'x'; 500])], b"991231235959Z", b"20500102030405Z");
        assert_eq!(read(&long).unwrap().issuer.len(), 64);
        assert_eq!(read(&certificate(&[], b"991231235959Z", b"20500102030405Z")).unwrap().issuer, "");
    }

    #[test]
    fn what_is_cut_off_or_no_certificate_is_none() {
        let der = certificate(&[&part(3, b"CA")], b"260101000000Z", b"20500102030405Z");
        // Behind the times only signatures follow, which nobody looks at here.
        for end in 0..der.len() {
            let _no_panic = read(&der[..end]);
        }
        assert_eq!(read(&der[..der.len() - 10]), None);
        for wrong in
            [&b"260101000000"[..], b"26010100000Z", b"261301000000Z", b"260100000000Z", b"2601010000000Z"]
        {
            assert_eq!(read(&certificate(&[], wrong, b"20500102030405Z")), None, "{wrong:?}");
        }
        for text in [&b""[..], b"-----BEGIN", &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x80]] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn days_are_counted_over_leap_years() {
        for (date, count) in
            [((1970, 1, 1), 0), ((2000, 2, 29), 11_016), ((2000, 3, 1), 11_017), ((2026, 11, 23), 20_780)]
        {
            assert_eq!(days(date.0, date.1, date.2), Some(count), "{date:?}");
        }
    }
}
