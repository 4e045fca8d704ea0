//! The words at the head of a Google title that say what a CRM record is.
//!
//! "Call: Anna" is a call whose name is "Anna". Labels are compared letter by
//! letter, the longest first, and count only when a blank, a colon or the end
//! follows. A name that went out with its label comes back as it was, whatever
//! stands in it; labels with which that could not hold are refused.

use std::cmp::Reverse;

/// The labels that one user may have.
const MOST: usize = 32;
/// The characters of a label.
const LONGEST: usize = 64;

/// The labels of one user, each of one entity of the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels<E> {
    // The longest first; an empty one is the last and fits every title.
    entries: Vec<(String, E)>,
}

/// Why labels cannot stand beside each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelFault {
    /// Two are equal but for the blanks and colons around them, or both empty.
    #[error("the label {0:?} stands for two kinds of record")]
    Twice(String),
    /// One goes on after a colon where another ends, so that a name after the
    /// shorter one could be taken for the rest of the longer one.
    #[error("the label {longer:?} could be read as the label {shorter:?} and a name")]
    Overlap {
        /// The label that ends first.
        shorter: String,
        /// The label that goes on.
        longer: String,
    },
    /// One entity has two labels.
    #[error("the label {0:?} is the second one of its kind of record")]
    SecondOfEntity(String),
    /// A label has a line break or another control character.
    #[error("a label may hold no line breaks or control characters")]
    Control,
    /// A label has more than 64 characters.
    #[error("a label may have {LONGEST} characters at most")]
    TooLong,
    /// There are more than 32 labels.
    #[error("there may be {MOST} labels at most")]
    TooMany,
}

impl<E: PartialEq> Labels<E> {
    /// Takes the labels of all entities; blanks around one and colons behind
    /// it do not count.
    ///
    /// # Errors
    /// They cannot stand beside each other.
    pub fn new(labels: impl IntoIterator<Item = (E, String)>) -> Result<Self, LabelFault> {
        let mut entries: Vec<(String, E)> = Vec::new();
        for (entity, label) in labels {
            let label = bare(&label).to_owned();
            if entries.len() == MOST {
                return Err(LabelFault::TooMany);
            }
            if label.chars().count() > LONGEST {
                return Err(LabelFault::TooLong);
            }
            if label.chars().any(char::is_control) {
                return Err(LabelFault::Control);
            }
            if entries.iter().any(|(other, _)| *other == label) {
                return Err(LabelFault::Twice(label));
            }
            if entries.iter().any(|(_, other)| *other == entity) {
                return Err(LabelFault::SecondOfEntity(label));
            }
            entries.push((label, entity));
        }
        entries.sort_by_key(|(label, _)| Reverse(label.len()));
        match overlap(&entries) {
            Some((shorter, longer)) => Err(LabelFault::Overlap { shorter, longer }),
            None => Ok(Self { entries }),
        }
    }

    /// What a title without a link says: the entity and the name without the
    /// label. None if there is no label and no entity with an empty one.
    #[must_use]
    pub fn parse<'t>(&self, title: &'t str) -> Option<(&E, &'t str)> {
        self.entries.iter().find_map(|(label, entity)| Some((entity, after(label, title)?)))
    }

    /// The name in the title of a linked event, whose entity is known. A
    /// title that does not carry this entity's label is the name.
    #[must_use]
    pub fn strip<'t>(&self, entity: &E, title: &'t str) -> &'t str {
        match self.parse(title) {
            Some((found, name)) if found == entity => name,
            _ => title,
        }
    }

    /// The title for Google of a record of this entity with this name. An
    /// entity without a label has the name.
    #[must_use]
    pub fn add(&self, entity: &E, name: &str) -> String {
        let label = self.entries.iter().find(|(_, other)| other == entity).map_or("", |(label, _)| label);
        match (label, name) {
            ("", name) => name.to_owned(),
            (label, "") => label.to_owned(),
            (label, name) => format!("{label}: {name}"),
        }
    }
}

fn bare(label: &str) -> &str {
    label.trim_start().trim_end_matches(|c: char| c.is_whitespace() || c == ':')
}

fn after<'t>(label: &str, title: &'t str) -> Option<&'t str> {
    let rest = title.strip_prefix(label)?;
    if label.is_empty() || rest.is_empty() {
        return Some(rest);
    }
    // Exactly what `add` puts between; a person may have left the colon out.
    if let Some(name) = rest.strip_prefix(':') {
        return Some(name.strip_prefix(' ').unwrap_or(name));
    }
    rest.starts_with(char::is_whitespace).then(|| rest.trim_start())
}

