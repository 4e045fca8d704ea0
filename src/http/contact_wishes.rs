//! The form that says how contacts are kept in step. A field that stands twice, or
//! holds a word that no option has, makes the whole form unreadable.

use std::collections::BTreeSet;

use postern_core::plan::contacts::card::Entity;
use postern_core::plan::contacts::choices::Choices;
use postern_core::plan::contacts::phone::Country;
use postern_core::plan::record::Field;
use serde_json::{Map, Value};

use super::contacts::{GROUPS, Group, kind, word};
use super::form::Form;
use crate::texts::{Contacts, Pairs};

/// What stands in the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wishes {
    /// What is chosen.
    pub choices: Choices,
    /// The country as it was entered.
    pub country: String,
    /// The name of a group that is to be made; empty when none is.
    pub new_group: String,
}

/// It is not our form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable;

impl Wishes {
    /// What stands already.
    pub fn standing(choices: Choices) -> Self {
        let country = choices.country.as_ref().map(|country| country.as_str().to_owned());
        Self { choices, country: country.unwrap_or_default(), new_group: String::new() }
    }

    /// Whether this option of a group is chosen.
    pub fn on(&self, group: &Group, option: &str) -> bool {
        word(&self.choices, group.key) == option
    }

    /// Whether a kind of record is chosen.
    pub fn takes(&self, entity: &Entity) -> bool {
        self.choices.kinds.contains(entity)
    }

    /// Whether a field is chosen.
    pub fn keeps(&self, field: &Field) -> bool {
        self.choices.fields.contains(field)
    }

    /// Whether a field cannot be left out: nobody can do without a last name.
    #[expect(clippy::unused_self, reason = "templates ask the form")]
    pub fn needs(&self, field: &Field) -> bool {
        *field == Field::Family
    }

    /// The records of a kind in words.
    #[expect(clippy::unused_self, reason = "templates ask the form")]
    pub fn kind(&self, entity: &Entity) -> Contacts {
        kind(*entity)
    }

    /// A field in words.
    #[expect(clippy::unused_self, reason = "templates ask the form")]
    pub fn field(&self, field: &Field) -> Pairs {
        (*field).into()
    }

    /// Whether this is the chosen group.
    pub fn chose(&self, resource: &str) -> bool {
        self.choices.group.as_deref() == Some(resource)
    }

    /// Whether this is one of the further groups.
    pub fn monitors(&self, resource: &str) -> bool {
        self.choices.monitored.contains(resource)
    }

    /// Whether what was entered as a country is none.
    pub fn no_country(&self) -> bool {
        !self.country.is_empty() && self.choices.country.is_none()
    }
}

/// What the form chooses.
pub(super) fn chosen(form: &Form) -> Result<Wishes, Unreadable> {
    let mut all = Map::new();
    for group in GROUPS {
        let said = form.text(group.key);
        let option = group.options.iter().find(|(option, _)| *option == said).ok_or(Unreadable)?;
        let value = option.0.parse().map_or_else(|_| Value::from(option.0), Value::Bool);
        all.insert(group.key.to_owned(), value);
    }
    let few: Choices = serde_json::from_value(Value::Object(all)).map_err(|_| Unreadable)?;
    let field = |name: &String| Field::PERSON.into_iter().find(|field| field.name() == name);
    let ticked: Option<Vec<Field>> = form.all("field").iter().map(field).collect();
    let fields = ticked.ok_or(Unreadable)?.into_iter().chain([Field::Family]).collect();
    let some = |name: &str| Some(form.text(name)).filter(|text| !text.is_empty());
    let country = form.text("country");
    let group = some("group");
    // Who wants nothing to be kept in step need not take back each tick.
    let monitored = match group.is_some() || form.get("newGroup").is_some_and(|name| !name.is_empty()) {
        true => form.all("monitored").into_iter().collect(),
        false => BTreeSet::new(),
    };
    let choices = Choices {
        group,
        monitored,
        kinds: Entity::ALL.into_iter().filter(|entity| form.get(entity.name()).is_some()).collect(),
        filter: some("filter"),
        country: Country::parse(&country).ok(),
        fields,
        ..few
    };
    Ok(Wishes { choices, country, new_group: form.text("newGroup") })
}
