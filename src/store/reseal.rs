//! Sealing anew with the active key, page by page.
//!
//! Each page is a transaction of its own, and a value is replaced only while
//! it still is the one that was opened: what a login stores meanwhile stands.
//! A page knows by itself where the next begins, so nothing is lost when the
//! process ends; what is sealed anew already is not looked at again.

use uuid::Uuid;

use super::act::Batch;
use super::contacts::{self, books, cards, groups, reviews};
use super::error::StoreError;
use super::open::Store;
use super::sql::{Source, execute, fetch_all, fetch_one, statements};
use super::sync::{
    calendars, crm_hooks, crm_seen, dead_letters, google_seen, holds, intents, links, sync_journal, undos,
};
use super::{access_tokens, api_keys, clients, consents, grants, keys, meta, service_accounts, totp};
use crate::seal::Place;
use crate::seal::aead::prefix;

/// The next values of a column of a table whose rows an identity names.
macro_rules! page {
    ($table:literal, $column:literal) => {
        concat!(
            "SELECT id, CAST('' AS TEXT), ",
            $column,
            " FROM ",
            $table,
            " WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(",
            $column,
            ", 1, $3) <> $4 ORDER BY id LIMIT 100"
        )
    };
}

/// Puts one of them in the place of the one that was opened.
macro_rules! put {
    ($table:literal, $column:literal) => {
        concat!(
            "UPDATE ",
            $table,
            " SET ",
            $column,
            " = $3 WHERE id = $1 AND CAST($2 AS TEXT) = '' AND ",
            $column,
            " = $4"
        )
    };
}

/// How many values a key has sealed.
macro_rules! by {
    ($table:literal, $column:literal) => {
        concat!("SELECT count(*) FROM ", $table, " WHERE substr(", $column, ", 1, $1) = $2")
    };
}

