//! Recurring events: how Google shows them, where they end, and what they may
//! cost.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use postern_core::plan::calendar::instance::OriginalStart;
use postern_core::plan::calendar::moment::{Date, Instant};
use postern_core::plan::calendar::series::{Exception, Expansion, Horizon, Now, Series, Unsupported};
use postern_core::plan::calendar::times::Times;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_oneof, proptest};

const BUDGET: usize = 200;

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn hour(start: &str) -> Times {
    Times::timed(at(start), at(start).plus_seconds(3_600).unwrap()).unwrap()
}

fn all_day(first: &str, last: &str) -> Times {
    Times::all_day(day(first), day(last)).unwrap()
}

fn months(from: &str, to: &str) -> Horizon {
    Horizon { from: day(&format!("{from}-01")), to: day(&format!("{to}-01")) }
}

fn expand(times: Times, zone: &str, lines: &[&str], exceptions: &[Exception], horizon: Horizon) -> Expansion {
    let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    Series { times, zone: Some(zone), lines: &lines, exceptions }.expand(horizon, BUDGET)
}

// The originals as in ids, with the reason or the budget where there is one.
fn starts(expansion: &Expansion) -> Vec<String> {
    assert_eq!((expansion.unsupported, expansion.over_budget), (None, false));
    expansion.occurrences.iter().map(|occurrence| occurrence.original.to_string()).collect()
}

#[test]
fn f_2_a_series_keeps_its_local_time_when_the_clocks_change() {
    let spring = expand(
        hour("2026-03-22T08:00:00Z"),
        "Europe/Prague",
        &["RRULE:FREQ=WEEKLY;COUNT=2"],
        &[],
        months("2026-03", "2026-05"),
    );
    assert_eq!(starts(&spring), ["20260322T080000Z", "20260329T070000Z"]);
    let skipped = expand(
        hour("2026-03-28T01:30:00Z"),
        "Europe/Prague",
        &["RRULE:FREQ=DAILY;COUNT=3"],
        &[],
        months("2026-03", "2026-05"),
    );
    assert_eq!(starts(&skipped), ["20260328T013000Z", "20260329T013000Z", "20260330T003000Z"]);
    let second = expand(
        hour("2026-10-25T01:30:00Z"),
        "Europe/Prague",
        &["RRULE:FREQ=DAILY;COUNT=2"],
        &[],
        months("2026-10", "2026-12"),
    );
    assert_eq!(starts(&second), ["20261025T013000Z", "20261026T013000Z"]);
}

#[test]
fn all_day_occurrences_are_days_and_keep_their_length() {
    let found = expand(
        all_day("2026-12-05", "2026-12-06"),
        "Mars/Base",
        &["RRULE:FREQ=WEEKLY"],
        &[],
        months("2027-01", "2027-02"),
    );
    assert_eq!(starts(&found), ["20270102", "20270109", "20270116", "20270123", "20270130"]);
    assert_eq!(found.occurrences[0].times, all_day("2027-01-02", "2027-01-03"));
}

#[test]
fn the_start_counts_even_if_the_rule_does_not_name_it() {
    // As Google shows it: a Monday, and then five by the rule.
    let lines = ["RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=TU,TH,SA;COUNT=5"];
    let found = expand(hour("2020-06-08T13:00:00Z"), "UTC", &lines, &[], months("2020-06", "2020-07"));
    let expected = ["08", "09", "11", "13", "16", "18"].map(|day| format!("202006{day}T130000Z"));
    assert_eq!(starts(&found), expected);
}

#[test]
fn an_end_that_is_a_day_includes_that_day() {
    let until = |end: &str| {
        let line = format!("RRULE:FREQ=DAILY;UNTIL={end}");
        starts(&expand(
            hour("2026-12-01T13:00:00Z"),
            "Europe/Prague",
            &[&line],
            &[],
            months("2026-12", "2027-01"),
        ))
        .len()
    };
    assert_eq!(until("20261203"), 3);
    assert_eq!(until("20261203T130000Z"), 3);
    assert_eq!(until("20261203T125959Z"), 2);
    assert_eq!(until("20261203T140000"), 3);
    assert_eq!(until("20261203T135959"), 2);
    let line = ["RRULE:FREQ=DAILY;UNTIL=20261203T000000Z"];
    assert_eq!(
        starts(&expand(all_day("2026-12-01", "2026-12-01"), "", &line, &[], months("2026-12", "2027-01")))
            .len(),
        3
    );
}

