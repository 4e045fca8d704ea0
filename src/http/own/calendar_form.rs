//! What the form about calendars says. A field that stands twice, or holds a
//! word that no option has, makes the whole form unreadable.

use std::collections::BTreeSet;

use postern_core::model::id::CalendarId;
use postern_core::plan::calendar::choices::{Choices, Kind};
use postern_core::plan::calendar::entry::Entity;
use postern_core::plan::calendar::moment::Date;
use serde_json::{Map, Value};

use crate::actions::calendars::choose::Wanted;
use crate::http::calendars::GROUPS;
use crate::http::form::Form;

/// Why a form says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// The day is none.
    Date,
    /// It is not our form.
    Form,
}

/// What is wanted by the form.
pub(super) fn wanted(form: &Form) -> Result<Wanted, Unreadable> {
    let calendar = |text: &str| text.parse::<CalendarId>().map_err(|_| Unreadable::Form);
    let main = match form.text("main").as_str() {
        "" => None,
        id => Some(calendar(id)?),
    };
    let monitored: BTreeSet<CalendarId> =
        form.all("monitored").iter().map(|id| calendar(id)).collect::<Result<_, _>>()?;
    let mut all = Map::new();
    for group in GROUPS {
        let said = form.text(group.key);
        let option = group.options.iter().find(|(option, _)| *option == said).ok_or(Unreadable::Form)?;
        let value = option.0.parse().map_or_else(|_| Value::from(option.0), Value::Bool);
        all.insert(group.key.to_owned(), value);
    }
    let few: Choices = serde_json::from_value(Value::Object(all)).map_err(|_| Unreadable::Form)?;
    let since = match form.text("since").as_str() {
        "" => None,
        day => Some(Date::parse(day).map_err(|_| Unreadable::Date)?),
    };
    let kinds = Entity::ALL.into_iter().filter(|entity| form.get(entity.name()).is_some());
    let kind = |entity: Entity| Kind { entity, label: form.text(&format!("label-{}", entity.name())) };
    let default_kind = match form.text("defaultKind").as_str() {
        "" => None,
        word => Some(Entity::parse(word).ok_or(Unreadable::Form)?),
    };
    let choices = Choices { since, kinds: kinds.map(kind).collect(), default_kind, ..few };
    Ok(Wanted { main, monitored, choices })
}
