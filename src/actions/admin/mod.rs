//! The people who run the installation: added, reset, disabled.
//!
//! Nobody sets a password for somebody else: whoever adds or resets an admin
//! gets a one-time link ([`link::LIFE`]) to pass on, and only who opens it
//! chooses the password. The last one who can run the installation is never
//! disabled.

pub mod enter;
pub mod link;
pub mod own;
pub mod second;

use postern_core::model::event::Event;
use postern_core::model::role::Role;
use serde::Serialize;
use url::Url;

use self::link::Link;
use super::By;
use crate::auth::password::{HashFault, Unfit};
use crate::clock::written;
use crate::dice::NoRandomness;
use crate::store::admins::{self, Admin};
use crate::store::{Act, Source, Store, StoreError, totp, web_sessions};

/// Why nothing was done about an admin.
#[derive(Debug, thiserror::Error)]
pub enum AdminFault {
    /// A name that no form or table could show.
    #[error("a name has 1 to 40 characters of a-z, 0-9, dot, dash, underscore and @")]
    Name,
    /// Somebody has the name.
    #[error("there is an admin called {0} already; `postern admin reset {0}` gives a new link")]
    Taken(String),
    /// Nobody has the name.
    #[error("there is no admin called {0}; `postern admin list` shows everybody")]
    Nobody(String),
    /// The installation would be left to nobody.
    #[error("{0} is the last one who can run this installation; add another admin first")]
    Last(String),
    /// The link is unknown, used or too old.
    #[error("this link is not valid any more; `postern admin reset NAME` gives a new one")]
    Link,
    /// The password is not taken.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashFault),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness for a link.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Adds an admin, who has to open the link to choose a password.
///
/// # Errors
/// When the name is taken or unfit.
pub async fn add(
    store: &Store,
    by: &By,
    name: &str,
    role: Role,
    public_url: &Url,
) -> Result<Link, AdminFault> {
    let name = folded(name)?;
    let mut act = by.open(store).await?;
    if admins::by_name(&mut act, &name).await?.is_some() {
        return Err(AdminFault::Taken(name));
    }
    let id = admins::insert(&mut act, &name, role).await?;
    let link = link::issue(&mut act, id, &name, public_url).await?;
    act.commit(Event::AdminAdded { admin: name, role }).await?;
    Ok(link)
}

/// Takes password and second factor away, ends all sessions and gives a new
/// link.
///
/// # Errors
/// When nobody has the name.
pub async fn reset(store: &Store, by: &By, name: &str, public_url: &Url) -> Result<Link, AdminFault> {
    let mut act = by.open(store).await?;
    let admin = named(&mut act, name).await?;
    admins::set_password(&mut act, admin.id, None).await?;
    web_sessions::end_of_admin(&mut act, admin.id, None).await?;
    if totp::off(&mut act, admin.id).await? && admin.totp_at.is_some() {
        act.also(Event::AdminTotpOff { admin: admin.name.clone() });
    }
    let link = link::issue(&mut act, admin.id, &admin.name, public_url).await?;
    act.commit(Event::AdminReset { admin: admin.name }).await?;
    Ok(link)
}

/// Disables an admin and ends their sessions; false when it was so before.
///
/// # Errors
/// When nobody has the name, or nobody else could run the installation.
pub async fn disable(store: &Store, by: &By, name: &str) -> Result<bool, AdminFault> {
    let mut act = by.open(store).await?;
    let admin = named(&mut act, name).await?;
    spare_the_last(&mut act, &admin).await?;
    if !admins::disable(&mut act, admin.id).await? {
        return Ok(false);
    }
    admins::drop_links(&mut act, admin.id).await?;
    web_sessions::end_of_admin(&mut act, admin.id, None).await?;
    act.commit(Event::AdminDisabled { admin: admin.name }).await?;
    Ok(true)
}

/// Enables an admin again; false when it was so before.
///
/// # Errors
/// When nobody has the name.
pub async fn enable(store: &Store, by: &By, name: &str) -> Result<bool, AdminFault> {
    let mut act = by.open(store).await?;
    let admin = named(&mut act, name).await?;
    if !admins::enable(&mut act, admin.id).await? {
        return Ok(false);
    }
    act.commit(Event::AdminEnabled { admin: admin.name }).await?;
    Ok(true)
}

/// Gives an admin another role; false when they have it.
///
/// # Errors
/// When nobody has the name, or nobody else could run the installation.
pub async fn set_role(store: &Store, by: &By, name: &str, role: Role) -> Result<bool, AdminFault> {
    let mut act = by.open(store).await?;
    let admin = named(&mut act, name).await?;
    if admin.role == role {
        return Ok(false);
    }
    spare_the_last(&mut act, &admin).await?;
    admins::set_role(&mut act, admin.id, role).await?;
    act.commit(Event::AdminRoleSet { admin: admin.name, from: admin.role, to: role }).await?;
    Ok(true)
}

/// Whether every admin must enter codes; false when it was so before.
///
/// # Errors
/// When the database does not answer.
pub async fn set_mandatory(store: &Store, by: &By, on: bool) -> Result<bool, AdminFault> {
    let mut act = by.open(store).await?;
    if !totp::set_mandatory(&mut act, on).await? {
        return Ok(false);
    }
    act.commit(Event::TotpMandatory { on }).await?;
    Ok(true)
}

async fn spare_the_last(act: &mut Act, admin: &Admin) -> Result<(), AdminFault> {
    let counts = admin.role == Role::Admin && admin.disabled_at.is_none() && admin.password.is_some();
    if counts && admins::others(act, admin.id).await? == 0 {
        return Err(AdminFault::Last(admin.name.clone()));
    }
    Ok(())
}

/// An admin as people look at one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// Identity.
    pub id: String,
    /// The name to sign in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether a password was chosen.
    pub ready: bool,
    /// Whether a code is asked when they sign in.
    pub totp: bool,
    /// Whether they are barred.
    pub disabled: bool,
    /// Added.
    pub created_at: String,
    /// Last sign-in.
    pub signed_in_at: Option<String>,
}

/// Everybody, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn list(store: &Store) -> Result<Vec<View>, StoreError> {
    let all = admins::all(&mut store.read().await?).await?;
    Ok(all
        .into_iter()
        .map(|admin| View {
            id: admin.id.to_string(),
            name: admin.name,
            role: admin.role,
            ready: admin.password.is_some(),
            totp: admin.totp_at.is_some(),
            disabled: admin.disabled_at.is_some(),
            created_at: written(admin.created_at),
            signed_in_at: admin.signed_in_at.map(written),
        })
        .collect())
}

async fn named(on: &mut impl Source, name: &str) -> Result<Admin, AdminFault> {
    let name = folded(name)?;
    admins::by_name(on, &name).await?.ok_or(AdminFault::Nobody(name))
}

// The name is shown in tables, in the journal and in the log.
fn folded(name: &str) -> Result<String, AdminFault> {
    let name = name.trim().to_ascii_lowercase();
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(&b));
    if (1..=40).contains(&name.len()) && plain { Ok(name) } else { Err(AdminFault::Name) }
}
