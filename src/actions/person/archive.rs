//! Everything about a person, a line at a time, so that any amount of it fits.

use postern_core::model::address::Address;
use postern_core::model::event::Event;
use serde_json::{Value, json};

use super::{is_about, names};
use crate::actions::account::{named, view};
use crate::actions::{ActError, By, sessions, token, witness};
use crate::audit::search::Search;
use crate::clock::written;
use crate::store::contacts::{books, pushes};
use crate::store::journal::Cursor;
use crate::store::kept::{self, Kept, Progress};
use crate::store::sync::{calendar_users, choices};
use crate::store::{Store, StoreError, accounts, crm_absent, crm_mail, logins, offboarded};
use postern_core::model::id::AccountId;

/// Rows of the journal that are read at once.
const ROWS: i64 = 500;
/// Pushes that are told of.
const PUSHES: i64 = 1_000;

/// What is still to be told.
pub struct Archive {
    person: Address,
    mailbox: Option<AccountId>,
    search: Search,
    stage: Stage,
}

enum Stage {
    About,
    Own(Progress),
    Journal(Cursor),
    Elsewhere(Progress),
    Over,
}

impl Archive {
    /// Begins to tell; that it was asked for stands in the journal.
    ///
    /// # Errors
    /// When the database does not answer, or the address is only another mailbox's alias.
    pub async fn open(store: &Store, by: &By, person: &Address) -> Result<Self, ActError> {
        let mailbox = match named(&mut store.read().await?, person).await {
            Ok(account) => Some(account.id),
            Err(ActError::NoAccount(_)) => None,
            Err(error) => return Err(error),
        };
        let search = Search::about(store, person.as_str()).await?;
        witness::record(store, by, Event::PersonExported { address: person.clone() }).await?;
        Ok(Self { person: person.clone(), mailbox, search, stage: Stage::About })
    }

    /// The next lines; none at the end.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next(&mut self, store: &Store) -> Result<Option<Vec<Value>>, ActError> {
        loop {
            let lines = match std::mem::replace(&mut self.stage, Stage::Over) {
                Stage::About => {
                    self.stage = Stage::Own(Progress::default());
                    self.about(store).await?
                }
                Stage::Own(progress) => self.own(store, progress).await?,
                Stage::Journal(place) => self.journal(store, place).await?,
                Stage::Elsewhere(progress) => self.elsewhere(store, progress).await?,
                Stage::Over => return Ok(None),
            };
            if !lines.is_empty() {
                return Ok(Some(lines));
            }
        }
    }

    async fn about(&self, store: &Store) -> Result<Vec<Value>, ActError> {
        let at = written(store.clock().now());
        let (person, registered) = (self.person.as_str(), self.mailbox.is_some());
        let mut lines =
            vec![json!({ "kind": "about", "person": person, "madeAt": at, "registered": registered })];
        let Some(id) = self.mailbox else { return Ok(lines) };
        let line = |kind: &str, told: Value| json!({ "kind": kind, "told": told });
        lines.push(line("mailbox", json!(view::one(store, &self.person).await?)));
        for token in token::list(store, Some(&self.person)).await? {
            lines.push(line("crmToken", json!(token)));
        }
        for session in sessions::open(store, id).await? {
            let (protocol, peer) = (session.protocol.name(), session.peer);
            let since = written(session.began_at);
            lines.push(line("session", json!({ "protocol": protocol, "peer": peer, "since": since })));
        }
        lines.extend(chosen(store, id).await?.into_iter().map(|(kind, told)| line(kind, told)));
        Ok(lines)
    }

    async fn own(&mut self, store: &Store, mut progress: Progress) -> Result<Vec<Value>, ActError> {
        let page = match self.mailbox {
            Some(id) => kept::page(store, &mut store.read().await?, Some(id), &mut progress).await?,
            None => None,
        };
        let Some(page) = page else {
            self.stage = Stage::Journal(self.search.start());
            return Ok(Vec::new());
        };
        self.stage = Stage::Own(progress);
        Ok(page.iter().map(|kept| told("kept", kept, true)).collect())
    }

    async fn journal(&mut self, store: &Store, place: Cursor) -> Result<Vec<Value>, ActError> {
        let (lines, next) = self.search.page(store, &place, ROWS).await?;
        self.stage = next.map_or_else(|| Stage::Elsewhere(Progress::default()), Stage::Journal);
        Ok(lines.into_iter().map(|line| json!({ "kind": "journal", "told": line })).collect())
    }

    async fn elsewhere(&mut self, store: &Store, mut progress: Progress) -> Result<Vec<Value>, ActError> {
        let Some(page) = kept::page(store, &mut store.read().await?, None, &mut progress).await? else {
            return Ok(Vec::new());
        };
        self.stage = Stage::Elsewhere(progress);
        let found = page.iter().filter(|kept| names(kept, &self.person));
        Ok(found.map(|kept| told("elsewhere", kept, about_one(kept, &self.person))).collect())
    }
}

// What is about this person, and neither about everybody who takes part in something nor about somebody
// who only mentions them.
fn about_one(kept: &Kept, person: &Address) -> bool {
    let of_one = matches!(kept.table, "people_seen" | "cards_seen" | "people_links" | "contact_reviews");
    of_one && serde_json::from_str(&kept.text).is_ok_and(|value| is_about(&value, person))
}

fn told(kind: &str, kept: &Kept, whole: bool) -> Value {
    let content =
        whole.then(|| serde_json::from_str(&kept.text).unwrap_or_else(|_| Value::from(kept.text.as_str())));
    json!({ "kind": kind, "place": kept.table, "id": kept.id, "name": kept.part, "content": content })
}

async fn chosen(store: &Store, id: AccountId) -> Result<Vec<(&'static str, Value)>, StoreError> {
    let mut read = store.read().await?;
    let mut all = Vec::new();
    if let Some(account) = accounts::by_id(&mut read, id).await? {
        all.push(("googleIdentity", json!(account.sub)));
    }
    all.push(("lastLogin", json!(logins::last_used(&mut read, id).await?.map(written))));
    all.push(("left", json!(offboarded::since(&mut read, id).await?.map(written))));
    let absent = crm_absent::of(&mut read, id).await?;
    all.push(("absentFromCrm", json!(absent.map(|(why, at)| (why.name(), written(at))))));
    let mail = crm_mail::of(&mut read, id).await?;
    all.push(("mailAccountInCrm", json!(mail.is_some())));
    let calendars = choices::of(&mut read, id).await?.map(|stored| stored.content);
    all.push(("calendarChoices", parsed(calendars.as_deref())));
    for user in calendar_users::of_account(&mut read, id).await? {
        let told = json!({ "calendar": user.calendar, "type": user.kind.name(), "role": user.role });
        all.push(("calendar", told));
    }
    let book = books::of(store, &mut read, id).await?;
    all.push(("contactChoices", json!(book.map(|book| book.choices))));
    for push in pushes::of_account(&mut read, id, PUSHES).await? {
        let told = json!({ "id": push.id, "askedAt": written(push.asked_at), "records": push.total });
        all.push(("push", told));
    }
    Ok(all)
}

fn parsed(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
