//! Recurring events, expanded by us and by python-dateutil: both must find the
//! same occurrences in hundreds of series.

use std::io::Write as _;
use std::process::{Command, Stdio};

use postern_core::plan::calendar::moment::{Date, Instant, Zone};
use postern_core::plan::calendar::series::{Horizon, Series};
use postern_core::plan::calendar::times::Times;
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Just, Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;
use proptest::{bool, prop_oneof};
use serde::Serialize;

use crate::support::program::{file, part};

const SERIES: usize = 600;
// Days since 1970: the horizon begins in 2026, with both changes of the clocks in a year of it.
const FROM: i64 = 20_454;

/// A series, written for dateutil; all-day ones have no zone.
#[derive(Debug, Clone, Serialize)]
struct Case {
    zone: Option<&'static str>,
    start: String,
    lines: Vec<String>,
    from: String,
    to: String,
}

fn day(since_1970: i64) -> Date {
    Date::new(1970, 1, 1).unwrap().plus_days(since_1970).unwrap()
}

fn basic(date: Date) -> String {
    date.to_string().replace('-', "")
}

fn list(key: &'static str, items: impl Strategy<Value = i32>, most: usize) -> impl Strategy<Value = String> {
    vec(items, 1..=most).prop_map(move |items| {
        let items: Vec<String> = items.iter().map(i32::to_string).collect();
        format!(";{key}={}", items.join(","))
    })
}

// Boxed, because the trees of all the parts would not fit on the stack.
fn perhaps(part: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
    weighted(0.3, part).prop_map(Option::unwrap_or_default).boxed()
}

fn signed(most: i32) -> impl Strategy<Value = i32> {
    prop_oneof![1..=most, -most..=-1]
}

// Either each of some weekdays or numbered ones: dateutil takes both together for "and".
fn days(numbered: i32) -> impl Strategy<Value = String> {
    const NAMES: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    let each = vec(select(&NAMES[..]).prop_map(str::to_owned), 1..4);
    let one = (signed(numbered.max(1)), select(&NAMES[..]));
    let some = vec(
        one.prop_map(move |(nth, name)| if numbered == 0 { name.to_owned() } else { format!("{nth}{name}") }),
        1..3,
    );
    prop_oneof![each, some].prop_map(|days| format!(";BYDAY={}", days.join(",")))
}

fn end() -> impl Strategy<Value = String> {
    let until = FROM + 100..FROM + 900;
    prop_oneof![
        2 => Just(String::new()),
        2 => (1..600).prop_map(|count| format!(";COUNT={count}")),
        1 => until.clone().prop_map(|until| format!(";UNTIL={}", basic(day(until)))),
        1 => (until, 0..24).prop_map(|(until, hour)| format!(";UNTIL={}T{hour:02}3000Z", basic(day(until)))),
    ]
}

fn rule() -> BoxedStrategy<String> {
    let months = || perhaps(list("BYMONTH", 1..=12, 4));
    let month_days = || perhaps(list("BYMONTHDAY", signed(31), 3));
    let positions = || perhaps(list("BYSETPOS", signed(4), 2));
    let week_start = || perhaps(select(&["MO", "SU", "WE"][..]).prop_map(|day| format!(";WKST={day}")));
    let daily = (months(), month_days(), perhaps(days(0)));
    // Positions in a week are left out: dateutil has no days before the start in the first one.
    let weekly = (months(), perhaps(days(0)), week_start());
    let monthly = (months(), month_days(), perhaps(days(5)), positions());
    let yearly = (months(), month_days(), perhaps(days(6)), positions());
    let by_year_day = (list("BYYEARDAY", signed(366), 4), months(), perhaps(days(0)));
    // Week 1 may begin in the year before; dateutil knows that week by positive numbers and by -1 only.
    let weeks = prop_oneof![1..=53, Just(-1)];
    let by_week = (list("BYWEEKNO", weeks, 3), perhaps(days(0)), week_start());
    let shape = prop_oneof![
        daily.prop_map(|(a, b, c)| format!("DAILY{a}{b}{c}")),
        weekly.prop_map(|(a, b, c)| format!("WEEKLY{a}{b}{c}")),
        monthly.prop_map(|(a, b, c, d)| format!("MONTHLY{a}{b}{c}{d}")),
        yearly.prop_map(|(a, b, c, d)| format!("YEARLY{a}{b}{c}{d}")),
        by_year_day.prop_map(|(a, b, c)| format!("YEARLY{a}{b}{c}")),
        by_week.prop_map(|(a, b, c)| format!("YEARLY{a}{b}{c}")),
    ];
    (shape, perhaps((1..5).prop_map(|every| format!(";INTERVAL={every}"))), end())
        .prop_map(|(shape, interval, end)| format!("FREQ={shape}{interval}{end}"))
        .boxed()
}

