//! What a user chooses for the calendar, with the defaults, and what makes no sense.

use serde::{Deserialize, Serialize};

use super::admit::{Door, Private};
use super::entry::Entity;
use super::labels::{LabelFault, Labels};
use super::moment::Date;
use crate::plan::policy::{Direction, Endings, Policy, Winner};
use crate::plan::record::fingerprint;

/// A kind of record with the label that its titles have at Google.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kind {
    /// The kind.
    pub entity: Entity,
    /// Its label; empty for one kind at most.
    pub label: String,
}

/// Whom Google tells of what is written to an event with guests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Invitations {
    /// Nobody.
    #[default]
    None,
    /// All its guests, by e-mail.
    All,
}

/// The choices of a user. Stored as JSON; a missing key has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Choices {
    /// Which way changes go.
    pub direction: Direction,
    /// Things that were made or changed before are not taken over.
    pub since: Option<Date>,
    /// Kinds that are synchronised.
    pub kinds: Vec<Kind>,
    /// The kind of an event without a label.
    pub default_kind: Option<Entity>,
    /// What was made in Google is deleted there when it is removed in the CRM.
    pub removes: bool,
    /// What is "Not Held" in the CRM is deleted in Google.
    pub removes_not_held: bool,
    /// Events that only their guests may see.
    pub private: Private,
    /// Whether an invitation comes in before it is answered.
    pub unanswered: bool,
    /// Whether guests whom the CRM knows take part in the record.
    pub guests: bool,
    /// Whether people of a record become guests of its event.
    pub writes_guests: bool,
    /// Whom Google tells of what is written to an event with guests.
    pub invitations: Invitations,
    /// Who wins a conflict.
    pub winner: Winner,
    /// Records in which the user takes part are shown, too, each as a copy of its own.
    pub takes_part: bool,
    /// The team of the CRM to which records belong that are made of events; none is nobody's.
    pub default_team: Option<String>,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            direction: Direction::Both,
            since: None,
            kinds: vec![
                Kind { entity: Entity::Meeting, label: String::new() },
                Kind { entity: Entity::Call, label: "Call".to_owned() },
            ],
            default_kind: Some(Entity::Meeting),
            removes: false,
            removes_not_held: false,
            private: Private::Skip,
            unanswered: true,
            guests: true,
            writes_guests: false,
            invitations: Invitations::None,
            winner: Winner::Newest,
            takes_part: false,
            default_team: None,
        }
    }
}

/// Why choices make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Senseless {
    /// Nothing would be synchronised.
    #[error("no kind of record is chosen")]
    NoKind,
    /// Labels that cannot stand beside each other.
    #[error(transparent)]
    Labels(#[from] LabelFault),
    /// The default is not among the kinds.
    #[error("the kind of events without a label is not among the chosen ones")]
    DefaultNotChosen,
    /// No team can have such an identity.
    #[error("defaultTeam is no identity of a team of the CRM")]
    NoTeam,
}

impl Choices {
    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), Senseless> {
        if self.kinds.is_empty() {
            return Err(Senseless::NoKind);
        }
        self.labels()?;
        let chosen = |entity| self.kinds.iter().any(|kind| kind.entity == entity);
        if self.default_kind.is_some_and(|entity| !chosen(entity)) {
            return Err(Senseless::DefaultNotChosen);
        }
        if self.default_team.as_deref().is_some_and(|team| !identity(team)) {
            return Err(Senseless::NoTeam);
        }
        Ok(())
    }

    /// Of everything that is chosen.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(self).iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// As a decision about links needs them.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            direction: self.direction,
            winner: self.winner,
            endings: Endings::Appointments { removes: self.removes, removes_not_held: self.removes_not_held },
        }
    }

    /// The labels of all kinds.
    ///
    /// # Errors
    /// They cannot stand beside each other.
    pub fn labels(&self) -> Result<Labels<Entity>, LabelFault> {
        Labels::new(self.kinds.iter().map(|kind| (kind.entity, kind.label.clone())))
    }

    /// As first sight needs them; `domains` are known senders' domains.
    ///
    /// # Errors
    /// The labels cannot stand beside each other.
    pub fn door(&self, domains: Vec<String>) -> Result<Door, LabelFault> {
        Ok(Door {
            direction: self.direction,
            kinds: self.kinds.iter().map(|kind| kind.entity).collect(),
            labels: self.labels()?,
            default: self.default_kind,
            since: self.since.map_or(0, |day| day.since_1970() * 86_400),
            private: self.private,
            unanswered: self.unanswered,
            domains,
        })
    }
}

// As the CRM makes them.
fn identity(text: &str) -> bool {
    /// A UUID; the CRM's own have 17 characters.
    const LONGEST: usize = 36;
    let plain = text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(&octet));
    plain && (1..=LONGEST).contains(&text.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Choices, Kind, Senseless};
    use crate::plan::calendar::entry::Entity;

    #[test]
    fn the_defaults_make_sense_and_come_back_as_they_were() {
        let choices = Choices::default();
        choices.check().unwrap();
        let text = serde_json::to_string(&choices).unwrap();
        assert_eq!(serde_json::from_str::<Choices>(&text).unwrap(), choices);
        assert_eq!(serde_json::from_str::<Choices>("{}").unwrap(), choices);
        assert!(serde_json::from_str::<Choices>("{\"direktion\":\"both\"}").is_err());
    }

    #[test]
    fn rule_3_4_labels_that_nobody_can_tell_apart_are_refused() {
        let of = |pairs: &[(Entity, &str)]| Choices {
            kinds: pairs
                .iter()
                .map(|(entity, label)| Kind { entity: *entity, label: (*label).into() })
                .collect(),
            default_kind: None,
            ..Choices::default()
        };
        let (meeting, call) = (Entity::Meeting, Entity::Call);
        for (pairs, told) in [
            (&[(meeting, ""), (call, " ")][..], false),
            (&[(meeting, "Call"), (call, "Call ")][..], false),
            (&[(meeting, "a"), (meeting, "b")][..], false),
            (&[][..], false),
            (&[(meeting, "call"), (call, "Call")][..], true),
        ] {
            assert_eq!(of(pairs).check().is_ok(), told, "{pairs:?}");
        }
        let other = Choices { default_kind: Some(call), ..of(&[(meeting, "")]) };
        assert_eq!(other.check(), Err(Senseless::DefaultNotChosen));
    }

    #[test]
    fn each_choice_counts_in_the_fingerprint() {
        let plain = Choices::default();
        let others = [
            Choices { unanswered: false, ..plain.clone() },
            Choices { takes_part: true, ..plain.clone() },
            Choices { default_kind: None, ..plain.clone() },
        ];
        let all: BTreeSet<_> = others.iter().chain([&plain]).map(Choices::fingerprint).collect();
        assert_eq!(all.len(), others.len() + 1);
        assert_eq!(plain.fingerprint(), Choices::default().fingerprint());
    }

    #[test]
    fn what_no_team_can_be_called_is_refused() {
        let of = |team: &str| Choices { default_team: Some(team.to_owned()), ..Choices::default() }.check();
        assert_eq!(of("6b035d73bd297374f"), Ok(()));
        for team in ["", "a/b", "a b", "..", &"a".repeat(37)] {
            assert_eq!(of(team), Err(Senseless::NoTeam), "{team}");
        }
    }
}
