//! What people are to be told: one row for each change of state and audience.
//!
//! A row is written by the transaction that changes the state. Whoever tells it
//! claims it first, for a while: a process that dies in between leaves it to
//! the next one when that while is over, so a message is sent at least once,
//! and twice only then. A row is dropped when what it says is over before it
//! was told. Times are the database's: nodes whose clocks differ agree.

use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::id::{AccountId, ClientId, TokenId};
use postern_core::model::refusal::Cause;
use uuid::Uuid;

use super::act::{Act, Batch};
use super::error::StoreError;
use super::letters::{self, Issuer};
use super::open::Store;
use super::sql::{Source, Write, execute, fetch_all, fetch_one, statements};
use super::{dialect, help_refs};
use crate::clock::{Micros, micros};

/// For how long the page behind a reference is there.
const REFERENCE: Duration = Duration::from_secs(30 * 86_400);

statements! {
    // Two nodes that look at once would else both see that nothing was sent for an hour.
    ALONE = "UPDATE meta SET value = value WHERE name = 'schema_min'";
    ACCOUNT = "INSERT INTO outbox (id, audience, kind, account_id, detail, at, claimed_until, attempts) \
               SELECT $1, $2, $3, a.id, $5, $6, 0, 0 FROM accounts a WHERE a.id = $4 AND NOT EXISTS \
               (SELECT 1 FROM outbox o WHERE o.account_id = a.id AND o.audience = $7 \
               AND o.kind <> 'crm_user_gone' AND o.done_at IS NULL)";
    CLIENT = "INSERT INTO outbox (id, audience, kind, client, detail, at, claimed_until, attempts) \
              VALUES ($1, $2, $3, $4, $5, $6, 0, 0)";
    DROP_BACK = "DELETE FROM outbox WHERE done_at IS NULL AND kind = 'crm_user_gone' AND NOT EXISTS \
                 (SELECT 1 FROM crm_absent c WHERE c.account_id = outbox.account_id)";
    GONE = "INSERT INTO outbox (id, audience, kind, account_id, detail, at, claimed_until, attempts) \
            SELECT $1, $2, 'crm_user_gone', a.id, '', $4, 0, 0 FROM accounts a WHERE a.id = $3 AND NOT EXISTS \
            (SELECT 1 FROM outbox o WHERE o.account_id = a.id AND o.kind = 'crm_user_gone' AND o.done_at IS NULL)";
    // Told once for each of the times before it; what was told is remembered for as long.
    CERTIFICATE = "INSERT INTO outbox (id, audience, kind, client, detail, at, claimed_until, attempts) \
                   SELECT $1, $2, 'certificate_ends', $1, $3, $4, 0, 0 WHERE NOT EXISTS \
                   (SELECT 1 FROM outbox o WHERE o.kind = 'certificate_ends' AND o.detail = $3)";
    DROP_MENDED = "DELETE FROM outbox WHERE done_at IS NULL AND account_id IS NOT NULL \
                   AND audience <> 'letters' AND kind <> 'crm_user_gone' AND NOT EXISTS \
                   (SELECT 1 FROM accounts a WHERE a.id = outbox.account_id \
                   AND a.state IN ('needs_consent', 'needs_sign_in'))";
    DROP_WORKING = "DELETE FROM outbox WHERE done_at IS NULL AND client IS NOT NULL AND kind <> 'certificate_ends' \
                    AND NOT EXISTS \
                    (SELECT 1 FROM clients c WHERE c.id = outbox.client AND c.fault IS NOT NULL) \
                    AND NOT EXISTS (SELECT 1 FROM service_accounts s WHERE s.id = outbox.client \
                    AND s.fault IS NOT NULL)";
    STANDING = "SELECT min(at), max(claimed_until), (SELECT max(done_at) FROM outbox \
                WHERE audience = $1 AND outcome = 'sent') FROM outbox WHERE audience = $2 AND done_at IS NULL";
    TAKE_ALL = "UPDATE outbox SET claim = $2, claimed_until = $3, attempts = attempts + 1, \
                tried_at = coalesce(tried_at, $4) WHERE audience = $1 AND done_at IS NULL \
                RETURNING id, kind, account_id, client, detail, at, attempts, tried_at";
    TAKE_EACH = "UPDATE outbox SET claim = $2, claimed_until = $3, attempts = attempts + 1, \
                 tried_at = coalesce(tried_at, $4) WHERE id IN (SELECT o.id FROM outbox o \
                 WHERE o.audience = $1 AND o.done_at IS NULL AND o.claimed_until <= $5 AND o.at <= $6 \
                 AND NOT EXISTS (SELECT 1 FROM outbox d WHERE d.account_id = o.account_id \
                 AND d.audience = o.audience AND d.outcome = 'sent' AND d.done_at > $7) \
                 ORDER BY o.at, o.id LIMIT 200) \
                 RETURNING id, kind, account_id, client, detail, at, attempts, tried_at";
    DONE = "UPDATE outbox SET done_at = $3, outcome = $4 WHERE claim = $1 AND id = $2 AND done_at IS NULL";
    ALL_DONE = "UPDATE outbox SET done_at = $2, outcome = $3 WHERE claim = $1 AND done_at IS NULL";
    LATER = "UPDATE outbox SET claim = NULL, claimed_until = $3 WHERE claim = $1 AND id = $2 AND done_at IS NULL";
    ALL_LATER = "UPDATE outbox SET claim = NULL, claimed_until = $2 WHERE claim = $1 AND done_at IS NULL";
    WAITING = "SELECT count(*) FROM outbox WHERE done_at IS NULL";
    CLIENT_NAME = "SELECT client_id FROM clients WHERE id = $1 \
                   UNION ALL SELECT email FROM service_accounts WHERE id = $2";
    PRUNE = "DELETE FROM outbox WHERE done_at < $1";
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The admins, all at once.
    Admins,
    /// The owner of the mailbox.
    Owner,
    /// The owner too, by a letter of its own that waits for nothing; see `letters`.
    Letters,
}

