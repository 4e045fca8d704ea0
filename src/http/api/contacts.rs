//! `GoogleContactsGroup`, `GoogleContactsUser` and `GoogleContactsPair`: the groups that Google
//! lists for a mailbox, which of them is kept in step, and which record is which person.
//!
//! Names are sealed in the store, so no list is narrowed or ordered by them; so is Google's version
//! of a person.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State as Of};
use axum::response::Response;
use serde::Serialize;
use uuid::Uuid;

use super::caller::Caller;
use super::error::Fault;
use super::list::{Field, answer, asked};
use super::time;
use crate::actions::contacts::choose::OPEN;
use crate::http::site::Site;
use crate::store::filter::{
    self, Column, Condition, ContactGroupRow, ContactPairRow, ContactUserRow, Kind, Operator, Query, Value,
};

const GROUP_FIELDS: &[Field<Column>] = &[
    Field::of("id", Column::ContactGroupId, Kind::Id),
    Field::of("externalAccountId", Column::ContactGroupAccount, Kind::Id),
    Field::of("resourceName", Column::ContactGroupResource, Kind::Text),
    Field::of("own", Column::ContactGroupOwn, Kind::Number),
    Field::of("members", Column::ContactGroupMembers, Kind::Number),
    Field::of("active", Column::ContactGroupActive, Kind::Number),
    Field::of("createdAt", Column::ContactGroupCreated, Kind::Time),
    Field::of("modifiedAt", Column::ContactGroupModified, Kind::Time),
];

const USER_FIELDS: &[Field<Column>] = &[
    Field::of("id", Column::ContactUserGroup, Kind::Id),
    Field::of("externalAccountId", Column::ContactUserAccount, Kind::Id),
    Field::of("userId", Column::ContactUserCrmUser, Kind::Text),
    Field::of("googleContactsGroupId", Column::ContactUserGroup, Kind::Id),
    Field::of("resourceName", Column::ContactUserResource, Kind::Text),
    Field::of("type", Column::ContactUserKind, Kind::Text),
    Field::of("active", Column::ContactUserActive, Kind::Number),
    Field::of("lastSync", Column::ContactUserSynced, Kind::Time),
    Field::of("status", Column::ContactUserStatus, Kind::Text),
    Field::of("fault", Column::ContactUserFault, Kind::Text),
    Field::of("createdAt", Column::ContactUserCreated, Kind::Time),
    Field::of("modifiedAt", Column::ContactUserModified, Kind::Time),
];

const PAIR_FIELDS: &[Field<Column>] = &[
    Field::of("id", Column::ContactPairId, Kind::Id),
    Field::of("externalAccountId", Column::ContactPairAccount, Kind::Id),
    Field::of("emailAddress", Column::ContactPairAddress, Kind::Text),
    Field::of("parentType", Column::ContactPairEntity, Kind::Text),
    Field::of("parentId", Column::ContactPairRecord, Kind::Text),
    Field::of("resourceName", Column::ContactPairResource, Kind::Text),
    Field::of("state", Column::ContactPairState, Kind::Text),
    Field::of("visible", Column::ContactPairVisible, Kind::Number),
    Field::of("createdAt", Column::ContactPairCreated, Kind::Time),
    Field::of("modifiedAt", Column::ContactPairModified, Kind::Time),
];

/// A group in a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: Uuid,
    external_account_id: Uuid,
    name: String,
    resource_name: String,
    own: bool,
    members: i64,
    active: bool,
    created_at: String,
    modified_at: String,
}

impl From<ContactGroupRow> for Listed {
    fn from(row: ContactGroupRow) -> Self {
        Self {
            id: row.id,
            external_account_id: row.account_id,
            name: row.name,
            resource_name: row.resource,
            own: row.own,
            members: row.members,
            active: row.active,
            created_at: time::told(row.created_at),
            modified_at: time::told(row.modified_at),
        }
    }
}

/// A group and who uses it in a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Used {
    id: Uuid,
    external_account_id: Uuid,
    user_id: Option<String>,
    google_contacts_group_id: Uuid,
    resource_name: String,
    r#type: String,
    active: bool,
    last_sync: Option<String>,
    status: Option<String>,
    fault: Option<String>,
    created_at: String,
    modified_at: String,
}

