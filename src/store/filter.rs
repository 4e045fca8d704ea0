//! Lists that a program narrows and orders by its own wish: the only SQL that
//! is put together while running.
//!
//! What goes into the text are columns and operators from the enums here;
//! values are bound. The tests prepare every column with every operator.

mod columns;
mod rows;

use std::fmt::Write as _;

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::api_keys::Reach;
use super::error::StoreError;
use super::open::Store;
use super::sql::{ANSWER, Db, Source, within};

pub use columns::{Column, Kind, List};
pub use rows::{
    AccountRow, AuditRow, CalendarRow, CalendarUserRow, ContactGroupRow, ContactPairRow, ContactUserRow,
    HoldRow, JobRow, RunRow, TokenRow,
};

/// A value to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Of a text column.
    Text(String),
    /// Of an identity.
    Id(Uuid),
    /// Of a time, or of a number.
    Number(i64),
}

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// The same.
    Equals,
    /// Another one; nothing is no other one.
    NotEquals,
    /// One of several.
    In,
    /// Text with this piece, in capitals or not.
    Contains,
    /// Later, or more.
    After,
    /// Earlier, or less.
    Before,
    /// From the first to the second, both included.
    Between,
    /// Nothing stands there.
    IsNull,
    /// Something stands there.
    IsNotNull,
}

impl Operator {
    /// Every operator.
    pub const ALL: &[Self] = &[
        Self::Equals,
        Self::NotEquals,
        Self::In,
        Self::Contains,
        Self::After,
        Self::Before,
        Self::Between,
        Self::IsNull,
        Self::IsNotNull,
    ];

    /// Whether columns of this kind can be compared so.
    #[must_use]
    pub fn fits(self, kind: Kind) -> bool {
        match self {
            Self::Contains => kind == Kind::Text,
            Self::After | Self::Before | Self::Between => matches!(kind, Kind::Time | Kind::Number),
            Self::Equals | Self::NotEquals | Self::In | Self::IsNull | Self::IsNotNull => true,
        }
    }

    /// How many values it takes; `None` for one or more.
    #[must_use]
    pub fn takes(self) -> Option<usize> {
        match self {
            Self::Equals | Self::NotEquals | Self::Contains | Self::After | Self::Before => Some(1),
            Self::Between => Some(2),
            Self::IsNull | Self::IsNotNull => Some(0),
            Self::In => None,
        }
    }
}

/// A condition; its values fit its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition<C = Column> {
    /// One column.
    Is {
        /// The column.
        column: C,
        /// How it is compared.
        operator: Operator,
        /// With what.
        values: Vec<Value>,
    },
    /// All of them.
    All(Vec<Self>),
    /// One of them.
    Any(Vec<Self>),
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Which rows.
    pub condition: Condition,
    /// Only these mailboxes.
    pub reach: Reach,
    /// By what they are ordered.
    pub order: Column,
    /// The last first.
    pub descending: bool,
    /// At most so many.
    pub limit: i64,
    /// After so many.
    pub offset: i64,
}

/// A page of jobs, and how many there are in all.
///
/// # Errors
/// When the database does not answer.
pub async fn jobs(on: &mut impl Source, query: &Query) -> Result<(Vec<JobRow>, i64), StoreError> {
    both(on, List::Jobs, query).await
}

/// A page of runs, and how many there are in all.
///
/// # Errors
/// When the database does not answer.
pub async fn runs(on: &mut impl Source, query: &Query) -> Result<(Vec<RunRow>, i64), StoreError> {
    both(on, List::Runs, query).await
}

/// A page of holds, and how many there are in all.
///
/// # Errors
/// When the database does not answer.
pub async fn holds(on: &mut impl Source, query: &Query) -> Result<(Vec<HoldRow>, i64), StoreError> {
    both(on, List::Holds, query).await
}

/// A page of mailboxes, and how many there are in all.
///
/// # Errors
/// When the database does not answer.
pub async fn accounts(on: &mut impl Source, query: &Query) -> Result<(Vec<AccountRow>, i64), StoreError> {
    both(on, List::Accounts, query).await
}

