//! People choose their calendars, and all of their events come in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::count::count;
use super::world::address;
use crate::between::gateway::Gateway;
use crate::between::rest::Rest;
use crate::between::sides::Sides;

/// Questions that are asked at a time while people are set up.
const WIDTH: usize = 4;
/// How long an import may make no progress.
const SILENT: Duration = Duration::from_secs(60);

/// Has the people of these numbers use all their calendars, the first as their main one.
pub async fn choose(gateway: &Gateway, people: std::ops::Range<usize>) -> anyhow::Result<()> {
    let (door, first) = (gateway.door().clone(), people.start);
    let known = Arc::new(gateway.known().await?);
    let chosen = crate::phases::crowd(people.len(), WIDTH, move |n| {
        let (door, known) = (door.clone(), known.clone());
        async move {
            let person = address(first + n);
            let id = known.get(&person).context("nobody by that address")?;
            all_of(&mut door.open().await?, id, &person).await
        }
    });
    chosen.await.map(drop)
}

async fn all_of(rest: &mut Rest, id: &str, person: &str) -> anyhow::Result<()> {
    let path = format!("ExternalAccount/{id}/calendar");
    let shown = rest.ask("POST", &format!("{path}/refresh"), &json!({})).await?;
    let calendars = shown["calendars"].as_array().context("no calendars")?;
    let main = calendars.iter().find(|it| it["calendarId"] == person).context("no main one")?;
    let ids = calendars.iter().map(|calendar| &calendar["id"]);
    let others: Vec<&Value> = ids.filter(|id| **id != main["id"]).collect();
    let wanted = json!({
        "version": shown["version"], "mainCalendarId": main["id"], "monitoredCalendarIds": others,
    });
    rest.ask("PUT", &path, &wanted).await.map(drop)
}

/// Waits until so many events are records of the CRM, each once.
pub async fn settled(sides: &mut Sides, gateway: &Gateway, events: usize) -> anyhow::Result<()> {
    let (mut had, mut at) = (0, Instant::now());
    loop {
        let records = count(sides)?.records;
        anyhow::ensure!(records <= events, "{records} records of {events} events");
        if records == events {
            return Ok(());
        }
        if records > had {
            (had, at) = (records, Instant::now());
        }
        let silent = at.elapsed() > SILENT;
        anyhow::ensure!(!silent, "{records} of {events} events came in:\n{:?}", gateway.complaints()?);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
