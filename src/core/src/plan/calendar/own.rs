//! What users have chosen for themselves: only where that was another choice
//! than the one that held. Everything else follows the defaults, also those that
//! an admin sets later.

use serde_json::{Map, Value as Json};

use super::choices::Choices;
use super::defaults::Lock;

/// A user's own choices. Stored as JSON with the keys of [`Choices`] that are chosen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Own(Map<String, Json>);

impl Own {
    /// Every choice is the user's own.
    #[must_use]
    pub fn all(choices: &Choices) -> Self {
        Self(written(choices))
    }

    /// Reads what was stored; none when that is not ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let map: Map<String, Json> = serde_json::from_str(text).ok()?;
        serde_json::from_value::<Choices>(Json::Object(map.clone())).ok()?;
        Some(Self(map))
    }

    /// What holds where `house` is everybody's.
    #[must_use]
    pub fn over(&self, house: &Choices) -> Choices {
        let mut map = written(house);
        map.extend(self.0.clone());
        // It was read as choices before.
        serde_json::from_value(Json::Object(map)).unwrap_or_else(|_| house.clone())
    }

    /// What is the user's own after a choice: what was, and what differs from what `held`.
    #[must_use]
    pub fn after(&self, held: &Choices, wanted: &Choices) -> Self {
        let (held, wanted) = (written(held), written(wanted));
        let mut own = self.0.clone();
        for lock in Lock::ALL {
            let differs = wanted.iter().any(|(key, value)| lock.covers(key) && held.get(key) != Some(value));
            if differs {
                let chosen = wanted.iter().filter(|(key, _)| lock.covers(key));
                own.extend(chosen.map(|(key, value)| (key.clone(), value.clone())));
            }
        }
        Self(own)
    }

    /// As it is stored.
    #[must_use]
    pub fn text(&self) -> String {
        Json::Object(self.0.clone()).to_string()
    }
}

fn written(choices: &Choices) -> Map<String, Json> {
    match serde_json::to_value(choices) {
        Ok(Json::Object(map)) => map,
        Ok(_) | Err(_) => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Choices, Own};
    use crate::plan::calendar::choices::Kind;
    use crate::plan::calendar::entry::Entity;
    use crate::plan::policy::{Direction, Winner};

    #[test]
    fn only_what_is_chosen_otherwise_is_ones_own() {
        let house = Choices { direction: Direction::ToCrm, ..Choices::default() };
        let wanted = Choices { winner: Winner::Crm, ..house.clone() };
        let own = Own::default().after(&house, &wanted);
        assert_eq!(own.text(), r#"{"winner":"crm"}"#);
        assert_eq!(own.over(&house), wanted);
        // Later defaults reach the rest.
        let later = Choices { direction: Direction::ToGoogle, winner: Winner::Google, ..house };
        assert_eq!(own.over(&later), Choices { winner: Winner::Crm, ..later.clone() });
        // What was chosen once stays one's own, also where it is everybody's by now.
        let alike = Choices { winner: Winner::Crm, ..later };
        assert_eq!(own.after(&alike, &alike), own);
        assert_eq!(Own::parse(&own.text()), Some(own));
    }

    #[test]
    fn kinds_and_the_one_without_a_label_are_chosen_together() {
        let house = Choices::default();
        let kinds = vec![Kind { entity: Entity::Meeting, label: String::new() }];
        let wanted = Choices { kinds, ..house.clone() };
        let own = Own::default().after(&house, &wanted);
        assert!(own.text().contains("defaultKind"), "{}", own.text());
        let later = Choices { default_kind: Some(Entity::Call), ..house };
        own.over(&later).check().unwrap();
    }

    #[test]
    fn what_is_not_ours_is_not_read() {
        for text in ["", "[]", "{\"direktion\":\"both\"}", "{\"direction\":\"sideways\"}"] {
            assert_eq!(Own::parse(text), None, "{text}");
        }
        let all = Choices { unanswered: false, ..Choices::default() };
        assert_eq!(Own::parse(&Own::all(&all).text()).unwrap().over(&Choices::default()), all);
    }
}
