//! Starts of one rule: examples as RFC 5545 has them (3.8.5.3), and what a rule may cost.

use jiff::civil::{Date, DateTime};

use super::{Recurrence, STARTS, TIMES, Window, Work};
use crate::plan::calendar::rule::{Rule, Unsupported};

/// First day, rule, the day after the last and the days until then.
const EXAMPLES: [(&str, &str, &str, &str); 28] = [
    ("1997-09-02", "FREQ=DAILY;INTERVAL=10;COUNT=4", "1998-01-01", "97-09-02 97-09-12 97-09-22 97-10-02"),
    (
        "1998-01-01",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=1,-1",
        "1999-03-02",
        "98-02-01 98-02-28 99-02-01 99-02-28",
    ),
    (
        "1997-09-02",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=6;WKST=SU;BYDAY=TU,TH",
        "1998-01-01",
        "97-09-02 97-09-04 97-09-16 97-09-18 97-09-30 97-10-02",
    ),
    (
        "1997-08-05",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        "1998-01-01",
        "97-08-05 97-08-10 97-08-19 97-08-24",
    ),
    (
        "1997-08-05",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        "1998-01-01",
        "97-08-05 97-08-17 97-08-19 97-08-31",
    ),
    ("1997-09-02", "FREQ=WEEKLY", "1997-10-01", "97-09-02 97-09-09 97-09-16 97-09-23 97-09-30"),
    ("1997-09-05", "FREQ=MONTHLY;BYDAY=1FR", "1998-01-03", "97-09-05 97-10-03 97-11-07 97-12-05 98-01-02"),
    (
        "1997-09-07",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=1SU,-1SU",
        "1998-02-01",
        "97-09-07 97-09-28 97-11-02 97-11-30 98-01-04 98-01-25",
    ),
    (
        "1997-09-22",
        "FREQ=MONTHLY;COUNT=5;BYDAY=-2MO",
        "1999-01-01",
        "97-09-22 97-10-20 97-11-17 97-12-22 98-01-19",
    ),
    (
        "1997-09-28",
        "FREQ=MONTHLY;BYMONTHDAY=-3",
        "1998-03-01",
        "97-09-28 97-10-29 97-11-28 97-12-29 98-01-29 98-02-26",
    ),
    ("1997-01-31", "FREQ=MONTHLY", "1997-09-01", "97-01-31 97-03-31 97-05-31 97-07-31 97-08-31"),
    (
        "1997-09-10",
        "FREQ=MONTHLY;INTERVAL=18;COUNT=8;BYMONTHDAY=10,11,12,13,14,15",
        "2000-01-01",
        "97-09-10 97-09-11 97-09-12 97-09-13 97-09-14 97-09-15 99-03-10 99-03-11",
    ),
    (
        "1998-02-13",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "1999-12-31",
        "98-02-13 98-03-13 98-11-13 99-08-13",
    ),
    (
        "1997-09-13",
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "1998-03-01",
        "97-09-13 97-10-11 97-11-08 97-12-13 98-01-10 98-02-07",
    ),
    (
        "1997-09-04",
        "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
        "1998-01-01",
        "97-09-04 97-10-07 97-11-06",
    ),
    (
        "1997-09-29",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "1998-04-01",
        "97-09-29 97-10-30 97-11-27 97-12-30 98-01-29 98-02-26 98-03-30",
    ),
    (
        "1997-09-01",
        "FREQ=MONTHLY;COUNT=6;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1,1",
        "1998-01-01",
        "97-09-01 97-09-30 97-10-01 97-10-31 97-11-03 97-11-28",
    ),
    (
        "1997-06-10",
        "FREQ=YEARLY;COUNT=5;BYMONTH=6,7",
        "2001-01-01",
        "97-06-10 97-07-10 98-06-10 98-07-10 99-06-10",
    ),
    ("1996-02-29", "FREQ=YEARLY", "2009-01-01", "96-02-29 00-02-29 04-02-29 08-02-29"),
    (
        "1997-01-01",
        "FREQ=YEARLY;INTERVAL=3;COUNT=7;BYYEARDAY=1,100,200",
        "2010-01-01",
        "97-01-01 97-04-10 97-07-19 00-01-01 00-04-09 00-07-18 03-01-01",
    ),
    (
        "1997-12-31",
        "FREQ=YEARLY;BYYEARDAY=-1,366",
        "2002-01-01",
        "97-12-31 98-12-31 99-12-31 00-12-31 01-12-31",
    ),
    ("1997-05-19", "FREQ=YEARLY;BYDAY=20MO", "2001-01-01", "97-05-19 98-05-18 99-05-17 00-05-15"),
    (
        "1997-12-29",
        "FREQ=YEARLY;BYDAY=-1MO,1TU",
        "2001-01-01",
        "97-12-29 98-01-06 98-12-28 99-01-05 99-12-27 00-01-04 00-12-25",
    ),
    (
        "1997-05-12",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "2002-01-01",
        "97-05-12 98-05-11 99-05-17 00-05-15 01-05-14",
    ),
    (
        "1997-12-29",
        "FREQ=YEARLY;BYWEEKNO=1,53,-1;BYDAY=MO",
        "2001-01-01",
        "97-12-29 98-12-28 99-01-04 99-12-27 00-01-03 00-12-25",
    ),
    (
        "2000-01-01",
        "FREQ=YEARLY;BYWEEKNO=1;BYDAY=SU;WKST=SU",
        "2004-12-01",
        "00-01-02 00-12-31 01-12-30 02-12-29 04-01-04",
    ),
    (
        "1997-03-13",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=2TH,-1TH",
        "2000-01-01",
        "97-03-13 97-03-27 98-03-12 98-03-26 99-03-11 99-03-25",
    ),
    (
        "1996-11-05",
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "2010-01-01",
        "96-11-05 00-11-07 04-11-02 08-11-04",
    ),
];

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn starts(
    first: &str,
    rule: &str,
    (from, to): (&str, &str),
    work: usize,
) -> Result<(Vec<DateTime>, usize), Unsupported> {
    let (rule, window) = (Rule::parse(rule)?, Window { from: day(from), to: day(to) });
    let mut work = Work(work);
    let first = day(first).at(9, 30, 15, 0);
    let found = Recurrence::new(rule, first, false, &|_| true)?.starts(window, &mut work)?;
    Ok((found, work.0))
}

