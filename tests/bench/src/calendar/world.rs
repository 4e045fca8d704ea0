//! Google and the CRM in a process of their own, told by lines what people do.
//!
//! | line | what happens |
//! |---|---|
//! | `people N CALENDARS EVENTS` | so many people with so many calendars and events in each; written to `people.csv` |
//! | `latency MS` | every answer comes so much later |
//! | `edit N` | so many edit their first event in Google, and as many others their record in the CRM |
//! | `count` | requests, writes and what there is, as [`count`](super::count) reads it |

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use postern_sandbox::{Crm, MAIL_SCOPE, Sandbox};
use serde_json::json;

use super::written;
use crate::between::world::{CLIENT, World, latency, serve};

/// Ends the title of what was edited in Google.
const MOVED: &str = ", moved";
/// Ends the title of what was edited in the CRM.
const CALLED: &str = ", agreed";

struct Calendars {
    sandbox: Sandbox,
    crm: Crm,
    people: PathBuf,
    calendars: usize,
}

/// Serves until its input ends.
pub async fn run(dir: &Path) -> anyhow::Result<()> {
    let people = dir.join("people.csv");
    serve(|sandbox, crm| Ok(Calendars { sandbox, crm, people, calendars: 0 })).await
}

impl World for Calendars {
    fn told(&mut self, what: &str, numbers: &[usize]) -> anyhow::Result<String> {
        match (what, numbers) {
            ("people", [people, calendars, events]) => self.people(*people, *calendars, *events)?,
            ("latency", [ms]) => latency(self.sandbox.google().calendar_faults(), &self.crm, *ms),
            ("edit", [people]) => self.edit(*people)?,
            ("count", []) => return Ok(self.count()),
            _ => bail!("{what} {numbers:?}?"),
        }
        Ok("done".to_owned())
    }
}

impl Calendars {
    fn people(&mut self, people: usize, calendars: usize, events: usize) -> anyhow::Result<()> {
        const SCOPES: [&str; 5] = [
            "openid",
            "email",
            MAIL_SCOPE,
            "https://www.googleapis.com/auth/calendar.events",
            "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
        ];
        self.calendars = calendars;
        let google = self.sandbox.google();
        let mut table = "email,refresh_token,crm_user\n".to_owned();
        for n in 0..people {
            let (address, user) = (address(n), user(n));
            google.add_user(&address);
            self.crm.add_person(&user, (&format!("Person{n}"), "Bench"), &[&address]);
            for other in 1..calendars {
                google.add_calendar(&address, &calendar(n, other), &format!("Team {other}"), "Europe/Prague");
            }
            for at in 0..calendars * events {
                let event = written::event(n * calendars * events + at);
                google
                    .put_event(&address, &calendar(n, at % calendars), event)
                    .map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
            }
            let token = google.issue_refresh_token(&address, CLIENT.0, &SCOPES).context("nobody")?;
            writeln!(table, "{address},{token},{user}")?;
        }
        Ok(std::fs::write(&self.people, table)?)
    }

    /// The first ones in Google, the next ones in the CRM.
    fn edit(&self, people: usize) -> anyhow::Result<()> {
        let google = self.sandbox.google();
        for n in 0..people {
            let address = address(n);
            let events = google.live_events(&address);
            let event = events.first().context("nobody has an event")?;
            let (id, title) = (&event["id"], &event["summary"]);
            let title = format!("{}{MOVED}", title.as_str().unwrap_or_default());
            google
                .edit_event(&address, &address, id.as_str().unwrap_or_default(), json!({ "summary": title }))
                .map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
        }
        let users: Vec<String> = (people..2 * people).map(user).collect();
        let records = self.crm.records("Meeting");
        for user in users {
            let record = records.iter().find(|record| record["assignedUserId"] == user.as_str());
            let record = record.context("nobody has a record")?;
            let (id, name) = (&record["id"], &record["name"]);
            let name = format!("{}{CALLED}", name.as_str().unwrap_or_default());
            self.crm
                .as_user(&user)
                .edit("Meeting", id.as_str().unwrap_or_default(), &json!({ "name": name }))
                .map_err(anyhow::Error::msg)?;
        }
        Ok(())
    }

    fn count(&self) -> String {
        let counters = self.sandbox.google().calendar_counters();
        let lists: u64 = counters.requests.iter().filter(|((_, m, _), _)| m == "GET").map(|(_, n)| n).sum();
        let records = self.crm.records("Meeting");
        let moved = records.iter().filter(|it| it["name"].as_str().is_some_and(|it| it.ends_with(MOVED)));
        let agreed = self.agreed();
        format!("{lists} {} {} {} {agreed}", self.crm.requests("", ""), records.len(), moved.count())
    }

    fn agreed(&self) -> usize {
        let google = self.sandbox.google();
        let people = std::fs::read_to_string(&self.people).unwrap_or_default();
        let addresses = people.lines().skip(1).filter_map(|line| line.split(',').next());
        let calendars =
            addresses.enumerate().flat_map(|(n, _)| (0..self.calendars).map(move |at| calendar(n, at)));
        calendars
            .flat_map(|calendar| google.live_events(&calendar))
            .filter(|event| event["summary"].as_str().is_some_and(|it| it.ends_with(CALLED)))
            .count()
    }
}

/// The address of the `n`th person.
pub fn address(n: usize) -> String {
    format!("person{n}@example.com")
}

fn user(n: usize) -> String {
    format!("{n:017x}")
}

/// A calendar of that person: the first one has the address.
fn calendar(n: usize, at: usize) -> String {
    if at == 0 { address(n) } else { format!("team{at}-{n}@group.calendar.google.com") }
}