statements! {
    ACCESS_TOKENS = "SELECT account_id, scopes, token_sealed FROM access_tokens \
        WHERE (account_id, scopes) > ($1, CAST($2 AS TEXT)) AND substr(token_sealed, 1, $3) <> $4 \
        ORDER BY account_id, scopes LIMIT 100";
    ACCESS_TOKENS_PUT = "UPDATE access_tokens SET token_sealed = $3 \
        WHERE account_id = $1 AND scopes = $2 AND token_sealed = $4";
    ACCESS_TOKENS_BY = by!("access_tokens", "token_sealed");
    ADMINS = page!("admins", "totp_sealed");
    ADMINS_PUT = put!("admins", "totp_sealed");
    ADMINS_BY = by!("admins", "totp_sealed");
    API_KEYS = page!("api_keys", "hmac_sealed");
    API_KEYS_PUT = put!("api_keys", "hmac_sealed");
    API_KEYS_BY = by!("api_keys", "hmac_sealed");
    CLIENTS = page!("clients", "secret_sealed");
    CLIENTS_PUT = put!("clients", "secret_sealed");
    CLIENTS_BY = by!("clients", "secret_sealed");
    GRANTS = "SELECT account_id, CAST('' AS TEXT), refresh_sealed FROM grants \
        WHERE (account_id, '') > ($1, CAST($2 AS TEXT)) AND substr(refresh_sealed, 1, $3) <> $4 \
        ORDER BY account_id LIMIT 100";
    GRANTS_PUT = "UPDATE grants SET refresh_sealed = $3 \
        WHERE account_id = $1 AND CAST($2 AS TEXT) = '' AND refresh_sealed = $4";
    GRANTS_BY = by!("grants", "refresh_sealed");
    SERVICE_ACCOUNTS = page!("service_accounts", "key_sealed");
    SERVICE_ACCOUNTS_PUT = put!("service_accounts", "key_sealed");
    SERVICE_ACCOUNTS_BY = by!("service_accounts", "key_sealed");
    CALENDAR_CURSORS = page!("calendars", "cursor_sealed");
    CALENDAR_CURSORS_PUT = put!("calendars", "cursor_sealed");
    CALENDAR_CURSORS_BY = by!("calendars", "cursor_sealed");
    CALENDAR_NAMES = page!("calendars", "name_sealed");
    CALENDAR_NAMES_PUT = put!("calendars", "name_sealed");
    CALENDAR_NAMES_BY = by!("calendars", "name_sealed");
    CRM_HOOKS = page!("crm_hooks", "secret_sealed");
    CRM_HOOKS_PUT = put!("crm_hooks", "secret_sealed");
    CRM_HOOKS_BY = by!("crm_hooks", "secret_sealed");
    CRM_SEEN = page!("crm_seen", "content_sealed");
    CRM_SEEN_PUT = put!("crm_seen", "content_sealed");
    CRM_SEEN_BY = by!("crm_seen", "content_sealed");
    DEAD_LETTERS = page!("dead_letters", "detail_sealed");
    DEAD_LETTERS_PUT = put!("dead_letters", "detail_sealed");
    DEAD_LETTERS_BY = by!("dead_letters", "detail_sealed");
    GOOGLE_SEEN = "SELECT calendar_id, event_id, content_sealed FROM google_seen \
        WHERE (calendar_id, event_id) > ($1, CAST($2 AS TEXT)) AND substr(content_sealed, 1, $3) <> $4 \
        ORDER BY calendar_id, event_id LIMIT 100";
    GOOGLE_SEEN_PUT = "UPDATE google_seen SET content_sealed = $3 WHERE calendar_id = $1 AND event_id = $2 AND content_sealed = $4";
    GOOGLE_SEEN_BY = by!("google_seen", "content_sealed");
    HOLDS = page!("holds", "content_sealed");
    HOLDS_PUT = put!("holds", "content_sealed");
    HOLDS_BY = by!("holds", "content_sealed");
    INTENTS = page!("intents", "body_sealed");
    INTENTS_PUT = put!("intents", "body_sealed");
    INTENTS_BY = by!("intents", "body_sealed");
    LINKS = page!("links", "base_sealed");
    LINKS_PUT = put!("links", "base_sealed");
    LINKS_BY = by!("links", "base_sealed");
    SYNC_JOURNAL = page!("sync_journal", "content_sealed");
    SYNC_JOURNAL_PUT = put!("sync_journal", "content_sealed");
    SYNC_JOURNAL_BY = by!("sync_journal", "content_sealed");
    UNDOS = page!("undos", "content_sealed");
    UNDOS_PUT = put!("undos", "content_sealed");
    UNDOS_BY = by!("undos", "content_sealed");
    CONSENTS = "SELECT hash, verifier_sealed FROM consent_states \
        WHERE hash > $1 AND substr(verifier_sealed, 1, $2) <> $3 ORDER BY hash LIMIT 100";
    CONSENTS_PUT = "UPDATE consent_states SET verifier_sealed = $2 WHERE hash = $1 AND verifier_sealed = $3";
    CONSENTS_BY = by!("consent_states", "verifier_sealed");
    ADDRESS_BOOKS = page!("address_books", "cursor_sealed");
    ADDRESS_BOOKS_PUT = put!("address_books", "cursor_sealed");
    ADDRESS_BOOKS_BY = by!("address_books", "cursor_sealed");
    CARDS_SEEN = page!("cards_seen", "content_sealed");
    CARDS_SEEN_PUT = put!("cards_seen", "content_sealed");
    CARDS_SEEN_BY = by!("cards_seen", "content_sealed");
    CONTACT_GROUPS = page!("contact_groups", "name_sealed");
    CONTACT_GROUPS_PUT = put!("contact_groups", "name_sealed");
    CONTACT_GROUPS_BY = by!("contact_groups", "name_sealed");
    CONTACT_REVIEWS = page!("contact_reviews", "content_sealed");
    CONTACT_REVIEWS_PUT = put!("contact_reviews", "content_sealed");
    CONTACT_REVIEWS_BY = by!("contact_reviews", "content_sealed");
    PEOPLE_INTENTS = page!("people_intents", "body_sealed");
    PEOPLE_INTENTS_PUT = put!("people_intents", "body_sealed");
    PEOPLE_INTENTS_BY = by!("people_intents", "body_sealed");
    PEOPLE_LINKS = page!("people_links", "base_sealed");
    PEOPLE_LINKS_PUT = put!("people_links", "base_sealed");
    PEOPLE_LINKS_BY = by!("people_links", "base_sealed");
    PEOPLE_SEEN = "SELECT book_id, resource, content_sealed FROM people_seen \
        WHERE (book_id, resource) > ($1, CAST($2 AS TEXT)) AND substr(content_sealed, 1, $3) <> $4 \
        ORDER BY book_id, resource LIMIT 100";
    PEOPLE_SEEN_PUT = "UPDATE people_seen SET content_sealed = $3 WHERE book_id = $1 AND resource = $2 AND content_sealed = $4";
    PEOPLE_SEEN_BY = by!("people_seen", "content_sealed");
}

