//! A plan of a calendar with ten thousand links, all of which are looked at: what a run
//! does after somebody has chosen otherwise. A run at rest looks at none.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::Context as _;
use postern_core::plan::calendar::choices::Choices;
use postern_core::plan::calendar::compose::{Pair, Scene, compose};
use postern_core::plan::calendar::entry::{self, Entity, Habits};
use postern_core::plan::calendar::event;
use postern_core::plan::calendar::invite::Inviting;
use postern_core::plan::calendar::operation::Plan;
use postern_core::plan::calendar::people::People;
use postern_core::plan::guard::{Tally, guard};
use postern_core::plan::link::{Base, Link, Side, State};
use postern_core::plan::seen::Seen;
use serde_json::{Map, Value, json};

use super::written;
use crate::between::figures::Figures;

const LINKS: usize = 10_000;
/// Seconds of Unix time, before all events.
const NOW: i64 = 1_795_000_000;

/// What the store keeps of one pair.
struct Kept {
    event: String,
    record: String,
}

/// Measures.
pub fn run(figures: &mut Figures, rounds: usize) -> anyhow::Result<()> {
    let kept: Vec<Kept> = (0..LINKS).map(keep).collect();
    for _ in 0..rounds {
        let began = Instant::now();
        let mut pairs = kept.iter().enumerate().map(read).collect::<anyhow::Result<Vec<_>>>()?;
        figures.add("10,000 links: reading what is stored of them, ms", 1, ms(began));
        let took = plan(&pairs, 0)?;
        figures.add("10,000 links: plan at rest, ms", 1, took);
        for pair in pairs.iter_mut().step_by(10) {
            edit(pair)?;
        }
        let took = plan(&pairs, LINKS / 10)?;
        figures.add("10,000 links: plan with 1,000 of them changed, ms", 1, took);
    }
    Ok(())
}

/// The plan and its guard, which must come to so many operations.
fn plan(pairs: &[Pair], due: usize) -> anyhow::Result<f64> {
    let choices = Choices::default();
    let door = choices.door(vec!["example.com".to_owned()])?;
    let people = |of: &str| (0..2_000).map(|n| format!("{of}{n}")).collect::<BTreeSet<_>>();
    let (homes, connected) = (people("home"), people("person"));
    let policy = choices.policy();
    let scene = Scene {
        pairs,
        events: &[],
        entries: &[],
        left_behind: &[],
        copies: &[],
        homes: &homes,
        door: &door,
        policy: &policy,
        writable: true,
        connected: &connected,
        inviting: &Inviting::default(),
        maker: "gateway",
        now: NOW,
    };
    let began = Instant::now();
    let Plan { operations, .. } = compose(&scene);
    let tally = Tally { links: pairs.len(), ..Tally::default() };
    let guarded = guard(operations, &tally, |operation| operation.class(), |_| false);
    let took = ms(began);
    let planned = guarded.go.len() + guarded.held.values().map(Vec::len).sum::<usize>();
    anyhow::ensure!(planned == due, "{planned} operations were planned, {due} were due");
    Ok(took)
}

fn keep(n: usize) -> Kept {
    let event = written::event(n);
    let (start, end) = written::times(n);
    let mut event = object(event);
    event.extend(object(json!({
        "id": format!("e{n}"), "etag": format!("\"{n}\""), "status": "confirmed",
        "iCalUID": format!("e{n}@google.com"), "organizer": { "email": "person0", "self": true },
        "updated": "2026-11-20T10:00:00.123Z", "created": "2026-11-20T10:00:00.000Z",
        "reminders": { "useDefault": true },
    })));
    let record = json!({
        "id": format!("m{n}"), "name": event["summary"], "status": "Planned",
        "description": event["description"], "location": event["location"],
        "dateStart": start.replace('T', " ").trim_end_matches('Z'),
        "dateEnd": end.replace('T', " ").trim_end_matches('Z'),
        "assignedUserId": "home0", "createdById": "gateway",
        "modifiedAt": "2026-11-20 10:00:01", "createdAt": "2026-11-20 10:00:01",
    });
    Kept { event: Value::Object(event).to_string(), record: record.to_string() }
}

fn read((n, kept): (usize, &Kept)) -> anyhow::Result<Pair> {
    let habits = Habits { place: true, ..Habits::default() };
    let event: Map<String, Value> = serde_json::from_str(&kept.event)?;
    let record: Map<String, Value> = serde_json::from_str(&kept.record)?;
    let event = event::read(&event).context("no event")?;
    let entry = entry::read(Entity::Meeting, &record, &habits).context("no record")?;
    let base = Base::of(event.record.clone(), entry.record.clone());
    let link = Link { origin: Side::Google, state: State::Active, base };
    let id = uuid::Uuid::from_u128(n as u128);
    let (google, crm, people) = (Seen::Live(event), Seen::Live(entry), People::default());
    Ok(Pair { id, entity: Entity::Meeting, link, people, google, crm })
}

/// Somebody has moved the event by a title.
fn edit(pair: &mut Pair) -> anyhow::Result<()> {
    use postern_core::plan::record::{Field, Value};
    let Seen::Live(event) = &mut pair.google else { anyhow::bail!("no event") };
    event.record.set(Field::Title, Value::text(format!("{}, moved", event.record.words(Field::Title))));
    event.updated += 60;
    Ok(())
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn ms(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}
