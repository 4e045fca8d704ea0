//! One-time links by which an admin chooses a password.

use std::net::IpAddr;
use std::time::Duration;

use postern_core::model::actor::Actor;
use postern_core::model::event::Event;
use postern_core::model::id::AdminId;
use postern_core::model::secret::Secret;
use url::Url;

use super::AdminFault;
use crate::actions::By;
use crate::auth::hash;
use crate::auth::password::{Passwords, fit};
use crate::clock::{Micros, micros};
use crate::store::admins::{self, Admin};
use crate::store::{Act, Source, Store, Write as _, web_sessions};

/// Life of a link.
pub const LIFE: Duration = Duration::from_secs(3_600);
/// Where it leads, below the public address; the word follows.
pub const PATH: &str = "/admin/welcome";

/// A link that its admin opens.
#[derive(Debug, Clone)]
pub struct Link {
    /// Whose.
    pub name: String,
    /// The address; whoever has it chooses the password.
    pub url: Secret,
    /// End of life.
    pub expires_at: Micros,
}

pub(super) async fn issue(
    act: &mut Act,
    id: AdminId,
    name: &str,
    public_url: &Url,
) -> Result<Link, AdminFault> {
    let store = act.store();
    let word = store.dice().word()?;
    let expires_at = store.clock().now() + micros(LIFE);
    admins::set_link(act, id, &hash::of(&word), expires_at).await?;
    let url = format!("{}{PATH}?link={word}", public_url.as_str().trim_end_matches('/'));
    Ok(Link { name: name.to_owned(), url: Secret::new(url), expires_at })
}

/// Who would choose a password by this link. Changes nothing.
///
/// # Errors
/// [`AdminFault::Link`] when it opens nothing.
pub async fn look(store: &Store, word: &str) -> Result<Admin, AdminFault> {
    behind(&mut store.read().await?, word, store.clock().now()).await
}

/// Uses the link up: the password is chosen and every session of the admin
/// ends. Returns the admin.
///
/// # Errors
/// When the link opens nothing or the password is unfit; then the link stays.
pub async fn accept(
    store: &Store,
    passwords: &Passwords,
    word: &str,
    password: &Secret,
    peer: IpAddr,
) -> Result<Admin, AdminFault> {
    let admin = look(store, word).await?;
    fit(password, &admin.name)?;
    let hashed = passwords.hash(password, store.dice()).await?;
    let by = By::new(Actor::Admin { name: admin.name.clone(), peer }, store.dice())?;
    let mut act = by.open(store).await?;
    let admin = behind(&mut act, word, store.clock().now()).await?;
    // Of two who press at once, one finds nothing left to take.
    if admins::drop_links(&mut act, admin.id).await? == 0 {
        return Err(AdminFault::Link);
    }
    admins::set_password(&mut act, admin.id, Some(&hashed)).await?;
    web_sessions::end_of_admin(&mut act, admin.id, None).await?;
    act.commit(Event::AdminPasswordSet { admin: admin.name.clone() }).await?;
    Ok(Admin { password: Some(hashed), ..admin })
}

async fn behind(on: &mut impl Source, word: &str, now: Micros) -> Result<Admin, AdminFault> {
    let (id, end) = admins::link(on, &hash::of(word)).await?.ok_or(AdminFault::Link)?;
    let admin = admins::by_id(on, id).await?.ok_or(AdminFault::Link)?;
    if end <= now || admin.disabled_at.is_some() { Err(AdminFault::Link) } else { Ok(admin) }
}