/// A sealed column whose rows a UUID and perhaps a text identify.
struct Column {
    page: &'static str,
    put: &'static str,
    place: fn(Uuid, &str) -> Place,
}

const COLUMNS: [Column; 24] = [
    Column { page: ACCESS_TOKENS, put: ACCESS_TOKENS_PUT, place: access_tokens::place },
    Column { page: ADMINS, put: ADMINS_PUT, place: |id, _| totp::place(id) },
    Column { page: API_KEYS, put: API_KEYS_PUT, place: |id, _| api_keys::place(id) },
    Column { page: CLIENTS, put: CLIENTS_PUT, place: |id, _| clients::place(id) },
    Column { page: GRANTS, put: GRANTS_PUT, place: |id, _| grants::place(id) },
    Column { page: SERVICE_ACCOUNTS, put: SERVICE_ACCOUNTS_PUT, place: |id, _| service_accounts::place(id) },
    Column { page: CALENDAR_CURSORS, put: CALENDAR_CURSORS_PUT, place: |id, _| calendars::cursor_place(id) },
    Column { page: CALENDAR_NAMES, put: CALENDAR_NAMES_PUT, place: |id, _| calendars::name_place(id) },
    Column { page: CRM_HOOKS, put: CRM_HOOKS_PUT, place: |id, _| crm_hooks::place(id) },
    Column { page: CRM_SEEN, put: CRM_SEEN_PUT, place: |id, _| crm_seen::place(id) },
    Column { page: DEAD_LETTERS, put: DEAD_LETTERS_PUT, place: |id, _| dead_letters::place(id) },
    Column { page: GOOGLE_SEEN, put: GOOGLE_SEEN_PUT, place: google_seen::place },
    Column { page: HOLDS, put: HOLDS_PUT, place: |id, _| holds::place(id) },
    Column { page: INTENTS, put: INTENTS_PUT, place: |id, _| intents::place(id) },
    Column { page: LINKS, put: LINKS_PUT, place: |id, _| links::place(id) },
    Column { page: SYNC_JOURNAL, put: SYNC_JOURNAL_PUT, place: |id, _| sync_journal::place(id) },
    Column { page: UNDOS, put: UNDOS_PUT, place: |id, _| undos::place(id) },
    Column { page: ADDRESS_BOOKS, put: ADDRESS_BOOKS_PUT, place: |id, _| books::cursor_place(id) },
    Column { page: CARDS_SEEN, put: CARDS_SEEN_PUT, place: |id, _| cards::place(id) },
    Column { page: CONTACT_GROUPS, put: CONTACT_GROUPS_PUT, place: |id, _| groups::place(id) },
    Column { page: CONTACT_REVIEWS, put: CONTACT_REVIEWS_PUT, place: |id, _| reviews::place(id) },
    Column { page: PEOPLE_INTENTS, put: PEOPLE_INTENTS_PUT, place: |id, _| contacts::intents::place(id) },
    Column { page: PEOPLE_LINKS, put: PEOPLE_LINKS_PUT, place: |id, _| contacts::links::place(id) },
    Column { page: PEOPLE_SEEN, put: PEOPLE_SEEN_PUT, place: contacts::seen::place },
];
const COUNTS: [&str; 25] = [
    CALENDAR_CURSORS_BY,
    CALENDAR_NAMES_BY,
    CRM_HOOKS_BY,
    CRM_SEEN_BY,
    DEAD_LETTERS_BY,
    GOOGLE_SEEN_BY,
    HOLDS_BY,
    INTENTS_BY,
    LINKS_BY,
    SYNC_JOURNAL_BY,
    UNDOS_BY,
    ADDRESS_BOOKS_BY,
    CARDS_SEEN_BY,
    CONTACT_GROUPS_BY,
    CONTACT_REVIEWS_BY,
    PEOPLE_INTENTS_BY,
    PEOPLE_LINKS_BY,
    PEOPLE_SEEN_BY,
    ACCESS_TOKENS_BY,
    ADMINS_BY,
    API_KEYS_BY,
    CLIENTS_BY,
    GRANTS_BY,
    SERVICE_ACCOUNTS_BY,
    CONSENTS_BY,
];

