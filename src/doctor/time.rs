//! The clock of this machine against Google's `Date` header.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use postern_core::model::finding::Finding;
use url::Url;

use super::remedy;
use crate::clock::Clock;
use crate::net::exchange::{Exchange, Request};

/// Google refuses a service account's assertion beyond this (five minutes and
/// a margin), and certificates may seem expired.
const WRONG: i64 = 240;
/// A clock that is kept right is nearer.
const DRIFTING: i64 = 20;

/// Asks the token endpoint's host for the time.
pub async fn look(exchange: &dyn Exchange, token_url: &Url, clock: &Clock) -> Finding {
    let mut root = token_url.clone();
    root.set_path("/");
    root.set_query(None);
    let mut request = Request::get(root);
    request.timeout = Duration::from_secs(10);
    let answer = exchange.send(request).await;
    let now = clock.seconds();
    match answer {
        Ok(answer) => match answer.header("date").and_then(seconds) {
            Some(theirs) => judged(now - theirs),
            None => Finding::note("clock", "Google's answer tells no time"),
        },
        Err(error) => {
            Finding::warning("clock", format!("Google's time could not be asked: {error}"), remedy::SLOW)
        }
    }
}

fn seconds(date: &str) -> Option<i64> {
    let date = DateTimeParser::new().parse_zoned(date).ok()?;
    Some(date.timestamp().as_second())
}

fn judged(ahead: i64) -> Finding {
    let by = ahead.abs();
    let seen = match ahead {
        0.. => format!("the clock of this machine is {by} s ahead of Google's"),
        _ => format!("the clock of this machine is {by} s behind Google's"),
    };
    let remedy = "keep the clock by NTP: timedatectl set-ntp true, then look at timedatectl";
    if by > WRONG {
        Finding::fault("clock", seen, remedy)
    } else if by > DRIFTING {
        Finding::warning("clock", seen, remedy)
    } else {
        Finding::ok("clock", seen)
    }
}

#[cfg(test)]
mod tests {
    use super::{judged, seconds};
    use postern_core::model::finding::Severity;

    #[test]
    fn a_drifting_clock_is_a_warning_and_a_wrong_one_a_fault() {
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(judged(-3).severity, Severity::Ok);
        assert_eq!(judged(60).severity, Severity::Warning);
        let day = judged(-86_400);
        assert_eq!(day.severity, Severity::Fault);
        assert!(day.seen.contains("86400 s behind"), "{day:?}");
    }
}
