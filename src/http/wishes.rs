//! The part of a form that says how calendars are kept in step: a user's own
//! choices, or an admin's for everybody. A field that stands twice, or holds a
//! word that no option has, makes the whole form unreadable; one that is locked
//! is not read at all.

use std::collections::BTreeSet;

use postern_core::plan::calendar::choices::{Choices, Kind};
use postern_core::plan::calendar::defaults::Lock;
use postern_core::plan::calendar::entry::Entity;
use postern_core::plan::calendar::moment::Date;
use serde_json::{Map, Value};

use super::calendars::{GROUPS, Group, default_kind, kind, word};
use super::form::Form;
use crate::actions::calendars::teams::Team;
use crate::texts::{Calendars, Lang, Sentence};

/// What stands in the form.
pub(super) struct Wishes {
    /// In which language.
    pub lang: Lang,
    /// What is chosen.
    pub choices: Choices,
    /// What holds for everybody.
    pub locked: BTreeSet<Lock>,
    /// Whether the reader decides about that.
    pub keeps: bool,
    /// The teams among which the reader chooses; none when the CRM does not tell.
    pub teams: Option<Vec<Team>>,
}

impl Wishes {
    /// Whether the choice of that key holds for everybody.
    pub fn holds(&self, key: &str) -> bool {
        self.locked.iter().any(|lock| lock.name() == key)
    }

    /// Whether the reader cannot choose it.
    pub fn shut(&self, key: &str) -> bool {
        !self.keeps && self.holds(key)
    }

    /// Whether this option of a group is chosen.
    pub fn on(&self, group: &Group, option: &str) -> bool {
        word(&self.choices, group.key) == option
    }

    /// The label of a kind, where that is chosen.
    pub fn label(&self, entity: &Entity) -> Option<&str> {
        let kinds = &self.choices.kinds;
        kinds.iter().find(|kind| kind.entity == *entity).map(|kind| kind.label.as_str())
    }

    /// A kind in words.
    pub fn kind(&self, entity: &Entity) -> String {
        kind(*entity).say(self.lang)
    }

    /// What an event without a label may become: the word in the form, what it
    /// means, and whether it is so.
    pub fn defaults(&self) -> Vec<(&'static str, String, bool)> {
        let all = Entity::ALL.into_iter().map(Some).chain([None]);
        let one = |entity: Option<Entity>| {
            let chosen = self.choices.default_kind == entity;
            (entity.map_or("", Entity::name), default_kind(entity).say(self.lang), chosen)
        };
        all.map(one).collect()
    }

    /// The teams: the word in the form, what it means, and whether it is chosen. What is chosen
    /// already stands among them, whatever the CRM tells.
    pub fn teams(&self) -> Vec<(String, String, bool)> {
        let chosen = self.choices.default_team.as_deref();
        let mut all = vec![(String::new(), Calendars::TeamNone.say(self.lang), chosen.is_none())];
        let told = self.teams.iter().flatten();
        all.extend(told.map(|team| (team.id.clone(), team.name.clone(), chosen == Some(&team.id))));
        if let Some(id) = chosen.filter(|id| !all.iter().any(|(team, ..)| team == id)) {
            all.push((
                id.to_owned(),
                Sentence::from(Calendars::TeamOther).with("id", &id).say(self.lang),
                true,
            ));
        }
        all
    }

    /// The day from which on, as a form writes it.
    pub fn since(&self) -> String {
        self.choices.since.map(|day| day.to_string()).unwrap_or_default()
    }
}

/// Why a form says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// The day is none.
    Date,
    /// It is not our form.
    Form,
}

/// What the form chooses; of what is locked, what holds.
pub(super) fn chosen(form: &Form, holds: &Choices, locked: &BTreeSet<Lock>) -> Result<Choices, Unreadable> {
    let shut = |key: &str| locked.iter().any(|lock| lock.name() == key);
    let mut all = Map::new();
    for group in GROUPS {
        let said = if shut(group.key) { word(holds, group.key) } else { form.text(group.key) };
        let option = group.options.iter().find(|(option, _)| *option == said).ok_or(Unreadable::Form)?;
        let value = option.0.parse().map_or_else(|_| Value::from(option.0), Value::Bool);
        all.insert(group.key.to_owned(), value);
    }
    let few: Choices = serde_json::from_value(Value::Object(all)).map_err(|_| Unreadable::Form)?;
    let since = match form.text("since").as_str() {
        _ if shut(Lock::Since.name()) => holds.since,
        "" => None,
        day => Some(Date::parse(day).map_err(|_| Unreadable::Date)?),
    };
    let default_team = match form.text(Lock::DefaultTeam.name()) {
        _ if shut(Lock::DefaultTeam.name()) => holds.default_team.clone(),
        team => Some(team).filter(|team| !team.is_empty()),
    };
    let few = Choices { since, default_team, ..few };
    if shut(Lock::Kinds.name()) {
        let (kinds, default_kind) = (holds.kinds.clone(), holds.default_kind);
        return Ok(Choices { kinds, default_kind, ..few });
    }
    let kinds = Entity::ALL.into_iter().filter(|entity| form.get(entity.name()).is_some());
    let kind = |entity: Entity| Kind { entity, label: form.text(&format!("label-{}", entity.name())) };
    let default_kind = match form.text("defaultKind").as_str() {
        "" => None,
        word => Some(Entity::parse(word).ok_or(Unreadable::Form)?),
    };
    Ok(Choices { kinds: kinds.map(kind).collect(), default_kind, ..few })
}
