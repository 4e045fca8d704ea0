//! The people who run the installation, and their one-time links.

use postern_core::model::id::AdminId;
use postern_core::model::role::Role;
use postern_core::model::secret::Secret;
use uuid::Uuid;

use super::act::{Act, Batch};
use super::error::StoreError;
use super::sql::{Source, Write, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;

statements! {
    INSERT = "INSERT INTO admins (id, name, role, created_at) VALUES ($1, $2, $3, $4)";
    BY_ID = "SELECT id, name, role, password, disabled_at, created_at, signed_in_at, totp_at, lang, zone \
           FROM admins WHERE id = $1";
    BY_NAME = "SELECT id, name, role, password, disabled_at, created_at, signed_in_at, totp_at, lang, zone \
           FROM admins WHERE name = $1";
    ALL = "SELECT id, name, role, password, disabled_at, created_at, signed_in_at, totp_at, lang, zone \
           FROM admins ORDER BY name LIMIT 1000";
    OTHERS = "SELECT count(*) FROM admins \
              WHERE id <> $1 AND role = 'admin' AND disabled_at IS NULL AND password IS NOT NULL";
    // Whoever counts admins and changes them does so after the one before has ended.
    ALONE = "UPDATE meta SET value = value WHERE name = 'schema_min'";
    SET_PASSWORD = "UPDATE admins SET password = $2 WHERE id = $1";
    DISABLE = "UPDATE admins SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL";
    ENABLE = "UPDATE admins SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL";
    SET_ROLE = "UPDATE admins SET role = $2 WHERE id = $1";
    SET_TASTE = "UPDATE admins SET lang = $2, zone = $3 WHERE id = $1";
    SIGNED_IN = "UPDATE admins SET signed_in_at = $2 WHERE id = $1";
    ADD_LINK = "INSERT INTO admin_links (hash, admin_id, expires_at) VALUES ($1, $2, $3)";
    LINK = "SELECT admin_id, expires_at FROM admin_links WHERE hash = $1";
    DROP_LINKS = "DELETE FROM admin_links WHERE admin_id = $1";
    PRUNE_LINKS = "DELETE FROM admin_links WHERE expires_at < $1";
}

/// Somebody who runs the installation.
#[derive(Debug, Clone)]
pub struct Admin {
    /// Identity.
    pub id: AdminId,
    /// The name to sign in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The password's hash; none until the one-time link was used.
    pub password: Option<Secret>,
    /// Disabled.
    pub disabled_at: Option<Micros>,
    /// Added.
    pub created_at: Micros,
    /// Last sign-in.
    pub signed_in_at: Option<Micros>,
    /// Since when a code is asked at the sign-in.
    pub totp_at: Option<Micros>,
    /// How they want the pages.
    pub taste: Taste,
}

/// How somebody wants the pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taste {
    /// Tag of the language; without, the browser's.
    pub lang: Option<String>,
    /// IANA name of the time zone; without, UTC.
    pub zone: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    role: String,
    password: Option<String>,
    disabled_at: Option<i64>,
    created_at: i64,
    signed_in_at: Option<i64>,
    totp_at: Option<i64>,
    lang: Option<String>,
    zone: Option<String>,
}

impl TryFrom<Row> for Admin {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let role = row.role.parse();
        Ok(Self {
            id: AdminId(row.id),
            role: role.map_err(|e: String| StoreError::inconsistent("admins", format!("{}: {e}", row.id)))?,
            name: row.name,
            password: row.password.map(Secret::new),
            disabled_at: row.disabled_at,
            created_at: row.created_at,
            signed_in_at: row.signed_in_at,
            totp_at: row.totp_at,
            taste: Taste { lang: row.lang, zone: row.zone },
        })
    }
}

/// Adds somebody without a password.
///
/// # Errors
/// When the name is taken.
pub async fn insert(act: &mut Act, name: &str, role: Role) -> Result<AdminId, StoreError> {
    let store = act.store();
    let id = store.dice().id(store.clock())?;
    execute!(act, INSERT, id, name, role.name(), store.clock().now())?;
    Ok(AdminId(id))
}

