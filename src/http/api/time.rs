//! Times as the CRM writes them: `2026-11-22 10:00:00`, always UTC.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::clock::{Micros, written};

/// Writes a time.
pub(super) fn told(at: Micros) -> String {
    of(&written(at))
}

/// The same from what people read.
pub(super) fn of(written: &str) -> String {
    written.trim_end_matches('Z').replacen('T', " ", 1)
}

/// Reads a time: the CRM's form, a date, or RFC 3339.
pub(super) fn read(text: &str) -> Option<Micros> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_microsecond());
    }
    let plain = match text.parse::<DateTime>() {
        Ok(at) => at,
        Err(_) => text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight()),
    };
    plain.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::{read, told};

    #[test]
    fn what_is_told_is_read_back() {
        let at = 1_795_305_600_000_000;
        assert_eq!(told(at), "2026-11-22 00:00:00");
        for text in ["2026-11-22 00:00:00", "2026-11-22", "2026-11-22T00:00:00Z", "2026-11-22T01:00:00+01:00"]
        {
            assert_eq!(read(text), Some(at), "{text}");
        }
        for text in ["", "yesterday", "2026-13-01", "1795305600"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
