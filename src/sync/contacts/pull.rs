//! What Google shows anew: pages are stored as they come, the cursor with the last one. A full list
//! clears nothing: whom it does not show is asked for by name, and only that proves that they are gone.
//!
//! Google's token dies seven days after the full list, however often it is used, so a full list is
//! read every six days and some hours. One is also due where it has to be known whether a person was
//! made of whom no answer came.
//!
//! A list may lag behind what was written, by many minutes: what it shows of a person that is older than
//! what is known is not taken.

use std::collections::BTreeSet;
use std::time::Duration;

use postern_core::plan::contacts::person::{self, Person};
use serde_json::{Map, Value as Json};

use super::run::Run;
use crate::clock::micros;
use crate::google::people::connections::{Ask, Next, Size};
use crate::google::people::fault::Fault;
use crate::google::people::limits::BATCH;
use crate::google::people::person as api;
use crate::store::contacts::books::{self, Cursor};
use crate::store::contacts::links;
use crate::store::contacts::seen::{self, From, Seen};
use crate::sync::missed::{Missed, Stop};

/// Most pages of one list: Google holds 25,000 people.
const PAGES: usize = 400;
/// Rows of one transaction: others wait meanwhile.
const ROWS: usize = 200;
/// People who are asked for by name in one run; the next goes on.
const NAMES: i64 = 400;
const FULL: Duration = Duration::from_secs(6 * 86_400);
/// Hours over which full lists are spread.
const SPREAD: u128 = 20;
/// By what somebody is known again whom no link has.
const KNOWN_BY: [&str; 7] =
    ["resourceName", "metadata", "names", "emailAddresses", "phoneNumbers", "clientData", "memberships"];

