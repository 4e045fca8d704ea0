//! What has to hold at rest, judged by what people did and by nothing else.

use postern_core::plan::contacts::choices::Strangers;
use postern_core::plan::contacts::person::MARK;
use postern_core::plan::link::State;
use postern_core::plan::policy::Direction;
use serde_json::Value;

use super::history::{Field, Side, Who};
use super::people::{at_google, family, in_crm, people_of, records_of, thing_of};
use super::stage::Stage;
use crate::contacts::hands::named;

/// What does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The name of what should hold.
    pub oracle: &'static str,
    /// What is the case.
    pub told: String,
}

impl Complaint {
    pub fn new(oracle: &'static str, told: String) -> Self {
        Self { oracle, told }
    }
}

type Verdict = Result<(), Complaint>;

fn hold(oracle: &'static str, holds: bool, told: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(Complaint::new(oracle, told())) }
}

/// Brings a world to rest and judges it; a complaint tells how the links stand.
pub async fn judge(stage: &mut Stage) -> Verdict {
    let verdict = judged(stage).await;
    match verdict {
        Ok(()) => Ok(()),
        Err(mut complaint) => {
            let mut raw = stage.world.raw().await;
            for question in [
                "SELECT status || ' ' || coalesce(fault, '') FROM address_books",
                "SELECT kind || ' ' || hex(link_id) FROM people_intents",
                "SELECT coalesce(resource, '-') || ' ' || entity || ' ' || coalesce(record_id, '-') || ' ' || state || ' ' \
                 || visible || ' ' || dirty FROM people_links",
            ] {
                complaint.told.push_str(&format!("\n{:?}", raw.words(question).await));
            }
            Err(complaint)
        }
    }
}

async fn judged(stage: &mut Stage) -> Verdict {
    quiet(stage).await?;
    stage.books.learn(&stage.world, &stage.owners);
    nothing_twice(stage)?;
    nothing_deleted_unasked(stage)?;
    nobody_sees_what_is_not_theirs(stage)?;
    nothing_against_the_way(stage)?;
    agreement(stage).await
}

// Comes to rest, and then writes nothing more.
async fn quiet(stage: &mut Stage) -> Verdict {
    let mut still = 0;
    for _ in 0..12 {
        let before = stage.world.writes();
        stage.calm().await;
        still = if stage.world.writes() == before { still + 1 } else { 0 };
        if still == 3 {
            return Ok(());
        }
    }
    hold("at rest, nothing is written", false, || "twelve runs, and still it writes".to_owned())
}

// As many as people made, and one where they made none.
fn nothing_twice(stage: &Stage) -> Verdict {
    for (number, thing) in &stage.books.things {
        for who in Who::ALL {
            let people = people_of(&stage.world, &stage.owners[who.at()], *number);
            let made = thing.made.get(&who).copied().unwrap_or_default();
            // Of a record we have made one, at most, and none beside one whom they made before.
            let ours = people.iter().filter(|person| marked(person)).count();
            let known = ours <= 1 && people.len() <= made + ours;
            hold("nobody is there twice", known, || format!("{who:?} made {made}: {people:?}"))?;
        }
        let records = records_of(&stage.world, *number);
        // A lead that was converted stays beside its contact. Whoever may not see a record of one kind
        // gets one of the other kind of a person of theirs.
        let makes = |who: &&Who| stage.chosen[who.at()].strangers.makes().is_some();
        let makers = thing.made.keys().filter(makes).count();
        let most = (thing.records + makers).max(1) + usize::from(thing.converted);
        hold("nobody is there twice", records.len() <= most, || format!("{records:?}"))?;
    }
    Ok(())
}

fn marked(person: &Value) -> bool {
    let data = person["clientData"].as_array().into_iter().flatten();
    data.into_iter().any(|of| of["key"] == MARK)
}

fn nothing_deleted_unasked(stage: &Stage) -> Verdict {
    let oracle = "nothing is deleted unasked";
    for (who, number) in &stage.books.seen_people {
        let Some(thing) = stage.books.things.get(number) else { continue };
        let lives = !people_of(&stage.world, &stage.owners[who.at()], *number).is_empty();
        let chosen = stage.chosen[who.at()];
        let asked = thing.deleted_at_google.contains(who) || (chosen.deletes_persons && thing.deleted_in_crm);
        hold(oracle, lives || asked, || {
            format!("{who:?} has nobody of {} any more: {thing:?}", family(*number))
        })?;
    }
    for number in &stage.books.seen_records {
        let Some(thing) = stage.books.things.get(number) else { continue };
        let lives = !records_of(&stage.world, *number).is_empty();
        let wants = |who: &Who| stage.chosen[who.at()].deletes_records;
        let asked = thing.deleted_in_crm || thing.deleted_at_google.iter().any(wants);
        hold(oracle, lives || asked, || {
            format!("there is no record of {} any more: {thing:?}", family(*number))
        })?;
    }
    Ok(())
}

