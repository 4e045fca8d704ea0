//! People and records of which a person has to say who they are.
//!
//! What is asked again with the same answers to choose from keeps its identity, so that nobody
//! decides what they have not seen. A decision is used up by the run that follows it.

use postern_core::model::actor::Actor;
use postern_core::model::id::{AccountId, BookId, ReviewId};
use uuid::Uuid;

use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::{Act, Batch};
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    KNOWN = "SELECT id, account_id, key, word, opened_at, decision, other, content_sealed FROM contact_reviews \
             WHERE book_id = $1 AND key = $2";
    ADD = "INSERT INTO contact_reviews (id, account_id, book_id, key, word, opened_at, content_sealed) \
           VALUES ($1, $2, $3, $4, $5, $6, $7)";
    CLOSE = "DELETE FROM contact_reviews WHERE book_id = $1 AND key = $2";
    // What a person has said stands until a run has used it.
    CLOSE_OPEN = "DELETE FROM contact_reviews WHERE book_id = $1 AND key = $2 AND decision IS NULL";
    FORGET = "DELETE FROM contact_reviews WHERE id = $1";
    GET = "SELECT id, account_id, key, word, opened_at, decision, other, content_sealed FROM contact_reviews \
           WHERE id = $1";
    OF_ACCOUNT = "SELECT id, account_id, key, word, opened_at, decision, other, content_sealed FROM contact_reviews \
                  WHERE account_id = $1 AND decision IS NULL ORDER BY opened_at, id LIMIT $2";
    DECIDED = "SELECT id, account_id, key, word, opened_at, decision, other, content_sealed FROM contact_reviews \
               WHERE book_id = $1 AND decision IS NOT NULL ORDER BY decided_at, id LIMIT 1000";
    COUNT = "SELECT count(*) FROM contact_reviews WHERE account_id = $1 AND decision IS NULL";
    DECIDE = "UPDATE contact_reviews SET decision = $2, other = $3, decided_at = $4, decided_by = $5 \
              WHERE id = $1 AND decision IS NULL";
    WAKE = "UPDATE address_books SET next_at = $2 WHERE account_id = $1 AND next_at > $2";
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Identity.
    pub id: ReviewId,
    /// Whose.
    pub account: AccountId,
    /// What it is about: `people/…`, or `Contact/…`.
    pub key: String,
    /// Why nobody but a person can say, a word.
    pub word: String,
    /// Since when it waits.
    pub opened_at: Micros,
    /// What a person has said: `same`, `new` or `leave`.
    pub decision: Option<String>,
    /// With whom it is the same.
    pub other: Option<String>,
    /// JSON: what both look like, and who may be meant.
    pub content: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    account_id: Uuid,
    key: String,
    word: String,
    opened_at: i64,
    decision: Option<String>,
    other: Option<String>,
    content_sealed: Vec<u8>,
}

/// Where the content of a question is sealed.
pub(in crate::store) fn place(id: Uuid) -> Place {
    Place::row("contact_reviews", "content_sealed", id)
}

impl Row {
    fn opened(self, store: &Store) -> Result<Review, StoreError> {
        Ok(Review {
            content: store.ring().open(&place(self.id), &self.content_sealed)?.reveal().to_owned(),
            id: ReviewId(self.id),
            account: AccountId(self.account_id),
            key: self.key,
            word: self.word,
            opened_at: self.opened_at,
            decision: self.decision,
            other: self.other,
        })
    }
}

/// Asks.
///
/// # Errors
/// When the database does not answer.
pub async fn ask(
    batch: &mut Batch,
    (account, book): (AccountId, BookId),
    (key, word): (&str, &str),
    content: &str,
) -> Result<(), StoreError> {
    let (sealer, store) = (Sealer::new(batch).await?, batch.store());
    let known: Option<Row> = fetch_one!(batch, Row, KNOWN, book.0, key)?;
    if let Some(row) = known {
        let known = row.opened(&store)?;
        if known.word == word && known.content == content && known.decision.is_none() {
            return Ok(());
        }
        execute!(batch, CLOSE, book.0, key)?;
    }
    let id = store.dice().id(store.clock())?;
    let sealed = sealer.seal(&place(id), content)?;
    execute!(batch, ADD, id, account.0, book.0, key, word, store.clock().now(), &sealed)?;
    Ok(())
}

/// There is nothing to be asked about it any more.
///
/// # Errors
/// When the database does not answer.
pub async fn close(batch: &mut Batch, book: BookId, key: &str) -> Result<(), StoreError> {
    execute!(batch, CLOSE_OPEN, book.0, key)?;
    Ok(())
}

/// Its answer was used.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(batch: &mut Batch, id: ReviewId) -> Result<(), StoreError> {
    execute!(batch, FORGET, id.0)?;
    Ok(())
}

/// A question.
///
/// # Errors
/// When the database does not answer, or the content does not open.
pub async fn get(store: &Store, on: &mut impl Source, id: ReviewId) -> Result<Option<Review>, StoreError> {
    fetch_one!(on, Row, GET, id.0)?.map(|row: Row| row.opened(store)).transpose()
}

/// What waits for the owner of an account, the oldest first, at most `most`.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn of_account(
    store: &Store,
    on: &mut impl Source,
    account: AccountId,
    most: i64,
) -> Result<Vec<Review>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF_ACCOUNT, account.0, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// How much waits for the owner of an account.
///
/// # Errors
/// When the database does not answer.
pub async fn count(on: &mut impl Source, account: AccountId) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), COUNT, account.0)?.map_or(0, |(count,)| count))
}

/// What people have decided in a book and no run has used.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn decided(store: &Store, on: &mut impl Source, book: BookId) -> Result<Vec<Review>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, DECIDED, book.0)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// Keeps what a person has said, and has the account's people run soon; false when somebody was
/// faster.
///
/// # Errors
/// When the database does not answer.
pub async fn decide(
    act: &mut Act,
    review: &Review,
    decision: &str,
    other: Option<&str>,
    by: &Actor,
) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    let rows = execute!(act, DECIDE, review.id.0, decision, other, now, by.label())?;
    execute!(act, WAKE, review.account.0, now)?;
    Ok(rows == 1)
}
