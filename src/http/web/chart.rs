//! Charts of the overview: bars as SVG, drawn by classes so that both themes
//! have their colours, and the same figures as a table.

use std::collections::BTreeMap;

use crate::clock::Micros;
use crate::node::tally::HOUR;
use crate::store::hourly::Figure;
use crate::texts::{Charts, Lang, Sentence};

use super::zone;

/// Height of the drawing.
const HEIGHT: i64 = 60;
/// Width of a bar with the gap beside it.
const STEP: i64 = 10;

/// How much time is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    /// 24 hours, a bar for each.
    Day,
    /// 30 days, a bar for each.
    Month,
}

impl Span {
    /// The span that a query asks for.
    pub fn asked(query: &str) -> Self {
        let asked = crate::http::form::parameter(query.as_bytes(), "span");
        if asked.as_deref() == Some("30d") { Self::Month } else { Self::Day }
    }

    /// The first hour that may be shown; in no zone a day is longer than 26 hours.
    pub fn begin(self, now: Micros) -> Micros {
        let hours = match self {
            Self::Day => 23,
            Self::Month => 30 * 24 + 26,
        };
        crate::node::tally::begin(now) - hours * HOUR
    }
}

/// What is drawn, by its name in the store.
const DRAWN: [(&str, Charts, Unit); 6] = [
    ("logins", Charts::Logins, Unit::Number),
    ("refusals", Charts::Refusals, Unit::Number),
    ("messages", Charts::Messages, Unit::Number),
    ("bytes", Charts::Bytes, Unit::Octets),
    ("refreshes", Charts::Refreshes, Unit::Number),
    ("sessions", Charts::Sessions, Unit::Most),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Number,
    Octets,
    /// The most at once: hours are not added up.
    Most,
}

/// One chart.
pub(super) struct Chart {
    pub id: &'static str,
    pub title: Charts,
    /// What it shows, in a sentence.
    pub told: String,
    pub width: i64,
    pub bars: Vec<Bar>,
    /// Each bar in words, the newest first.
    pub rows: Vec<(String, String)>,
    pub first: String,
    pub last: String,
}

/// A bar, in the units of the drawing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bar {
    pub x: i64,
    pub y: i64,
    pub height: i64,
}

/// The charts of a span; none when nothing was counted in it.
pub(super) fn draw(
    lang: Lang,
    figures: &[Figure],
    span: Span,
    now: Micros,
    zone: Option<&str>,
) -> Vec<Chart> {
    let slots = slots(span, now, zone);
    let of = |name: &str, unit| gathered(figures.iter().filter(|it| it.name == name), span, zone, unit);
    let all: Vec<_> =
        DRAWN.iter().map(|(name, title, unit)| (*name, *title, *unit, of(name, *unit))).collect();
    if !all.iter().any(|(.., counts)| slots.iter().any(|slot| counts.contains_key(&slot.key))) {
        return Vec::new();
    }
    all.into_iter()
        .map(|(id, title, unit, counts)| {
            let counts: Vec<i64> =
                slots.iter().map(|slot| counts.get(&slot.key).copied().unwrap_or(0)).collect();
            chart(lang, (id, title, unit), &slots, &counts)
        })
        .collect()
}

/// A bar's place: what is counted under it, and its name. An hour that the clock
/// on the wall shows twice has two places of one name.
struct Slot {
    key: String,
    name: String,
}

// The oldest first.
fn slots(span: Span, now: Micros, zone: Option<&str>) -> Vec<Slot> {
    match span {
        Span::Day => {
            let last = crate::node::tally::begin(now);
            let slot = |hour: Micros| Slot { key: hour.to_string(), name: zone::hour(hour, zone) };
            (0..24).map(|number| slot(last - (23 - number) * HOUR)).collect()
        }
        Span::Month => {
            let days = zone::days(now, 30, zone).into_iter();
            days.map(|day| Slot { key: day.clone(), name: day }).collect()
        }
    }
}

fn gathered<'f>(
    figures: impl Iterator<Item = &'f Figure>,
    span: Span,
    zone: Option<&str>,
    unit: Unit,
) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for Figure { hour, count, .. } in figures {
        let slot = match span {
            Span::Day => hour.to_string(),
            Span::Month => zone::day(*hour, zone),
        };
        let so_far = counts.entry(slot).or_insert(0_i64);
        *so_far = if unit == Unit::Most { (*so_far).max(*count) } else { so_far.saturating_add(*count) };
    }
    counts
}