#[test]
fn single_dates_add_and_exclude() {
    let lines = [
        "RRULE:FREQ=DAILY;COUNT=4",
        "EXDATE;TZID=America/New_York:20261202T030000,20261203T080000Z",
        "RDATE:20261210T100000",
        "rdate;value=date-time:20261211T090000Z",
        "EXRULE:FREQ=WEEKLY;COUNT=1",
    ];
    let found =
        expand(hour("2026-12-01T08:00:00Z"), "Europe/Prague", &lines, &[], months("2026-12", "2027-01"));
    assert_eq!(starts(&found), ["20261204T080000Z", "20261210T090000Z", "20261211T090000Z"]);
}

#[test]
fn exceptions_replace_their_occurrence_wherever_they_are_now() {
    let original = |text: &str| OriginalStart::Instant(at(text));
    let moved = hour("2026-12-24T08:00:00Z");
    let exceptions = [
        Exception { original: original("2026-12-02T08:00:00Z"), now: Now::Cancelled },
        Exception { original: original("2026-12-03T08:00:00Z"), now: Now::Replaced(moved) },
        // Moved out, moved in, and one that the rule no longer gives.
        Exception {
            original: original("2026-12-04T08:00:00Z"),
            now: Now::Replaced(hour("2027-03-01T08:00:00Z")),
        },
        Exception { original: original("2025-01-01T08:00:00Z"), now: Now::Replaced(moved) },
    ];
    let found = expand(
        hour("2026-12-01T08:00:00Z"),
        "UTC",
        &["RRULE:FREQ=DAILY;COUNT=5"],
        &exceptions,
        months("2026-12", "2027-01"),
    );
    assert_eq!(
        starts(&found),
        ["20250101T080000Z", "20261201T080000Z", "20261203T080000Z", "20261205T080000Z"]
    );
    assert_eq!(
        found.occurrences.iter().map(|it| it.replaced).collect::<Vec<_>>(),
        [true, false, true, false]
    );
    assert_eq!(found.occurrences[2].times, moved);
}

#[test]
fn more_than_the_budget_is_told_and_not_cut_off_in_silence() {
    let horizon = months("2026-01", "2027-01");
    let start = hour("2020-01-01T08:00:00Z");
    let found = expand(start, "UTC", &["RRULE:FREQ=DAILY"], &[], horizon);
    assert_eq!((found.over_budget, found.occurrences.len(), found.unsupported), (true, BUDGET, None));
    let found =
        expand(start, "UTC", &["RRULE:FREQ=DAILY;BYHOUR=0,6,12,18;BYMINUTE=0,15,30,45"], &[], horizon);
    assert!(found.over_budget);
    let few = expand(start, "UTC", &["RRULE:FREQ=DAILY;COUNT=2392"], &[], horizon);
    assert_eq!(starts(&few).len(), 200);
}

#[test]
fn what_cannot_be_expanded_exactly_is_withheld_with_the_reason() {
    let horizon = months("2026-12", "2027-01");
    let (timed, whole) = (hour("2026-12-01T08:00:00Z"), all_day("2026-12-01", "2026-12-01"));
    let dates = format!("RDATE:{}", vec!["20261201T080000Z"; 2_001].join(","));
    let (long, many) = (format!("RRULE:{}", "X".repeat(10_000_000)), ["RRULE:FREQ=DAILY"; 33]);
    for (times, zone, lines, reason) in [
        (timed, "UTC", &["RRULE:FREQ=SECONDLY"][..], Unsupported::Frequency),
        (timed, "UTC", &["RRULE:FREQ=DAILY;BYEASTER=0"], Unsupported::Rule),
        (timed, "UTC", &["DTSTART:20261201T080000Z"], Unsupported::Line),
        (timed, "UTC", &["nothing"], Unsupported::Line),
        (timed, "Mars/Base", &["RRULE:FREQ=DAILY"], Unsupported::Zone),
        (timed, "UTC", &["RDATE;TZID=Mars/Base:20261201T080000"], Unsupported::Zone),
        (timed, "UTC", &["EXDATE;VALUE=DATE:20261201"], Unsupported::Date),
        (timed, "UTC", &["RDATE;VALUE=PERIOD:20261201T080000Z/PT1H"], Unsupported::Date),
        (whole, "UTC", &["EXDATE:20261201T000000Z"], Unsupported::Date),
        (timed, "UTC", &[long.as_str()], Unsupported::TooLong),
        (timed, "UTC", &[dates.as_str()], Unsupported::TooLong),
        (timed, "UTC", &many[..], Unsupported::TooLong),
        (
            timed,
            "UTC",
            &["RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5;BYMINUTE=0,1,2,3,4,5,6;BYSECOND=0,1,2,3,4,5,6"],
            Unsupported::Work,
        ),
    ] {
        let found = expand(times, zone, lines, &[], horizon);
        assert_eq!(found.unsupported, Some(reason), "{:.60}", lines[0]);
        assert!(found.occurrences.is_empty());
    }
    let unzoned = Series { times: timed, zone: None, lines: &[], exceptions: &[] }.expand(horizon, BUDGET);
    assert_eq!(unzoned.unsupported, Some(Unsupported::Zone));
}

