//! Calendar dates as IMAP and mail headers write them, in UTC.

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
pub(crate) const DAY: u64 = 86_400;

/// `22-Nov-2026 23:10:30 +0000`, the day padded with a space as IMAP wants it.
pub(crate) fn internal(seconds: u64) -> String {
    let (year, month, day) = civil(seconds / DAY);
    format!("{day:2}-{month}-{year} {} +0000", clock(seconds))
}

/// `Sun, 22 Nov 2026 23:10:30 +0000`
pub(crate) fn rfc5322(seconds: u64) -> String {
    let days = seconds / DAY;
    let weekday = DAYS.get((days % 7) as usize).unwrap_or(&"Thu");
    let (year, month, day) = civil(days);
    format!("{weekday}, {day} {month} {year} {} +0000", clock(seconds))
}

/// `Sun, 22 Nov 2026 23:10:30 GMT`, as HTTP wants it.
pub(crate) fn http(seconds: u64) -> String {
    let days = seconds / DAY;
    let weekday = DAYS.get((days % 7) as usize).unwrap_or(&"Thu");
    let (year, month, day) = civil(days);
    format!("{weekday}, {day:02} {month} {year} {} GMT", clock(seconds))
}

fn clock(seconds: u64) -> String {
    let of_day = seconds % DAY;
    let (hour, minute) = (of_day / 3600, of_day / 60 % 60);
    format!("{hour:02}:{minute:02}:{:02}", of_day % 60)
}

/// Days since the epoch to year, month, day (Howard Hinnant's algorithm).
fn civil(days: u64) -> (u64, &'static str, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 2 } else { shifted_month - 10 };
    let year = year_of_era + era * 400 + u64::from(month < 2);
    let name = MONTHS.get(month as usize).copied().unwrap_or("Jan");
    (year, name, day)
}

/// The first second of `22-Nov-2026`, or of the second in `22-Nov-2026 23:10:30 +0100`.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let mut words = text.trim().split(' ');
    let mut date = words.next()?.split('-');
    let day: u64 = date.next()?.parse().ok()?;
    let name = date.next()?;
    let month = MONTHS.iter().position(|it| it.eq_ignore_ascii_case(name))? as u64;
    let year: u64 = date.next()?.parse().ok()?;
    let start = days_from_civil(year, month + 1, day)? * DAY;
    let Some(time) = words.next() else {
        return Some(start);
    };
    let mut of_day = 0;
    for part in time.split(':') {
        of_day = of_day * 60 + part.parse::<u64>().ok()?;
    }
    let zone: i64 = words.next().unwrap_or("+0000").parse().ok()?;
    let offset = (zone / 100) * 3600 + (zone % 100) * 60;
    (start + of_day).checked_add_signed(-offset)
}

fn days_from_civil(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let shifted_month = (month + 9) % 12;
    let of_year = (153 * shifted_month + 2) / 5 + day.checked_sub(1)?;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    days.checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::{internal, parse, rfc5322};

    #[test]
    fn dates_go_round() {
        let second = 1_795_389_030;
        assert_eq!(internal(second), "22-Nov-2026 23:10:30 +0000");
        assert_eq!(rfc5322(second), "Sun, 22 Nov 2026 23:10:30 +0000");
        assert_eq!(parse("22-Nov-2026 23:10:30 +0000"), Some(second));
        assert_eq!(parse("23-Nov-2026 00:10:30 +0100"), Some(second));
        assert_eq!(parse(" 1-Jan-1970"), Some(0));
        assert_eq!(parse("29-Feb-2024").map(rfc5322).as_deref(), Some("Thu, 29 Feb 2024 00:00:00 +0000"));
        assert_eq!(parse("nonsense"), None);
    }
}
