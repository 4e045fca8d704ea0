//! Which attributes of meetings and calls a list is asked for.
//!
//! Times are written by `Times::to_crm` of the core, always as a whole group:
//! versions differ in what they make of a part.

use postern_core::plan::calendar::entry::{Entity, Habits};
use postern_core::plan::calendar::people::Kind;

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
/// Which users take part, and what they have answered.
pub const USERS: [&str; 2] = ["usersIds", "usersColumns"];

/// Attributes of a list: what a decision reads, and `people`, who takes part. A list tells that
/// only when it is asked, each costs the CRM questions of its own, and a change of it alone does
/// not always count as one.
#[must_use]
pub fn read(entity: Entity, habits: &Habits, people: bool) -> Vec<&str> {
    let people = Kind::ALL.map(Kind::attribute).into_iter().filter(move |_| people);
    changes(entity, habits).into_iter().chain(people).collect()
}

/// What a decision reads.
#[must_use]
pub fn changes(entity: Entity, habits: &Habits) -> Vec<&str> {
    let days = if entity.whole_days() { &DAYS[..] } else { &[] };
    let place = habits.place.then_some("location");
    READ.iter().chain(days).copied().chain(place).chain(habits.event_field.as_deref()).collect()
}

#[cfg(test)]
mod tests {
    use super::{changes, read};
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
            assert!(read(entity, &own, true).contains(&"contactsIds"));
            assert_eq!(read(entity, &own, false), changes(entity, &own));
        }
    }
}