impl Run<'_> {
    /// Reads what changed.
    pub(super) async fn pull(&mut self, anew: bool) -> Result<(), Missed> {
        let due = self.book.full_due_at.is_none_or(|due| self.store.clock().now() >= due);
        let cursor = self.book.cursor.clone().filter(|_| !anew && !due);
        match self.list(cursor.as_deref(), Size::Full).await {
            Err(Missed::Stop(stop)) if stop.word == Fault::CursorExpired.name() && cursor.is_some() => {
                tracing::info!(book.id = %self.book.id, "Google wants these people to be read anew");
                self.list(None, Size::Full).await?;
            }
            Err(Missed::Stop(stop)) if stop.word == Fault::TooLarge.name() => {
                self.list(None, Size::Small).await?;
            }
            other => other?,
        }
        self.prove().await
    }

    async fn list(&mut self, cursor: Option<&str>, size: Size) -> Result<(), Missed> {
        let (full, began) = (cursor.is_none(), self.store.clock().now());
        if full {
            self.book.epoch += 1;
            self.book.covered = false;
            let mut batch = self.ledger().batch().await?;
            let begun = Cursor { token: None, epoch: self.book.epoch, covered: false, full: None };
            books::advance(&mut batch, self.book.id, &begun).await?;
            batch.commit().await?;
        }
        let linked = self.linked().await?;
        let mut page: Option<String> = None;
        for _ in 0..PAGES {
            let ask = match cursor {
                Some(sync_token) => Ask::Since { sync_token, page: page.as_deref() },
                None => Ask::Full { page: page.as_deref() },
            };
            self.tell().await?;
            let client = if full { self.importer } else { self.client };
            let answer = client.connections(self.book.account, ask, size).await.map_err(unread)?;
            self.counts.seen += i64::try_from(answer.people.len()).unwrap_or(i64::MAX);
            self.keep(answer.people, &linked).await?;
            match answer.next {
                Next::Page(token) => page = Some(token),
                Next::Sync(token) => return self.listed(&token, full.then_some(began)).await,
            }
        }
        Err(Missed::Refused("more people than any address book has".to_owned()))
    }

    async fn listed(&mut self, token: &str, full: Option<i64>) -> Result<(), Missed> {
        let spread = i64::try_from(self.book.id.0.as_u128() % SPREAD).unwrap_or(0);
        let pause = micros(FULL) + spread * micros(Duration::from_secs(3_600));
        let full = full.map(|began| (began, began + pause));
        self.book.covered = true;
        self.book.cursor = Some(token.to_owned());
        if let Some((began, due)) = full {
            (self.book.full_began_at, self.book.full_due_at) = (Some(began), Some(due));
        }
        let mut batch = self.ledger().batch().await?;
        let cursor = Cursor { token: Some(token), epoch: self.book.epoch, covered: true, full };
        books::advance(&mut batch, self.book.id, &cursor).await?;
        Ok(batch.commit().await?)
    }

    async fn linked(&self) -> Result<BTreeSet<String>, Missed> {
        let links =
            async { links::of_book(self.store, &mut self.store.read().await?, self.book.id, true).await };
        Ok(links.await?.into_iter().filter_map(|link| link.resource).collect())
    }

    async fn keep(&self, people: Vec<api::Person>, linked: &BTreeSet<String>) -> Result<(), Missed> {
        let mut people = people.into_iter().map(api::Person::into_map).peekable();
        while people.peek().is_some() {
            let (mut rows, mut gone) = (Vec::new(), Vec::new());
            for raw in people.by_ref().take(ROWS) {
                let Some(person) = person::read(&raw) else { continue };
                if person.deleted {
                    gone.push(person.resource);
                } else {
                    rows.push(self.shown(&person, &raw, linked.contains(&person.resource)));
                }
            }
            let kept = async {
                let mut batch = self.ledger().batch().await?;
                seen::put(&mut batch, self.book.id, &rows, From::Listing).await?;
                for resource in &gone {
                    seen::gone(&mut batch, self.book.id, resource, From::Listing).await?;
                }
                batch.commit().await
            };
            kept.await?;
        }
        Ok(())
    }

    /// The row of a person: all of it where it is kept in step or may be, else by what it is known
    /// again.
    pub(super) fn shown(&self, person: &Person, raw: &Map<String, Json>, linked: bool) -> Seen {
        let whole = linked || self.belongs(person) || !person.marks.is_empty();
        let kept: Map<String, Json> = match whole {
            true => raw.clone(),
            false => {
                KNOWN_BY.iter().filter_map(|key| Some(((*key).to_owned(), raw.get(*key)?.clone()))).collect()
            }
        };
        Seen {
            resource: person.resource.clone(),
            live: true,
            whole,
            epoch: self.book.epoch,
            hash: person.fingerprint().to_vec(),
            changed_at: person::changed_at(raw),
            content: Some(Json::Object(kept).to_string()),
        }
    }

    // Whom a full list has not shown.
    async fn prove(&mut self) -> Result<(), Missed> {
        let (book, epoch) = (self.book.id, self.book.epoch);
        let unseen = async { seen::unseen(&mut self.store.read().await?, book, epoch, NAMES).await };
        let linked = self.linked().await?;
        for names in unseen.await?.chunks(self.book.batch.clamp(1, BATCH)) {
            self.tell().await?;
            let answers = self.client.get_many(self.book.account, names).await?;
            let mut people = Vec::new();
            let mut gone = Vec::new();
            for name in names {
                match answers.get(name) {
                    Some(Ok(person)) if person.deleted() => gone.push(name.clone()),
                    // Google calls it by another name now: that one is seen, and this one is gone.
                    Some(Ok(person)) if person.resource_name() != name => {
                        people.push(person.clone());
                        gone.push(name.clone());
                    }
                    Some(Ok(person)) => people.push(person.clone()),
                    Some(Err(Fault::NotFound)) => gone.push(name.clone()),
                    Some(Err(_)) | None => {}
                }
            }
            self.keep(people, &linked).await?;
            let proven = async {
                let mut batch = self.ledger().batch().await?;
                for name in &gone {
                    seen::gone(&mut batch, book, name, From::Reading).await?;
                }
                batch.commit().await
            };
            proven.await?;
        }
        Ok(())
    }
}

// A page that is larger than any that is read is asked for in smaller ones.
fn unread(fault: Fault) -> Missed {
    let (word, why) = (fault.name(), fault.to_string());
    match Missed::from(fault) {
        Missed::Unknown(_) => Missed::Stop(Stop { word, why, until: None, account: false }),
        other => other,
    }
}
