//! Titles, texts, places and times of a calendar, told on the other side.
//!
//! The CRM refuses `<`, `>` and `=` in a title, and empty ones; Google takes
//! anything. The substitutes are turned back only where Google showed the
//! original before, so that a title that really holds one keeps it. The label
//! that tells the kind of record stands in Google's title only.

use super::entry::Entity;
use super::html;
use super::labels::Labels;
use super::times::Times;
use crate::plan::dialect::Dialect;
use crate::plan::letters::{cut, substitute, turned_back};
use crate::plan::record::{Field, Record, Value};

/// Longest title in the CRM, in characters.
const TITLE: usize = 255;
/// Longest text at Google, in characters.
const TEXT: usize = 8_000;
/// What the CRM shows for an event without a title.
pub const UNTITLED: &str = "(no title)";

/// What of an event may not be told in the CRM, nor be written by it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hidden {
    /// Nothing.
    #[default]
    Nothing,
    /// All but the times.
    Words,
    /// The times too: they stay as they were.
    All,
}

/// The dialect of one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The kind of record, which the link has fixed.
    pub entity: Entity,
    /// The labels of all kinds.
    pub labels: Labels<Entity>,
    /// What only the event's guests may see.
    pub hidden: Hidden,
}

impl Dialect for Words {
    fn to_google(&self, field: Field, crm: &Value, before: Option<&Value>) -> Option<Value> {
        if self.hides(field) || (self.hidden != Hidden::Nothing && field != Field::When) {
            return None;
        }
        match (field, crm) {
            (Field::Title, Value::Text(title)) => Some(Value::Text(self.google_title(title, words(before)))),
            (Field::Text, Value::Text(text)) => Some(Value::Text(google_text(text))),
            (Field::Place, Value::Text(place)) => Some(Value::Text(place.clone())),
            (Field::When, Value::Times(times)) => Some(Value::Times(*times)),
            _ => None,
        }
    }

    fn to_crm(&self, field: Field, google: &Value, _before: Option<&Value>) -> Option<Value> {
        if self.hides(field) {
            return None;
        }
        match (field, google) {
            (Field::Title, Value::Text(title)) => Some(Value::Text(self.crm_title(title))),
            (Field::Text, Value::Text(text)) => Some(Value::Text(html::plain(text))),
            (Field::Place, Value::Text(place)) => Some(Value::Text(cut(place.trim(), TITLE))),
            (Field::When, Value::Times(Times::AllDay { .. })) if !self.entity.whole_days() => None,
            (Field::When, Value::Times(times)) => Some(Value::Times(*times)),
            _ => None,
        }
    }
}

impl Words {
    fn hides(&self, field: Field) -> bool {
        self.hidden == Hidden::All && field == Field::When
    }

    /// Everything that the CRM is to show of an event that it has not yet.
    #[must_use]
    pub fn new_record(&self, google: &Record) -> Record {
        told(google, |field, value| self.to_crm(field, value, None))
    }

    /// Everything that Google is to show of a record that it has not yet.
    #[must_use]
    pub fn new_event(&self, crm: &Record) -> Record {
        told(crm, |field, value| self.to_google(field, value, None))
    }

    fn crm_title(&self, google: &str) -> String {
        let stripped = self.labels.strip(&self.entity, google);
        let plain: String = stripped.chars().map(substitute).collect();
        let title = cut(plain.trim(), TITLE);
        let title = title.trim_end();
        if title.is_empty() { UNTITLED.to_owned() } else { title.to_owned() }
    }

    fn google_title(&self, crm: &str, before: &str) -> String {
        let stripped = self.labels.strip(&self.entity, before);
        if crm == UNTITLED && stripped.trim().is_empty() {
            return before.to_owned();
        }
        self.labels.add(&self.entity, &turned_back(crm, stripped))
    }
}

