//! Letters to the owner of a mailbox: a consent link that somebody asked for,
//! and word of a CRM token that somebody else issued.
//!
//! They are rows of the outbox with an audience of their own: nothing is
//! gathered and no hour lies between two of them. So links are asked for at most
//! once in [`APART`] for each mailbox. No row holds a secret: the link is made
//! when the letter leaves.

use std::fmt;
use std::time::Duration;

use postern_core::model::id::{AccountId, TokenId};

use super::act::Act;
use super::dialect;
use super::error::StoreError;
use super::sql::{Write as _, execute, statements};
use crate::clock::micros;

/// Between two links for the same mailbox.
pub const APART: Duration = Duration::from_secs(600);

pub(super) const LINK: &str = "link_asked";
pub(super) const TOKEN: &str = "token_issued";

statements! {
    // What was given up does not count.
    ASK_LINK = "INSERT INTO outbox (id, audience, kind, account_id, detail, at, claimed_until, attempts) \
                SELECT $1, 'letters', 'link_asked', a.id, '', $3, 0, 0 FROM accounts a \
                WHERE a.id = $2 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.account_id = a.id \
                AND o.kind = 'link_asked' AND (o.done_at IS NULL OR (o.at > $4 AND o.outcome <> 'failed')))";
    TELL_TOKEN = "INSERT INTO outbox (id, audience, kind, account_id, detail, at, claimed_until, attempts) \
                  VALUES ($1, 'letters', 'token_issued', $2, $3, $4, 0, 0)";
}

/// Who issued a token; a role, for the name is no business of the mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issuer {
    /// Somebody who runs the installation, at its pages.
    Admin,
    /// A program with a key of the REST API.
    Program,
    /// Somebody at the machine's command line.
    Shell,
    /// The CRM's user, at the panel in a page of the CRM.
    Panel,
}

impl Issuer {
    const ALL: [Self; 4] = [Self::Admin, Self::Program, Self::Shell, Self::Panel];

    fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Program => "program",
            Self::Shell => "shell",
            Self::Panel => "panel",
        }
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Asks for a link to be mailed; false when that was done a short while ago.
/// The caller holds the account.
///
/// # Errors
/// When the database does not answer.
pub async fn ask_link(act: &mut Act, account: AccountId) -> Result<bool, StoreError> {
    let id = act.store().dice().id(act.store().clock())?;
    let now = dialect::now(act).await?;
    Ok(execute!(act, ASK_LINK, id, account.0, now, now.saturating_sub(micros(APART)))? == 1)
}

/// The owner is to be told of this token.
///
/// # Errors
/// When the database does not answer.
pub async fn tell_token(
    act: &mut Act,
    account: AccountId,
    token: TokenId,
    issuer: Issuer,
) -> Result<(), StoreError> {
    let id = act.store().dice().id(act.store().clock())?;
    let now = dialect::now(act).await?;
    execute!(act, TELL_TOKEN, id, account.0, format!("{issuer} {token}"), now)?;
    Ok(())
}

/// Reads what [`tell_token`] wrote.
pub(super) fn issued(detail: &str) -> Result<(Issuer, TokenId), StoreError> {
    let read = || {
        let (who, token) = detail.split_once(' ')?;
        let issuer = Issuer::ALL.into_iter().find(|issuer| issuer.name() == who)?;
        Some((issuer, token.parse().ok()?))
    };
    read().ok_or_else(|| StoreError::inconsistent("outbox", format!("{detail:?} names no token")))
}
