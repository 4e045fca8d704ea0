//! What has to hold at rest, judged by what people did and by nothing else.

use std::collections::{BTreeMap, BTreeSet};

use postern_core::plan::policy::Direction;
use postern_sandbox::{Crm, Doing};

use super::agreement::{self, Told};
use super::books::{Books, Thing};
use super::chosen::Way;
use super::copies;
use super::history::{Guests, Side};
use super::secrets;
use super::shown::{Scene, Shown};
use super::stage::Stage;

/// What does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The name of what should hold.
    pub oracle: &'static str,
    /// What is the case.
    pub told: String,
}

/// What an oracle says.
pub type Verdict = Result<(), Complaint>;

/// Complains unless it holds.
pub fn hold(oracle: &'static str, holds: bool, told: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(Complaint { oracle, told: told() }) }
}

/// Brings a world to rest and judges it; a complaint tells how calendars and pairs stand.
pub async fn judge(stage: &mut Stage) -> Verdict {
    let mut verdict = judged(stage).await;
    if let Err(complaint) = &mut verdict {
        for question in STANDING {
            complaint.told.push_str(&format!("\n{:?}", stage.raw().await.words(question).await));
        }
    }
    verdict
}

const STANDING: [&str; 3] = [
    "SELECT google_id || ' ' || status || ' ' || coalesce(fault, '') FROM calendars",
    "SELECT kind || ' ' || link_id FROM intents",
    "SELECT c.google_id || ' ' || coalesce(l.event_id, '') || ' ' || coalesce(l.record_id, '') || ' ' || l.role \
     || ' ' || l.state FROM links l JOIN calendars c ON c.id = l.calendar_id",
];

async fn judged(stage: &mut Stage) -> Verdict {
    stage.mend().await;
    quiet(stage).await?;
    let scene = stage.people.scene();
    let journal = secrets::journal(stage).await;
    let withheld = "SELECT record_id FROM links WHERE state IN ('quarantined', 'frozen') AND record_id <> ''";
    let withheld = stage.raw().await.words(withheld).await.into_iter().collect();
    let told = Told { withheld, journal };
    seen(stage, &scene, &told)?;
    secrets::judge(stage, &scene, &told.journal).await
}

fn seen(stage: &Stage, scene: &Scene, told: &Told) -> Verdict {
    let books = stage.people.books();
    nothing_twice(&books, scene)?;
    nothing_deleted_unasked(&books, scene, &stage.world.crm)?;
    nothing_against_the_way(&books, scene, &stage.world.crm)?;
    nobody_is_told(&books, stage)?;
    agreement::judge(&books, scene, told)?;
    copies::judge(&books, scene, &told.withheld, &stage.people)
}

// Comes to rest within ten runs, and then writes nothing more.
async fn quiet(stage: &mut Stage) -> Verdict {
    let mut still = 0;
    for _ in 0..10 {
        // Sweeps and pauses are hourly, or shorter.
        stage.forward(400);
        stage.decide().await;
        let before = stage.writes();
        stage.run(0, None).await;
        stage.learn();
        still = if stage.writes() == before { still + 1 } else { 0 };
        if still == 3 {
            return Ok(());
        }
    }
    hold("at rest, nothing is written", false, || "ten runs, and still it writes".to_owned())
}

// One record for one event, one event for one record, in whichever calendars it stands.
fn nothing_twice(books: &Books, scene: &Scene) -> Verdict {
    for (thing, of) in &books.things {
        let events = books.events_of(*thing, scene);
        // Who made an event private before it went to another user's calendar keeps it as their own.
        let keeps = |event: &Shown| {
            of.assigned && event.private && events.iter().any(|it| !it.private && it.home != event.home)
        };
        let kept = events.iter().filter(|event| !keeps(event));
        let uids: BTreeSet<&str> = kept.map(|event| event.uid.as_str()).collect();
        let records = books.records_of(*thing, scene);
        hold("nothing is there twice", uids.len() < 2 && records.len() < 2, || {
            format!("thing {thing}: events {events:?}, records {records:?}")
        })?;
    }
    let stray =
        scene.events.iter().filter(|event| event.live && !known(&books.events, &event.home, &event.id));
    let stray = stray.chain(scene.records.iter().filter(|it| !known(&books.records, &it.home, &it.id)));
    let stray: Vec<_> = stray.collect();
    hold("nothing is there twice", stray.is_empty(), || format!("nobody made {stray:?}"))
}

fn known(names: &BTreeMap<(String, String), usize>, home: &str, id: &str) -> bool {
    names.contains_key(&(home.to_owned(), id.to_owned()))
}

