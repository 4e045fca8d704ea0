//! Mailboxes whose owner has left, and what of theirs a successor can go on with.

use postern_core::model::address::Address;
use postern_core::model::id::AccountId;
use postern_core::plan::contacts::card::Entity;

use super::act::Act;
use super::error::StoreError;
use super::open::Store;
use super::sql::{Source, Write as _, execute, fetch_all, fetch_one, statements};
use super::sync::crm_seen::{self, Seen};
use super::sync::owners;
use crate::clock::Micros;

statements! {
    PUT = "INSERT INTO offboarded (account_id, at) VALUES ($1, $2) ON CONFLICT (account_id) DO NOTHING";
    TAKE = "DELETE FROM offboarded WHERE account_id = $1";
    SINCE = "SELECT at FROM offboarded WHERE account_id = $1";
    DUE = "SELECT a.address FROM offboarded o JOIN accounts a ON a.id = o.account_id WHERE o.at <= $1 \
           ORDER BY o.at LIMIT 100";
    GONE = "SELECT account_id FROM offboarded WHERE at <= $1 ORDER BY at LIMIT 1000";
    // Born in the CRM, kept in step through this account once, and still assigned to its user.
    RECORDS = "SELECT DISTINCT s.entity, s.record_id FROM links l JOIN accounts a ON a.id = l.account_id \
               JOIN crm_seen s ON s.entity = l.entity AND s.record_id = l.record_id AND s.live = 1 \
               AND s.user_id = a.crm_user WHERE l.account_id = $1 AND l.origin = 'crm' AND l.role <> 'copy' \
               ORDER BY s.entity, s.record_id LIMIT 5000";
    EVENTS = "SELECT count(*), COALESCE(SUM(CASE WHEN origin = 'google' THEN 1 ELSE 0 END), 0) FROM links \
              WHERE account_id = $1 AND role <> 'copy' AND state IN ('active', 'dormant') AND record_id IS NOT NULL";
    PEOPLE = "SELECT entity, record_id FROM people_links WHERE account_id = $1 AND state = 'active' \
              AND record_id IS NOT NULL ORDER BY entity, record_id LIMIT 50000";
}

/// Notes that the owner has left; what was noted before stands.
///
/// # Errors
/// When the database does not answer.
pub async fn put(act: &mut Act, account: AccountId) -> Result<(), StoreError> {
    let now = act.store().clock().now();
    execute!(act, PUT, account.0, now)?;
    Ok(())
}

/// The owner is there again; whether that was otherwise.
///
/// # Errors
/// When the database does not answer.
pub async fn take(act: &mut Act, account: AccountId) -> Result<bool, StoreError> {
    Ok(execute!(act, TAKE, account.0)? == 1)
}

/// Since when the owner has left; none when nobody has said so.
///
/// # Errors
/// When the database does not answer.
pub async fn since(on: &mut impl Source, account: AccountId) -> Result<Option<Micros>, StoreError> {
    Ok(fetch_one!(on, (i64,), SINCE, account.0)?.map(|(at,)| at))
}

/// Mailboxes whose owner left at `until` or before, those who left first; at most 100.
///
/// # Errors
/// When the database does not answer.
pub async fn due(on: &mut impl Source, until: Micros) -> Result<Vec<Address>, StoreError> {
    let rows: Vec<(String,)> = fetch_all!(on, (String,), DUE, until)?;
    let broken = |_| StoreError::inconsistent("accounts", "address");
    rows.iter().map(|(address,)| Address::parse(address).map_err(broken)).collect()
}

/// Of those who left before `until` nobody finds out any more what came of a write that was under way.
///
/// # Errors
/// When the database does not answer.
pub async fn settle(store: &Store, until: Micros) -> Result<(), StoreError> {
    let mut batch = store.batch().await?;
    let gone: Vec<(uuid::Uuid,)> = fetch_all!(&mut batch, (uuid::Uuid,), GONE, until)?;
    for (account,) in gone {
        owners::release(&mut batch, AccountId(account), until).await?;
    }
    batch.commit().await
}

/// Records that were kept in step with events of this account and are still assigned to its user, as
/// they were last seen; at most 5,000.
///
/// # Errors
/// When the database does not answer, or what was seen does not open.
pub async fn records(
    store: &Store,
    on: &mut impl Source,
    account: AccountId,
) -> Result<Vec<Seen>, StoreError> {
    let rows: Vec<(String, String)> = fetch_all!(on, (String, String), RECORDS, account.0)?;
    let mut all = Vec::with_capacity(rows.len());
    for (entity, record) in rows {
        all.extend(crm_seen::get(store, on, &entity, &record).await?);
    }
    Ok(all)
}

/// How many pairs of events and records the account has, and how many of them were born in Google.
///
/// # Errors
/// When the database does not answer.
pub async fn events(on: &mut impl Source, account: AccountId) -> Result<(i64, i64), StoreError> {
    Ok(fetch_one!(on, (i64, i64), EVENTS, account.0)?.unwrap_or_default())
}

/// Contacts and leads that are kept in step with the account's people at Google; at most 50,000.
///
/// # Errors
/// When the database does not answer.
pub async fn people(on: &mut impl Source, account: AccountId) -> Result<Vec<(Entity, String)>, StoreError> {
    let rows: Vec<(String, String)> = fetch_all!(on, (String, String), PEOPLE, account.0)?;
    let read = |(entity, record): (String, String)| Some((Entity::parse(&entity)?, record));
    Ok(rows.into_iter().filter_map(read).collect())
}
