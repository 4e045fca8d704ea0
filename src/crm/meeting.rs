//! Which attributes of meetings and calls a list is asked for.
//!
//! Times are written by `Times::to_crm` of the core, always as a whole group:
//! versions differ in what they make of a part.

use postern_core::plan::calendar::entry::{Entity, Habits};

/// What a decision reads of either kind.
const READ: [&str; 11] = [
    "id",
    "name",
    "description",
    "status",
    "dateStart",
    "dateEnd",
    "assignedUserId",
    "createdById",
    "createdAt",
    "modifiedAt",
    "modifiedById",
];
/// What only a kind with whole days has.
const DAYS: [&str; 3] = ["isAllDay", "dateStartDate", "dateEndDate"];
/// Who takes part; a list tells only when it is asked, and a change of it alone
/// does not always count as one.
const PEOPLE: [&str; 6] =
    ["usersIds", "usersColumns", "contactsIds", "contactsColumns", "leadsIds", "leadsColumns"];

/// Attributes of a list of changes: what a decision reads.
#[must_use]
pub fn changes(entity: Entity, habits: &Habits) -> Vec<&str> {
    let days = if entity.whole_days() { &DAYS[..] } else { &[] };
    let place = habits.place.then_some("location");
    READ.iter().chain(days).copied().chain(place).chain(habits.event_field.as_deref()).collect()
}

/// Attributes of a sweep: those of a list of changes, and who takes part.
#[must_use]
pub fn sweep(entity: Entity, habits: &Habits) -> Vec<&str> {
    changes(entity, habits).into_iter().chain(PEOPLE).collect()
}

#[cfg(test)]
mod tests {
    use super::{changes, sweep};
    use postern_core::plan::calendar::entry::{Entity, Habits};

    #[test]
    fn only_fields_that_the_crm_has_are_asked_for() {
        let bare = Habits::default();
        let own = Habits { event_field: Some("cGoogleCalendarEventId".into()), place: true, ..bare.clone() };
        for (entity, days) in [(Entity::Meeting, true), (Entity::Call, false)] {
            assert_eq!(changes(entity, &bare).contains(&"isAllDay"), days);
            for name in ["location", "cGoogleCalendarEventId"] {
                assert!(!changes(entity, &bare).contains(&name) && changes(entity, &own).contains(&name));
            }
            assert!(sweep(entity, &own).contains(&"usersColumns"));
            assert!(!changes(entity, &own).contains(&"usersColumns"));
        }
    }
}