fn times_of_day() -> impl Strategy<Value = String> {
    (list("BYHOUR", 0..=23, 3), perhaps(list("BYMINUTE", 0..=59, 2)))
        .prop_map(|(hours, minutes)| format!("{hours}{minutes}"))
}

fn lines(all_day: bool) -> impl Strategy<Value = Vec<String>> {
    let time = move |(day, hour): (i64, i32)| {
        let day = basic(self::day(day));
        if all_day { day } else { format!("{day}T{hour:02}0000") }
    };
    let dates = move || vec((FROM - 40..FROM + 160, 0..24).prop_map(time), 1..6);
    let kind = if all_day { ";VALUE=DATE" } else { "" };
    let times = perhaps(times_of_day()).prop_map(move |times| if all_day { String::new() } else { times });
    let rule = (rule(), times).prop_map(|(rule, times)| format!("{rule}{times}"));
    (rule, of(self::rule()), of(dates()), of(dates()), bool::weighted(0.2)).prop_map(
        move |(rule, second, added, excluded, out)| {
            let mut lines = vec![format!("RRULE:{rule}")];
            lines.extend(second.map(|rule| format!("{}:{rule}", if out { "EXRULE" } else { "RRULE" })));
            lines.extend(added.map(|dates| format!("RDATE{kind}:{}", dates.join(","))));
            lines.extend(excluded.map(|dates| format!("EXDATE{kind}:{}", dates.join(","))));
            lines
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    let zones = ["Europe/Prague", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"];
    let zone = prop_oneof![1 => Just(None), 3 => select(zones.to_vec()).prop_map(Some)];
    let horizon = (FROM..FROM + 365, 1_i64..800);
    (zone, FROM - 3_000..FROM + 100, 0_i64..96, horizon).prop_flat_map(
        |(zone, start, quarter, (from, length))| {
            lines(zone.is_none()).prop_map(move |lines| Case {
                zone,
                start: match zone {
                    None => basic(day(start)),
                    // By the instant: a start is never a time that the clock skips.
                    Some(_) => {
                        Instant::from_seconds(start * 86_400 + quarter * 900)
                            .unwrap()
                            .crm()
                            .replace(['-', ':'], "")
                            .replace(' ', "T")
                            + "Z"
                    }
                },
                lines,
                from: basic(day(from)),
                to: basic(day(from + length)),
            })
        },
    )
}

fn read(basic: &str) -> Date {
    Date::parse(&format!("{}-{}-{}", &basic[..4], &basic[4..6], &basic[6..8])).unwrap()
}

fn ours(case: &Case) -> Vec<String> {
    let first = read(&case.start);
    let times = match case.zone {
        None => Times::all_day(first, first).unwrap(),
        Some(_) => {
            let text = &case.start[9..15];
            let start = format!("{first}T{}:{}:{}", &text[..2], &text[2..4], &text[4..]);
            let start = Instant::parse_in(&start, &Zone::utc()).unwrap();
            Times::timed(start, start).unwrap()
        }
    };
    let series = Series { times, zone: case.zone, lines: &case.lines, exceptions: &[] };
    let found = series.expand(Horizon { from: read(&case.from), to: read(&case.to) }, usize::MAX);
    assert_eq!((found.over_budget, found.unsupported), (false, None), "{case:?}");
    found.occurrences.iter().map(|it| it.original.to_string()).collect()
}

fn theirs(cases: &[Case]) -> Vec<Vec<String>> {
    let mut command = Command::new(part("PYTHON"));
    command.arg(file("recurrence.py")).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut python = command.spawn().unwrap();
    // One that is missing something ends without having read.
    let _written = python.stdin.take().unwrap().write_all(&serde_json::to_vec(cases).unwrap());
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn hundreds_of_series_have_the_occurrences_that_dateutil_finds() {
    let mut runner = TestRunner::deterministic();
    let case = case();
    let cases: Vec<Case> = (0..SERIES).map(|_| case.new_tree(&mut runner).unwrap().current()).collect();
    let theirs = theirs(&cases);
    assert_eq!(theirs.len(), SERIES);
    for (case, theirs) in cases.iter().zip(&theirs) {
        assert_eq!(&ours(case), theirs, "{case:?}");
    }
    // That most of them have some is what makes the comparison worth anything.
    let some = theirs.iter().filter(|starts| starts.len() > 1).count();
    assert!(some > SERIES / 2, "only {some} series have occurrences");
}
