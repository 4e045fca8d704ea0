//! What only guests may see stands in Google and nowhere else: not in the CRM, not
//! in the file of the database, and not in what the database keeps sealed.

use postern::store::accounts;
use postern::store::sync::{google_seen, links, sync_journal};

use postern_core::plan::calendar::admit::Private;

use super::oracles::{Verdict, hold};
use super::shown::Scene;
use super::stage::Stage;

/// What all private words begin with.
pub const HUSH: &str = "Hushhush";
const ORACLE: &str = "private words stay where they are";
/// More than any history makes.
const MANY: i64 = 10_000;

/// Everything that the journal holds.
pub async fn journal(stage: &Stage) -> String {
    let store = stage.store();
    let mut read = store.read().await.unwrap();
    let mut told = String::new();
    for account in accounts::all(&mut read).await.unwrap() {
        for entry in sync_journal::of_account(store, &mut read, account.id, MANY).await.unwrap() {
            told.push_str(&entry.content.unwrap_or_default());
        }
    }
    told
}

/// Looks everywhere. Things that are public by now are let out of it, and so is
/// everything where somebody wants private events like any other.
pub async fn judge(stage: &Stage, scene: &Scene, journal: &str) -> Verdict {
    if stage.people.books().chosen.iter().any(|chosen| chosen.private == Private::Full) {
        return Ok(());
    }
    let shown = scene.records.iter().find(|it| it.title.contains(HUSH) || it.text.contains(HUSH));
    hold(ORACLE, shown.is_none(), || format!("the CRM shows {shown:?}"))?;
    hold(ORACLE, !journal.contains(HUSH), || format!("the journal tells {}", around(journal)))?;
    let sealed = sealed(stage).await;
    hold(ORACLE, !sealed.contains(HUSH), || format!("the database keeps {}", around(&sealed)))?;
    let folder = std::fs::read_dir(stage.world.gateway.dir.path()).unwrap();
    for file in folder.map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let octets = std::fs::read(&file).unwrap();
        let open = octets.windows(HUSH.len()).any(|window| window == HUSH.as_bytes());
        hold(ORACLE, !open, || format!("{} holds it unsealed", file.display()))?;
    }
    Ok(())
}

// What was seen of events, and what pairs remember.
async fn sealed(stage: &Stage) -> String {
    let store = stage.store();
    let names = stage.raw().await.words("SELECT DISTINCT event_id FROM google_seen").await;
    let mut read = store.read().await.unwrap();
    let mut told = String::new();
    for calendar in stage.calendars.iter().copied() {
        for name in &names {
            let seen = google_seen::get(store, &mut read, calendar, name).await.unwrap();
            told.push_str(&seen.and_then(|seen| seen.content).unwrap_or_default());
            let link = links::by_event(store, &mut read, calendar, name).await.unwrap();
            told.push_str(&link.map(|link| format!("{:?}", link.base)).unwrap_or_default());
        }
    }
    told
}

fn around(text: &str) -> String {
    let at = text.find(HUSH).unwrap_or_default();
    text.chars().skip(text[..at].chars().count().saturating_sub(60)).take(160).collect()
}
