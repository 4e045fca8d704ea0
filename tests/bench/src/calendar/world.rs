//! Google and the CRM in a process of their own, told by lines what people do.
//!
//! | line | what happens |
//! |---|---|
//! | `people N CALENDARS EVENTS` | so many people with so many calendars and events in each; written to `people.csv` |
//! | `latency MS` | every answer comes so much later |
//! | `edit N` | so many edit their first event in Google, and as many others their record in the CRM |
//! | `count` | requests, writes and what there is, as [`Count`] reads it |

use std::fmt::Write as _;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use postern_sandbox::{
    CalendarFault, CalendarTrouble, Crm, CrmFault, CrmOptions, CrmTrouble, MAIL_SCOPE, Options, Sandbox,
};
use serde_json::json;

use super::written;

/// The OAuth client of the run.
pub const CLIENT: (&str, &str) = ("bench-client", "bench-secret");
/// Ends the title of what was edited in Google.
const MOVED: &str = ", moved";
/// Ends the title of what was edited in the CRM.
const CALLED: &str = ", agreed";

struct World {
    sandbox: Sandbox,
    crm: Crm,
    people: PathBuf,
    calendars: usize,
}

/// Serves until its input ends.
pub async fn run(dir: &Path) -> anyhow::Result<()> {
    let sandbox = Sandbox::start(Options::default()).await?;
    let clock = sandbox.google().clock().clone();
    let crm = Crm::start_with(CrmOptions { clock, ..CrmOptions::default() }).await?;
    sandbox.google().add_client(CLIENT.0, CLIENT.1, &["http://127.0.0.1/callback"]);
    println!("{} {} {}", sandbox.oauth_url(), crm.url(), crm.key());
    let mut world = World { sandbox, crm, people: dir.join("people.csv"), calendars: 0 };
    let (said, mut heard) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        std::io::stdin().lock().lines().map_while(Result::ok).all(|line| said.send(line).is_ok())
    });
    while let Some(line) = heard.recv().await {
        println!("{}", world.told(&line)?);
    }
    Ok(())
}

impl World {
    fn told(&mut self, line: &str) -> anyhow::Result<String> {
        let mut words = line.split(' ');
        let what = words.next().unwrap_or_default();
        let numbers: Vec<usize> = words.map(str::parse).collect::<Result<_, _>>()?;
        match (what, &numbers[..]) {
            ("people", [people, calendars, events]) => self.people(*people, *calendars, *events)?,
            ("latency", [ms]) => self.latency(Duration::from_millis(*ms as u64)),
            ("edit", [people]) => self.edit(*people)?,
            ("count", []) => return self.count(),
            _ => bail!("{line}?"),
        }
        Ok("done".to_owned())
    }

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

    fn latency(&self, time: Duration) {
        let (google, crm) = (self.sandbox.google().calendar_faults(), self.crm.faults());
        google.clear();
        crm.clear();
        if !time.is_zero() {
            google.always(CalendarFault::any(CalendarTrouble::Delay(time)));
            crm.always(CrmFault::from(CrmTrouble::Delay(time)));
        }
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

    fn count(&self) -> anyhow::Result<String> {
        let counters = self.sandbox.google().calendar_counters();
        let lists: u64 = counters.requests.iter().filter(|((_, m, _), _)| m == "GET").map(|(_, n)| n).sum();
        let records = self.crm.records("Meeting");
        let moved = records.iter().filter(|it| it["name"].as_str().is_some_and(|it| it.ends_with(MOVED)));
        let agreed = self.agreed();
        Ok(format!("{lists} {} {} {} {agreed}", self.crm.requests("", ""), records.len(), moved.count()))
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