impl Audience {
    /// The word in the store and in metric labels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Admins => "admins",
            Self::Owner => "owner",
            Self::Letters => "letters",
        }
    }
}

/// What it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A mailbox wants its owner.
    Account {
        /// The account.
        account: AccountId,
        /// Reference of the page that says so.
        reference: String,
    },
    /// Google refuses a client or service account.
    Client {
        /// Which.
        client: ClientId,
        /// Google's code.
        code: String,
    },
    /// The certificate that the listeners present ends soon.
    Certificate {
        /// When, in seconds since 1970.
        ends: i64,
    },
    /// The CRM has nobody for a mailbox any more.
    Gone {
        /// The account.
        account: AccountId,
    },
    /// Somebody asked that the owner be mailed a consent link.
    Link {
        /// The account.
        account: AccountId,
    },
    /// Somebody else than the owner issued a CRM token.
    Token {
        /// The account.
        account: AccountId,
        /// The token.
        token: TokenId,
        /// Who.
        issuer: Issuer,
    },
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Identity.
    pub id: Uuid,
    /// What it is about.
    pub subject: Subject,
    /// Since when.
    pub at: Micros,
    /// How often it was claimed, this time included.
    pub attempts: u32,
    /// When that was for the first time.
    pub tried_at: Micros,
}

/// Rows that this process tells now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Who has claimed them; a claim that has ended marks nothing.
    word: String,
    /// The rows, oldest first.
    pub news: Vec<News>,
    /// When it was made.
    pub made_at: Micros,
}

/// How long to wait, and how far apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// From the first row to the message.
    pub gather: Duration,
    /// Between two messages to the same person.
    pub apart: Duration,
    /// For how long a claim lasts.
    pub claim: Duration,
}

