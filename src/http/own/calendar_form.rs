//! What the owner's form about calendars says.

use std::collections::BTreeSet;

use postern_core::model::id::CalendarId;

use crate::actions::calendars::choose::Wanted;
use crate::actions::calendars::view::View;
use crate::http::form::Form;
use crate::http::wishes::{Unreadable, chosen};

/// What is wanted by the form, where `view` stands.
pub(super) fn wanted(form: &Form, view: &View) -> Result<Wanted, Unreadable> {
    let calendar = |text: &str| text.parse::<CalendarId>().map_err(|_| Unreadable::Form);
    let main = match form.text("main").as_str() {
        "" => None,
        id => Some(calendar(id)?),
    };
    let monitored: BTreeSet<CalendarId> =
        form.all("monitored").iter().map(|id| calendar(id)).collect::<Result<_, _>>()?;
    let defaults = Some(form.text("defaults").parse().map_err(|_| Unreadable::Form)?);
    Ok(Wanted { main, monitored, choices: chosen(form, &view.choices, &view.locked)?, defaults })
}
