//! Durations and sizes as a person writes them.

use std::time::Duration;

use super::fault::{Wrong, quoted};

/// Reads `"500ms"`, `"10s"`, `"31m"`, `"12h"`, `"7d"`, more than nothing and at
/// most `longest`.
pub(super) fn duration(longest: Duration) -> impl FnOnce(&str) -> Result<Duration, Wrong> {
    move |text| {
        let remedy = || {
            let most = written(longest);
            format!(
                "write a number and a unit, such as \"10s\", \"31m\", \"12h\" or \"7d\", at most \"{most}\""
            )
        };
        let read = split(text).and_then(|(number, unit)| {
            let unit = match unit {
                "ms" => 1,
                "s" => 1_000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                _ => return None,
            };
            number.checked_mul(unit).map(Duration::from_millis)
        });
        match read {
            None => Err(Wrong::new(format!("{} is not a duration", quoted(text)), remedy())),
            Some(Duration::ZERO) => Err(Wrong::new("is no time at all", remedy())),
            Some(time) if time > longest => {
                Err(Wrong::new(format!("{} is too long", quoted(text)), remedy()))
            }
            Some(time) => Ok(time),
        }
    }
}

/// Reads `35882577`, `"35882577"`, `"25MB"` (millions) or `"25MiB"`, in octets,
/// within the bounds.
pub(super) fn size(least: u64, most: u64) -> impl FnOnce(&str) -> Result<u64, Wrong> {
    move |text| {
        let remedy = || format!("write octets or a unit, such as \"25MB\", from {least} to {most} octets");
        let read = split(text).and_then(|(number, unit)| {
            let unit = match unit {
                "" => 1,
                "kB" | "KB" => 1_000,
                "MB" => 1_000_000,
                "KiB" => 1_024,
                "MiB" => 1_048_576,
                _ => return None,
            };
            number.checked_mul(unit)
        });
        match read {
            None => Err(Wrong::new(format!("{} is not a size", quoted(text)), remedy())),
            Some(octets) if octets < least => {
                Err(Wrong::new(format!("{} is too small", quoted(text)), remedy()))
            }
            Some(octets) if octets > most => {
                Err(Wrong::new(format!("{} is too large", quoted(text)), remedy()))
            }
            Some(octets) => Ok(octets),
        }
    }
}

/// Reads a plain number within the bounds.
pub(super) fn number(least: u32, most: u32) -> impl FnOnce(&str) -> Result<u32, Wrong> {
    move |text| {
        let remedy = format!("write a number from {least} to {most}");
        match text.parse() {
            Err(_) => Err(Wrong::new(format!("{} is not such a number", quoted(text)), remedy)),
            Ok(number) if number < least => Err(Wrong::new(format!("{number} is too small"), remedy)),
            Ok(number) if number > most => Err(Wrong::new(format!("{number} is too large"), remedy)),
            Ok(number) => Ok(number),
        }
    }
}

/// A duration in the largest unit that holds it exactly.
#[must_use]
pub fn written(time: Duration) -> String {
    let millis = time.as_millis();
    for (unit, name) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")] {
        if millis >= unit && millis.is_multiple_of(unit) {
            return format!("{}{name}", millis / unit);
        }
    }
    format!("{millis}ms")
}

fn split(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit.trim_start_matches(' ')))
}

#[cfg(test)]
mod tests {
    use super::{duration, number, size, written};
    use std::time::Duration;

    #[test]
    fn durations_have_units() {
        let week = Duration::from_secs(7 * 86_400);
        for (text, seconds) in [("10s", 10), ("31m", 1_860), ("12h", 43_200), ("7d", 604_800)] {
            assert_eq!(duration(week)(text).unwrap(), Duration::from_secs(seconds), "{text}");
            assert_eq!(written(Duration::from_secs(seconds)), text);
        }
        assert_eq!(duration(week)("500ms").unwrap(), Duration::from_millis(500));
        for text in
            ["10", "s", "0s", "8d", "-1s", "1.5h", "1 week", "99999999999999999999d", "213503982334602d"]
        {
            assert!(duration(week)(text).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_have_bounds() {
        assert_eq!((number(1, 1_000)("1").unwrap(), number(1, 1_000)("1000").unwrap()), (1, 1_000));
        for text in ["0", "1001", "-1", "1.5", "ten", "", "99999999999999999999"] {
            assert!(number(1, 1_000)(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_octets() {
        let most = 35_882_577;
        for (text, octets) in
            [("35882577", most), ("25MB", 25_000_000), ("1 MiB", 1_048_576), ("64KiB", 65_536)]
        {
            assert_eq!(size(1, most)(text).unwrap(), octets, "{text}");
        }
        for text in ["35882578", "36MB", "0", "25 mails", "", "-5"] {
            assert!(size(1, most)(text).is_err(), "{text}");
        }
    }
}