/// How a row ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A mail server took the message.
    Sent,
    /// It is in the log.
    Logged,
    /// Nobody is to be told.
    Unwanted,
    /// It was tried for too long, or refused for good.
    Failed,
}

impl Outcome {
    /// The word in the store and in metric labels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Logged => "logged",
            Self::Unwanted => "unwanted",
            Self::Failed => "failed",
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    kind: String,
    account_id: Option<Uuid>,
    client: Option<Uuid>,
    detail: String,
    at: i64,
    attempts: i64,
    tried_at: Option<i64>,
}

impl TryFrom<Row> for News {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let subject = match (row.account_id, row.client) {
            (Some(account), None) if row.kind == letters::LINK => {
                Subject::Link { account: AccountId(account) }
            }
            (Some(account), None) if row.kind == letters::TOKEN => {
                let (issuer, token) = letters::issued(&row.detail)?;
                Subject::Token { account: AccountId(account), token, issuer }
            }
            (Some(account), None) if row.kind == "crm_user_gone" => {
                Subject::Gone { account: AccountId(account) }
            }
            (Some(account), None) => Subject::Account { account: AccountId(account), reference: row.detail },
            (None, Some(_)) if row.kind == "certificate_ends" => {
                let ends = row.detail.split(' ').next().and_then(|text| text.parse().ok());
                Subject::Certificate { ends: ends.unwrap_or_default() }
            }
            (None, Some(client)) => Subject::Client { client: ClientId(client), code: row.detail },
            _ => return Err(StoreError::inconsistent("outbox", format!("{}: {}", row.id, row.kind))),
        };
        Ok(Self {
            id: row.id,
            subject,
            at: row.at,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            tried_at: row.tried_at.unwrap_or(row.at),
        })
    }
}

/// The account has come to this state: where its owner has to act, admins and
/// owner are to be told, unless they are already.
pub(super) async fn account_is(
    on: &mut impl Write,
    account: AccountId,
    state: State,
) -> Result<(), StoreError> {
    let Some(cause @ (Cause::NeedsConsent | Cause::NeedsSignIn)) = state.bar() else { return Ok(()) };
    let store = on.store();
    let reference = store.dice().reference()?;
    let now = dialect::now(on).await?;
    let end = store.clock().now().saturating_add(micros(REFERENCE));
    help_refs::put(on, &reference, account, cause.name(), end).await?;
    for audience in [Audience::Admins, Audience::Owner].map(Audience::name) {
        let id = store.dice().id(store.clock())?;
        execute!(on, ACCOUNT, id, audience, state.name(), account.0, &reference, now, audience)?;
    }
    Ok(())
}

/// The CRM has nobody for the mailbox any more: admins are to be told, unless they are already.
///
/// # Errors
/// When the database does not answer.
pub async fn crm_user_gone(on: &mut Act, account: AccountId) -> Result<(), StoreError> {
    let store = on.store();
    let (id, now) = (store.dice().id(store.clock())?, dialect::now(on).await?);
    execute!(on, GONE, id, Audience::Admins.name(), account.0, now)?;
    Ok(())
}

/// The certificate ends within `days`: admins are to be told, unless they were.
///
/// # Errors
/// When the database does not answer.
pub async fn certificate_ends(store: &Store, ends: i64, days: i64) -> Result<(), StoreError> {
    let mut batch = store.batch().await?;
    let (id, now) = (store.dice().id(store.clock())?, dialect::now(&mut batch).await?);
    execute!(&mut batch, CERTIFICATE, id, Audience::Admins.name(), format!("{ends} {days}"), now)?;
    batch.commit().await
}

/// Google refuses a client or service account that worked before.
pub(super) async fn client_refused(
    on: &mut impl Write,
    client: ClientId,
    code: &str,
) -> Result<(), StoreError> {
    let id = on.store().dice().id(on.store().clock())?;
    let now = dialect::now(on).await?;
    execute!(on, CLIENT, id, Audience::Admins.name(), "client_refused", client.0, code, now)?;
    Ok(())
}

