//! Days and clock times as they are written: digits at fixed places.
//!
//! Nothing is guessed: a digit or a sign that is missing makes the text no
//! moment, and so do more than 64 octets.

use jiff::civil::{Date, DateTime, Time};

use super::moment::NotAMoment;

/// The octets read of a moment or a zone's name.
pub(super) const LONGEST: usize = 64;

fn number(digits: &[u8]) -> Result<i16, NotAMoment> {
    digits.iter().try_fold(0_i16, |sum, digit| match digit {
        b'0'..=b'9' => Ok(sum * 10 + i16::from(digit - b'0')),
        _ => Err(NotAMoment::Form),
    })
}

fn pair(tens: u8, ones: u8) -> Result<i8, NotAMoment> {
    i8::try_from(number(&[tens, ones])?).map_err(|_| NotAMoment::Range)
}

/// `YYYY-MM-DD`.
pub(super) fn date(octets: &[u8; 10]) -> Result<Date, NotAMoment> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *octets else {
        return Err(NotAMoment::Form);
    };
    let (year, month, day) = (number(&[y1, y2, y3, y4])?, pair(m1, m2)?, pair(d1, d2)?);
    Date::new(year, month, day).map_err(|_| NotAMoment::Range)
}

/// The date and time at the head of a text, `between` standing between them,
/// and what follows the seconds and their fraction.
pub(super) fn clock(text: &str, between: u8) -> Result<(DateTime, &str), NotAMoment> {
    if text.len() > LONGEST {
        return Err(NotAMoment::Form);
    }
    let (head, rest) = text.split_at_checked(19).ok_or(NotAMoment::Form)?;
    let (date, time) = head.as_bytes().split_first_chunk::<10>().ok_or(NotAMoment::Form)?;
    let [blank, h1, h2, b':', m1, m2, b':', s1, s2] = *time else {
        return Err(NotAMoment::Form);
    };
    if blank != between {
        return Err(NotAMoment::Form);
    }
    let date = self::date(date)?;
    let time = Time::new(pair(h1, h2)?, pair(m1, m2)?, pair(s1, s2)?, 0).map_err(|_| NotAMoment::Range)?;
    Ok((date.to_datetime(time), past_fraction(rest)?))
}

fn past_fraction(rest: &str) -> Result<&str, NotAMoment> {
    let Some(digits) = rest.strip_prefix('.') else {
        return Ok(rest);
    };
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() == digits.len() { Err(NotAMoment::Form) } else { Ok(rest) }
}

/// `Z` or `±HH:MM`, in seconds east of Greenwich.
pub(super) fn offset(text: &str) -> Result<i64, NotAMoment> {
    let [sign, h1, h2, b':', m1, m2] = *text.as_bytes() else {
        return if text == "Z" { Ok(0) } else { Err(NotAMoment::Form) };
    };
    let (hours, minutes) = (pair(h1, h2)?, pair(m1, m2)?);
    if hours > 23 || minutes > 59 {
        return Err(NotAMoment::Range);
    }
    let seconds = i64::from(hours) * 3600 + i64::from(minutes) * 60;
    match sign {
        b'+' => Ok(seconds),
        b'-' => Ok(-seconds),
        _ => Err(NotAMoment::Form),
    }
}

/// `YYYYMMDD`, as in iCalendar (RFC 5545, 3.3.4) and in Google's ids.
pub(super) fn basic_date(text: &str) -> Result<Date, NotAMoment> {
    let octets: &[u8; 8] = text.as_bytes().try_into().map_err(|_| NotAMoment::Form)?;
    let [y1, y2, y3, y4, m1, m2, d1, d2] = *octets;
    date(&[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2])
}

/// `YYYYMMDDTHHMMSS` (RFC 5545, 3.3.5), without what may follow it.
pub(super) fn basic_time(text: &str) -> Result<DateTime, NotAMoment> {
    let (day, time) = text.split_once('T').ok_or(NotAMoment::Form)?;
    let [h1, h2, m1, m2, s1, s2] = *time.as_bytes() else {
        return Err(NotAMoment::Form);
    };
    let time = Time::new(pair(h1, h2)?, pair(m1, m2)?, pair(s1, s2)?, 0).map_err(|_| NotAMoment::Range)?;
    Ok(basic_date(day)?.to_datetime(time))
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, NotAMoment, clock, offset};

    #[test]
    fn a_moment_is_read_up_to_its_longest() {
        let of = |length: usize| format!("2026-12-01T10:00:00.{}Z", "0".repeat(length - 21));
        assert!(clock(&of(LONGEST), b'T').is_ok_and(|(_, rest)| rest == "Z"));
        assert_eq!(clock(&of(LONGEST + 1), b'T'), Err(NotAMoment::Form));
    }

    #[test]
    fn an_offset_is_less_than_a_day_and_its_minutes_less_than_an_hour() {
        assert_eq!((offset("Z"), offset("+23:59"), offset("-23:59")), (Ok(0), Ok(86_340), Ok(-86_340)));
        for text in ["+24:00", "-24:00", "+00:60", "+00:61", "+23:99"] {
            assert_eq!(offset(text), Err(NotAMoment::Range), "{text}");
        }
        for text in ["", "z", "00:00", "*00:00", "+00.00", "+0:000", "+00:00Z"] {
            assert_eq!(offset(text), Err(NotAMoment::Form), "{text}");
        }
    }
}
