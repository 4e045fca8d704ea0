//! Sealing anew with the active key, page by page.
//!
//! Each page is a transaction of its own, and a value is replaced only while
//! it still is the one that was opened: what a login stores meanwhile stands.
//! A page knows by itself where the next begins, so nothing is lost when the
//! process ends; what is sealed anew already is not looked at again.

use uuid::Uuid;

use super::act::Batch;
use super::error::StoreError;
use super::open::Store;
use super::sql::{Source, execute, fetch_all, fetch_one, statements};
use super::sync::{
    calendars, crm_hooks, crm_seen, dead_letters, google_seen, holds, intents, links, sync_journal, undos,
};
use super::{access_tokens, api_keys, clients, consents, grants, keys, meta, service_accounts, totp};
use crate::seal::Place;
use crate::seal::aead::prefix;

statements! {
    ACCESS_TOKENS = "SELECT account_id, scopes, token_sealed FROM access_tokens \
        WHERE (account_id, scopes) > ($1, CAST($2 AS TEXT)) AND substr(token_sealed, 1, $3) <> $4 \
        ORDER BY account_id, scopes LIMIT 100";
    ACCESS_TOKENS_PUT = "UPDATE access_tokens SET token_sealed = $3 \
        WHERE account_id = $1 AND scopes = $2 AND token_sealed = $4";
    ACCESS_TOKENS_BY = "SELECT count(*) FROM access_tokens WHERE substr(token_sealed, 1, $1) = $2";
    ADMINS = "SELECT id, CAST('' AS TEXT), totp_sealed FROM admins \
        WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(totp_sealed, 1, $3) <> $4 ORDER BY id LIMIT 100";
    ADMINS_PUT = "UPDATE admins SET totp_sealed = $3 \
        WHERE id = $1 AND CAST($2 AS TEXT) = '' AND totp_sealed = $4";
    ADMINS_BY = "SELECT count(*) FROM admins WHERE substr(totp_sealed, 1, $1) = $2";
    API_KEYS = "SELECT id, CAST('' AS TEXT), hmac_sealed FROM api_keys \
        WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(hmac_sealed, 1, $3) <> $4 ORDER BY id LIMIT 100";
    API_KEYS_PUT = "UPDATE api_keys SET hmac_sealed = $3 \
        WHERE id = $1 AND CAST($2 AS TEXT) = '' AND hmac_sealed = $4";
    API_KEYS_BY = "SELECT count(*) FROM api_keys WHERE substr(hmac_sealed, 1, $1) = $2";
    CLIENTS = "SELECT id, CAST('' AS TEXT), secret_sealed FROM clients \
        WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(secret_sealed, 1, $3) <> $4 ORDER BY id LIMIT 100";
    CLIENTS_PUT = "UPDATE clients SET secret_sealed = $3 \
        WHERE id = $1 AND CAST($2 AS TEXT) = '' AND secret_sealed = $4";
    CLIENTS_BY = "SELECT count(*) FROM clients WHERE substr(secret_sealed, 1, $1) = $2";
    GRANTS = "SELECT account_id, CAST('' AS TEXT), refresh_sealed FROM grants \
        WHERE (account_id, '') > ($1, CAST($2 AS TEXT)) AND substr(refresh_sealed, 1, $3) <> $4 \
        ORDER BY account_id LIMIT 100";
    GRANTS_PUT = "UPDATE grants SET refresh_sealed = $3 \
        WHERE account_id = $1 AND CAST($2 AS TEXT) = '' AND refresh_sealed = $4";
    GRANTS_BY = "SELECT count(*) FROM grants WHERE substr(refresh_sealed, 1, $1) = $2";
    SERVICE_ACCOUNTS = "SELECT id, CAST('' AS TEXT), key_sealed FROM service_accounts \
        WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(key_sealed, 1, $3) <> $4 ORDER BY id LIMIT 100";
    SERVICE_ACCOUNTS_PUT = "UPDATE service_accounts SET key_sealed = $3 \
        WHERE id = $1 AND CAST($2 AS TEXT) = '' AND key_sealed = $4";
    SERVICE_ACCOUNTS_BY = "SELECT count(*) FROM service_accounts WHERE substr(key_sealed, 1, $1) = $2";
    CALENDAR_CURSORS = "SELECT id, CAST('' AS TEXT), cursor_sealed FROM calendars \
        WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(cursor_sealed, 1, $3) <> $4 ORDER BY id LIMIT 100";
    CALENDAR_CURSORS_PUT = "UPDATE calendars SET cursor_sealed = $3 WHERE id = $1 AND CAST($2 AS TEXT) = '' AND cursor_sealed = $4";
    CALENDAR_CURSORS_BY = "SELECT count(*) FROM calendars WHERE substr(cursor_sealed, 1, $1) = $2";
    CALENDAR_NAMES = "SELECT id, CAST('' AS TEXT), name_sealed FROM calendars \
        WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(name_sealed, 1, $3) <> $4 ORDER BY id LIMIT 100";
    CALENDAR_NAMES_PUT = "UPDATE calendars SET name_sealed = $3 WHERE id = $1 AND CAST($2 AS TEXT) = '' AND name_sealed = $4";
    CALENDAR_NAMES_BY = "SELECT count(*) FROM calendars WHERE substr(name_sealed, 1, $1) = $2";
    CRM_HOOKS = "SELECT id, CAST('' AS TEXT), secret_sealed FROM crm_hooks \
        WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(secret_sealed, 1, $3) <> $4 ORDER BY id LIMIT 100";
    CRM_HOOKS_PUT = "UPDATE crm_hooks SET secret_sealed = $3 WHERE id = $1 AND CAST($2 AS TEXT) = '' AND secret_sealed = $4";
    CRM_HOOKS_BY = "SELECT count(*) FROM crm_hooks WHERE substr(secret_sealed, 1, $1) = $2";
    CRM_SEEN = "SELECT id, CAST('' AS TEXT), content_sealed FROM crm_seen \
        WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(content_sealed, 1, $3) <> $4 ORDER BY id LIMIT 100";
    CRM_SEEN_PUT = "UPDATE crm_seen SET content_sealed = $3 WHERE id = $1 AND CAST($2 AS TEXT) = '' AND content_sealed = $4";
    CRM_SEEN_BY = "SELECT count(*) FROM crm_seen WHERE substr(content_sealed, 1, $1) = $2";
    DEAD_LETTERS = "SELECT id, CAST('' AS TEXT), detail_sealed FROM dead_letters \
        WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(detail_sealed, 1, $3) <> $4 ORDER BY id LIMIT 100";
    DEAD_LETTERS_PUT = "UPDATE dead_letters SET detail_sealed = $3 WHERE id = $1 AND CAST($2 AS TEXT) = '' AND detail_sealed = $4";
    DEAD_LETTERS_BY = "SELECT count(*) FROM dead_letters WHERE substr(detail_sealed, 1, $1) = $2";
    GOOGLE_SEEN = "SELECT calendar_id, event_id, content_sealed FROM google_seen \
        WHERE (calendar_id, event_id) > ($1, CAST($2 AS TEXT)) AND substr(content_sealed, 1, $3) <> $4 \
        ORDER BY calendar_id, event_id LIMIT 100";
    GOOGLE_SEEN_PUT = "UPDATE google_seen SET content_sealed = $3 WHERE calendar_id = $1 AND event_id = $2 AND content_sealed = $4";
    GOOGLE_SEEN_BY = "SELECT count(*) FROM google_seen WHERE substr(content_sealed, 1, $1) = $2";
    HOLDS = "SELECT id, CAST('' AS TEXT), content_sealed FROM holds \
        WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(content_sealed, 1, $3) <> $4 ORDER BY id LIMIT 100";
    HOLDS_PUT = "UPDATE holds SET content_sealed = $3 WHERE id = $1 AND CAST($2 AS TEXT) = '' AND content_sealed = $4";
    HOLDS_BY = "SELECT count(*) FROM holds WHERE substr(content_sealed, 1, $1) = $2";
    INTENTS = "SELECT id, CAST('' AS TEXT), body_sealed FROM intents \
        WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(body_sealed, 1, $3) <> $4 ORDER BY id LIMIT 100";
    INTENTS_PUT = "UPDATE intents SET body_sealed = $3 WHERE id = $1 AND CAST($2 AS TEXT) = '' AND body_sealed = $4";
    INTENTS_BY = "SELECT count(*) FROM intents WHERE substr(body_sealed, 1, $1) = $2";
    LINKS = "SELECT id, CAST('' AS TEXT), base_sealed FROM links \
        WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(base_sealed, 1, $3) <> $4 ORDER BY id LIMIT 100";
    LINKS_PUT = "UPDATE links SET base_sealed = $3 WHERE id = $1 AND CAST($2 AS TEXT) = '' AND base_sealed = $4";
    LINKS_BY = "SELECT count(*) FROM links WHERE substr(base_sealed, 1, $1) = $2";
    SYNC_JOURNAL = "SELECT id, CAST('' AS TEXT), content_sealed FROM sync_journal \
        WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(content_sealed, 1, $3) <> $4 ORDER BY id LIMIT 100";
    SYNC_JOURNAL_PUT = "UPDATE sync_journal SET content_sealed = $3 WHERE id = $1 AND CAST($2 AS TEXT) = '' AND content_sealed = $4";
    SYNC_JOURNAL_BY = "SELECT count(*) FROM sync_journal WHERE substr(content_sealed, 1, $1) = $2";
    UNDOS = "SELECT id, CAST('' AS TEXT), content_sealed FROM undos \
        WHERE (id, '') > ($1, CAST($2 AS TEXT)) AND substr(content_sealed, 1, $3) <> $4 ORDER BY id LIMIT 100";
    UNDOS_PUT = "UPDATE undos SET content_sealed = $3 WHERE id = $1 AND CAST($2 AS TEXT) = '' AND content_sealed = $4";
    UNDOS_BY = "SELECT count(*) FROM undos WHERE substr(content_sealed, 1, $1) = $2";
    CONSENTS = "SELECT hash, verifier_sealed FROM consent_states \
        WHERE hash > $1 AND substr(verifier_sealed, 1, $2) <> $3 ORDER BY hash LIMIT 100";
    CONSENTS_PUT = "UPDATE consent_states SET verifier_sealed = $2 WHERE hash = $1 AND verifier_sealed = $3";
    CONSENTS_BY = "SELECT count(*) FROM consent_states WHERE substr(verifier_sealed, 1, $1) = $2";
}

/// A sealed column whose rows a UUID and perhaps a text identify.
struct Column {
    page: &'static str,
    put: &'static str,
    place: fn(Uuid, &str) -> Place,
}

const COLUMNS: [Column; 17] = [
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
];
const COUNTS: [&str; 18] = [
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