fn days(first: &str, rule: &str, window: (&str, &str)) -> String {
    let found = starts(first, rule, window, 500_000).unwrap().0;
    found.iter().map(|at| at.strftime("%y-%m-%d").to_string()).collect::<Vec<_>>().join(" ")
}

fn clock(rule: &str) -> Vec<String> {
    let found = starts("1997-09-02", rule, ("1997-09-02", "1997-09-03"), 500_000).unwrap().0;
    found.iter().map(|at| at.time().to_string()).collect()
}

#[test]
fn a_rule_gives_the_days_that_the_rfc_says() {
    for (first, rule, to, expected) in EXAMPLES {
        assert_eq!(days(first, rule, (first, to)), expected, "{rule}");
    }
}

#[test]
fn a_window_shows_what_lies_in_it_and_a_count_begins_with_the_series() {
    let fortnight = "FREQ=WEEKLY;INTERVAL=2";
    assert_eq!(days("1997-09-02", fortnight, ("1998-01-06", "1998-02-03")), "98-01-06 98-01-20");
    assert_eq!(days("1997-09-02", fortnight, ("1998-01-07", "1998-01-20")), "");
    assert_eq!(days("1997-09-02", "FREQ=DAILY;COUNT=5", ("1997-09-05", "1998-01-01")), "97-09-05 97-09-06");
    let quarterly = "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1";
    assert_eq!(days("1997-09-01", quarterly, ("1999-11-01", "2000-04-01")), "99-12-01 00-03-01");
    assert_eq!(
        days("1997-09-02", "FREQ=YEARLY;INTERVAL=2", ("2000-01-01", "2004-01-01")),
        "01-09-02 03-09-02"
    );
    assert_eq!(days("1997-09-02", fortnight, ("1996-01-01", "1997-09-03")), "97-09-02", "none is before it");
}

