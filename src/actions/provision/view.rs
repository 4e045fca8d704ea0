//! How the mail accounts in the CRM stand, as people look at them.

use postern_core::model::address::Address;
use postern_core::model::id::AccountId;
use serde::Serialize;

use super::known;
use crate::clock::{Micros, written};
use crate::store::accounts::{self, Account, Search};
use crate::store::crm_mail::{self, CrmMail};
use crate::store::{Store, StoreError};

/// How the mail account of a mailbox stands in the CRM.
#[derive(Debug, Clone, Serialize)]
pub struct View {
    /// Identity of the mailbox.
    pub id: AccountId,
    /// The mailbox.
    pub address: Address,
    /// The CRM user it belongs to; none for a shared mailbox.
    pub crm_user: Option<String>,
    /// `none`, `working`, `written`, `failed`, `unsure` or `undone`.
    pub state: &'static str,
    /// Why, or how it was taken back.
    pub word: Option<String>,
    /// What belongs to the word.
    pub detail: Option<String>,
    /// The CRM's word for the kind of record.
    pub entity: Option<String>,
    /// Identity of the record in the CRM.
    pub record: Option<String>,
    /// Whether the record is our own making.
    pub made: bool,
    /// The last time that it was written.
    pub written_at: Option<String>,
}

/// How those stand.
///
/// # Errors
/// When the database does not answer.
pub async fn some(store: &Store, wanted: &[AccountId]) -> Result<Vec<View>, StoreError> {
    let mut views = Vec::with_capacity(wanted.len());
    for id in wanted {
        if let Some((account, row)) = known(store, *id).await? {
            views.push(of(&account, row, store.clock().now()));
        }
    }
    Ok(views)
}

/// A page of `size` mailboxes whose address or CRM user holds the text, and how
/// many there are.
///
/// # Errors
/// When the database does not answer.
pub async fn page(store: &Store, text: &str, page: i64, size: i64) -> Result<(Vec<View>, i64), StoreError> {
    let (mut read, now) = (store.read().await?, store.clock().now());
    let search = Search { text: text.to_owned(), state: None };
    let (listed, all) = accounts::page(&mut read, &search, now, size, (page - 1) * size).await?;
    let mut views = Vec::with_capacity(listed.len());
    for listed in listed {
        let row = crm_mail::of(&mut read, listed.account.id).await?.unwrap_or_default();
        views.push(of(&listed.account, row, now));
    }
    Ok((views, all))
}

pub(super) fn of(account: &Account, row: CrmMail, now: Micros) -> View {
    View {
        id: account.id,
        address: account.address.clone(),
        crm_user: account.crm_user.clone(),
        state: if row.claimed_until > now { "working" } else { row.state.name() },
        word: row.word,
        detail: row.detail,
        entity: row.entity,
        record: row.record,
        made: row.made,
        written_at: row.written_at.map(written),
    }
}
