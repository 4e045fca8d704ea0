//! How far mailboxes are on their way to being connected: the last consent that
//! was started for each, and what else tells who has to act.

use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::id::AccountId;
use postern_core::model::scope::ScopeSet;
use uuid::Uuid;

use super::act::Act;
use super::error::StoreError;
use super::sql::{Source, Write as _, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;

statements! {
    STARTED = "INSERT INTO onboarding (account_id, started_at) VALUES ($1, $2) \
               ON CONFLICT (account_id) DO UPDATE \
               SET started_at = excluded.started_at, returned_at = NULL, fault = NULL";
    RETURNED = "UPDATE onboarding SET returned_at = $2, fault = $3 WHERE account_id = $1";
    ROWS = "SELECT a.id, a.address, a.crm_user, a.state, g.scopes, o.started_at, o.returned_at, o.fault, \
            (SELECT count(*) FROM switched_off s WHERE s.account_id = a.id AND s.product = 'gmail') AS off, \
            (SELECT max(b.at) FROM outbox b WHERE b.account_id = a.id AND b.kind = 'link_asked') AS mailed_at, \
            (SELECT max(l.expires_at) FROM consent_links l \
            WHERE l.account_id = a.id AND l.used_at IS NULL) AS link_until \
            FROM accounts a LEFT JOIN grants g ON g.account_id = a.id \
            LEFT JOIN onboarding o ON o.account_id = a.id WHERE a.address > $1 ORDER BY a.address LIMIT 500";
    ROW = "SELECT a.id, a.address, a.crm_user, a.state, g.scopes, o.started_at, o.returned_at, o.fault, \
           (SELECT count(*) FROM switched_off s WHERE s.account_id = a.id AND s.product = 'gmail') AS off, \
           (SELECT max(b.at) FROM outbox b WHERE b.account_id = a.id AND b.kind = 'link_asked') AS mailed_at, \
           (SELECT max(l.expires_at) FROM consent_links l \
           WHERE l.account_id = a.id AND l.used_at IS NULL) AS link_until \
           FROM accounts a LEFT JOIN grants g ON g.account_id = a.id \
           LEFT JOIN onboarding o ON o.account_id = a.id WHERE a.id = $1";
    STUCK = "SELECT count(*) FROM onboarding o JOIN accounts a ON a.id = o.account_id \
             WHERE o.returned_at IS NULL AND o.started_at <= $1 \
             AND a.state IN ('new', 'needs_consent', 'needs_sign_in')";
}

/// A consent that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub started_at: Micros,
    /// When it came back from Google.
    pub returned_at: Option<Micros>,
    /// Why it was not accepted then.
    pub fault: Option<String>,
}

/// What is known of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The account.
    pub account: AccountId,
    /// The mailbox.
    pub address: Address,
    /// The CRM user it belongs to.
    pub crm_user: Option<String>,
    /// Where it stands.
    pub state: State,
    /// What its owner granted.
    pub granted: Option<ScopeSet>,
    /// The owner has switched mail off.
    pub off: bool,
    /// The last consent.
    pub attempt: Option<Attempt>,
    /// When a link was last asked to be mailed.
    pub mailed_at: Option<Micros>,
    /// Until when the newest link works that was not used.
    pub link_until: Option<Micros>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    address: String,
    crm_user: Option<String>,
    state: String,
    scopes: Option<String>,
    started_at: Option<i64>,
    returned_at: Option<i64>,
    fault: Option<String>,
    off: i64,
    mailed_at: Option<i64>,
    link_until: Option<i64>,
}

impl TryFrom<Row> for Known {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |what: &dyn std::fmt::Display| {
            StoreError::inconsistent("accounts", format!("{}: {what}", row.id))
        };
        let (returned_at, fault) = (row.returned_at, row.fault);
        Ok(Self {
            account: AccountId(row.id),
            address: Address::parse(&row.address).map_err(|e| wrong(&e))?,
            state: row.state.parse().map_err(|e| wrong(&e))?,
            crm_user: row.crm_user,
            granted: row.scopes.as_deref().map(ScopeSet::parse),
            off: row.off > 0,
            attempt: row.started_at.map(|started_at| Attempt { started_at, returned_at, fault }),
            mailed_at: row.mailed_at,
            link_until: row.link_until,
        })
    }
}

/// A consent was started.
///
/// # Errors
/// When the database does not answer.
pub async fn started(act: &mut Act, account: AccountId) -> Result<(), StoreError> {
    let now = act.store().clock().now();
    execute!(act, STARTED, account.0, now)?;
    Ok(())
}

/// It came back, and was accepted or not.
///
/// # Errors
/// When the database does not answer.
pub async fn returned(act: &mut Act, account: AccountId, fault: Option<&str>) -> Result<(), StoreError> {
    let now = act.store().clock().now();
    execute!(act, RETURNED, account.0, now, fault)?;
    Ok(())
}

/// What is known of every mailbox, by address.
///
/// # Errors
/// When the database does not answer.
pub async fn all(on: &mut impl Source) -> Result<Vec<Known>, StoreError> {
    let mut out: Vec<Known> = Vec::new();
    loop {
        let last = out.last().map(|known| known.address.to_string()).unwrap_or_default();
        let page = fetch_all!(on, Row, ROWS, &last)?;
        if page.is_empty() {
            return Ok(out);
        }
        for row in page {
            out.push(row.try_into()?);
        }
    }
}

/// What is known of one mailbox.
///
/// # Errors
/// When the database does not answer.
pub async fn of(on: &mut impl Source, account: AccountId) -> Result<Option<Known>, StoreError> {
    fetch_one!(on, Row, ROW, account.0)?.map(Known::try_from).transpose()
}

/// How many consents were started before `before`, did not come back, and are
/// still wanted.
///
/// # Errors
/// When the database does not answer.
pub async fn stuck(on: &mut impl Source, before: Micros) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), STUCK, before)?.map_or(0, |(count,)| count))
}
