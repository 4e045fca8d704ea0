//! The contacts of a mailbox as people look at them.

use postern_core::model::id::AccountId;
use postern_core::plan::contacts::card::Entity;
use postern_core::plan::contacts::choices::Choices;
use serde_json::{Map, Value as Json};

use super::ContactsFault;
use super::choose::takes_people;
use super::review::{Question, open_questions};
use crate::clock::Micros;
use crate::store::Store;
use crate::store::contacts::books::{self, Book};
use crate::store::contacts::groups::{self, Group};
use crate::store::contacts::links::{self, Link};
use crate::store::contacts::pushes::{self, Push};
use crate::store::contacts::seen;
use crate::store::sync::dead_letters::{self, DeadLetter};
use crate::store::sync::holds::{self, Hold, Status};
use crate::store::sync::runs::{self, Run};

/// Rows of each list that a page shows.
const SHOWN: i64 = 50;

/// All of it.
#[derive(Debug, Clone)]
pub struct View {
    /// Whose.
    pub account: AccountId,
    /// Whether nothing runs, since the database was restored or started somewhere else.
    pub held: bool,
    /// What was chosen; the defaults where nobody has.
    pub choices: Choices,
    /// Counts the changes of the choices; 0 where nobody has chosen.
    pub version: i64,
    /// How its runs stand; none where nobody has chosen.
    pub book: Option<Book>,
    /// Groups that Google lists.
    pub groups: Vec<Group>,
    /// Links that are kept in step, and all.
    pub links: (i64, i64),
    /// Records that wait to be pushed.
    pub waiting: i64,
    /// The last pushes.
    pub pushes: Vec<Push>,
    /// What only a person can say.
    pub questions: Vec<Question>,
    /// What waits for a word.
    pub holds: Vec<Hold>,
    /// What could not be done.
    pub letters: Vec<DeadLetter>,
    /// The last runs.
    pub runs: Vec<Run>,
}

impl View {
    /// The groups that can be chosen, those of the user's own making first, by name.
    #[must_use]
    pub fn offered(&self) -> Vec<&Group> {
        let chosen = |group: &&Group| {
            let resource = &group.listed.resource;
            let stands = self.choices.group.as_ref() == Some(resource);
            takes_people(group) || stands || self.choices.monitored.contains(resource)
        };
        let mut all: Vec<&Group> = self.groups.iter().filter(chosen).collect();
        all.sort_by_key(|group| (!group.listed.own, group.listed.name.to_lowercase()));
        all
    }

    /// The chosen group, where Google lists it.
    #[must_use]
    pub fn group(&self) -> Option<&Group> {
        self.groups.iter().find(|group| self.choices.group.as_ref() == Some(&group.listed.resource))
    }

    /// When it is due.
    #[must_use]
    pub fn next_at(&self) -> Option<Micros> {
        self.book.as_ref().filter(|book| book.choices.group.is_some()).map(|book| book.next_at)
    }
}

/// The contacts of a mailbox.
///
/// # Errors
/// When the database does not answer.
pub async fn view(store: &Store, account: AccountId) -> Result<View, ContactsFault> {
    let questions = open_questions(store, account).await?;
    let held = store.standing().await?.holds();
    let mut read = store.read().await?;
    let groups = groups::of(store, &mut read, account).await?;
    let mut view = View {
        account,
        held,
        choices: Choices::default(),
        version: 0,
        groups,
        links: (0, 0),
        waiting: pushes::wait(&mut read, account).await?,
        pushes: pushes::of_account(&mut read, account, SHOWN).await?,
        questions,
        holds: Vec::new(),
        letters: Vec::new(),
        runs: Vec::new(),
        book: None,
    };
    let Some(book) = books::of(store, &mut read, account).await? else { return Ok(view) };
    view.links = (links::active(&mut read, book.id).await?, links::count(&mut read, book.id).await?);
    let holds = holds::of_calendar(store, &mut read, book.id, SHOWN).await?;
    view.holds = holds.into_iter().filter(|hold| hold.status == Status::Pending).collect();
    view.letters = dead_letters::of_calendar(store, &mut read, book.id, SHOWN).await?;
    view.runs = runs::last(&mut read, book.id, SHOWN).await?;
    (view.choices, view.version) = (book.choices.clone(), book.version);
    view.book = Some(book);
    Ok(view)
}

/// A link as people look at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The link.
    pub link: Link,
    /// Google's version of the person, where it was seen.
    pub etag: Option<String>,
}

impl Pair {
    /// The kind of the record.
    #[must_use]
    pub fn entity(&self) -> Entity {
        self.link.entity
    }
}

/// The links of a mailbox, a page of them, and how many there are.
///
/// # Errors
/// When the database does not answer.
pub async fn pairs(
    store: &Store,
    account: AccountId,
    page: (i64, i64),
) -> Result<(Vec<Pair>, i64), ContactsFault> {
    let mut read = store.read().await?;
    let Some(book) = books::of(store, &mut read, account).await? else { return Ok((Vec::new(), 0)) };
    let mut all = Vec::new();
    for link in links::page(store, &mut read, book.id, page).await? {
        let row = match &link.resource {
            Some(resource) => seen::get(store, &mut read, book.id, resource).await?,
            None => None,
        };
        let raw = row.and_then(|row| row.content);
        let raw: Option<Map<String, Json>> = raw.and_then(|text| serde_json::from_str(&text).ok());
        let etag = raw.and_then(|raw| Some(raw.get("etag")?.as_str()?.to_owned()));
        all.push(Pair { link, etag });
    }
    Ok((all, links::count(&mut read, book.id).await?))
}
