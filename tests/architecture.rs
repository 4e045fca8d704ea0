//! The rules of the house, each a function that says what to do when it is
//! broken, and each with a test that it can fail.

mod crates;
mod facts;
mod openers;
mod rooms;
mod shape;
mod source;

use source::Source;

/// Fails with all complaints of a rule at once.
fn hold(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// A source text that does not exist on disk.
fn imagine(place: &str, text: &str) -> Vec<Source> {
    vec![Source::parse(place, text)]
}

/// Fails unless exactly one complaint was made and it holds `words`.
fn objects(complaints: &[String], words: &str) {
    assert!(
        matches!(complaints, [one] if one.contains(words)),
        "one complaint with {words:?} was expected: {complaints:?}"
    );
}