#[test]
fn a_rule_without_a_count_costs_the_same_however_old_it_is() {
    let horizon = months("9990-01", "9990-02");
    let old = hour("1970-01-01T08:00:00Z");
    assert_eq!(starts(&expand(old, "UTC", &["RRULE:FREQ=DAILY"], &[], horizon)).len(), 31);
    assert_eq!(
        starts(&expand(old, "UTC", &["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"], &[], horizon)).len(),
        0
    );
    let counted = expand(old, "UTC", &["RRULE:FREQ=DAILY;COUNT=999999999999999999"], &[], horizon);
    assert_eq!(counted.unsupported, Some(Unsupported::Work));
    let rare = expand(
        old,
        "UTC",
        &["RRULE:FREQ=YEARLY;INTERVAL=999999999999999999;COUNT=999999999999999999"],
        &[],
        horizon,
    );
    assert_eq!(starts(&rare).len(), 0);
}

fn any_line() -> impl Strategy<Value = String> {
    prop_oneof![
        "(RRULE|EXRULE|RDATE|EXDATE)[;:=A-Z0-9,+-]{0,60}",
        "RRULE:FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY|SECONDLY)(;COUNT=[0-9]{1,18})?(;INTERVAL=[0-9]{1,18})?(;BYSETPOS=-?[0-9]{1,3})?(;BYMONTH=[0-9]{1,2})?(;BYDAY=-?[0-9]{0,2}(MO|SU))?(;BYHOUR=1,5)?(;UNTIL=[0-9]{8})?",
        ".{0,40}",
    ]
}

proptest! {
    #[test]
    fn no_recurrence_costs_too_much_or_breaks_the_bounds(
        lines in vec(any_line(), 0..4), start in 0..=Instant::MAX.seconds(), length in 0_i64..100_000_000, whole in any::<bool>(),
        from in 0_i64..2_932_000, days in 0_i64..400, budget in 0_usize..300,
    ) {
        let epoch = day("1970-01-01");
        let start = Instant::from_seconds(start).unwrap();
        let times = if whole {
            let first = epoch.plus_days(start.seconds() / 86_400).unwrap();
            Times::all_day(first, first.plus_days(length / 86_400).unwrap_or(first))
        } else {
            Times::timed(start, start.plus_seconds(length).unwrap_or(start))
        };
        let from = epoch.plus_days(from).unwrap();
        let horizon = Horizon { from, to: from.plus_days(days).unwrap() };
        if let Ok(times) = times {
            let series = Series { times, zone: Some("America/New_York"), lines: &lines, exceptions: &[] };
            let found = series.expand(horizon, budget);
            prop_assert!(found.occurrences.len() <= budget);
            prop_assert!(found.occurrences.is_sorted_by(|a, b| a.original < b.original));
            let within = |times: Times| match times {
                Times::AllDay { first, .. } => first,
                Times::Timed { start, .. } => day(&start.to_string()[..10]),
            };
            prop_assert!(found.occurrences.iter().all(|it| (horizon.from..horizon.to).contains(&within(it.times))));
            prop_assert!(found == series.expand(horizon, budget));
        }
    }
}

#[test]
fn so_many_lines_and_octets_are_read_and_no_more() {
    let read = |lines: &[&str]| {
        let found = expand(hour("2026-12-01T08:00:00Z"), "UTC", lines, &[], months("2026-12", "2027-01"));
        found.unsupported
    };
    let line = "RDATE:20261202T080000Z";
    assert_eq!((read(&[line; 32]), read(&[line; 33])), (None, Some(Unsupported::TooLong)));
    let blanks = |octets: usize| " ".repeat(octets - line.len());
    let (full, over) = (line.to_owned() + &blanks(64 * 1024), line.to_owned() + &blanks(64 * 1024 + 1));
    assert_eq!((read(&[&full]), read(&[&over])), (None, Some(Unsupported::TooLong)));
}