/// A page of CRM tokens, and how many there are in all.
///
/// # Errors
/// When the database does not answer.
pub async fn tokens(on: &mut impl Source, query: &Query) -> Result<(Vec<TokenRow>, i64), StoreError> {
    both(on, List::Tokens, query).await
}

/// A page of calendars, and how many there are in all.
///
/// # Errors
/// When the database does not answer, or a name does not open.
pub async fn calendars(
    store: &Store,
    on: &mut impl Source,
    query: &Query,
) -> Result<(Vec<CalendarRow>, i64), StoreError> {
    let (rows, all): (Vec<rows::SealedCalendar>, i64) = both(on, List::Calendars, query).await?;
    Ok((rows.into_iter().map(|row| row.opened(store)).collect::<Result<_, _>>()?, all))
}

/// A page of calendars with who uses them, and how many there are in all.
///
/// # Errors
/// When the database does not answer.
pub async fn calendar_users(
    on: &mut impl Source,
    query: &Query,
) -> Result<(Vec<CalendarUserRow>, i64), StoreError> {
    both(on, List::CalendarUsers, query).await
}

/// A page of groups of contacts, and how many there are in all.
///
/// # Errors
/// When the database does not answer, or a name does not open.
pub async fn contact_groups(
    store: &Store,
    on: &mut impl Source,
    query: &Query,
) -> Result<(Vec<ContactGroupRow>, i64), StoreError> {
    let (rows, all): (Vec<rows::SealedContactGroup>, i64) = both(on, List::ContactGroups, query).await?;
    Ok((rows.into_iter().map(|row| row.opened(store)).collect::<Result<_, _>>()?, all))
}

/// A page of groups of contacts with who uses them, and how many there are in all.
///
/// # Errors
/// When the database does not answer.
pub async fn contact_users(
    on: &mut impl Source,
    query: &Query,
) -> Result<(Vec<ContactUserRow>, i64), StoreError> {
    both(on, List::ContactUsers, query).await
}

/// A page of people and records that are one, and how many there are in all.
///
/// # Errors
/// When the database does not answer, or what was seen of a person does not open.
pub async fn contact_pairs(
    store: &Store,
    on: &mut impl Source,
    query: &Query,
) -> Result<(Vec<ContactPairRow>, i64), StoreError> {
    let (rows, all): (Vec<rows::SealedContactPair>, i64) = both(on, List::ContactPairs, query).await?;
    Ok((rows.into_iter().map(|row| row.opened(store)).collect::<Result<_, _>>()?, all))
}

/// A page of the journal, and how many rows there are in all.
///
/// # Errors
/// When the database does not answer.
pub async fn audit(on: &mut impl Source, query: &Query) -> Result<(Vec<AuditRow>, i64), StoreError> {
    both(on, List::Audit, query).await
}

#[derive(Default)]
struct Text {
    sql: String,
    values: Vec<Value>,
}

impl Text {
    fn say(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    fn bind(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        // Writing to a String cannot fail.
        let _ = write!(self.sql, "${}", self.values.len());
        self
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Is { column, operator, values } => self.is(*column, *operator, values),
            Condition::All(parts) => self.joined(parts, " AND ", "1 = 1"),
            Condition::Any(parts) => self.joined(parts, " OR ", "1 = 0"),
        }
    }

    fn joined(&mut self, parts: &[Condition], between: &str, empty: &str) {
        self.say("(");
        for (at, part) in parts.iter().enumerate() {
            self.say(if at > 0 { between } else { "" }).condition(part);
        }
        self.say(if parts.is_empty() { empty } else { "" }).say(")");
    }

    fn is(&mut self, column: Column, operator: Operator, values: &[Value]) {
        let mut values = values.iter().cloned();
        let mut next = || values.next().unwrap_or(Value::Number(0));
        let name = column.sql();
        match operator {
            Operator::Equals => self.say(name).say(" = ").bind(next()),
            Operator::NotEquals => self.say(name).say(" <> ").bind(next()),
            Operator::After => self.say(name).say(" > ").bind(next()),
            Operator::Before => self.say(name).say(" < ").bind(next()),
            Operator::Between => self.say(name).say(" BETWEEN ").bind(next()).say(" AND ").bind(next()),
            Operator::IsNull => self.say(name).say(" IS NULL"),
            Operator::IsNotNull => self.say(name).say(" IS NOT NULL"),
            Operator::Contains => {
                let piece = match next() {
                    Value::Text(text) => format!("%{}%", literal(&text)),
                    Value::Id(_) | Value::Number(_) => String::new(),
                };
                // Both sides by the database: SQLite folds ASCII only.
                self.say("lower(").say(name).say(") LIKE lower(").bind(Value::Text(piece)).say(") ESCAPE '!'")
            }
            Operator::In => {
                self.say(name).say(" IN (").bind(next());
                for value in values {
                    self.say(", ").bind(value);
                }
                self.say(")")
            }
        };
    }

