//! The filters that the CRM keeps under a word: `primaryFilter`.

use super::answer::Answer;
use super::shape::Shape;
use super::world::Record;

/// Whether a filter shows a record.
pub(crate) type Shows = fn(&Record) -> bool;

/// By entity: the word of each filter. Those of contacts and leads are as the CRM's code has them; of
/// none was an answer recorded.
const SAVED: &[(&str, &str, Shows)] = &[
    ("Meeting", "planned", |record| status(record) == "Planned"),
    ("Meeting", "held", |record| status(record) == "Held"),
    ("Call", "planned", |record| status(record) == "Planned"),
    ("Call", "held", |record| status(record) == "Held"),
    ("Contact", "portalUsers", |_| false),
    ("Contact", "notPortalUsers", |_| true),
    ("Lead", "actual", is_actual),
    ("Lead", "active", is_actual),
    ("Lead", "converted", |record| status(record) == "Converted"),
];

fn status(record: &Record) -> &str {
    record.text("status").unwrap_or_default()
}

fn is_actual(record: &Record) -> bool {
    !matches!(status(record), "Converted" | "Recycled" | "Dead")
}

/// The filter of an entity.
pub(crate) fn saved(shape: &Shape, word: &str) -> Result<Shows, Answer> {
    let known = SAVED.iter().find(|(entity, name, _)| *entity == shape.entity && *name == word);
    let unknown = || Answer::because(400, format!("No primary filter '{word}' for '{}'.", shape.entity));
    known.map(|(.., shows)| *shows).ok_or_else(unknown)
}
