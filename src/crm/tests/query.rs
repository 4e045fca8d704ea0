//! Questions for lists as they stand in an address.

use url::form_urlencoded;

use crate::crm::fault::Fault;
use crate::crm::query::{Filter, Order, Query};

fn pairs(query: &Query) -> Vec<(String, String)> {
    form_urlencoded::parse(query.render().unwrap().as_bytes()).into_owned().collect()
}

fn filter(filter: Filter) -> Vec<(String, String)> {
    pairs(&Query::new().filter(filter)).split_off(2)
}

fn expect(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    lines.iter().map(|(name, value)| (format!("whereGroup[0]{name}"), (*value).to_owned())).collect()
}

#[test]
fn rule_5_1_a_change_list_reads_as_it_was_recorded() {
    let query = Query::new()
        .select(&["id", "modifiedAt"])
        .filter(Filter::at_least("modifiedAt", "2026-11-22 21:36:58"))
        .order("modifiedAt", Order::Asc)
        .page(200, 500);
    assert_eq!(
        query.render().unwrap(),
        "maxSize=200&offset=200&select=id%2CmodifiedAt&orderBy=modifiedAt&order=asc\
         &whereGroup[0][type]=greaterThanOrEquals&whereGroup[0][attribute]=modifiedAt\
         &whereGroup[0][value]=2026-11-22+21%3A36%3A58"
    );
}

#[test]
fn every_filter_has_the_crms_form() {
    let s = str::to_owned;
    for (given, wanted) in [
        (
            Filter::equals("a", "x&b=[1]"),
            vec![("[type]", "equals"), ("[attribute]", "a"), ("[value]", "x&b=[1]")],
        ),
        (
            Filter::ids(["1", "2"]),
            vec![("[type]", "in"), ("[attribute]", "id"), ("[value][]", "1"), ("[value][]", "2")],
        ),
        (
            Filter::Between(s("a"), s("1"), s("2")),
            vec![("[type]", "between"), ("[attribute]", "a"), ("[value][]", "1"), ("[value][]", "2")],
        ),
        (Filter::After(s("a"), s("1")), vec![("[type]", "after"), ("[attribute]", "a"), ("[value]", "1")]),
        (
            Filter::LinkedWith(s("users"), vec![s("1")]),
            vec![("[type]", "linkedWith"), ("[attribute]", "users"), ("[value][]", "1")],
        ),
        (
            Filter::Or(vec![Filter::IsNull(s("a")), Filter::And(vec![Filter::IsNull(s("b"))])]),
            vec![
                ("[type]", "or"),
                ("[value][0][type]", "isNull"),
                ("[value][0][attribute]", "a"),
                ("[value][1][type]", "and"),
                ("[value][1][value][0][type]", "isNull"),
                ("[value][1][value][0][attribute]", "b"),
            ],
        ),
    ] {
        assert_eq!(filter(given), expect(&wanted));
    }
}

#[test]
fn a_filter_that_would_vanish_or_overflow_is_not_asked() {
    let nested = (0..6).fold(Filter::IsNull("a".into()), |inner, _| Filter::And(vec![inner]));
    let too_many = vec!["a"; Filter::MOST_VALUES + 1];
    for refused in [
        Filter::ids([]),
        Filter::Or(Vec::new()),
        Filter::ids(too_many),
        Filter::equals("a", &"x".repeat(8000)),
        nested,
    ] {
        assert_eq!(Query::new().filter(refused).render(), Err(Fault::TooMany));
    }
    let longest = "x".repeat(36);
    assert!(Query::new().filter(Filter::ids(vec![longest.as_str(); Filter::MOST_VALUES])).render().is_ok());
}