fn nobody_sees_what_is_not_theirs(stage: &Stage) -> Verdict {
    for (who, number) in &stage.books.seen_people {
        let Some(thing) = stage.books.things.get(number) else { continue };
        let own = thing.of.contains(who) || thing.made.contains_key(who);
        // What was made of a person of theirs is assigned to them.
        let theirs = thing.records == 0 && thing.made.keys().any(|maker| maker == who);
        hold("nobody sees what is not theirs", own || theirs, || {
            format!("{who:?} has {}: {thing:?}", family(*number))
        })?;
    }
    Ok(())
}

// Who follows Google only has nobody of ours there; who writes to Google only makes no records.
fn nothing_against_the_way(stage: &Stage) -> Verdict {
    let oracle = "nothing goes against the way";
    for (number, thing) in &stage.books.things {
        for who in Who::ALL {
            let chosen = stage.chosen[who.at()];
            let people = people_of(&stage.world, &stage.owners[who.at()], *number);
            if chosen.direction == Direction::ToCrm && !thing.made.contains_key(&who) {
                hold(oracle, people.is_empty(), || format!("{who:?}: {people:?}"))?;
            }
        }
        let makes = |who: &Who| {
            let chosen = stage.chosen[who.at()];
            chosen.direction.reads() && chosen.strangers != Strangers::Ignore
        };
        if thing.records == 0 && !thing.made.keys().any(makes) {
            let records = records_of(&stage.world, *number);
            hold(oracle, records.is_empty(), || format!("{records:?}"))?;
        }
    }
    Ok(())
}

// A link that is kept in step in both directions shows the same on both sides, and that is what
// somebody entered last on one of them.
async fn agreement(stage: &Stage) -> Verdict {
    for who in Who::ALL {
        let owner = &stage.owners[who.at()];
        let chosen = stage.chosen[who.at()];
        for link in stage.world.links(owner).await {
            let (Some(resource), Some(record)) = (&link.resource, &link.record) else { continue };
            if link.state != State::Active {
                continue;
            }
            let person = stage.world.people(owner).into_iter().find(|person| named(person) == resource);
            let card = stage.world.crm.record(link.entity.name(), record);
            let (Some(person), Some(card)) = (person, card) else { continue };
            let Some(number) = person["names"][0]["familyName"].as_str().and_then(thing_of) else { continue };
            // Two whom people made are taken as they stand: what was entered before is nobody's edit.
            let found =
                !marked(&person) && stage.books.things.get(&number).is_some_and(|thing| thing.records > 0);
            let linked = stage.books.linked.get(&link.id.to_string()).copied();
            let since = found.then(|| linked.unwrap_or(usize::MAX));
            for field in Field::ALL {
                field_agrees(stage, (who, number, field), (chosen.direction, since), (&person, &card))?;
            }
        }
    }
    Ok(())
}

fn field_agrees(
    stage: &Stage,
    (who, number, field): (Who, usize, Field),
    (direction, since): (Direction, Option<usize>),
    (person, card): (&Value, &Value),
) -> Verdict {
    let (google, crm) = (at_google(person, field), in_crm(card, field));
    let Some(thing) = stage.books.things.get(&number) else { return Ok(()) };
    let counts =
        |value: &String| since.is_none_or(|since| thing.entered_at.get(value).is_some_and(|at| *at > since));
    let edits = |side| -> Vec<String> {
        let all = thing.edits.get(&(field, side)).into_iter().flatten();
        all.filter(|value| counts(value)).cloned().collect()
    };
    let told =
        || format!("{who:?}, thing {number}, {field:?}: {google:?} and {crm:?}, entered {:?}", thing.edits);
    let shared = stage.books.seen_people.iter().filter(|(_, of)| *of == number).count() > 1;
    // Of a shared record a note stays with whoever wrote it.
    let one_by_one = matches!(field, Field::Email | Field::Phone);
    let alike = since.is_none() || (!one_by_one && Side::ALL.into_iter().any(|side| !edits(side).is_empty()));
    if direction == Direction::Both && alike && !(shared && field == Field::Note) {
        let mut sorted = [google.clone(), crm.clone()];
        sorted.iter_mut().for_each(|values| values.sort());
        hold("both sides agree", sorted[0] == sorted[1], told)?;
    }
    if direction == Direction::ToGoogle && since.is_none() && edits(Side::Google).is_empty() && !shared {
        hold("Google shows what the CRM says", crm.iter().all(|value| google.contains(value)), told)?;
    }
    // The last word of one side is there; what was entered in another record is none about this one.
    let here =
        |value: &String| thing.entered_in.get(value).is_some_and(|record| card["id"] == record.as_str());
    let crm_last = edits(Side::Crm).into_iter().rfind(here);
    let last: Vec<String> = edits(Side::Google).pop().into_iter().chain(crm_last).collect();
    if direction == Direction::Both && !last.is_empty() && !shared && !thing.converted {
        hold("no edit is lost", last.iter().any(|value| google.contains(value)), told)?;
    }
    Ok(())
}
