//! The groups that Google lists for an account.

use postern_core::model::id::AccountId;
use uuid::Uuid;

use crate::clock::Micros;
use crate::seal::Place;
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, statements};

statements! {
    ADD = "INSERT INTO contact_groups (id, account_id, resource, name_sealed, own, members, active, created_at, modified_at) \
           VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $7)";
    CHANGE = "UPDATE contact_groups SET name_sealed = $2, own = $3, members = $4, active = 1, modified_at = $5 WHERE id = $1";
    GONE = "UPDATE contact_groups SET active = 0, modified_at = $2 WHERE id = $1 AND active = 1";
    OF = "SELECT id, resource, name_sealed, own, members, active, created_at, modified_at FROM contact_groups \
          WHERE account_id = $1 ORDER BY id LIMIT 10000";
}

/// A group as Google lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// `contactGroups/…`.
    pub resource: String,
    /// As the user calls it.
    pub name: String,
    /// Whether the user has made it; else it is Google's own.
    pub own: bool,
    /// How many people are in it, as far as Google has counted.
    pub members: i64,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Identity.
    pub id: Uuid,
    /// What Google lists, or listed.
    pub listed: Listed,
    /// Whether Google still lists it.
    pub active: bool,
    /// When it was first listed.
    pub created_at: Micros,
    /// Last change.
    pub modified_at: Micros,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    resource: String,
    name_sealed: Vec<u8>,
    own: i64,
    members: i64,
    active: i64,
    created_at: i64,
    modified_at: i64,
}

/// Where the name of a group is sealed.
pub(in crate::store) fn place(id: Uuid) -> Place {
    Place::row("contact_groups", "name_sealed", id)
}

/// The groups of an account, also those that are gone.
///
/// # Errors
/// When the database does not answer, or a name does not open.
pub async fn of(store: &Store, on: &mut impl Source, account: AccountId) -> Result<Vec<Group>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF, account.0)?;
    let opened = rows.into_iter().map(|row| {
        let name = store.ring().open(&place(row.id), &row.name_sealed)?.reveal().to_owned();
        let listed = Listed { resource: row.resource, name, own: row.own != 0, members: row.members };
        let (active, created_at, modified_at) = (row.active != 0, row.created_at, row.modified_at);
        Ok(Group { id: row.id, listed, active, created_at, modified_at })
    });
    opened.collect()
}

/// Takes over what Google lists: all groups of the account, so the others are gone.
///
/// # Errors
/// When the database does not answer.
pub async fn put(on: &mut impl Write, account: AccountId, listed: &[Listed]) -> Result<(), StoreError> {
    let (store, sealer) = (on.store(), Sealer::new(on).await?);
    let now = store.clock().now();
    let known = of(&store, on, account).await?;
    for group in listed {
        let (own, members) = (i64::from(group.own), group.members);
        match known.iter().find(|known| known.listed.resource == group.resource) {
            Some(known) if known.active && known.listed == *group => {}
            Some(known) => {
                let sealed = sealer.seal(&place(known.id), &group.name)?;
                execute!(on, CHANGE, known.id, &sealed, own, members, now)?;
            }
            None => {
                let id = store.dice().id(store.clock())?;
                let sealed = sealer.seal(&place(id), &group.name)?;
                execute!(on, ADD, id, account.0, &group.resource, &sealed, own, members, now)?;
            }
        }
    }
    for gone in known.iter().filter(|known| !listed.iter().any(|it| it.resource == known.listed.resource)) {
        execute!(on, GONE, gone.id, now)?;
    }
    Ok(())
}
