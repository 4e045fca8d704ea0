//! What a row of each list holds.

use uuid::Uuid;

use crate::clock::Micros;
use crate::store::contacts::{groups, seen};
use crate::store::error::StoreError;
use crate::store::open::Store;
use crate::store::sync::calendars::name_place;

/// A mailbox in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of store::accounts::Account")]
pub struct AccountRow {
    pub id: Uuid,
    pub address: String,
    pub crm_user: Option<String>,
    pub proposed_crm_user: Option<String>,
    pub state: String,
    pub proposed_address: Option<String>,
    pub created_at: Micros,
    pub changed_at: Micros,
}

/// A CRM token in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of store::crm_tokens::CrmToken")]
pub struct TokenRow {
    pub id: Uuid,
    pub account_id: Uuid,
    pub address: String,
    pub name: String,
    pub protocols: String,
    pub created_at: Micros,
    pub expires_at: Option<Micros>,
    pub revoked_at: Option<Micros>,
}

/// A row of the journal in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of store::audit::Row")]
pub struct AuditRow {
    pub node: String,
    pub seq: i64,
    pub at: Micros,
    pub actor: String,
    pub event: String,
    pub detail: String,
    pub request: String,
}

/// A job in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of store::jobs::Job")]
pub struct JobRow {
    pub id: Uuid,
    pub name: String,
    pub beat: i64,
    pub status: String,
    pub disabled_at: Option<Micros>,
    pub wanted_at: Option<Micros>,
    pub started_at: Option<Micros>,
    pub ended_at: Option<Micros>,
    pub next_at: Micros,
    pub created_at: Micros,
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of store::jobs::Run")]
pub struct RunRow {
    pub id: Uuid,
    pub job_id: Uuid,
    pub status: String,
    pub started_at: Micros,
    pub ended_at: Option<Micros>,
    pub count: Option<i64>,
    pub fault: Option<String>,
    pub node: String,
    pub asked_by: Option<String>,
}

/// A hold in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of store::sync::holds::Hold")]
pub struct HoldRow {
    pub id: Uuid,
    pub account_id: Uuid,
    pub address: String,
    pub calendar_id: Uuid,
    pub class: String,
    pub count: i64,
    pub status: String,
    pub opened_at: Micros,
    pub decided_at: Option<Micros>,
    pub decided_by: Option<String>,
    pub spent_at: Option<Micros>,
}

/// A calendar in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of store::sync::calendars::Calendar")]
pub struct CalendarRow {
    pub id: Uuid,
    pub google_id: String,
    pub name: String,
    pub created_at: Micros,
    pub modified_at: Micros,
}

#[derive(sqlx::FromRow)]
pub(super) struct SealedCalendar {
    id: Uuid,
    google_id: String,
    name_sealed: Vec<u8>,
    created_at: Micros,
    modified_at: Micros,
}

impl SealedCalendar {
    pub(super) fn opened(self, store: &Store) -> Result<CalendarRow, StoreError> {
        Ok(CalendarRow {
            name: store.ring().open(&name_place(self.id), &self.name_sealed)?.reveal().to_owned(),
            id: self.id,
            google_id: self.google_id,
            created_at: self.created_at,
            modified_at: self.modified_at,
        })
    }
}

/// A calendar and who uses it in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of store::sync::calendar_users::CalendarUser")]
pub struct CalendarUserRow {
    pub id: Uuid,
    pub account_id: Uuid,
    pub crm_user: Option<String>,
    pub calendar_id: Uuid,
    pub kind: String,
    pub active: i64,
    pub last_sync: Option<Micros>,
    pub created_at: Micros,
    pub modified_at: Micros,
}

/// A group of contacts in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of store::contacts::groups::Group")]
pub struct ContactGroupRow {
    pub id: Uuid,
    pub account_id: Uuid,
    pub resource: String,
    pub name: String,
    pub own: bool,
    pub members: i64,
    pub active: bool,
    pub created_at: Micros,
    pub modified_at: Micros,
}

#[derive(sqlx::FromRow)]
pub(super) struct SealedContactGroup {
    id: Uuid,
    account_id: Uuid,
    resource: String,
    name_sealed: Vec<u8>,
    own: i64,
    members: i64,
    active: i64,
    created_at: Micros,
    modified_at: Micros,
}

impl SealedContactGroup {
    pub(super) fn opened(self, store: &Store) -> Result<ContactGroupRow, StoreError> {
        let name = store.ring().open(&groups::place(self.id), &self.name_sealed)?;
        Ok(ContactGroupRow {
            name: name.reveal().to_owned(),
            id: self.id,
            account_id: self.account_id,
            resource: self.resource,
            own: self.own != 0,
            members: self.members,
            active: self.active != 0,
            created_at: self.created_at,
            modified_at: self.modified_at,
        })
    }
}

/// A group of contacts and who uses it in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "columns of store::contacts::groups::Group and store::contacts::books::Book")]
pub struct ContactUserRow {
    pub id: Uuid,
    pub account_id: Uuid,
    pub crm_user: Option<String>,
    pub resource: String,
    pub kind: String,
    pub active: i64,
    pub last_ok_at: Option<Micros>,
    pub status: Option<String>,
    pub fault: Option<String>,
    pub created_at: Micros,
    pub modified_at: Micros,
}

/// A person and a record that are one in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of store::contacts::links::Link")]
pub struct ContactPairRow {
    pub id: Uuid,
    pub account_id: Uuid,
    pub address: String,
    pub entity: String,
    pub record_id: Option<String>,
    pub resource: Option<String>,
    pub origin: String,
    pub state: String,
    pub visible: bool,
    pub created_at: Micros,
    pub modified_at: Micros,
    /// Google's version of the person, where it was seen.
    pub etag: Option<String>,
}

#[derive(sqlx::FromRow)]
pub(super) struct SealedContactPair {
    id: Uuid,
    account_id: Uuid,
    address: String,
    entity: String,
    record_id: Option<String>,
    resource: Option<String>,
    origin: String,
    state: String,
    visible: i64,
    created_at: Micros,
    modified_at: Micros,
    book_id: Uuid,
    content_sealed: Option<Vec<u8>>,
}

impl SealedContactPair {
    pub(super) fn opened(self, store: &Store) -> Result<ContactPairRow, StoreError> {
        let etag = match (&self.resource, &self.content_sealed) {
            (Some(resource), Some(sealed)) => {
                let content = store.ring().open(&seen::place(self.book_id, resource), sealed)?;
                let content = serde_json::from_str::<serde_json::Value>(content.reveal()).ok();
                content.and_then(|person| Some(person.get("etag")?.as_str()?.to_owned()))
            }
            _ => None,
        };
        Ok(ContactPairRow {
            id: self.id,
            account_id: self.account_id,
            address: self.address,
            entity: self.entity,
            record_id: self.record_id,
            resource: self.resource,
            origin: self.origin,
            state: self.state,
            visible: self.visible != 0,
            created_at: self.created_at,
            modified_at: self.modified_at,
            etag,
        })
    }
}
