//! Which user sees which calendar, and what for.

use postern_core::model::id::{AccountId, CalendarId};
use uuid::Uuid;

use crate::clock::Micros;
use crate::store::act::{Act, Batch};
use crate::store::error::StoreError;
use crate::store::sql::{Source, Write, execute, fetch_all, statements};

statements! {
    PUT = "INSERT INTO calendar_users (id, account_id, calendar_id, kind, role, active, created_at, modified_at) \
           VALUES ($1, $2, $3, 'offered', $4, 1, $5, $5) ON CONFLICT (account_id, calendar_id) DO UPDATE \
           SET role = excluded.role, active = 1, modified_at = excluded.modified_at \
           WHERE calendar_users.role <> excluded.role OR calendar_users.active = 0";
    GONE = "UPDATE calendar_users SET active = 0, modified_at = $3 WHERE account_id = $1 AND calendar_id = $2 \
            AND active = 1";
    OF_ACCOUNT = "SELECT id, account_id, calendar_id, kind, role, active, last_sync, created_at, modified_at \
                  FROM calendar_users WHERE account_id = $1 ORDER BY id LIMIT 5000";
    OF_CALENDAR = "SELECT id, account_id, calendar_id, kind, role, active, last_sync, created_at, modified_at \
                   FROM calendar_users WHERE calendar_id = $1 AND active = 1 AND kind <> 'offered' \
                   ORDER BY CASE kind WHEN 'main' THEN 0 WHEN 'leaving' THEN 2 ELSE 1 END, id LIMIT 1000";
    CRM_USERS = "SELECT DISTINCT a.crm_user FROM calendar_users u JOIN accounts a ON a.id = u.account_id \
                 WHERE u.kind <> 'offered' AND u.active = 1 AND a.crm_user IS NOT NULL";
    CONNECTED = "SELECT DISTINCT a.address, a.crm_user FROM calendar_users u JOIN accounts a ON a.id = u.account_id \
                 WHERE u.kind <> 'offered' AND u.active = 1 AND a.state = 'active' AND NOT EXISTS (SELECT 1 FROM \
                 switched_off s WHERE s.account_id = a.id AND s.product = 'calendar') AND NOT EXISTS (SELECT 1 FROM \
                 crm_absent c WHERE c.account_id = a.id)";
    HOMES = "SELECT a.crm_user, u.account_id, u.calendar_id, u.role FROM calendar_users u \
             JOIN accounts a ON a.id = u.account_id WHERE u.kind = 'main' AND u.active = 1 AND a.state = 'active' \
             AND a.crm_user IS NOT NULL AND NOT EXISTS (SELECT 1 FROM switched_off s WHERE s.account_id = a.id \
             AND s.product = 'calendar') AND NOT EXISTS (SELECT 1 FROM crm_absent c WHERE c.account_id = a.id) ORDER BY u.id DESC";
    MAINS = "SELECT DISTINCT u.account_id, a.crm_user FROM calendar_users u JOIN accounts a ON a.id = u.account_id \
             WHERE u.kind = 'main' AND u.active = 1 AND a.crm_user IS NOT NULL";
    CLEAR = "UPDATE calendar_users SET kind = 'offered', modified_at = $2 WHERE account_id = $1 AND kind <> 'offered'";
    CHOOSE = "UPDATE calendar_users SET kind = $3, modified_at = $4 WHERE account_id = $1 AND calendar_id = $2";
    LEAVE = "UPDATE calendar_users SET kind = 'leaving', modified_at = $3 WHERE account_id = $1 AND calendar_id = $2";
    // Nothing of it waits to be removed any more.
    LEFT = "UPDATE calendar_users SET kind = 'offered', modified_at = $1 WHERE kind = 'leaving' AND NOT EXISTS \
            (SELECT 1 FROM undos o WHERE o.calendar_id = calendar_users.calendar_id \
            AND o.account_id = calendar_users.account_id AND o.state = 'waiting')";
    SYNCED = "UPDATE calendar_users SET last_sync = $2 WHERE calendar_id = $1 AND active = 1 AND kind <> 'offered'";
}

/// What a calendar is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Google lists it; it is not used.
    Offered,
    /// New events go there, and it is read.
    Main,
    /// It is read, and written only for events that are linked.
    Monitored,
    /// It is not used any more; what was made in it is being removed.
    Leaving,
}

impl Kind {
    /// The word in the store and the REST API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Main => "main",
            Self::Monitored => "monitored",
            Self::Leaving => "leaving",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let all = [Self::Offered, Self::Main, Self::Monitored, Self::Leaving];
        all.into_iter().find(|kind| kind.name() == word)
    }
}

/// Where new events of a user of the CRM go.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Home {
    /// The user of the CRM.
    pub crm_user: String,
    /// Through which account.
    pub account_id: Uuid,
    /// Into which calendar.
    pub calendar_id: Uuid,
    /// Google's word for what the account may do there.
    pub role: String,
}

