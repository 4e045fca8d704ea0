//! Both sides show the same, and it is what somebody wrote last.
//!
//! Who is the later of two that edited one field is told by the times of their
//! edits; closer than two minutes, the CRM's stands. What lost is in the journal.

use std::collections::BTreeSet;

use postern_core::plan::policy::{Direction, Winner};

use super::books::{Books, Edit, Thing};
use super::chosen::Way;
use super::history::{Field, Guests, Side};
use super::oracles::{Verdict, hold};
use super::people::{HOLIDAYS, date};
use super::secrets::HUSH;
use super::shown::{Scene, Shown};

/// What the gateway itself tells of its pairs and of what it did.
pub struct Told {
    /// Identities of records whose pair waits for a person.
    pub withheld: BTreeSet<String>,
    /// Everything that stands in the journal.
    pub journal: String,
}

const FIELDS: [Field; 3] = [Field::Title, Field::Text, Field::When];
/// Closer than this, in seconds, nobody was later.
const TOO_CLOSE: u64 = 120;
/// Both sides count whole seconds, and a run takes some.
const SLACK: u64 = 30;

/// Judges every thing that both sides should show.
pub fn judge(books: &Books, scene: &Scene, told: &Told) -> Verdict {
    for thing in books.things.values() {
        let events = books.events_of(thing.number, scene);
        let event = events.into_iter().find(|event| event.own);
        let record = books.records_of(thing.number, scene).into_iter().next();
        match (event, record) {
            (Some(event), Some(record)) => both(books, thing, (event, record), told)?,
            (event, record) => {
                present(books, thing, event.is_some(), record.is_some())?;
                let ours = event.is_some_and(|event| event.home != HOLIDAYS);
                gone(books, thing, ours, record.is_some())?;
            }
        }
    }
    Ok(())
}

// What nobody deleted, hid or gave away is on both sides.
fn present(books: &Books, thing: &Thing, event: bool, record: bool) -> Verdict {
    let plain = thing.deleted.is_empty() && !thing.disturbed && !thing.private;
    let born = match (thing.born, books.way(thing)) {
        (_, Way::Open) => false,
        (Side::Google, Way::Sure(way)) => way.reads() && thing.guests != Guests::Inside,
        (Side::Crm, Way::Sure(way)) => way.writes() && thing.connected,
    };
    hold("both sides have it", !(plain && born) || event && record, || {
        format!("event {event}, record {record}: {thing:?}")
    })
}

// What was deleted on one side is deleted on the other, where that is wanted by the only one who
// decides; what was edited in between, answered or given away is not judged here.
fn gone(books: &Books, thing: &Thing, event: bool, record: bool) -> Verdict {
    let plain =
        thing.guests == Guests::Nobody && !thing.disturbed && !thing.private && thing.edits.len() == 4;
    let Way::Sure(way) = books.way(thing) else { return Ok(()) };
    if !plain || thing.ruled.len() != 1 {
        return Ok(());
    }
    let from = |side| thing.deleted.iter().eq([&side]);
    let follows = match thing.born {
        Side::Google => books.may(thing, |it| it.removes),
        Side::Crm => thing.connected,
    };
    let leaves_record = from(Side::Google) && thing.born == Side::Google && way.reads() && record;
    let leaves_event = from(Side::Crm) && follows && way.writes() && event;
    hold("what is deleted goes on both sides", !leaves_record && !leaves_event, || {
        format!("event {event}, record {record}: {thing:?}")
    })
}

fn both(books: &Books, thing: &Thing, (event, record): (&Shown, &Shown), told: &Told) -> Verdict {
    let kept = record.status != "Planned" || thing.private || !thing.deleted.is_empty();
    if kept || told.withheld.contains(&record.id) {
        return Ok(());
    }
    for field in FIELDS {
        let crm_edited = thing.edits.iter().any(|edit| edit.side == Side::Crm && edit.field == field);
        // What guests outside have in their calendars is moved by a person's word only (rule 2.3).
        let waits = field == Field::When && (thing.guests == Guests::Outside || thing.outsiders);
        if (event.home == HOLIDAYS || waits) && crm_edited {
            continue;
        }
        let (shown, other) = (event.value(field), record.value(field));
        match books.way(thing) {
            Way::Sure(Direction::Both) => {}
            Way::Sure(Direction::ToCrm) => {
                one_way(thing, (Side::Google, field), shown, other)?;
                continue;
            }
            Way::Sure(Direction::ToGoogle) => {
                one_way(thing, (Side::Crm, field), other, shown)?;
                continue;
            }
            // Whoever reads the calendar decides; that was this one now, and that one then.
            Way::Open => continue,
        }
        hold("both sides show the same", shown == other, || {
            format!("{field:?}: {shown:?} at Google and {other:?} in the CRM of {thing:?}")
        })?;
        last(books, thing, (field, shown), told)?;
    }
    Ok(())
}

