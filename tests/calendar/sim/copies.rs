//! Whoever takes part in what is another one's and wants to see it has one copy of it, which says what
//! the record says; nobody else has any.

use std::collections::BTreeSet;

use serde_json::Value;

use super::books::{Books, Thing};
use super::history::{Field, Side, Who};
use super::oracles::{Verdict, hold};
use super::people::{HOLIDAYS, People, TEAM};
use super::shown::{Scene, Shown};

const ORACLE: &str = "a copy is where it is wanted";
const FIELDS: [Field; 3] = [Field::Title, Field::Text, Field::When];

/// Judges the copies of every thing.
pub fn judge(books: &Books, scene: &Scene, withheld: &BTreeSet<String>, people: &People) -> Verdict {
    for thing in books.things.values() {
        let record = books.records_of(thing.number, scene).into_iter().next();
        for who in [Who::Anna, Who::Ben, Who::Cara] {
            let copies = books.copies_of(thing.number, scene);
            let copies: Vec<_> = copies.into_iter().filter(|copy| copy.home == who.address()).collect();
            let told = || format!("{who:?} has {copies:?} of {record:?}: {thing:?}");
            hold(ORACLE, copies.len() < 2, told)?;
            // Of what has been, nothing is taken away, and what waits for a person is left as it is.
            let settled = record.is_none_or(|it| it.status == "Planned" && !withheld.contains(&it.id));
            if !settled {
                continue;
            }
            let wanted = record.is_some_and(|record| wanted(books, scene, (thing, record), who, people));
            let dropped = thing.dropped.contains(&who);
            hold(ORACLE, copies.is_empty() || wanted, told)?;
            hold(ORACLE, !copies.is_empty() || !wanted || dropped, told)?;
            if let (Some(copy), Some(record)) = (copies.first(), record) {
                follows(thing, copy, record)?;
            }
        }
    }
    Ok(())
}

// By the record itself and by what the user's calendars show.
fn wanted(books: &Books, scene: &Scene, (thing, shown): (&Thing, &Shown), who: Who, people: &People) -> bool {
    let Some(record) = people.crm.record(&shown.home, &shown.id) else { return false };
    let chosen: &[&str] = match who {
        Who::Anna => &[TEAM, HOLIDAYS],
        Who::Ben => &[TEAM],
        Who::Cara => &[],
    };
    let seen = |event: &Shown| event.home == who.address() || chosen.contains(&event.home.as_str());
    books.copies(who)
        && thing.born == Side::Crm
        && record["assignedUserId"] != who.user()
        && comes(&record, who)
        && !books.events_of(thing.number, scene).into_iter().any(seen)
}

fn comes(record: &Value, who: Who) -> bool {
    let users = record["usersIds"].as_array().into_iter().flatten();
    users.into_iter().any(|user| *user == who.user())
        && record["usersColumns"][who.user()]["status"] != "Declined"
}

fn follows(thing: &Thing, copy: &Shown, record: &Shown) -> Verdict {
    for field in FIELDS {
        let (shown, says) = (copy.value(field), record.value(field));
        hold("a copy says what the record says", shown == says, || {
            format!("{field:?}: {shown:?} in place of {says:?} in a copy of {thing:?}")
        })?;
    }
    Ok(())
}
