//! What was written into the mail accounts of the CRM, one row a mailbox, and
//! which CRM tokens may stand there.

use postern_core::model::id::{AccountId, TokenId};
use uuid::Uuid;

use super::act::{Act, Batch};
use super::error::StoreError;
use super::sql::{Source, Write, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;

statements! {
    OF = "SELECT entity, record_id, made, replaced, state, word, detail, written_at, changed_at, changed_by, \
          claimed_until FROM crm_mail WHERE account_id = $1";
    // Whoever died over it has lost it after a while.
    CLAIM = "INSERT INTO crm_mail (account_id, state, changed_at, changed_by, claimed_until) \
             VALUES ($1, 'none', $2, '', $3) ON CONFLICT (account_id) DO UPDATE \
             SET claimed_until = excluded.claimed_until WHERE crm_mail.claimed_until <= $2";
    // What is claimed until then is the claim's own mark.
    RENEW = "UPDATE crm_mail SET claimed_until = $3 WHERE account_id = $1 AND claimed_until = $2";
    RELEASE = "UPDATE crm_mail SET claimed_until = 0 WHERE account_id = $1 AND claimed_until = $2";
    PUT = "UPDATE crm_mail SET entity = $2, record_id = $3, made = $4, replaced = $5, state = $6, word = $7, \
           detail = $8, written_at = $9, changed_at = $10, changed_by = $11, claimed_until = 0 WHERE account_id = $1";
    KEEP = "INSERT INTO crm_mail_tokens (token_id, account_id) VALUES ($1, $2)";
    TOKENS = "SELECT token_id FROM crm_mail_tokens WHERE account_id = $1 ORDER BY token_id LIMIT 1000";
    FORGET = "DELETE FROM crm_mail_tokens WHERE token_id = $1";
}

/// How the last attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// There was none.
    #[default]
    None,
    /// The record was written, and the CRM's test went well.
    Written,
    /// Nothing was changed by it.
    Failed,
    /// The record may hold what was written or not.
    Unsure,
    /// What was written was taken back.
    Undone,
}

impl State {
    /// The word in the store and the REST API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Written => "written",
            Self::Failed => "failed",
            Self::Unsure => "unsure",
            Self::Undone => "undone",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let all = [Self::None, Self::Written, Self::Failed, Self::Unsure, Self::Undone];
        all.into_iter().find(|state| state.name() == word)
    }
}

/// What is known of the mail account of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CrmMail {
    /// The CRM's word for the kind of record.
    pub entity: Option<String>,
    /// Identity of the record in the CRM.
    pub record: Option<String>,
    /// Whether the record is our own making.
    pub made: bool,
    /// What the record held before, as JSON.
    pub replaced: String,
    /// How the last attempt ended.
    pub state: State,
    /// Why, or how it was taken back.
    pub word: Option<String>,
    /// What belongs to the word: places, a number, the CRM's own words.
    pub detail: Option<String>,
    /// The last time that a record was written.
    pub written_at: Option<Micros>,
    /// Last attempt.
    pub changed_at: Micros,
    /// By whom.
    pub changed_by: String,
    /// Until then nobody else works on it.
    pub claimed_until: Micros,
}

#[derive(sqlx::FromRow)]
struct Row {
    entity: Option<String>,
    record_id: Option<String>,
    made: bool,
    replaced: String,
    state: String,
    word: Option<String>,
    detail: Option<String>,
    written_at: Option<i64>,
    changed_at: i64,
    changed_by: String,
    claimed_until: i64,
}

impl TryFrom<Row> for CrmMail {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            state: State::parse(&row.state).ok_or_else(|| StoreError::inconsistent("crm_mail", "state"))?,
            entity: row.entity,
            record: row.record_id,
            made: row.made,
            replaced: row.replaced,
            word: row.word,
            detail: row.detail,
            written_at: row.written_at,
            changed_at: row.changed_at,
            changed_by: row.changed_by,
            claimed_until: row.claimed_until,
        })
    }
}

/// What is known of the mail account of a mailbox.
///
/// # Errors
/// When the database does not answer.
pub async fn of(on: &mut impl Source, account: AccountId) -> Result<Option<CrmMail>, StoreError> {
    fetch_one!(on, Row, OF, account.0)?.map(CrmMail::try_from).transpose()
}

/// Takes the mail account of a mailbox to work on it; false when somebody else
/// has it.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(batch: &mut Batch, account: AccountId, until: Micros) -> Result<bool, StoreError> {
    let now = batch.store().clock().now();
    Ok(execute!(batch, CLAIM, account.0, now, until)? == 1)
}

/// Keeps a claim for longer; false when it is over and somebody else may have it.
///
/// # Errors
/// When the database does not answer.
pub async fn renew(
    batch: &mut Batch,
    account: AccountId,
    was: Micros,
    until: Micros,
) -> Result<bool, StoreError> {
    Ok(execute!(batch, RENEW, account.0, was, until)? == 1)
}

/// Gives a claim back without a word.
///
/// # Errors
/// When the database does not answer.
pub async fn release(batch: &mut Batch, account: AccountId, was: Micros) -> Result<(), StoreError> {
    execute!(batch, RELEASE, account.0, was)?;
    Ok(())
}

/// Keeps what is known now, and lets go of it.
///
/// # Errors
/// When the database does not answer.
pub async fn put(act: &mut Act, account: AccountId, row: &CrmMail) -> Result<(), StoreError> {
    let (entity, record, word) = (&row.entity, &row.record, &row.word);
    let (detail, by, state) = (&row.detail, &row.changed_by, row.state.name());
    execute!(
        act,
        PUT,
        account.0,
        entity,
        record,
        row.made,
        &row.replaced,
        state,
        word,
        detail,
        row.written_at,
        row.changed_at,
        by
    )?;
    Ok(())
}

/// Notes that a token is on its way into the record.
///
/// # Errors
/// When the database does not answer.
pub async fn keep(act: &mut Act, account: AccountId, token: TokenId) -> Result<(), StoreError> {
    execute!(act, KEEP, token.0, account.0)?;
    Ok(())
}

/// The tokens that may stand in the record.
///
/// # Errors
/// When the database does not answer.
pub async fn tokens(on: &mut impl Source, account: AccountId) -> Result<Vec<TokenId>, StoreError> {
    let rows: Vec<(Uuid,)> = fetch_all!(on, (Uuid,), TOKENS, account.0)?;
    Ok(rows.into_iter().map(|(token,)| TokenId(token)).collect())
}

/// A token stands in no record any more.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(act: &mut Act, token: TokenId) -> Result<(), StoreError> {
    execute!(act, FORGET, token.0)?;
    Ok(())
}