/// The admin of that identity.
///
/// # Errors
/// When the database does not answer.
pub async fn by_id(on: &mut impl Source, id: AdminId) -> Result<Option<Admin>, StoreError> {
    fetch_one!(on, Row, BY_ID, id.0)?.map(Admin::try_from).transpose()
}

/// The admin of that name.
///
/// # Errors
/// When the database does not answer.
pub async fn by_name(on: &mut impl Source, name: &str) -> Result<Option<Admin>, StoreError> {
    fetch_one!(on, Row, BY_NAME, name)?.map(Admin::try_from).transpose()
}

/// Everybody, by name; at most 1,000.
///
/// # Errors
/// When the database does not answer.
pub async fn all(on: &mut impl Source) -> Result<Vec<Admin>, StoreError> {
    fetch_all!(on, Row, ALL)?.into_iter().map(Admin::try_from).collect()
}

/// How many others could run the installation; it stays so until the act ends.
///
/// # Errors
/// When the database does not answer.
pub async fn others(act: &mut Act, id: AdminId) -> Result<i64, StoreError> {
    execute!(act, ALONE)?;
    Ok(fetch_one!(act, (i64,), OTHERS, id.0)?.map_or(0, |(count,)| count))
}

/// Sets the password's hash, or takes it away.
///
/// # Errors
/// When the database does not answer.
pub async fn set_password(act: &mut Act, id: AdminId, hash: Option<&Secret>) -> Result<(), StoreError> {
    execute!(act, SET_PASSWORD, id.0, hash.map(Secret::reveal))?;
    Ok(())
}

/// Gives another role.
///
/// # Errors
/// When the database does not answer.
pub async fn set_role(act: &mut Act, id: AdminId, role: Role) -> Result<(), StoreError> {
    execute!(act, SET_ROLE, id.0, role.name())?;
    Ok(())
}

/// Notes how they want the pages.
///
/// # Errors
/// When the database does not answer.
pub async fn set_taste(act: &mut Act, id: AdminId, taste: &Taste) -> Result<(), StoreError> {
    execute!(act, SET_TASTE, id.0, taste.lang.as_deref(), taste.zone.as_deref())?;
    Ok(())
}

/// Disables; false when it was so before.
///
/// # Errors
/// When the database does not answer.
pub async fn disable(act: &mut Act, id: AdminId) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    Ok(execute!(act, DISABLE, id.0, now)? > 0)
}

/// Enables; false when it was so before.
///
/// # Errors
/// When the database does not answer.
pub async fn enable(act: &mut Act, id: AdminId) -> Result<bool, StoreError> {
    Ok(execute!(act, ENABLE, id.0)? > 0)
}

/// Notes a sign-in.
///
/// # Errors
/// When the database does not answer.
pub async fn signed_in(act: &mut Act, id: AdminId) -> Result<(), StoreError> {
    let now = act.store().clock().now();
    execute!(act, SIGNED_IN, id.0, now)?;
    Ok(())
}

/// Stores a one-time link by its hash; earlier ones of the admin open nothing
/// any more.
///
/// # Errors
/// When the database does not answer.
pub async fn set_link(
    act: &mut Act,
    id: AdminId,
    hash: &[u8; 32],
    expires_at: Micros,
) -> Result<(), StoreError> {
    drop_links(act, id).await?;
    execute!(act, ADD_LINK, &hash[..], id.0, expires_at)?;
    Ok(())
}

/// Whose link it is and when it ends.
///
/// # Errors
/// When the database does not answer.
pub async fn link(on: &mut impl Source, hash: &[u8; 32]) -> Result<Option<(AdminId, Micros)>, StoreError> {
    let row: Option<(Uuid, i64)> = fetch_one!(on, (Uuid, i64), LINK, &hash[..])?;
    Ok(row.map(|(id, end)| (AdminId(id), end)))
}

/// Takes an admin's links away. Returns how many there were: whoever takes the
/// last one has used it.
///
/// # Errors
/// When the database does not answer.
pub async fn drop_links(act: &mut Act, id: AdminId) -> Result<u64, StoreError> {
    execute!(act, DROP_LINKS, id.0)
}

/// Forgets links that ended before `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, before: Micros) -> Result<(), StoreError> {
    execute!(batch, PRUNE_LINKS, before)?;
    Ok(())
}