impl From<ContactUserRow> for Used {
    fn from(row: ContactUserRow) -> Self {
        Self {
            id: row.id,
            external_account_id: row.account_id,
            user_id: row.crm_user,
            google_contacts_group_id: row.id,
            resource_name: row.resource,
            r#type: row.kind,
            active: row.active != 0,
            last_sync: row.last_ok_at.map(time::told),
            status: row.status,
            fault: row.fault,
            created_at: time::told(row.created_at),
            modified_at: time::told(row.modified_at),
        }
    }
}

/// A person and a record that are one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pair {
    id: Uuid,
    external_account_id: Uuid,
    email_address: String,
    parent_type: String,
    parent_id: Option<String>,
    resource_name: Option<String>,
    etag: Option<String>,
    origin: String,
    state: String,
    visible: bool,
    created_at: String,
    modified_at: String,
}

impl From<ContactPairRow> for Pair {
    fn from(row: ContactPairRow) -> Self {
        Self {
            id: row.id,
            external_account_id: row.account_id,
            email_address: row.address,
            parent_type: row.entity,
            parent_id: row.record_id,
            resource_name: row.resource,
            etag: row.etag,
            origin: row.origin,
            state: row.state,
            visible: row.visible,
            created_at: time::told(row.created_at),
            modified_at: time::told(row.modified_at),
        }
    }
}

pub(super) async fn groups(
    Of(site): Of<Arc<Site>>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Response, Fault> {
    let query = asked(query.as_deref(), GROUP_FIELDS)?.by(&caller, Column::ContactGroupCreated, false);
    let (rows, total) = filter::contact_groups(&site.store, &mut site.store.read().await?, &query).await?;
    let rows: Vec<Listed> = rows.into_iter().map(Listed::from).collect();
    Ok(answer(&rows, total))
}

/// The groups that people can be put into, and the one that is chosen.
pub(super) async fn users(
    Of(site): Of<Arc<Site>>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Response, Fault> {
    let mut query = asked(query.as_deref(), USER_FIELDS)?.by(&caller, Column::ContactUserCreated, false);
    let text = |text: &str| Value::Text(text.to_owned());
    let is = |column, values| Condition::Is { column, operator: Operator::In, values };
    let takes_people = Condition::All(vec![
        is(Column::ContactUserActive, vec![Value::Number(1)]),
        Condition::Any(vec![
            is(Column::ContactUserOwn, vec![Value::Number(1)]),
            is(Column::ContactUserResource, OPEN.into_iter().map(text).collect()),
        ]),
    ]);
    let chosen = is(Column::ContactUserKind, vec![text("main")]);
    query.condition = Condition::All(vec![Condition::Any(vec![chosen, takes_people]), query.condition]);
    let (rows, total) = filter::contact_users(&mut site.store.read().await?, &query).await?;
    let rows: Vec<Used> = rows.into_iter().map(Used::from).collect();
    Ok(answer(&rows, total))
}

pub(super) async fn pairs(
    Of(site): Of<Arc<Site>>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Response, Fault> {
    let query = asked(query.as_deref(), PAIR_FIELDS)?.by(&caller, Column::ContactPairCreated, false);
    let (rows, total) = filter::contact_pairs(&site.store, &mut site.store.read().await?, &query).await?;
    let rows: Vec<Pair> = rows.into_iter().map(Pair::from).collect();
    Ok(answer(&rows, total))
}

pub(super) async fn pair(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Pair>, Fault> {
    let id: Uuid = id.parse().map_err(|_| Fault::NotFound)?;
    let column = Column::ContactPairId;
    let query = Query {
        condition: Condition::Is { column, operator: Operator::Equals, values: vec![Value::Id(id)] },
        reach: caller.key.terms.reach.clone(),
        order: column,
        descending: false,
        limit: 1,
        offset: 0,
    };
    let (rows, _) = filter::contact_pairs(&site.store, &mut site.store.read().await?, &query).await?;
    rows.into_iter().next().map(|row| Json(Pair::from(row))).ok_or(Fault::NotFound)
}
