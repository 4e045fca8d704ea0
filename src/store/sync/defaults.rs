//! What an admin has chosen for everybody's calendars, and what holds for one
//! mailbox. What cannot be read is nobody's choice: nothing is synchronised by it.

use std::collections::BTreeMap;

use postern_core::model::actor::Actor;
use postern_core::model::id::AccountId;
use postern_core::plan::calendar::choices::Choices;
use postern_core::plan::calendar::defaults::Defaults;
use postern_core::plan::calendar::own::Own;
use uuid::Uuid;

use super::choices;
use crate::clock::Micros;
use crate::store::act::Act;
use crate::store::error::StoreError;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    HAD = "SELECT content, version, changed_at, changed_by FROM calendar_defaults WHERE id = 1";
    ADD = "INSERT INTO calendar_defaults (id, content, version, changed_at, changed_by) VALUES (1, $1, 1, $2, $3) \
           ON CONFLICT (id) DO NOTHING";
    CHANGE = "UPDATE calendar_defaults SET content = $1, version = version + 1, changed_at = $2, changed_by = $3 \
              WHERE id = 1 AND version = $4";
    USERS = "SELECT DISTINCT account_id FROM calendar_users WHERE kind <> 'offered'";
}

/// What stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// What was chosen; the built-in defaults where nobody has.
    pub defaults: Defaults,
    /// Counts the changes; 0 while nobody has chosen.
    pub version: i64,
    /// Last change, and by whom.
    pub changed: Option<(Micros, String)>,
}

#[derive(sqlx::FromRow)]
struct Row {
    content: String,
    version: i64,
    changed_at: i64,
    changed_by: String,
}

/// What an admin has chosen.
///
/// # Errors
/// When the database does not answer, or what is stored cannot be read.
pub async fn standing(on: &mut impl Source) -> Result<Standing, StoreError> {
    let Some(row) = fetch_one!(on, Row, HAD)? else { return Ok(Standing::default()) };
    let read: Option<Defaults> = serde_json::from_str(&row.content).ok();
    let defaults = read
        .filter(|defaults| defaults.choices.check().is_ok())
        .ok_or_else(|| StoreError::inconsistent("calendar_defaults", "content"))?;
    Ok(Standing { defaults, version: row.version, changed: Some((row.changed_at, row.changed_by)) })
}

/// What holds for an account.
///
/// # Errors
/// When the database does not answer, or what is stored cannot be read.
pub async fn holding(on: &mut impl Source, account: AccountId) -> Result<Choices, StoreError> {
    let house = standing(on).await?.defaults;
    let own = choices::of(on, account).await?.map(|chosen| {
        let read = Own::parse(&chosen.content).filter(|own| house.over(Some(own)).check().is_ok());
        read.ok_or_else(|| StoreError::inconsistent("calendar_choices", "content"))
    });
    Ok(house.over(own.transpose()?.as_ref()))
}

/// What holds for each mailbox, read at once.
#[derive(Debug, Clone, Default)]
pub struct Everybody {
    house: Defaults,
    // None where nobody can read it.
    own: BTreeMap<AccountId, Option<Own>>,
}

impl Everybody {
    /// What holds for an account; none where nobody can read what it has chosen.
    #[must_use]
    pub fn holds(&self, account: AccountId) -> Option<Choices> {
        match self.own.get(&account) {
            None => Some(self.house.over(None)),
            Some(own) => {
                own.as_ref().map(|own| self.house.over(Some(own))).filter(|held| held.check().is_ok())
            }
        }
    }

    /// Whether anybody may want guests written to events.
    #[must_use]
    pub fn writes_guests(&self) -> bool {
        let mut own = self.own.values().flatten();
        self.house.choices.writes_guests || own.any(|own| self.house.over(Some(own)).writes_guests)
    }
}

/// What holds for everybody.
///
/// # Errors
/// When the database does not answer, or what holds for who has not chosen cannot be read.
pub async fn everybody(on: &mut impl Source) -> Result<Everybody, StoreError> {
    let house = standing(on).await?.defaults;
    let own = choices::all(on).await?.into_iter().map(|(account, text)| (account, Own::parse(&text)));
    Ok(Everybody { house, own: own.collect() })
}

/// Stores what was chosen on the sight of `version` (0 for none); false when somebody was faster.
///
/// # Errors
/// When the database does not answer.
pub async fn put(act: &mut Act, defaults: &Defaults, version: i64, by: &Actor) -> Result<bool, StoreError> {
    let content = serde_json::to_string(defaults)
        .map_err(|_| StoreError::inconsistent("calendar_defaults", "content"))?;
    let now = act.store().clock().now();
    let rows = match version {
        0 => execute!(act, ADD, &content, now, by.label())?,
        _ => execute!(act, CHANGE, &content, now, by.label(), version)?,
    };
    Ok(rows == 1)
}

/// The accounts that use a calendar.
///
/// # Errors
/// When the database does not answer.
pub async fn users(on: &mut impl Source) -> Result<Vec<AccountId>, StoreError> {
    let rows: Vec<(Uuid,)> = fetch_all!(on, (Uuid,), USERS)?;
    Ok(rows.into_iter().map(|(id,)| AccountId(id)).collect())
}
