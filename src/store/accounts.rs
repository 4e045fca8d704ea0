//! Accounts: one Google identity each.

use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::change::Change;
use postern_core::model::id::AccountId;
use uuid::Uuid;

use super::act::{Act, Batch};
use super::contacts;
use super::crm_absent;
use super::error::StoreError;
use super::outbox;
use super::pattern::containing;
use super::sql::{Source, Write, execute, fetch_all, fetch_one, statements};
use super::sync;
use crate::clock::Micros;

statements! {
    INSERT = "INSERT INTO accounts (id, address, crm_user, state, throttled_until, created_at, changed_at) \
              VALUES ($1, $2, $3, $4, 0, $5, $5)";
    BY_ID = "SELECT id, address, crm_user, proposed_crm_user, unapproved, program_disabled, state, sub, \
             proposed_address, noted, throttled_until, created_at, changed_at FROM accounts WHERE id = $1";
    BY_ADDRESS = "SELECT id, address, crm_user, proposed_crm_user, unapproved, program_disabled, state, sub, \
                  proposed_address, noted, throttled_until, created_at, changed_at FROM accounts WHERE address = $1";
    BY_ALIAS = "SELECT a.id, a.address, a.crm_user, a.proposed_crm_user, a.unapproved, a.program_disabled, \
                a.state, a.sub, a.proposed_address, a.noted, a.throttled_until, a.created_at, a.changed_at \
                FROM accounts a JOIN aliases l ON l.account_id = a.id WHERE l.address = $1";
    BY_SUB = "SELECT id, address, crm_user, proposed_crm_user, unapproved, program_disabled, state, sub, \
              proposed_address, noted, throttled_until, created_at, changed_at FROM accounts WHERE sub = $1";
    ALL = "SELECT id, address, crm_user, proposed_crm_user, unapproved, program_disabled, state, sub, \
           proposed_address, noted, throttled_until, created_at, changed_at FROM accounts WHERE address > $1 ORDER BY address LIMIT 500";
    PAGE = "SELECT id, address, crm_user, proposed_crm_user, unapproved, program_disabled, state, sub, \
            proposed_address, noted, throttled_until, created_at, changed_at, (SELECT count(*) FROM crm_tokens t WHERE t.account_id = accounts.id \
            AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $3)) AS tokens FROM accounts \
            WHERE (address LIKE $1 ESCAPE '!' OR lower(coalesce(crm_user, '')) LIKE $1 ESCAPE '!') \
            AND ($2 = '' OR state = $2) ORDER BY address LIMIT $4 OFFSET $5";
    MATCHING = "SELECT count(*) FROM accounts \
                WHERE (address LIKE $1 ESCAPE '!' OR lower(coalesce(crm_user, '')) LIKE $1 ESCAPE '!') \
                AND ($2 = '' OR state = $2)";
    COUNTS = "SELECT state, count(*) FROM accounts GROUP BY state";
    // Takes the row's lock: what is decided from it holds until the commit.
    LOCK = "UPDATE accounts SET state = state WHERE id = $1 RETURNING id, address, crm_user, \
            proposed_crm_user, unapproved, program_disabled, state, sub, proposed_address, noted, throttled_until, created_at, changed_at";
    SET_STATE = "UPDATE accounts SET state = $2, changed_at = $3, program_disabled = $4 WHERE id = $1";
    SET_SUB = "UPDATE accounts SET sub = $2, changed_at = $3 WHERE id = $1";
    SET_CRM_USER = "UPDATE accounts SET crm_user = $2, proposed_crm_user = NULL, changed_at = $3 WHERE id = $1";
    PROPOSE = "UPDATE accounts SET proposed_address = $2, changed_at = $3 WHERE id = $1";
    RENAME = "UPDATE accounts SET address = $2, proposed_address = NULL, changed_at = $3 WHERE id = $1";
    REMOVE = "DELETE FROM accounts WHERE id = $1";
    NOTE = "UPDATE accounts SET noted = $2 WHERE id = $1";
    THROTTLE = "UPDATE accounts SET throttled_until = $2 WHERE id = $1";
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Identity.
    pub id: AccountId,
    /// The mailbox.
    pub address: Address,
    /// The CRM user it belongs to; none for a shared mailbox.
    pub crm_user: Option<String>,
    /// The one that a program names; an admin decides.
    pub proposed_crm_user: Option<String>,
    /// A program registered it, and no admin has approved it.
    pub unapproved: bool,
    /// A program disabled it, and may enable it again.
    pub program_disabled: bool,
    /// Where it stands.
    pub state: State,
    /// Google's identity of the person, pinned by the first consent.
    pub sub: Option<String>,
    /// The address Google shows now; an admin has to confirm it.
    pub proposed_address: Option<Address>,
    /// Gmail's own words when it last refused the mailbox.
    pub noted: Option<String>,
    /// Gmail said "too many connections": no new session before.
    pub throttled_until: Micros,
    /// Registered.
    pub created_at: Micros,
    /// Last change.
    pub changed_at: Micros,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    address: String,
    crm_user: Option<String>,
    proposed_crm_user: Option<String>,
    unapproved: bool,
    program_disabled: bool,
    state: String,
    sub: Option<String>,
    proposed_address: Option<String>,
    noted: Option<String>,
    throttled_until: i64,
    created_at: i64,
    changed_at: i64,
}