fn overlap<E>(entries: &[(String, E)]) -> Option<(String, String)> {
    let named = || entries.iter().map(|(label, _)| label.as_str()).filter(|label| !label.is_empty());
    named().find_map(|shorter| {
        let longer =
            named().find(|longer| longer.strip_prefix(shorter).is_some_and(|rest| rest.starts_with(':')))?;
        Some((shorter.to_owned(), longer.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, prop_assert_eq, prop_oneof, proptest};
    use proptest::strategy::Strategy as _;

    use super::{LabelFault, Labels};

    fn labels(labels: &[&str]) -> Result<Labels<usize>, LabelFault> {
        Labels::new(labels.iter().enumerate().map(|(entity, label)| (entity, (*label).to_owned())))
    }

    #[test]
    fn the_longest_label_counts() {
        let labels = labels(&["Call", "Call back", "Call back soon"]).unwrap();
        assert_eq!(labels.parse("Call back soon: Anna"), Some((&2, "Anna")));
        assert_eq!(labels.parse("Call back: soon"), Some((&1, "soon")));
        assert_eq!(labels.parse("Call backwards"), Some((&0, "backwards")));
    }

    #[test]
    fn a_label_ends_at_a_blank_a_colon_or_the_title() {
        let labels = labels(&["Call"]).unwrap();
        for (title, name) in [
            ("Call", ""),
            ("Call:", ""),
            ("Call Anna", "Anna"),
            ("Call:Anna", "Anna"),
            ("Call: Anna", "Anna"),
            ("Call\u{a0}Anna", "Anna"),
            ("Call  Anna", "Anna"),
            ("Call:  Anna", " Anna"),
        ] {
            assert_eq!(labels.parse(title), Some((&0, name)), "{title:?}");
        }
        for title in ["Calling Anna", "call Anna", "CALL", " Call Anna", "Call- Anna", "Re: Call Anna", ""] {
            assert_eq!(labels.parse(title), None, "{title:?}");
        }
    }

    #[test]
    fn without_a_label_a_title_belongs_to_the_entity_with_an_empty_one() {
        let labels = labels(&["", "Call"]).unwrap();
        assert_eq!(labels.parse("Lunch"), Some((&0, "Lunch")));
        assert_eq!(labels.parse("Call Anna"), Some((&1, "Anna")));
        assert_eq!(labels.add(&0, "Lunch"), "Lunch");
        assert_eq!(labels.add(&1, "Anna"), "Call: Anna");
        assert_eq!(labels.add(&1, ""), "Call");
    }

    #[test]
    fn the_link_and_not_the_label_fixes_the_entity_of_a_title() {
        let labels = labels(&["Meeting", "Call"]).unwrap();
        assert_eq!(labels.strip(&0, "Call: Anna"), "Call: Anna");
        assert_eq!(labels.strip(&1, "Call: Anna"), "Anna");
        assert_eq!(labels.strip(&1, "Anna"), "Anna");
    }

    #[test]
    fn labels_that_are_equal_after_trimming_are_refused() {
        assert_eq!(labels(&["Call", " Call "]), Err(LabelFault::Twice("Call".to_owned())));
        assert_eq!(labels(&["Call", "Call: "]), Err(LabelFault::Twice("Call".to_owned())));
        assert_eq!(labels(&["", " "]), Err(LabelFault::Twice(String::new())));
        assert!(labels(&["Call", "call"]).is_ok());
    }

    #[test]
    fn labels_that_could_be_taken_for_each_other_are_refused() {
        let overlap = LabelFault::Overlap { shorter: "A".to_owned(), longer: "A: B".to_owned() };
        assert_eq!(labels(&["A: B", "A"]), Err(overlap));
        assert!(labels(&["A: B", ""]).is_ok());
        let twice = Labels::new([(0, "A".to_owned()), (0, "B".to_owned())]);
        assert_eq!(twice, Err(LabelFault::SecondOfEntity("B".to_owned())));
    }

    #[test]
    fn labels_are_bounded() {
        assert_eq!(labels(&[&"x".repeat(65)]), Err(LabelFault::TooLong));
        assert_eq!(labels(&["a\nb"]), Err(LabelFault::Control));
        let many: Vec<String> = (0..33).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(labels(&many), Err(LabelFault::TooMany));
        assert!(labels(&many[..32]).is_ok());
    }

    proptest! {
        #[test]
        fn a_name_comes_back_as_it_went_out(
            name in prop_oneof![
                ".*",
                "(Call|Meeting|Hovor|[ :\u{a0}])*",
                "\\PC*".prop_map(|text| format!("Call: {text}")),
                Just(String::new()),
            ],
            chosen in proptest::collection::vec("[ab]{0,2}( b|: a|:)?|Call|Hovor", 1..5),
        ) {
            let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
            if let Ok(labels) = labels(&chosen) {
                for (entity, label) in chosen.iter().enumerate() {
                    let title = labels.add(&entity, &name);
                    prop_assert_eq!(labels.strip(&entity, &title), &name);
                    prop_assert_eq!(labels.add(&entity, labels.strip(&entity, &title)), title.clone());
                    if !super::bare(label).is_empty() {
                        prop_assert_eq!(labels.parse(&title), Some((&entity, name.as_str())));
                    }
                }
            }
        }
    }
}