#[test]
fn times_of_a_day_are_those_that_are_listed_or_that_of_the_start() {
    assert_eq!(clock("FREQ=DAILY"), ["09:30:15"]);
    assert_eq!(clock("FREQ=DAILY;BYHOUR=11,10,10;BYSECOND=0"), ["10:30:00", "11:30:00"]);
    assert_eq!(clock("FREQ=DAILY;BYHOUR=10;BYMINUTE=0,20;BYSETPOS=-1"), ["10:20:15"]);
    assert_eq!(clock("FREQ=DAILY;BYHOUR=8,10"), ["10:30:15"], "the first one is the start");
}

#[test]
fn whole_days_have_no_times() {
    let (rule, first) = (Rule::parse("FREQ=DAILY;BYHOUR=10,11").unwrap(), day("1997-09-02").at(0, 0, 0, 0));
    let window = Window { from: first.date(), to: day("1997-09-04") };
    let all = Recurrence::new(rule, first, true, &|_| true).unwrap();
    assert_eq!(all.starts(window, &mut Work(100)).unwrap(), [first, day("1997-09-03").at(0, 0, 0, 0)]);
}

#[test]
fn every_day_and_start_that_is_looked_at_costs() {
    let window = ("1997-09-02", "1997-09-11");
    for (rule, cost) in [
        ("FREQ=DAILY", 10 + 10),
        ("FREQ=DAILY;BYHOUR=10,11,12", 10 + 10 * 3),
        ("FREQ=DAILY;BYHOUR=10,11,12;BYSETPOS=1,2", 10 + 10 * 3 + 10 * 2),
        ("FREQ=MONTHLY", 30 + 1),
        ("FREQ=YEARLY;BYMONTHDAY=1", 365 + 12),
    ] {
        assert_eq!(starts("1997-09-02", rule, window, cost).unwrap().1, 0, "{rule}");
        assert_eq!(starts("1997-09-02", rule, window, cost - 1), Err(Unsupported::Work), "{rule}");
    }
}

#[test]
fn a_rule_ends_with_its_first_start_that_is_not_within() {
    let (rule, first) = (Rule::parse("FREQ=WEEKLY;BYDAY=TU,FR").unwrap(), day("1997-09-02").at(9, 0, 0, 0));
    let window = Window { from: first.date(), to: day("1998-01-01") };
    let until = |at: DateTime| at.date() <= day("1997-09-09");
    let found =
        Recurrence::new(rule, first, false, &until).unwrap().starts(window, &mut Work(1_000)).unwrap();
    assert_eq!(found, ["1997-09-02", "1997-09-05", "1997-09-09"].map(|it| day(it).at(9, 0, 0, 0)));
}

#[test]
fn one_start_more_than_is_kept_shows_that_there_are_more() {
    let often = "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,10,20,30,40,50";
    let found = starts("1997-09-02", often, ("1997-09-02", "1998-09-02"), 500_000).unwrap().0;
    assert_eq!(found.len(), STARTS + 1);
}

#[test]
fn a_day_has_so_many_times_and_no_more() {
    let numbers = |most: usize| (0..most).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let of = |minutes| {
        let rule = format!("FREQ=DAILY;BYHOUR={};BYMINUTE={}", numbers(24), numbers(minutes));
        starts("1997-09-02", &rule, ("1997-09-03", "1997-09-04"), 500_000).map(|(found, _)| found.len())
    };
    assert_eq!((of(TIMES / 24), of(TIMES / 24 + 1)), (Ok(TIMES), Err(Unsupported::Work)));
}

#[test]
fn what_lies_before_the_window_costs_nothing() {
    for (rule, found) in [("FREQ=DAILY", 9), ("FREQ=DAILY;INTERVAL=3", 3), ("FREQ=WEEKLY", 1)] {
        let window = ("2037-09-02", "2037-09-11");
        assert_eq!(starts("1997-09-02", rule, window, 40).unwrap().0.len(), found, "{rule}");
    }
}