impl TryFrom<Row> for Account {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |what: &dyn std::fmt::Display| {
            StoreError::inconsistent("accounts", format!("{}: {what}", row.id))
        };
        Ok(Self {
            id: AccountId(row.id),
            address: Address::parse(&row.address).map_err(|e| wrong(&e))?,
            state: row.state.parse().map_err(|e| wrong(&e))?,
            proposed_address: row
                .proposed_address
                .as_deref()
                .map(Address::parse)
                .transpose()
                .map_err(|e| wrong(&e))?,
            crm_user: row.crm_user,
            proposed_crm_user: row.proposed_crm_user,
            unapproved: row.unapproved,
            program_disabled: row.program_disabled,
            sub: row.sub,
            noted: row.noted,
            throttled_until: row.throttled_until,
            created_at: row.created_at,
            changed_at: row.changed_at,
        })
    }
}

/// Registers an account. The caller has looked for the address among aliases.
///
/// # Errors
/// `Conflict` when the address is registered.
pub async fn insert(
    act: &mut Act,
    address: &Address,
    crm_user: Option<&str>,
    state: State,
) -> Result<Account, StoreError> {
    let store = act.store();
    let id = AccountId(store.dice().id(store.clock())?);
    execute!(act, INSERT, id.0, address.as_str(), crm_user, state.name(), store.clock().now())?;
    act.tell(Change::Account(id));
    by_id(act, id).await?.ok_or_else(|| StoreError::inconsistent("accounts", id))
}

/// The account of that identity.
///
/// # Errors
/// When the database does not answer.
pub async fn by_id(on: &mut impl Source, id: AccountId) -> Result<Option<Account>, StoreError> {
    fetch_one!(on, Row, BY_ID, id.0)?.map(Account::try_from).transpose()
}

/// The account of that identity, which nobody else changes before the act
/// ends: a new state is decided from this.
///
/// # Errors
/// When the database does not answer.
pub async fn locked(act: &mut Act, id: AccountId) -> Result<Option<Account>, StoreError> {
    fetch_one!(act, Row, LOCK, id.0)?.map(Account::try_from).transpose()
}

/// The account with that address, aliases not considered.
///
/// # Errors
/// When the database does not answer.
pub async fn by_address(on: &mut impl Source, address: &Address) -> Result<Option<Account>, StoreError> {
    fetch_one!(on, Row, BY_ADDRESS, address.as_str())?.map(Account::try_from).transpose()
}

/// The account that has this alias.
///
/// # Errors
/// When the database does not answer.
pub async fn by_alias(on: &mut impl Source, address: &Address) -> Result<Option<Account>, StoreError> {
    fetch_one!(on, Row, BY_ALIAS, address.as_str())?.map(Account::try_from).transpose()
}

/// The account of that Google identity.
///
/// # Errors
/// When the database does not answer.
pub async fn by_sub(on: &mut impl Source, sub: &str) -> Result<Option<Account>, StoreError> {
    fetch_one!(on, Row, BY_SUB, sub)?.map(Account::try_from).transpose()
}

/// All accounts, by address.
///
/// # Errors
/// When the database does not answer.
pub async fn all(on: &mut impl Source) -> Result<Vec<Account>, StoreError> {
    let mut out: Vec<Account> = Vec::new();
    loop {
        let last = out.last().map(|a| a.address.to_string()).unwrap_or_default();
        let page = fetch_all!(on, Row, ALL, &last)?;
        if page.is_empty() {
            return Ok(out);
        }
        for row in page {
            out.push(row.try_into()?);
        }
    }
}

/// What to look for among the accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// A piece of the address or of the CRM user's id; empty for all.
    pub text: String,
    /// Where they stand; none for all.
    pub state: Option<State>,
}

impl Search {
    fn state(&self) -> &'static str {
        self.state.map_or("", State::name)
    }
}

/// An account in a list, with its CRM tokens that may log in now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The account.
    pub account: Account,
    /// How many tokens may log in.
    pub tokens: i64,
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    tokens: i64,
    #[sqlx(flatten)]
    row: Row,
}