/// A user's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarUser {
    /// Identity.
    pub id: Uuid,
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub calendar: CalendarId,
    /// What for.
    pub kind: Kind,
    /// Google's word for what the user may do there.
    pub role: String,
    /// Whether Google still lists it.
    pub active: bool,
    /// When it was last brought in step.
    pub last_sync: Option<Micros>,
    /// When it was first listed.
    pub created_at: Micros,
    /// Last change.
    pub modified_at: Micros,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    account_id: Uuid,
    calendar_id: Uuid,
    kind: String,
    role: String,
    active: i64,
    last_sync: Option<i64>,
    created_at: i64,
    modified_at: i64,
}

impl TryFrom<Row> for CalendarUser {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            kind: Kind::parse(&row.kind).ok_or_else(|| StoreError::inconsistent("calendar_users", "kind"))?,
            id: row.id,
            account: AccountId(row.account_id),
            calendar: CalendarId(row.calendar_id),
            role: row.role,
            active: row.active != 0,
            last_sync: row.last_sync,
            created_at: row.created_at,
            modified_at: row.modified_at,
        })
    }
}

/// Takes over that Google lists the calendar for the account, with this role.
///
/// # Errors
/// When the database does not answer.
pub async fn put(
    on: &mut impl Write,
    account: AccountId,
    calendar: CalendarId,
    role: &str,
) -> Result<(), StoreError> {
    let store = on.store();
    let (id, now) = (store.dice().id(store.clock())?, store.clock().now());
    execute!(on, PUT, id, account.0, calendar.0, role, now)?;
    Ok(())
}

/// Notes that Google does not list it for the account any more.
///
/// # Errors
/// When the database does not answer.
pub async fn gone(on: &mut impl Write, account: AccountId, calendar: CalendarId) -> Result<bool, StoreError> {
    let now = on.store().clock().now();
    Ok(execute!(on, GONE, account.0, calendar.0, now)? == 1)
}

/// Every calendar of an account.
///
/// # Errors
/// When the database does not answer.
pub async fn of_account(on: &mut impl Source, account: AccountId) -> Result<Vec<CalendarUser>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF_ACCOUNT, account.0)?;
    rows.into_iter().map(CalendarUser::try_from).collect()
}

/// Everybody who uses a calendar, whose main one it is first, then the oldest.
///
/// # Errors
/// When the database does not answer.
pub async fn of_calendar(
    on: &mut impl Source,
    calendar: CalendarId,
) -> Result<Vec<CalendarUser>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF_CALENDAR, calendar.0)?;
    rows.into_iter().map(CalendarUser::try_from).collect()
}

/// The CRM users who use a calendar.
///
/// # Errors
/// When the database does not answer.
pub async fn crm_users(on: &mut impl Source) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = fetch_all!(on, (String,), CRM_USERS)?;
    Ok(rows.into_iter().map(|(user,)| user).collect())
}

/// Everybody who is connected and uses a calendar: the address, and who that is in the CRM.
///
/// # Errors
/// When the database does not answer.
pub async fn connected(on: &mut impl Source) -> Result<Vec<(String, Option<String>)>, StoreError> {
    fetch_all!(on, (String, Option<String>), CONNECTED)
}

/// Makes these the calendars that the account uses; false when one of them is
/// not the account's own.
///
/// # Errors
/// When the database does not answer.
pub async fn choose(
    act: &mut Act,
    account: AccountId,
    main: Option<CalendarId>,
    monitored: &[CalendarId],
) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    execute!(act, CLEAR, account.0, now)?;
    let monitored = monitored.iter().filter(|calendar| Some(**calendar) != main);
    let kinds =
        monitored.map(|calendar| (*calendar, Kind::Monitored)).chain(main.map(|main| (main, Kind::Main)));
    for (calendar, kind) in kinds {
        if execute!(act, CHOOSE, account.0, calendar.0, kind.name(), now)? != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Has a calendar run for the account until what was made in it is removed, and no longer.
///
/// # Errors
/// When the database does not answer.
pub async fn leave(act: &mut Act, account: AccountId, calendar: CalendarId) -> Result<(), StoreError> {
    let now = act.store().clock().now();
    execute!(act, LEAVE, account.0, calendar.0, now)?;
    Ok(())
}

/// Calendars in which nothing waits to be removed any more are not run for that any more.
///
/// # Errors
/// When the database does not answer.
pub async fn left(batch: &mut Batch) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, LEFT, now)?;
    Ok(())
}

/// Notes that a calendar was brought in step.
///
/// # Errors
/// When the database does not answer.
pub async fn synced(batch: &mut Batch, calendar: CalendarId) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, SYNCED, calendar.0, now)?;
    Ok(())
}

/// Everybody who has a main calendar, connected or not, and who that is in the CRM.
///
/// # Errors
/// When the database does not answer.
pub async fn mains(on: &mut impl Source) -> Result<Vec<(AccountId, String)>, StoreError> {
    let rows: Vec<(Uuid, String)> = fetch_all!(on, (Uuid, String), MAINS)?;
    Ok(rows.into_iter().map(|(account, user)| (AccountId(account), user)).collect())
}

/// The main calendars of everybody who is connected; of two of one user the older one comes last.
///
/// # Errors
/// When the database does not answer.
pub async fn homes(on: &mut impl Source) -> Result<Vec<Home>, StoreError> {
    fetch_all!(on, Home, HOMES)
}
