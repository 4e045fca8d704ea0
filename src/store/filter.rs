//! Lists that a program narrows and orders by its own wish: the only SQL that
//! is put together while running.
//!
//! What goes into the text are columns and operators from the enums here;
//! values are bound. The tests prepare every column with every operator.

mod rows;

use std::fmt::Write as _;

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::api_keys::Reach;
use super::error::StoreError;
use super::sql::{ANSWER, Db, Source, within};

pub use rows::{AccountRow, AuditRow, HoldRow, JobRow, RunRow, TokenRow};

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Mailboxes.
    Accounts,
    /// CRM tokens.
    Tokens,
    /// Rows of the journal.
    Audit,
    /// Recurring work.
    Jobs,
    /// Its last runs.
    Runs,
    /// What waits for a person's word, or has.
    Holds,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A row's identity.
    Id,
    /// A time.
    Time,
    /// A number.
    Number,
}

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

macro_rules! columns {
    ($($list:ident { $($name:ident: $sql:literal, $kind:ident;)* })*) => {
        /// A column of a list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is the column of its name")]
        pub enum Column { $($($name,)*)* }

        impl Column {
            /// Every column.
            pub const ALL: &[Self] = &[$($(Self::$name,)*)*];

            /// Where it stands.
            #[must_use]
            pub fn list(self) -> List {
                match self { $($(Self::$name => List::$list,)*)* }
            }

            /// What it holds.
            #[must_use]
            pub fn kind(self) -> Kind {
                match self { $($(Self::$name => Kind::$kind,)*)* }
            }

            fn sql(self) -> &'static str {
                match self { $($(Self::$name => $sql,)*)* }
            }
        }
    };
}

columns! {
    Accounts {
        AccountId: "a.id", Id;
        AccountAddress: "a.address", Text;
        AccountCrmUser: "a.crm_user", Text;
        AccountProposedUser: "a.proposed_crm_user", Text;
        AccountState: "a.state", Text;
        AccountProposed: "a.proposed_address", Text;
        AccountCreated: "a.created_at", Time;
        AccountChanged: "a.changed_at", Time;
    }
    Tokens {
        TokenId: "t.id", Id;
        TokenAccount: "t.account_id", Id;
        TokenAddress: "a.address", Text;
        TokenName: "t.name", Text;
        TokenProtocols: "t.protocols", Text;
        TokenCreated: "t.created_at", Time;
        TokenExpires: "t.expires_at", Time;
        TokenRevoked: "t.revoked_at", Time;
    }
    Audit {
        AuditNode: "r.node", Text;
        AuditNumber: "r.seq", Number;
        AuditAt: "r.at", Time;
        AuditActor: "r.actor", Text;
        AuditEvent: "r.event", Text;
        AuditReference: "r.request", Text;
    }
    Jobs {
        JobId: "j.id", Id;
        JobName: "j.name", Text;
        JobStatus: "j.status", Text;
        JobStarted: "j.started_at", Time;
        JobEnded: "j.ended_at", Time;
        JobNext: "j.next_at", Time;
        JobCreated: "j.created_at", Time;
    }
    Runs {
        RunId: "u.id", Id;
        RunJob: "u.job_id", Id;
        RunStatus: "u.status", Text;
        RunStarted: "u.started_at", Time;
        RunEnded: "u.ended_at", Time;
    }
    Holds {
        HoldId: "h.id", Id;
        HoldAccount: "h.account_id", Id;
        HoldAddress: "a.address", Text;
        HoldCalendar: "h.calendar_id", Id;
        HoldClass: "h.class", Text;
        HoldCount: "h.count", Number;
        HoldStatus: "h.status", Text;
        HoldOpened: "h.opened_at", Time;
        HoldDecided: "h.decided_at", Time;
        HoldSpent: "h.spent_at", Time;
    }
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

/// A page of the journal, and how many rows there are in all.
///
/// # Errors
/// When the database does not answer.
pub async fn audit(on: &mut impl Source, query: &Query) -> Result<(Vec<AuditRow>, i64), StoreError> {
    both(on, List::Audit, query).await
}

impl List {
    fn parts(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Accounts => (
                "SELECT a.id, a.address, a.crm_user, a.proposed_crm_user, a.state, a.proposed_address, \
                 a.created_at, a.changed_at",
                "FROM accounts a",
                &["a.id"],
            ),
            Self::Tokens => (
                "SELECT t.id, t.account_id, a.address, t.name, t.protocols, t.created_at, t.expires_at, \
                 t.revoked_at",
                "FROM crm_tokens t JOIN accounts a ON a.id = t.account_id",
                &["t.id"],
            ),
            Self::Audit => (
                "SELECT r.node, r.seq, r.at, r.actor, r.event, r.detail, r.request",
                "FROM audit r",
                &["r.seq", "r.node"],
            ),
            Self::Jobs => (
                "SELECT j.id, j.name, j.beat, j.status, j.disabled_at, j.wanted_at, j.started_at, j.ended_at, \
                 j.next_at, j.created_at",
                "FROM jobs j",
                &["j.id"],
            ),
            Self::Runs => (
                "SELECT u.id, u.job_id, u.status, u.started_at, u.ended_at, u.count, u.fault, u.node, u.asked_by",
                "FROM job_runs u",
                &["u.id"],
            ),
            Self::Holds => (
                "SELECT h.id, h.account_id, a.address, h.calendar_id, h.class, h.count, h.status, h.opened_at, \
                 h.decided_at, h.decided_by, h.spent_at",
                "FROM holds h JOIN accounts a ON a.id = h.account_id",
                &["h.id"],
            ),
        }
    }
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
        if reach.is_all() {
            return;
        }
        self.say(" AND (1 = 0");
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
    // Neither journal nor jobs belong to a mailbox: who is limited to some does not come there.
    if matches!(list, List::Accounts | List::Tokens | List::Holds) {
        text.reach(&query.reach);
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
