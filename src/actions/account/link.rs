//! Consent links: seven days, stored as a hash, shown once.

use std::time::Duration;

use postern_core::model::id::AccountId;
use postern_core::model::secret::Secret;
use url::Url;

use crate::actions::ActError;
use crate::auth::hash;
use crate::clock::{Micros, micros};
use crate::store::{Act, Write, consents};

/// Life of a link.
pub const LIFE: Duration = Duration::from_secs(7 * 86_400);

/// A link that its owner opens to connect the mailbox.
#[derive(Debug, Clone)]
pub struct Link {
    /// The address; whoever has it may connect the mailbox.
    pub url: Secret,
    /// End of life.
    pub expires_at: Micros,
}

/// Makes a link below `public_url`.
pub(super) async fn issue(act: &mut Act, account: AccountId, public_url: &Url) -> Result<Link, ActError> {
    let store = act.store();
    let word = store.dice().word()?;
    let expires_at = store.clock().now() + micros(LIFE);
    consents::add_link(act, account, &hash::of(&word), expires_at).await?;
    let base = public_url.as_str().trim_end_matches('/');
    Ok(Link { url: Secret::new(format!("{base}/oauth/google/start?link={word}")), expires_at })
}