// What is gone was deleted by somebody, on this side or on the other.
fn nothing_deleted_unasked(books: &Books, scene: &Scene, crm: &Crm) -> Verdict {
    let oracle = "nothing is deleted unasked";
    for event in scene.events.iter().filter(|event| !event.live) {
        let thing = books.events.get(&(event.home.clone(), event.id.clone()));
        let thing = thing.and_then(|thing| books.things.get(thing));
        if event.copy {
            continue;
        }
        // What was made in Google outlives its record; what was made in the CRM follows its user.
        let asked = thing.is_some_and(|thing| {
            let follows = thing.born == Side::Crm && (thing.assigned || !thing.deleted.is_empty());
            let wanted = thing.deleted.contains(&Side::Crm) && books.may(thing, |it| it.removes)
                || thing.called_off && books.may(thing, |it| it.removes_not_held);
            // Whoever is no guest any more has no copy any more.
            let shared = books.invites() && thing.guests == Guests::Inside;
            thing.deleted.contains(&Side::Google) || follows || wanted || shared
        });
        hold(oracle, asked, || format!("{thing:?}: {event:?}"))?;
    }
    for deed in crm.deeds().iter().filter(|deed| deed.by == crm.api_user()) {
        let called_off = deed.changed.iter().any(|name| name == "status");
        if deed.doing != Doing::Deleted && !called_off {
            continue;
        }
        let Some(thing) = books.records.get(&(deed.entity.clone(), deed.id.clone())) else {
            // Made and deleted within one run: nobody has ever seen it.
            continue;
        };
        let thing = books.things.get(thing);
        let asked = thing.is_some_and(|thing| thing.deleted.contains(&Side::Google));
        hold(oracle, asked, || format!("{thing:?}: {deed:?}"))?;
    }
    Ok(())
}

// The side that is not written shows what its own people made, and has nothing of ours.
fn nothing_against_the_way(books: &Books, scene: &Scene, crm: &Crm) -> Verdict {
    let oracle = "the side that is followed is not written";
    for thing in books.things.values().filter(|thing| books.way(thing) == Way::Sure(Direction::ToCrm)) {
        let made = thing.born == Side::Crm && !books.events_of(thing.number, scene).is_empty();
        hold(oracle, !made, || format!("{thing:?} is in Google"))?;
    }
    for deed in crm.deeds().iter().filter(|deed| deed.by == crm.api_user()) {
        let thing = books.records.get(&(deed.entity.clone(), deed.id.clone()));
        let Some(thing) = thing.and_then(|thing| books.things.get(thing)) else { continue };
        // The name of its event is no word of the record; with any write, the CRM itself counts the
        // assigned user among the users again.
        let named = |it: &String| it.ends_with("CalendarEventId");
        let silent = |it: &String| named(it) || it.starts_with("users");
        let names = deed.changed.iter().any(named) && deed.changed.iter().all(silent);
        let against = books.way(thing) == Way::Sure(Direction::ToGoogle) && !names;
        hold(oracle, !against, || format!("{thing:?}: {deed:?}"))?;
    }
    Ok(())
}

// Guests hear nothing, a connected one sees what was edited in the CRM on the copy that is his (where
// somebody has guests written, others too get a copy, or lose it), and a user of the CRM is told of what was made for him.
fn nobody_is_told(books: &Books, stage: &Stage) -> Verdict {
    let crm = &stage.world.crm;
    let counters = stage.people.google.calendar_counters();
    let (mails, calendars) = (counters.guest_mails, counters.guest_calendars);
    let shared = books.things.values().filter(|thing| thing.guests == Guests::Inside);
    let edits = shared.flat_map(|thing| &thing.edits).filter(|edit| edit.side == Side::Crm).count();
    // So is what goes because its record went, where that is wanted.
    let goes = |thing: &&Thing| {
        thing.guests == Guests::Inside
            && (thing.deleted.contains(&Side::Crm) && books.may(thing, |it| it.removes)
                || thing.called_off && books.may(thing, |it| it.removes_not_held))
    };
    let edits = edits + books.things.values().filter(goes).count();
    let invited = books.invites() || calendars <= edits as u64;
    hold("nobody is told", mails == 0 && invited, || {
        format!("{mails} mails, {calendars} calendars of guests changed by {edits} edits")
    })?;
    let made = crm.deeds().iter().filter(|it| it.doing == Doing::Created && it.by == crm.api_user()).count();
    let told = crm.notifications().len();
    hold("nobody is told", told == books.told + made, || {
        format!("{told} were told, {} by people, and {made} records were made", books.told)
    })
}
