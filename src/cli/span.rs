//! A time span as a person writes it: `90d`, `24h`.

use std::str::FromStr;
use std::time::Duration;

/// A span of time, more than nothing and at most a hundred years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span(pub(super) Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "a number and a unit are expected: 30m, 24h, 90d".to_owned();
        let end = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, unit) = text.split_at(end);
        let seconds: u64 = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            "w" => 7 * 86_400,
            _ => return Err(wrong()),
        };
        let number: u64 = number.parse().map_err(|_| wrong())?;
        match number.checked_mul(seconds) {
            Some(0) => Err("this is no time at all".to_owned()),
            Some(span) if span <= 100 * 366 * 86_400 => Ok(Self(Duration::from_secs(span))),
            _ => Err("this is longer than a hundred years".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Span;
    use std::time::Duration;

    #[test]
    fn numbers_with_units() {
        assert_eq!("90d".parse(), Ok(Span(Duration::from_secs(90 * 86_400))));
        assert_eq!("24h".parse(), Ok(Span(Duration::from_secs(86_400))));
        for text in ["", "90", "d", "0d", "1y", "-1d", "99999999999999999999d", "40000d"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
