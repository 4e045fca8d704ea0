//! Every word that a plan may say stands in the reference.

use postern_core::plan::calendar::admit::Left;
use postern_core::plan::contacts::operation;
use postern_core::plan::link::State;
use postern_core::plan::rule::Rule;
use postern_core::plan::undo::Why;

const REFERENCE: &str = include_str!("../../../docs/reference.md");

#[test]
fn every_rule_state_and_reason_is_in_the_reference() {
    let rules = Rule::ALL.iter().map(|rule| rule.name());
    let states = State::ALL.iter().map(|state| state.name());
    let reasons = Left::ALL.iter().map(|left| left.name());
    let kept = Why::ALL.iter().map(|why| why.name());
    let people = operation::Left::WORDS.into_iter();
    for word in rules.chain(states).chain(reasons).chain(kept).chain(people) {
        assert!(REFERENCE.contains(&format!("`{word}`")), "{word}");
        assert_eq!(word, word.to_ascii_lowercase());
    }
    let words: std::collections::BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    assert_eq!(words.len(), Rule::ALL.len(), "two rules have one word");
    assert!(Rule::ALL.iter().all(|rule| Rule::parse(rule.name()) == Some(*rule)));
}
