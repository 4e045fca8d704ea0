//! Series in all that people do with them, thrown from seeds: whatever Google shows at
//! the end, by its own expansion, stands in the CRM.
//!
//! `POSTERN_TEST_SIM_SECONDS` bounds the time, `POSTERN_TEST_SERIES_SEED` plays one again.

use std::time::{Duration, Instant};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use postern::actions::{self, By};
use postern::store::sync::holds;
use postern_core::model::actor::Actor;
use postern_sandbox::{CalendarFault, CalendarTrouble, CrmTrouble, Version};
use serde_json::{Value, json};

use super::sim::dice::Dice;
use super::world::{ANNA, ANNA_ID, World};

const RULES: [&str; 6] = [
    "RRULE:FREQ=WEEKLY;COUNT=4",
    "RRULE:FREQ=DAILY;COUNT=3",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=5",
    "RRULE:FREQ=DAILY;INTERVAL=3;COUNT=4",
    "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3",
    "RRULE:FREQ=MONTHLY;COUNT=2",
];

/// What one side shows: start, end, title.
type Shown = Vec<(String, String, String)>;

struct History {
    world: World,
    dice: Dice,
    told: Vec<String>,
    words: u32,
}

impl History {
    async fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let version = dice.pick(&[Version::V9_2_7, Version::V9_3_10, Version::V10_0_0]);
        let world = World::on(version, "").await;
        world.anna().await;
        Self { world, dice, told: Vec::new(), words: 0 }
    }

    fn today(&self) -> Date {
        let seconds = i64::try_from(self.world.google().clock().now().as_secs()).unwrap();
        Timestamp::from_second(seconds).unwrap().to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    fn title(&mut self) -> String {
        self.words += 1;
        format!("T{}", self.words)
    }

    fn times(&mut self) -> Value {
        let day = self.today() + i64::try_from(self.dice.below(10) + 2).unwrap().days();
        if self.dice.chance(25) {
            return json!({ "start": { "date": day, "dateTime": null, "timeZone": null },
                "end": { "date": day + 1.day(), "dateTime": null, "timeZone": null } });
        }
        let hour = self.dice.below(12) + 8;
        let zone = self.dice.pick(&["UTC", "Europe/Prague"]);
        let at = |minute: u8| json!({ "dateTime": format!("{day}T{hour:02}:{minute:02}:00"), "timeZone": zone, "date": null });
        json!({ "start": at(0), "end": at(45) })
    }

    /// Live series.
    fn masters(&self) -> Vec<String> {
        let live = self.world.google().live_events(ANNA).into_iter();
        let series = live.filter(|event| event["recurrence"].is_array());
        series.map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    }

    fn one(&mut self, from: &[String]) -> Option<String> {
        let most = u64::try_from(from.len()).ok().filter(|most| *most > 0)?;
        Some(from[usize::try_from(self.dice.below(most)).unwrap()].clone())
    }

    async fn step(&mut self) {
        let google = self.world.gateway.sandbox.google().clone();
        let title = self.title();
        let (masters, shown) = (self.masters(), self.occurrences());
        let (master, occurrence) = (self.one(&masters), self.one(&shown));
        let (times, rule) = (self.times(), self.dice.pick(&RULES));
        let deed = self.dice.below(100);
        self.told.push(format!("{deed} {title} {rule} {times} {master:?} {occurrence:?}"));
        let edit = |id: Option<String>, patch: Value| {
            if let Some(id) = id {
                let _ = google.edit_event(ANNA, ANNA, &id, patch);
            }
        };
        match deed {
            0..18 if masters.len() < 3 => {
                let mut event = times;
                event["summary"] = json!(title);
                event["recurrence"] = json!([rule]);
                for end in ["start", "end"] {
                    event[end].as_object_mut().unwrap().retain(|_, value| !value.is_null());
                }
                google.put_event(ANNA, ANNA, event).unwrap();
            }
            0..28 => edit(master, json!({ "summary": title })),
            28..34 => edit(master, json!({ "recurrence": [rule] })),
            34..40 => edit(master, times),
            40..43 => edit(master, json!({ "recurrence": null })),
            43..46 => drop(master.map(|id| google.delete_event(ANNA, ANNA, &id))),
            46..54 => edit(occurrence, json!({ "summary": title })),
            54..60 => edit(occurrence, times),
            60..66 => drop(occurrence.map(|id| google.delete_event(ANNA, ANNA, &id))),
            66..70 => {
                let parts = occurrence.as_deref().and_then(|id| id.rsplit_once('_'));
                if let Some((series, stamp)) = parts {
                    let _ = google.split_series(ANNA, ANNA, series, stamp, json!({ "summary": title }));
                }
            }
            70..80 => self.edit_meeting(&title),
            80..90 => self.run().await,
            _ => self.broken_run().await,
        }
    }

    fn edit_meeting(&mut self, title: &str) {
        let meetings = self.world.crm.records("Meeting");
        let ids: Vec<_> = meetings.iter().map(|meeting| meeting["id"].as_str().unwrap().to_owned()).collect();
        if let Some(id) = self.one(&ids) {
            self.world.crm.as_user(ANNA_ID).edit("Meeting", &id, &json!({ "name": title })).unwrap();
        }
    }

    async fn run(&self) {
        let world = &self.world;
        let mut batch = world.gateway.parts.store.batch().await.unwrap();
        let now = world.gateway.parts.store.clock().now();
        postern::store::sync::calendars::wake_all(&mut batch, None, now).await.unwrap();
        batch.commit().await.unwrap();
        world.sync.drain().await.unwrap();
    }

    async fn broken_run(&mut self) {
        let (google, crm) = (self.world.google(), &self.world.crm);
        match self.dice.below(5) {
            0 => google.calendar_faults().next(CalendarFault::on(
                "PUT",
                "/events",
                CalendarTrouble::LoseAnswer,
            )),
            1 => google.calendar_faults().next(CalendarFault::on(
                "GET",
                "/events",
                CalendarTrouble::server_error(503),
            )),
            2 => google.expire_sync_tokens(ANNA),
            3 => crm.faults().next(CrmTrouble::LoseAnswer.at("PUT", "Meeting")),
            _ => crm.faults().next(CrmTrouble::LoseAnswer.at("POST", "Meeting")),
        }
        self.run().await;
    }

    fn window(&self) -> (String, String) {
        let day = |days: i64| format!("{}T00:00:00Z", self.today() + days.days());
        (day(0), day(89))
    }

    fn live(&self) -> Vec<Value> {
        let (from, to) = self.window();
        self.world.google().shown(ANNA, ANNA, &from, &to).unwrap()
    }

    /// Identities of occurrences.
    fn occurrences(&self) -> Vec<String> {
        let live = self.live().into_iter().filter(|event| event["recurringEventId"].is_string());
        live.map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    }

    fn in_google(&self) -> Shown {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut shown: Shown = self
            .live()
            .iter()
            .map(|event| {
                let title = text(&event["summary"]);
                if let Some(first) = event["start"]["date"].as_str() {
                    let last: Date = event["end"]["date"].as_str().unwrap().parse().unwrap();
                    return (first.to_owned(), (last - 1.day()).to_string(), title);
                }
                let at = |end: &str| {
                    let at: Timestamp = event[end]["dateTime"].as_str().unwrap().parse().unwrap();
                    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
                };
                (at("start"), at("end"), title)
            })
            .collect();
        shown.sort();
        shown
    }

    fn in_the_crm(&self) -> Shown {
        let (from, to) = self.window();
        let mut shown: Shown = self
            .world
            .crm
            .records("Meeting")
            .iter()
            .map(|meeting| {
                let text = |key: &str| meeting[key].as_str().unwrap_or_default().to_owned();
                let all_day = meeting["dateStartDate"].is_string();
                let (start, end) =
                    if all_day { ("dateStartDate", "dateEndDate") } else { ("dateStart", "dateEnd") };
                (text(start), text(end), text("name"))
            })
            .filter(|(start, end, _)| end[..10] >= from[..10] && start[..10] < to[..10])
            .collect();
        shown.sort();
        shown
    }

    async fn rest(&mut self) -> Result<(), String> {
        for faults in [self.world.google().calendar_faults().pending(), self.world.crm.faults().pending()] {
            for _ in 0..faults {
                self.run().await;
            }
        }
        for _ in 0..12 {
            let before = self.world.writes();
            self.run().await;
            let store = &self.world.gateway.parts.store;
            let held = holds::pending(store, &mut store.read().await.unwrap(), 10).await.unwrap();
            let by = By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
            for hold in &held {
                assert!(actions::holds::approve(store, &by, hold.id).await.is_ok());
            }
            if held.is_empty() && self.world.writes() == before {
                return Ok(());
            }
        }
        Err("it does not come to rest".to_owned())
    }

    async fn judge(&mut self) -> Result<(), String> {
        self.rest().await?;
        let (google, crm) = (self.in_google(), self.in_the_crm());
        if google != crm {
            let only = |one: &Shown, other: &Shown| {
                one.iter().filter(|shown| !other.contains(shown)).cloned().collect::<Vec<_>>()
            };
            return Err(format!(
                "only Google: {:?}\nonly the CRM: {:?}",
                only(&google, &crm),
                only(&crm, &google)
            ));
        }
        let counters = self.world.google().calendar_counters();
        if (counters.guest_mails, counters.guest_calendars) != (0, 0) {
            return Err("somebody was told".to_owned());
        }
        Ok(())
    }
}

async fn play(seed: u64) {
    let mut history = History::new(seed).await;
    for _ in 0..6 + history.dice.below(14) {
        history.step().await;
    }
    if let Err(told) = history.judge().await {
        panic!("POSTERN_TEST_SERIES_SEED={seed}: {told}\n{}", history.told.join("\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_done_to_series_the_crm_shows_what_google_shows() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    if let Some(seed) = number("POSTERN_TEST_SERIES_SEED") {
        return play(seed).await;
    }
    let time = Duration::from_secs(number("POSTERN_TEST_SIM_SECONDS").unwrap_or(5));
    let (began, first) = (Instant::now(), number("POSTERN_TEST_SIM_FIRST").unwrap_or(1));
    let mut seed = first;
    while seed == first || began.elapsed() < time {
        play(seed).await;
        seed += 1;
    }
    println!("{} histories", seed - first);
}