/// How many rows wait to be told.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(on: &mut impl Source) -> Result<u64, StoreError> {
    let count: Option<(i64,)> = fetch_one!(on, (i64,), WAITING)?;
    Ok(count.map_or(0, |(count,)| u64::try_from(count).unwrap_or(0)))
}

/// Claims what is due for this audience; drops what is over. Admins are told
/// everything at once, and nothing while an earlier claim lasts; owners each by
/// themselves, at most 200 at a time.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(batch: &mut Batch, audience: Audience, pace: Pace) -> Result<Option<Claim>, StoreError> {
    execute!(batch, ALONE)?;
    execute!(batch, DROP_MENDED)?;
    execute!(batch, DROP_BACK)?;
    execute!(batch, DROP_WORKING)?;
    let now = dialect::now(batch).await?;
    let (word, until) = (batch.store().dice().word()?, now.saturating_add(micros(pace.claim)));
    let (ripe, lately) = (now.saturating_sub(micros(pace.gather)), now.saturating_sub(micros(pace.apart)));
    let name = audience.name();
    let rows = match audience {
        Audience::Admins => {
            let standing: Option<(Option<i64>, Option<i64>, Option<i64>)> =
                fetch_one!(batch, (Option<i64>, Option<i64>, Option<i64>), STANDING, name, name)?;
            let Some((Some(first), claimed_until, told_at)) = standing else { return Ok(None) };
            if first > ripe || claimed_until > Some(now) || told_at > Some(lately) {
                return Ok(None);
            }
            fetch_all!(batch, Row, TAKE_ALL, name, &word, until, now)?
        }
        Audience::Owner | Audience::Letters => {
            fetch_all!(batch, Row, TAKE_EACH, name, &word, until, now, now, ripe, lately)?
        }
    };
    let mut news: Vec<News> = rows.into_iter().map(News::try_from).collect::<Result<_, _>>()?;
    news.sort_by_key(|row| (row.at, row.id));
    Ok((!news.is_empty()).then_some(Claim { word, news, made_at: now }))
}

/// Says how it ended, for one row or for all of the claim.
///
/// # Errors
/// When the database does not answer.
pub async fn done(
    batch: &mut Batch,
    claim: &Claim,
    row: Option<Uuid>,
    outcome: Outcome,
) -> Result<(), StoreError> {
    let now = dialect::now(batch).await?;
    match row {
        Some(id) => execute!(batch, DONE, &claim.word, id, now, outcome.name())?,
        None => execute!(batch, ALL_DONE, &claim.word, now, outcome.name())?,
    };
    Ok(())
}

/// Leaves one row or all of the claim for later.
///
/// # Errors
/// When the database does not answer.
pub async fn later(
    batch: &mut Batch,
    claim: &Claim,
    row: Option<Uuid>,
    pause: Duration,
) -> Result<(), StoreError> {
    let until = dialect::now(batch).await?.saturating_add(micros(pause));
    match row {
        Some(id) => execute!(batch, LATER, &claim.word, id, until)?,
        None => execute!(batch, ALL_LATER, &claim.word, until)?,
    };
    Ok(())
}

/// The name by which Google knows a client or service account.
///
/// # Errors
/// When the database does not answer.
pub async fn client_name(on: &mut impl Source, client: ClientId) -> Result<Option<String>, StoreError> {
    let name: Option<(String,)> = fetch_one!(on, (String,), CLIENT_NAME, client.0, client.0)?;
    Ok(name.map(|(name,)| name))
}

/// Forgets what was told `age` ago.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, age: Duration) -> Result<(), StoreError> {
    let now = dialect::now(batch).await?;
    execute!(batch, PRUNE, now.saturating_sub(micros(age)))?;
    Ok(())
}
