//! What an admin chooses for everybody: how calendars are kept in step for
//! who has not chosen, and what nobody may choose otherwise.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::choices::Choices;
use super::own::Own;

/// A choice that an admin can keep for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Lock {
    /// Which way changes go.
    Direction,
    /// From which day on.
    Since,
    /// The kinds with their labels, and that of events without one: each makes sense with the
    /// others only.
    Kinds,
    /// Whether a removal in the CRM deletes in Google.
    Removes,
    /// Whether "Not Held" does.
    RemovesNotHeld,
    /// Private events.
    Private,
    /// Invitations without an answer.
    Unanswered,
    /// Guests whom the CRM knows.
    Guests,
    /// People of a record as guests of its event.
    WritesGuests,
    /// Whom Google tells of that.
    Invitations,
    /// Who wins a conflict.
    Winner,
    /// Whether records in which a user takes part are shown.
    TakesPart,
    /// The team of new records.
    DefaultTeam,
}

impl Lock {
    /// Every lock.
    pub const ALL: [Self; 13] = [
        Self::Direction,
        Self::Since,
        Self::Kinds,
        Self::Removes,
        Self::RemovesNotHeld,
        Self::Private,
        Self::Unanswered,
        Self::Guests,
        Self::WritesGuests,
        Self::Invitations,
        Self::Winner,
        Self::TakesPart,
        Self::DefaultTeam,
    ];

    /// The word in the store and the REST API: the key of the choice.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Direction => "direction",
            Self::Since => "since",
            Self::Kinds => "kinds",
            Self::Removes => "removes",
            Self::RemovesNotHeld => "removesNotHeld",
            Self::Private => "private",
            Self::Unanswered => "unanswered",
            Self::Guests => "guests",
            Self::WritesGuests => "writesGuests",
            Self::Invitations => "invitations",
            Self::Winner => "winner",
            Self::TakesPart => "takesPart",
            Self::DefaultTeam => "defaultTeam",
        }
    }

    /// Whether the choice of that key is one of its.
    #[must_use]
    pub fn covers(self, key: &str) -> bool {
        key == self.name() || (self == Self::Kinds && key == "defaultKind")
    }

    fn copy(self, from: &Choices, to: &mut Choices) {
        match self {
            Self::Direction => to.direction = from.direction,
            Self::Since => to.since = from.since,
            Self::Kinds => {
                to.kinds.clone_from(&from.kinds);
                to.default_kind = from.default_kind;
            }
            Self::Removes => to.removes = from.removes,
            Self::RemovesNotHeld => to.removes_not_held = from.removes_not_held,
            Self::Private => to.private = from.private,
            Self::Unanswered => to.unanswered = from.unanswered,
            Self::Guests => to.guests = from.guests,
            Self::WritesGuests => to.writes_guests = from.writes_guests,
            Self::Invitations => to.invitations = from.invitations,
            Self::Winner => to.winner = from.winner,
            Self::TakesPart => to.takes_part = from.takes_part,
            Self::DefaultTeam => to.default_team.clone_from(&from.default_team),
        }
    }
}

/// What an admin has chosen. Stored as JSON; a missing key has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Defaults {
    /// What holds for who has not chosen.
    pub choices: Choices,
    /// What holds for everybody.
    pub locked: BTreeSet<Lock>,
}

impl Defaults {
    /// What holds for a user who has chosen `own`, or has not.
    #[must_use]
    pub fn over(&self, own: Option<&Own>) -> Choices {
        let Some(own) = own else { return self.choices.clone() };
        let mut held = own.over(&self.choices);
        for lock in &self.locked {
            lock.copy(&self.choices, &mut held);
        }
        held
    }

    /// Which locks a user would break who chooses that.
    #[must_use]
    pub fn broken(&self, own: &Choices) -> Vec<Lock> {
        let breaks = |lock: &&Lock| {
            let mut held = own.clone();
            lock.copy(&self.choices, &mut held);
            held != *own
        };
        self.locked.iter().filter(breaks).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Choices, Defaults, Lock, Own};
    use crate::plan::calendar::admit::Private;
    use crate::plan::calendar::choices::{Invitations, Kind};
    use crate::plan::calendar::entry::Entity;
    use crate::plan::calendar::moment::Date;
    use crate::plan::policy::{Direction, Winner};

    // Everything is other than the built-in default.
    fn other() -> Choices {
        Choices {
            direction: Direction::ToCrm,
            since: Some(Date::parse("2026-01-01").unwrap()),
            kinds: vec![Kind { entity: Entity::Call, label: "Ring".to_owned() }],
            default_kind: None,
            removes: true,
            removes_not_held: true,
            private: Private::Full,
            unanswered: false,
            guests: false,
            writes_guests: true,
            invitations: Invitations::All,
            winner: Winner::Crm,
            takes_part: true,
            default_team: Some("6b035d73bd297374f".to_owned()),
        }
    }

    fn keys(choices: &Choices) -> Value {
        serde_json::to_value(choices).unwrap()
    }

    #[test]
    fn who_has_not_chosen_has_the_defaults_and_who_has_keeps_what_is_not_locked() {
        let house = Defaults { choices: other(), locked: [Lock::Direction].into() };
        assert_eq!(house.over(None), other());
        let held = house.over(Some(&Own::all(&Choices::default())));
        assert_eq!(held, Choices { direction: Direction::ToCrm, ..Choices::default() });
        assert_eq!(Defaults::default().over(Some(&Own::all(&other()))), other());
    }

    #[test]
    fn each_choice_has_one_lock_and_a_lock_takes_its_own_choice_only() {
        let own = Choices::default();
        let mut seen = Vec::new();
        for lock in Lock::ALL {
            let house = Defaults { choices: other(), locked: [lock].into() };
            let (before, after) = (keys(&own), keys(&house.over(Some(&Own::all(&own)))));
            let changed = before.as_object().unwrap().iter().filter(|(key, value)| after[*key] != **value);
            let changed: Vec<_> = changed.map(|(key, _)| key.clone()).collect();
            assert!(changed.iter().any(|key| key == lock.name()), "{lock:?}: {changed:?}");
            seen.extend(changed);
            assert_eq!(house.broken(&own), [lock]);
            assert!(house.broken(&other()).is_empty());
            assert_eq!(serde_json::to_value(lock).unwrap(), json!(lock.name()));
        }
        seen.sort();
        let mut all: Vec<_> = keys(&own).as_object().unwrap().keys().cloned().collect();
        all.sort();
        assert_eq!(seen, all, "each once");
    }

    #[test]
    fn what_is_locked_makes_sense_with_whatever_a_user_chose() {
        let house = Defaults { choices: other(), locked: [Lock::Kinds].into() };
        house.over(Some(&Own::all(&Choices::default()))).check().unwrap();
    }

    #[test]
    fn it_comes_back_as_it_was() {
        let house = Defaults { choices: other(), locked: Lock::ALL.into() };
        let text = serde_json::to_string(&house).unwrap();
        assert_eq!(serde_json::from_str::<Defaults>(&text).unwrap(), house);
        assert_eq!(serde_json::from_str::<Defaults>("{}").unwrap(), Defaults::default());
    }
}