    fn reach(&mut self, reach: &Reach) {
        self.say("(1 = 0");
        for domain in &reach.domains {
            let pattern = Value::Text(format!("%@{}", literal(domain)));
            self.say(" OR a.address LIKE ").bind(pattern).say(" ESCAPE '!'");
        }
        for account in &reach.accounts {
            self.say(" OR a.id = ").bind(Value::Id(account.0));
        }
        self.say(")");
    }
}

// The wildcards of LIKE stand for themselves.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '!') {
            out.push('!');
        }
        out.push(letter);
    }
    out
}

fn narrowed(list: List, query: &Query) -> Text {
    let mut text = Text::default();
    text.say(list.parts().1).say(" WHERE ").condition(&query.condition);
    if query.reach.is_all() {
        return text;
    }
    match list {
        List::Accounts
        | List::Tokens
        | List::CalendarUsers
        | List::Holds
        | List::ContactGroups
        | List::ContactUsers
        | List::ContactPairs => {
            text.say(" AND ").reach(&query.reach);
        }
        List::Calendars => {
            text.say(
                " AND EXISTS (SELECT 1 FROM calendar_users s JOIN accounts a ON a.id = s.account_id \
                 WHERE s.calendar_id = c.id AND ",
            )
            .reach(&query.reach);
            text.say(")");
        }
        // Neither belongs to a mailbox: who is limited to some does not come there.
        List::Audit | List::Jobs | List::Runs => {}
    }
    text
}

fn page(list: List, query: &Query) -> Text {
    let (select, _, last) = list.parts();
    let mut text = narrowed(list, query);
    text.sql = format!("{select} {} ORDER BY {}", text.sql, query.order.sql());
    for column in last {
        text.say(if query.descending { " DESC, " } else { ", " }).say(column);
    }
    text.say(if query.descending { " DESC" } else { "" });
    text.say(" LIMIT ").bind(Value::Number(query.limit)).say(" OFFSET ").bind(Value::Number(query.offset));
    text
}

fn count(list: List, query: &Query) -> Text {
    let mut text = narrowed(list, query);
    text.sql = format!("SELECT count(*) {}", text.sql);
    text
}

/// The two statements of a list, for the test that prepares them.
#[must_use]
pub fn texts(list: List, query: &Query) -> [String; 2] {
    [page(list, query).sql, count(list, query).sql]
}

macro_rules! run {
    ($on:expr, $row:ty, $text:expr) => {{
        let Text { sql, values } = $text;
        macro_rules! ask {
            ($c:expr) => {{
                #[expect(clippy::disallowed_methods, reason = "put together from enums; values are bound")]
                let mut query = sqlx::query_as::<_, $row>(AssertSqlSafe(sql));
                for value in values {
                    query = match value {
                        Value::Text(text) => query.bind(text),
                        Value::Id(id) => query.bind(id),
                        Value::Number(number) => query.bind(number),
                    };
                }
                within(ANSWER, query.fetch_all($c)).await
            }};
        }
        match $on.db() {
            Db::Sqlite(c) => ask!(c),
            Db::Postgres(c) => ask!(c),
        }
    }};
}

async fn both<R>(on: &mut impl Source, list: List, query: &Query) -> Result<(Vec<R>, i64), StoreError>
where
    R: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>
        + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>
        + Send
        + Unpin,
{
    let rows: Vec<R> = run!(on, R, page(list, query))?;
    let all: Vec<(i64,)> = run!(on, (i64,), count(list, query))?;
    Ok((rows, all.first().map_or(0, |(count,)| *count)))
}
