//! A calendar kept in step: a meeting of the CRM appears at Google, an edit made
//! there comes back, and then nothing is written any more.

use std::time::Duration;

use anyhow::{Context as _, bail};
use postern_core::model::address::Address;
use postern_core::plan::calendar::choices::Choices;
use postern_sandbox::{Crm, Sandbox};
use serde_json::json;

use super::ANNA;
use super::show::Steps;
use crate::actions::By;
use crate::actions::calendars::choose::{Wanted, choose};
use crate::actions::calendars::refresh::refresh;
use crate::actions::calendars::run::run_now;
use crate::actions::calendars::teams::Teams;
use crate::actions::calendars::view;
use crate::app::Parts;
use crate::store::accounts;

/// Anna's identity in the CRM.
pub(super) const ANNA_ID: &str = "0000000000000a22a";
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(100);

/// Tells the story.
pub(super) async fn both_ways(
    parts: &Parts,
    by: &By,
    sandbox: &Sandbox,
    crm: &Crm,
    steps: &mut Steps,
) -> anyhow::Result<()> {
    let google = sandbox.google();
    choose_main(parts, by).await?;
    steps.done("Anna chooses her main calendar", "in both directions");

    let start = parts.store.clock().now() / 1_000_000 + 7 * 86_400;
    let at = |seconds: i64| {
        postern_core::plan::calendar::moment::Instant::from_seconds(seconds).map(|at| at.crm())
    };
    let meeting = json!({ "name": "Kickoff", "status": "Planned", "dateStart": at(start)?, "dateEnd": at(start + 3_600)? });
    let id = crm.as_user(ANNA_ID).create("Meeting", &meeting).map_err(anyhow::Error::msg)?;
    let made = until("the meeting did not appear at Google", || {
        google.live_events(ANNA).into_iter().find(|event| event["summary"] == "Kickoff")
    });
    let event = made.await?["id"].as_str().context("an event without an identity")?.to_owned();
    steps.done("a meeting made in the CRM appears in Google Calendar", "Kickoff");

    let edit = json!({ "summary": "Kickoff in room 1" });
    google.edit_event(ANNA, ANNA, &event, edit).map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
    until("the edit did not come back", || {
        crm.record("Meeting", &id).filter(|record| record["name"] == "Kickoff in room 1")
    })
    .await?;
    steps.done("an edit made at Google comes back", "Kickoff in room 1");
    at_rest(parts, by, sandbox, crm, steps).await
}

async fn choose_main(parts: &Parts, by: &By) -> anyhow::Result<()> {
    let address = Address::parse(ANNA)?;
    let anna = accounts::by_address(&mut parts.store.read().await?, &address).await?.context("no Anna")?;
    refresh(&parts.calendar, &parts.store, by, anna.id).await?;
    let view = view::one(&parts.store, anna.id).await?;
    let main = view.calendars.first().context("Anna has no calendar")?.id;
    let wanted = Wanted {
        main: Some(main),
        monitored: Default::default(),
        choices: Choices::default(),
        defaults: None,
    };
    choose(&parts.store, (by, &Teams::default()), anna.id, &wanted, view.version).await?;
    Ok(())
}

// Two more runs, as the counters of both sides tell.
async fn at_rest(
    parts: &Parts,
    by: &By,
    sandbox: &Sandbox,
    crm: &Crm,
    steps: &mut Steps,
) -> anyhow::Result<()> {
    let writes = || {
        let crm: u64 = ["POST", "PUT", "PATCH", "DELETE"].iter().map(|method| crm.requests(method, "")).sum();
        sandbox.google().calendar_counters().writes + crm
    };
    let lists = || sandbox.google().calendar_counters().requests.values().sum::<u64>();
    let (written, listed) = (writes(), lists());
    run_now(&parts.store, by, None).await?;
    until("no further run came", || (lists() >= listed + 2).then_some(())).await?;
    if writes() != written {
        bail!("a run at rest wrote {} times", writes() - written);
    }
    let counters = sandbox.google().calendar_counters();
    if counters.guest_mails + counters.guest_calendars > 0 {
        bail!("somebody was mailed unasked");
    }
    steps.done("further runs write nothing", &format!("{} requests listed, none wrote", lists() - listed));
    Ok(())
}

/// Looks until there is something to see.
pub(super) async fn until<T>(why: &'static str, mut look: impl FnMut() -> Option<T>) -> anyhow::Result<T> {
    let looking = async {
        loop {
            if let Some(found) = look() {
                return found;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.context(why)
}