fn chart(lang: Lang, drawn: (&'static str, Charts, Unit), slots: &[Slot], counts: &[i64]) -> Chart {
    let (id, title, unit) = drawn;
    let most = counts.iter().copied().max().unwrap_or(0);
    let sum = counts.iter().fold(0_i64, |sum, count| sum.saturating_add(*count));
    let written = |count: i64| match unit {
        Unit::Octets => octets(lang, count),
        Unit::Number | Unit::Most => grouped(count),
    };
    let told = match unit {
        Unit::Most => Sentence::from(Charts::ToldMost),
        Unit::Number | Unit::Octets => Sentence::from(Charts::ToldSum).with("sum", &written(sum)),
    };
    let mut bars = Vec::new();
    for (count, x) in counts.iter().zip((0..).step_by(10)) {
        if *count > 0 {
            // Something is more than nothing, however small.
            let height = (i128::from(*count) * i128::from(HEIGHT) / i128::from(most)).max(1);
            let height = i64::try_from(height).unwrap_or(HEIGHT);
            bars.push(Bar { x, y: HEIGHT - height, height });
        }
    }
    Chart {
        id,
        title,
        told: told.with("most", &written(most)).say(lang),
        width: STEP * i64::try_from(counts.len()).unwrap_or(0),
        bars,
        rows: slots
            .iter()
            .zip(counts)
            .map(|(slot, count)| (slot.name.clone(), written(*count)))
            .rev()
            .collect(),
        first: slots.first().map(|slot| slot.name.clone()).unwrap_or_default(),
        last: slots.last().map(|slot| slot.name.clone()).unwrap_or_default(),
    }
}

/// A number with a narrow gap between thousands.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// Octets in the largest decimal unit that leaves something before the comma.
fn octets(lang: Lang, number: i64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    let mut tenths = i128::from(number) * 10;
    let mut unit = "B";
    for next in UNITS {
        if tenths < 10_000 {
            break;
        }
        (tenths, unit) = (tenths / 1_000, next);
    }
    let comma = if lang == Lang::Czech { ',' } else { '.' };
    let (whole, tenth) = (tenths / 10, tenths % 10);
    if unit == "B" { format!("{whole}\u{a0}B") } else { format!("{whole}{comma}{tenth}\u{a0}{unit}") }
}

#[cfg(test)]
mod tests {
    use super::{Bar, Figure, HOUR, Lang, Span, draw, grouped, octets};

    // 2026-11-22T22:00Z, in Prague an hour before midnight.
    const NOW: i64 = 1_795_384_800 * 1_000_000;

    fn figure(back: i64, name: &str, count: i64) -> Figure {
        Figure { hour: NOW - back * HOUR, name: name.to_owned(), count }
    }

    #[test]
    fn an_hour_has_its_bar_and_its_row_in_the_zone() {
        let figures = [figure(0, "logins", 10), figure(1, "logins", 5), figure(23, "logins", 1)];
        let charts = draw(Lang::English, &figures, Span::Day, NOW + 5, Some("Europe/Prague"));
        let logins = &charts[0];
        let bars = [
            Bar { x: 0, y: 54, height: 6 },
            Bar { x: 220, y: 30, height: 30 },
            Bar { x: 230, y: 0, height: 60 },
        ];
        assert_eq!((logins.bars.as_slice(), logins.width), (bars.as_slice(), 240));
        assert_eq!((logins.first.as_str(), logins.last.as_str()), ("2026-11-22 00:00", "2026-11-22 23:00"));
        assert_eq!(logins.rows[0], ("2026-11-22 23:00".to_owned(), "10".to_owned()));
        assert!(logins.told.contains("16 in all") && logins.told.contains("10"), "{}", logins.told);
        assert!(charts[1].bars.is_empty(), "nothing was refused");
    }

    #[test]
    fn days_are_those_of_the_zone_and_sessions_are_not_added_up() {
        let mut figures: Vec<_> = (0..3).map(|back| figure(back, "logins", 1)).collect();
        figures.extend([figure(0, "sessions", 7), figure(1, "sessions", 4), figure(-1, "logins", 1)]);
        let last = |zone| {
            let charts = draw(Lang::English, &figures, Span::Month, NOW + HOUR, zone);
            let row = |at: usize| charts[at].rows[0].clone();
            (charts[0].rows.len(), row(0), row(5))
        };
        let (rows, logins, sessions) = last(None);
        assert_eq!((rows, logins), (30, ("2026-11-22".to_owned(), "4".to_owned())));
        assert_eq!(sessions.1, "7");
        assert_eq!(last(Some("Europe/Prague")).1, ("2026-11-23".to_owned(), "1".to_owned()));
    }

    // 2026-10-25T02:00 CEST is followed by 02:00 CET.
    #[test]
    fn an_hour_that_comes_twice_has_two_bars() {
        let second = 1_792_890_000 * 1_000_000;
        let at = |hour, count| Figure { hour, name: "logins".to_owned(), count };
        let figures = [at(second - HOUR, 3), at(second, 4)];
        let charts = draw(Lang::English, &figures, Span::Day, second, Some("Europe/Prague"));
        let twice: Vec<_> = charts[0].rows.iter().filter(|(_, count)| count != "0").collect();
        let name = "2026-10-25 02:00".to_owned();
        assert_eq!(twice, [&(name.clone(), "4".to_owned()), &(name, "3".to_owned())]);
    }

    #[test]
    fn without_figures_there_is_no_chart() {
        assert!(draw(Lang::English, &[], Span::Day, NOW, None).is_empty());
        assert!(draw(Lang::English, &[figure(30, "logins", 5)], Span::Day, NOW, None).is_empty());
        assert_eq!(draw(Lang::English, &[figure(30, "logins", 5)], Span::Month, NOW, None).len(), 6);
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(
            (grouped(0), grouped(999), grouped(1_234_567)),
            ("0".into(), "999".into(), "1\u{202f}234\u{202f}567".into())
        );
        for (number, english, czech) in [
            (0, "0\u{a0}B", "0\u{a0}B"),
            (999, "999\u{a0}B", "999\u{a0}B"),
            (1_000, "1.0\u{a0}kB", "1,0\u{a0}kB"),
            (2_345_678, "2.3\u{a0}MB", "2,3\u{a0}MB"),
            (i64::MAX, "9223.3\u{a0}PB", "9223,3\u{a0}PB"),
        ] {
            assert_eq!(
                (octets(Lang::English, number).as_str(), octets(Lang::Czech, number).as_str()),
                (english, czech)
            );
        }
    }
}
