//! Looking for rows as people do: by event, who, mailbox and time.

use std::collections::BTreeMap;

use super::export::{Line, line};
use crate::clock::Micros;
use crate::store::audit::people;
use crate::store::journal::{Cursor, MOST_PEOPLE, Wanted, named, page};
use crate::store::kept::pseudonyms;
use crate::store::{Store, StoreError};

/// What is looked for. Empty texts and missing times stand for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought {
    /// Name of the event.
    pub event: String,
    /// A piece of who did it.
    pub actor: String,
    /// A piece of an address that it concerns.
    pub mailbox: String,
    /// Not before.
    pub since: Option<Micros>,
    /// Not after.
    pub until: Option<Micros>,
}

impl Sought {
    /// Whether rows are left out for more than their time.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        [&self.event, &self.actor, &self.mailbox].iter().any(|text| !text.is_empty())
    }
}

/// Why nothing is looked for.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// So many addresses contain the text that their rows are not found at once.
    #[error("more than {MOST_PEOPLE} addresses contain this text; write more of the one you mean")]
    TooManyPeople,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A search, ready to be read page by page.
pub struct Search {
    wanted: Wanted,
    nobody: bool,
    names: BTreeMap<String, String>,
    from: Cursor,
}

impl Search {
    /// Finds out who is meant.
    ///
    /// # Errors
    /// When too many people are, or the database does not answer.
    pub async fn open(store: &Store, sought: &Sought) -> Result<Self, SearchError> {
        let mut read = store.read().await?;
        let most = i64::try_from(MOST_PEOPLE).unwrap_or(i64::MAX);
        let meant = match sought.mailbox.is_empty() {
            true => Vec::new(),
            false => named(&mut read, &sought.mailbox, most.saturating_add(1)).await?,
        };
        if meant.len() > MOST_PEOPLE {
            return Err(SearchError::TooManyPeople);
        }
        Ok(Self {
            nobody: meant.is_empty() && !sought.mailbox.is_empty(),
            names: people(&mut read).await?,
            from: Cursor::newest(sought.until.unwrap_or(Micros::MAX)),
            wanted: Wanted {
                since: sought.since.unwrap_or(Micros::MIN),
                event: sought.event.clone(),
                actor: sought.actor.clone(),
                people: meant,
            },
        })
    }

    /// Rows about one person alone, by the whole address.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn about(store: &Store, address: &str) -> Result<Self, StoreError> {
        let mut read = store.read().await?;
        let mut meant = pseudonyms(&mut read, address).await?;
        // However it was written.
        meant.truncate(MOST_PEOPLE);
        Ok(Self {
            nobody: meant.is_empty(),
            names: people(&mut read).await?,
            from: Cursor::newest(Micros::MAX),
            wanted: Wanted { since: Micros::MIN, event: String::new(), actor: String::new(), people: meant },
        })
    }

    /// Before the first row.
    #[must_use]
    pub fn start(&self) -> Cursor {
        self.from.clone()
    }

    /// At most `limit` rows behind `place`, and the place behind them when more
    /// may follow.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn page(
        &self,
        store: &Store,
        place: &Cursor,
        limit: i64,
    ) -> Result<(Vec<Line>, Option<Cursor>), StoreError> {
        if self.nobody {
            return Ok((Vec::new(), None));
        }
        let rows = page(&mut store.read().await?, &self.wanted, place, limit).await?;
        let full = i64::try_from(rows.len()).is_ok_and(|count| count >= limit);
        let next = rows.last().filter(|_| full).map(Cursor::behind);
        Ok((rows.into_iter().map(|row| line(row, &self.names)).collect(), next))
    }
}