fn told(from: &Record, tell: impl Fn(Field, &Value) -> Option<Value>) -> Record {
    let mut record = Record::new();
    for (field, value) in from.iter() {
        if let Some(value) = tell(field, value) {
            record.set(field, value);
        }
    }
    record
}

// Marks that would not fit are left out: better shown in another way than refused.
fn google_text(crm: &str) -> String {
    let text = cut(crm, TEXT);
    let shown = html::shown(&text);
    if shown.chars().count() > TEXT { text } else { shown }
}

fn words(before: Option<&Value>) -> &str {
    match before {
        Some(Value::Text(words)) => words,
        Some(Value::Times(_) | Value::Several(_) | Value::Postal(_)) | None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::{Hidden, UNTITLED, Words};
    use crate::plan::calendar::entry::Entity;
    use crate::plan::calendar::labels::Labels;
    use crate::plan::calendar::times::Times;
    use crate::plan::dialect::Dialect;
    use crate::plan::record::{Field, Record, Value};
    use proptest::prelude::*;

    fn words(entity: Entity) -> Words {
        let labels = [(Entity::Meeting, String::new()), (Entity::Call, "Call".to_owned())];
        Words { entity, labels: Labels::new(labels).unwrap(), hidden: Hidden::Nothing }
    }

    fn crm(entity: Entity, google: &str) -> String {
        match words(entity).to_crm(Field::Title, &Value::text(google), None) {
            Some(Value::Text(title)) => title,
            other => panic!("{other:?}"),
        }
    }

    fn google(entity: Entity, crm: &str, before: &str) -> String {
        match words(entity).to_google(Field::Title, &Value::text(crm), Some(&Value::text(before))) {
            Some(Value::Text(title)) => title,
            other => panic!("{other:?}"),
        }
    }

    fn crm_text(google: &str) -> String {
        match words(Entity::Meeting).to_crm(Field::Text, &Value::text(google), None) {
            Some(Value::Text(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    fn text_of_crm(crm: &str) -> String {
        match words(Entity::Meeting).to_google(Field::Text, &Value::text(crm), None) {
            Some(Value::Text(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn rule_3_10_what_the_crm_refuses_is_replaced_and_turned_back_only_where_it_stood() {
        assert_eq!(crm(Entity::Meeting, " a <b> = c "), "a ‹b› ＝ c");
        assert_eq!(google(Entity::Meeting, "a ‹b› d", "a <b>"), "a <b> d");
        assert_eq!(google(Entity::Meeting, "a ‹b›", "a"), "a ‹b›", "it never stood there");
        assert_eq!(google(Entity::Meeting, "a ‹b", "‹ <"), "a ‹b", "nobody can tell them apart");
    }

    #[test]
    fn a_text_never_grows_beyond_what_google_takes() {
        for text in ["<br>".repeat(2_000), "a".repeat(9_000)] {
            assert_eq!(text_of_crm(&text).chars().count(), 8_000);
        }
        let fits = text_of_crm(&format!("<b>{}", "a".repeat(7_984)));
        assert!(
            fits.starts_with("<p>&lt;b&gt;a") && fits.chars().count() == 8_000,
            "marks that fit are written"
        );
    }

    #[test]
    fn rule_3_10_no_title_is_shown_and_never_sent_back() {
        assert_eq!(crm(Entity::Meeting, ""), UNTITLED);
        assert_eq!(crm(Entity::Meeting, "  "), UNTITLED);
        assert_eq!(google(Entity::Meeting, UNTITLED, ""), "");
        assert_eq!(google(Entity::Call, UNTITLED, "Call"), "Call");
        assert_eq!(google(Entity::Meeting, UNTITLED, "x"), UNTITLED);
    }

    #[test]
    fn rule_3_4_a_label_is_stripped_in_the_crm_and_added_in_google() {
        assert_eq!(crm(Entity::Call, "Call: Anna"), "Anna");
        assert_eq!(google(Entity::Call, "Ben", "Call: Anna"), "Call: Ben");
        assert_eq!(crm(Entity::Meeting, "Call: Anna"), "Call: Anna", "the link fixes the kind");
    }

    #[test]
    fn rule_3_7_what_is_hidden_is_not_written_and_comes_in_as_it_is_shown() {
        let hidden = |hidden| Words { hidden, ..words(Entity::Meeting) };
        let title = Value::text("Busy");
        assert!(hidden(Hidden::Words).to_google(Field::Title, &title, None).is_none());
        assert_eq!(hidden(Hidden::Words).to_crm(Field::Title, &title, None), Some(title));
        let day = serde_json::from_value(serde_json::json!("2026-12-01")).unwrap();
        let times = Value::Times(Times::all_day(day, day).unwrap());
        assert!(hidden(Hidden::Words).to_google(Field::When, &times, None).is_some());
        assert!(hidden(Hidden::All).to_google(Field::When, &times, None).is_none());
        assert!(hidden(Hidden::All).to_crm(Field::When, &times, None).is_none());
    }

    #[test]
    fn rule_3_8_only_what_can_last_whole_days_is_told_that_it_does() {
        let day = serde_json::from_value(serde_json::json!("2026-12-01")).unwrap();
        let days = Value::Times(Times::all_day(day, day).unwrap());
        let moment = crate::plan::calendar::moment::Instant::from_seconds(1_795_000_000).unwrap();
        let moments = Value::Times(Times::timed(moment, moment).unwrap());
        let told = |entity, times: &Value| words(entity).to_crm(Field::When, times, None);
        assert_eq!(told(Entity::Call, &days), None);
        assert_eq!(told(Entity::Meeting, &days), Some(days));
        assert_eq!(told(Entity::Call, &moments), Some(moments));
    }

    #[test]
    fn what_is_new_on_a_side_is_told_whole_in_its_own_words() {
        let record = |title: &str, place: &str| {
            Record::new().with(Field::Title, Value::text(title)).with(Field::Place, Value::text(place))
        };
        assert_eq!(words(Entity::Call).new_event(&record("Ben", "Room")), record("Call: Ben", "Room"));
        assert_eq!(words(Entity::Call).new_record(&record("Call: Ben", " Room")), record("Ben", "Room"));
    }

    proptest! {
        // What was told once is recognised: nothing is written back.
        #[test]
        fn rule_3_10_telling_a_title_twice_tells_the_same(title in "(?s).{0,300}") {
            for entity in Entity::ALL {
                let told = crm(entity, &title);
                prop_assert!(!told.is_empty() && told.chars().count() <= 255 && !told.contains(['<', '>', '=']));
                prop_assert_eq!(told.trim(), &told);
                let back = google(entity, &told, &title);
                prop_assert_eq!(crm(entity, &back), told);
            }
        }

        #[test]
        fn rule_3_10_telling_a_text_twice_tells_the_same(
            any in "(?s).{0,200}", marked in "([a-c &;\n]|<br>|<b>|</p>|&lt;|&gt;|&amp;|<a href=\"x\">|<span|<){0,30}",
        ) {
            for text in [any, marked] {
                let told = crm_text(&text);
                let back = text_of_crm(&told);
                prop_assert_eq!(&crm_text(&back), &told, "of {:?} by {:?}", text, back);
                // And so does a text that was written in the CRM.
                let out = text_of_crm(&text);
                prop_assert_eq!(text_of_crm(&crm_text(&out)), out, "{:?}", text);
            }
        }

        #[test]
        fn a_title_of_the_crm_goes_out_and_comes_back(title in "[^<>=\\p{C}\\s][^<>=\\p{C}]{0,100}[^<>=\\p{C}\\s]") {
            for entity in Entity::ALL {
                let out = google(entity, &title, "");
                prop_assert_eq!(crm(entity, &out), title.clone());
            }
        }
    }
}