/// How far it has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    column: usize,
    after: (Uuid, String),
    after_hash: Vec<u8>,
    /// Values sealed anew.
    pub done: u64,
    /// Values that open with no key of the ring.
    pub broken: u64,
}

/// Seals the next page anew; false when there was none left.
///
/// # Errors
/// When the database does not answer, or the active key is not in the ring.
pub async fn page(store: &Store, progress: &mut Progress) -> Result<bool, StoreError> {
    let mut batch = store.batch().await?;
    let active = keys::active(store, &mut batch).await?.seal;
    let begins = prefix(&active);
    let more = match COLUMNS.get(progress.column) {
        Some(column) => by_id(&mut batch, store, column, &begins, progress).await?,
        None => consent_states(&mut batch, store, &begins, progress).await?,
    };
    batch.commit().await?;
    if !more && progress.column < COLUMNS.len() {
        progress.column += 1;
        progress.after = (Uuid::nil(), String::new());
        return Ok(true);
    }
    Ok(more)
}

type Row = (Uuid, String, Vec<u8>);

async fn by_id(
    on: &mut Batch,
    store: &Store,
    column: &Column,
    begins: &[u8],
    progress: &mut Progress,
) -> Result<bool, StoreError> {
    let (id, part) = &progress.after;
    let rows: Vec<Row> = fetch_all!(on, Row, column.page, id, part, length(begins), begins)?;
    let Some((id, part, _)) = rows.last() else { return Ok(false) };
    progress.after = (*id, part.clone());
    for (id, part, old) in rows {
        if let Some(new) = anew(on, store, &(column.place)(id, &part), &old, progress).await? {
            progress.done += execute!(on, column.put, id, &part, &new, &old)?;
        }
    }
    Ok(true)
}

async fn consent_states(
    on: &mut Batch,
    store: &Store,
    begins: &[u8],
    progress: &mut Progress,
) -> Result<bool, StoreError> {
    type Row = (Vec<u8>, Vec<u8>);
    let rows: Vec<Row> = fetch_all!(on, Row, CONSENTS, &progress.after_hash, length(begins), begins)?;
    let Some((hash, _)) = rows.last() else { return Ok(false) };
    progress.after_hash.clone_from(hash);
    for (hash, old) in rows {
        if let Some(new) = anew(on, store, &consents::place(&hash), &old, progress).await? {
            progress.done += execute!(on, CONSENTS_PUT, &hash, &new, &old)?;
        }
    }
    Ok(true)
}

async fn anew(
    on: &mut Batch,
    store: &Store,
    place: &Place,
    old: &[u8],
    progress: &mut Progress,
) -> Result<Option<Vec<u8>>, StoreError> {
    // What was lost with a key stays empty.
    if old.is_empty() {
        return Ok(None);
    }
    match store.ring().open(place, old) {
        Ok(secret) => keys::seal(on, store, place, &secret).await.map(Some),
        Err(error) => {
            tracing::warn!(?place, error = %error, "a value stays sealed as it is");
            progress.broken += 1;
            Ok(None)
        }
    }
}

/// How many values the key `id` seals.
///
/// # Errors
/// When the database does not answer.
pub async fn sealed_by(on: &mut impl Source, id: &str) -> Result<i64, StoreError> {
    let begins = prefix(id);
    let mut sum = i64::from(meta::check_begins(on).await?.starts_with(&begins));
    for text in COUNTS {
        let (count,) = fetch_one!(on, (i64,), text, length(&begins), &begins)?.unwrap_or_default();
        sum += count;
    }
    Ok(sum)
}

fn length(begins: &[u8]) -> i32 {
    i32::try_from(begins.len()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, COUNTS};
    use crate::store::sealed;

    #[test]
    fn every_sealed_column_is_covered() {
        for (table, column) in sealed::COLUMNS {
            let read = |text: &str| text.contains(&format!(" FROM {table} ")) && text.contains(column);
            assert!(COUNTS.iter().any(|text| read(text)), "{table}.{column} is not counted");
            let sealed_anew = COLUMNS
                .iter()
                .any(|c| read(c.page) && c.put.contains(&format!("UPDATE {table} SET {column}")));
            let a_consent =
                *table == "consent_states" && read(super::CONSENTS) && super::CONSENTS_PUT.contains(column);
            assert!(sealed_anew || a_consent, "{table}.{column} is not sealed anew");
        }
        assert_eq!(COUNTS.len(), sealed::COLUMNS.len());
    }
}
