//! No recurrence breaks the budget, the horizon or the order, or takes longer
//! than a moment; no id or title is too strange.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postern_core::plan::calendar::instance::{Instance, Split};
use postern_core::plan::calendar::labels::Labels;
use postern_core::plan::calendar::moment::{Date, Instant};
use postern_core::plan::calendar::series::{Horizon, Series};
use postern_core::plan::calendar::times::Times;

const BUDGET: usize = 200;

// The first line starts the series, the others are its recurrence.
fuzz_target!(|text: &str| {
    let (start, lines) = text.split_once('\n').unwrap_or(("", text));
    if let Ok(Some(instance)) = Instance::parse(start) {
        assert_eq!(instance.id(), start);
    }
    let _ = Split::parse(start);
    if let Ok(labels) = Labels::new([(1, start.to_owned()), (2, "Call".to_owned())]) {
        assert_eq!(labels.strip(&1, &labels.add(&1, lines)), lines);
        assert_eq!(labels.strip(&2, &labels.add(&2, lines)), lines);
    }
    let times = match (Instant::parse(start), Date::parse(start)) {
        (Ok(start), _) => Times::timed(start, start.plus_seconds(3_600).unwrap_or(start)),
        (_, Ok(day)) => Times::all_day(day, day),
        _ => Times::all_day(day(20_000), day(20_000)),
    };
    let Ok(times) = times else { return };
    let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
    let series = Series { times, zone: Some("America/New_York"), lines: &lines, exceptions: &[] };
    for from in [20_423, 2_900_000] {
        let horizon = Horizon { from: day(from), to: day(from + 120) };
        let found = series.expand(horizon, BUDGET);
        assert!(found.occurrences.len() <= BUDGET);
        assert!(found.occurrences.is_sorted_by(|a, b| a.original < b.original));
        assert!(found.unsupported.is_none() || found.occurrences.is_empty());
    }
});

fn day(since_1970: i64) -> Date {
    let first = Date::new(1970, 1, 1).expect("the first day");
    first.plus_days(since_1970).expect("a day of these years")
}