/// A page of what was looked for, by address, and how many there are in all.
///
/// # Errors
/// When the database does not answer.
pub async fn page(
    on: &mut impl Source,
    search: &Search,
    now: Micros,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Listed>, i64), StoreError> {
    let (pattern, state) = (containing(&search.text), search.state());
    let rows = fetch_all!(on, ListedRow, PAGE, &pattern, state, now, limit, offset)?;
    let all = fetch_one!(on, (i64,), MATCHING, &pattern, state)?.map_or(0, |(count,)| count);
    let listed = |row: ListedRow| Ok(Listed { tokens: row.tokens, account: row.row.try_into()? });
    Ok((rows.into_iter().map(listed).collect::<Result<_, StoreError>>()?, all))
}

/// How many accounts stand in each state; states without any are missing.
///
/// # Errors
/// When the database does not answer.
pub async fn counts(on: &mut impl Source) -> Result<Vec<(State, i64)>, StoreError> {
    let rows: Vec<(String, i64)> = fetch_all!(on, (String, i64), COUNTS)?;
    let read = |(state, count): (String, i64)| {
        state.parse().map(|state| (state, count)).map_err(|e| StoreError::inconsistent("accounts", e))
    };
    rows.into_iter().map(read).collect()
}

/// Stores a state that `model::account` has allowed, and that people are to be
/// told where the owner has to act.
///
/// # Errors
/// When the database does not answer.
pub async fn set_state(act: &mut Act, id: AccountId, state: State) -> Result<(), StoreError> {
    let now = act.store().clock().now();
    execute!(act, SET_STATE, id.0, state.name(), now, false)?;
    outbox::account_is(act, id, state).await?;
    if state == State::Active {
        // Runs that found nobody connected have made long pauses.
        sync::calendars::wake_all(act, Some(id), now).await?;
    }
    act.tell(Change::Account(id));
    Ok(())
}

/// Pins Google's identity.
///
/// # Errors
/// `Conflict` when another account has it.
pub async fn set_sub(act: &mut Act, id: AccountId, sub: &str) -> Result<(), StoreError> {
    let now = act.store().clock().now();
    execute!(act, SET_SUB, id.0, sub, now)?;
    act.tell(Change::Account(id));
    Ok(())
}

/// Says whose mailbox it is in the CRM; nobody else is proposed any more.
///
/// # Errors
/// When the database does not answer.
pub async fn set_crm_user(act: &mut Act, id: AccountId, crm_user: Option<&str>) -> Result<(), StoreError> {
    let now = act.store().clock().now();
    execute!(act, SET_CRM_USER, id.0, crm_user, now)?;
    // Whether the CRM has the new one nobody has asked yet.
    crm_absent::take(act, id).await?;
    // Records of a user whom nobody was were not kept.
    sync::crm_cursors::restart(act).await?;
    act.tell(Change::Account(id));
    Ok(())
}

/// Keeps a new address until an admin confirms it.
///
/// # Errors
/// When the database does not answer.
pub async fn propose(act: &mut Act, id: AccountId, address: &Address) -> Result<(), StoreError> {
    let now = act.store().clock().now();
    execute!(act, PROPOSE, id.0, address.as_str(), now)?;
    Ok(())
}

/// Gives the account its new address.
///
/// # Errors
/// `Conflict` when the address is registered.
pub async fn rename(act: &mut Act, id: AccountId, address: &Address) -> Result<(), StoreError> {
    let now = act.store().clock().now();
    execute!(act, RENAME, id.0, address.as_str(), now)?;
    act.tell(Change::Account(id));
    Ok(())
}

/// Removes the account with its grant, tokens, aliases and links, and what was
/// seen for nobody else.
///
/// # Errors
/// When the database does not answer.
pub async fn remove(act: &mut Act, id: AccountId) -> Result<(), StoreError> {
    sync::owners::hand_down(act, id).await?;
    execute!(act, REMOVE, id.0)?;
    sync::calendars::forget_unused(act).await?;
    sync::takers::forget_unused(act).await?;
    sync::crm_seen::forget_unused(act).await?;
    contacts::cards::forget_unused(act).await?;
    act.tell(Change::Account(id));
    Ok(())
}

/// Notes Gmail's words of a refusal, or that a session was opened again.
///
/// # Errors
/// When the database does not answer.
pub async fn note(batch: &mut Batch, id: AccountId, words: Option<&str>) -> Result<(), StoreError> {
    execute!(batch, NOTE, id.0, words)?;
    Ok(())
}

/// No new session before `until`.
///
/// # Errors
/// When the database does not answer.
pub async fn throttle(batch: &mut Batch, id: AccountId, until: Micros) -> Result<(), StoreError> {
    execute!(batch, THROTTLE, id.0, until)?;
    Ok(())
}