// The followed side shows the last that was written there; the other one that, or an edit of its own.
fn one_way(thing: &Thing, (side, field): (Side, Field), followed: &str, other: &str) -> Verdict {
    let last = |of: Side| thing.edits.iter().rfind(|edit| edit.side == of && edit.field == field);
    let own = last(side).map_or(last(if side == Side::Google { Side::Crm } else { Side::Google }), Some);
    hold("the side that is followed is not written", own.is_some_and(|edit| edit.value == followed), || {
        format!("{side:?} shows {field:?} {followed:?}: {thing:?}")
    })?;
    let of_other = thing.edits.iter().any(|edit| edit.side != side && edit.value == other);
    hold("what is followed arrives", other == followed || of_other, || {
        format!("{field:?} {other:?} in place of {followed:?}: {thing:?}")
    })
}

fn last(books: &Books, thing: &Thing, (field, shown): (Field, &str), told: &Told) -> Verdict {
    let of_field = || thing.edits.iter().filter(|edit| edit.field == field);
    let stands = of_field().rposition_of(|edit| edit.value == shown);
    let Some((place, winner)) = stands else {
        return hold("no edit is lost", false, || format!("nobody wrote {field:?} {shown:?}: {thing:?}"));
    };
    let other = if winner.side == Side::Google { Side::Crm } else { Side::Google };
    let own = of_field().rposition_of(|edit| edit.side == winner.side);
    hold("no edit is lost", own.is_some_and(|(last, _)| last == place), || {
        format!("{field:?} {shown:?} stands and was written over on its own side: {thing:?}")
    })?;
    let Some((lost_place, loser)) = of_field().rposition_of(|edit| edit.side == other) else { return Ok(()) };
    if books.raced.contains(&(thing.number, field, loser.value.clone())) {
        return Ok(());
    }
    hold("no edit is lost", lost_place < place || beats(books, thing, (winner, loser)), || {
        format!("{field:?} {shown:?} stands and {loser:?} came later: {thing:?}")
    })?;
    let known = loser.value == shown
        || books.agreed.contains(&(thing.number, field, loser.value.clone()))
        || told.journal.contains(&written(&loser.value))
        || hushed(thing, loser);
    hold("what is lost is in the journal", known, || format!("{field:?} {loser:?}: {thing:?}"))
}

// What the CRM showed of an event that was private for a time may tell of it: it is kept nowhere.
fn hushed(thing: &Thing, loser: &Edit) -> bool {
    let private = |edit: &Edit| edit.side == Side::Google && edit.value.starts_with(HUSH);
    loser.side == Side::Crm && loser.field != Field::When && thing.edits.iter().any(private)
}

// Whether the rule has an edit stand that is the earlier one.
fn beats(books: &Books, thing: &Thing, (winner, loser): (&Edit, &Edit)) -> bool {
    let wins = if winner.side == Side::Google { Winner::Google } else { Winner::Crm };
    let chosen = |winner| books.may(thing, |it| it.winner == winner);
    // Where all of them want one side to win, it does, however late the other was.
    if !chosen(Winner::Newest) && chosen(Winner::Google) != chosen(Winner::Crm) {
        return chosen(wins);
    }
    if chosen(wins) {
        return true;
    }
    thing.touched(winner.side).any(|at| match winner.side {
        Side::Crm => loser.at <= at + TOO_CLOSE + SLACK,
        Side::Google => at + SLACK > loser.at + TOO_CLOSE,
    })
}

// A value as the journal has it.
fn written(value: &str) -> String {
    let number = |prefix| value.strip_prefix(prefix)?.split('+').next()?.parse::<i64>().ok();
    match (number('t'), number('d')) {
        (Some(at), _) => at.to_string(),
        (_, Some(day)) => date(day),
        _ => value.to_owned(),
    }
}

trait Last<'a> {
    /// The last one that fits, and its place.
    fn rposition_of(self, fits: impl Fn(&Edit) -> bool) -> Option<(usize, &'a Edit)>;
}

impl<'a, I: Iterator<Item = &'a Edit>> Last<'a> for I {
    fn rposition_of(self, fits: impl Fn(&Edit) -> bool) -> Option<(usize, &'a Edit)> {
        self.enumerate().filter(|(_, edit)| fits(edit)).last()
    }
}
