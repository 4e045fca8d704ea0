//! How the address books of the installation stand.

use postern_core::model::address::Address;
use postern_core::model::id::BookId;

use crate::clock::Micros;
use crate::store::contacts::{books, groups, links, pushes, reviews};
use crate::store::sync::dead_letters;
use crate::store::{Store, StoreError, accounts};

/// An address book that is kept in step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whose.
    pub address: Address,
    /// Which.
    pub book: BookId,
    /// The group, as its owner calls it.
    pub group: String,
    /// `new`, `ok` or `failing`.
    pub status: String,
    /// Why the last run failed, a word.
    pub fault: Option<String>,
    /// When it was last brought in step.
    pub last_ok_at: Option<Micros>,
    /// When it is due.
    pub next_at: Micros,
    /// Links that are kept in step.
    pub links: i64,
    /// Records that wait to be pushed.
    pub waiting: i64,
    /// Questions that wait for an answer.
    pub reviews: i64,
    /// What could not be done.
    pub dead_letters: i64,
}

/// Dead letters that are counted.
const COUNTED: i64 = 1_000;

/// Every address book with a group, by account.
///
/// # Errors
/// When the database does not answer.
pub async fn status(store: &Store) -> Result<Vec<Standing>, StoreError> {
    let mut read = store.read().await?;
    let mut all = Vec::new();
    for book in books::all(store, &mut read).await? {
        let Some(group) = &book.choices.group else { continue };
        let Some(account) = accounts::by_id(&mut read, book.account).await? else { continue };
        let known = groups::of(store, &mut read, book.account).await?;
        let name = known.into_iter().find(|known| known.listed.resource == *group);
        let letters = dead_letters::of_calendar(store, &mut read, book.id, COUNTED).await?.len();
        all.push(Standing {
            address: account.address,
            book: book.id,
            group: name.map_or_else(|| group.clone(), |known| known.listed.name),
            links: links::active(&mut read, book.id).await?,
            waiting: pushes::wait(&mut read, book.account).await?,
            reviews: reviews::count(&mut read, book.account).await?,
            dead_letters: i64::try_from(letters).unwrap_or(COUNTED),
            status: book.status,
            fault: book.fault,
            last_ok_at: book.last_ok_at,
            next_at: book.next_at,
        });
    }
    all.sort_by(|one, other| one.address.as_str().cmp(other.address.as_str()));
    Ok(all)
}
