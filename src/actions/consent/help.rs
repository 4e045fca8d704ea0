//! What a reference from an error text leads to.

use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::refusal::{Cause, PeerText};
use postern_core::model::scope::Product;

use super::start::barred;
use super::{Consents, Offer};
use crate::store::accounts::{self, Account};
use crate::store::{Read, StoreError, grants, help_refs, switched_off};
use crate::texts::{Connect, Sentence, Text};

/// For how long a reference leads somewhere.
pub(super) const LIFE: Duration = Duration::from_secs(30 * 86_400);
/// Longest reference that is looked for.
const LONGEST: usize = 16;

/// How things stand for the mailbox behind a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// The mailbox.
    pub address: Address,
    /// Why the login was refused then: a name of `Cause`.
    pub cause: String,
    /// Where the account stands now.
    pub state: State,
    /// The CRM user who will see the data; none for a shared mailbox.
    pub crm_user: Option<String>,
    /// The owner has switched mail off here.
    pub switched_off: bool,
    /// Whether a consent of the owner mends it.
    pub needs_consent: bool,
    /// Whether one can be started: a Google client is set.
    pub has_client: bool,
    /// Gmail's words when it last refused the mailbox.
    pub noted: Option<String>,
    /// What a consent would be for.
    pub products: Vec<Product>,
}

impl Help {
    /// What a consent would be for.
    #[must_use]
    pub fn offer(&self) -> Offer {
        let (address, crm_user) = (self.address.clone(), self.crm_user.clone());
        Offer { address, crm_user, products: self.products.clone() }
    }

    /// The sentence for the person at the browser: how it stands now goes
    /// before what was wrong then.
    #[must_use]
    pub fn told(&self) -> Sentence {
        match self.state {
            State::Disabled => return Text::Disabled.into(),
            State::AwaitingApproval => return Text::AwaitingApproval.into(),
            State::NeedsConsent => return Text::HelpNeedsConsent.into(),
            State::NeedsSignIn => return Text::HelpNeedsSignIn.into(),
            State::New | State::Active => {}
        }
        if self.switched_off {
            return Connect::HelpSwitchedOff.into();
        }
        match self.cause.as_str() {
            "product_missing" if self.needs_consent => Text::HelpProductMissing.into(),
            "needs_consent" if self.needs_consent => Text::HelpNeedsConsent.into(),
            "wrong_token" => Text::HelpWrongToken.into(),
            "token_expired" => Text::HelpTokenExpired.into(),
            "client_refused" => Text::HelpClientRefused.into(),
            "refused_by_gmail" => match &self.noted {
                Some(words) => Sentence::from(Text::HelpRefusedByGmail).with("words", words),
                None => Text::HelpFine.into(),
            },
            "unavailable" => Text::HelpUnavailable.into(),
            "too_many_connections" => Text::HelpTooMany.into(),
            _ => Text::HelpFine.into(),
        }
    }
}

impl Consents {
    /// What a live reference leads to. Changes nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn help(&self, reference: &str) -> Result<Option<Help>, StoreError> {
        let mut read = self.store.read().await?;
        Ok(self.behind_reference(&mut read, reference).await?.map(|(_, help)| help))
    }

    pub(super) async fn behind_reference(
        &self,
        read: &mut Read,
        reference: &str,
    ) -> Result<Option<(Account, Help)>, StoreError> {
        if reference.is_empty() || reference.len() > LONGEST {
            return Ok(None);
        }
        let now = self.store.clock().now();
        let Some((id, cause)) = help_refs::get(read, reference, now).await? else {
            return Ok(None);
        };
        let Some(account) = accounts::by_id(read, id).await? else {
            return Ok(None);
        };
        let help = Help {
            crm_user: account.crm_user.clone(),
            switched_off: switched_off::of(read, id).await?.contains(&Product::Gmail),
            address: account.address.clone(),
            needs_consent: self.needs_consent(read, &account, &cause).await?,
            cause,
            state: account.state,
            products: self.offered(read, id).await?,
            has_client: self.client(read).await?.is_some(),
            noted: account.noted.as_deref().map(|words| PeerText::new(words).as_str().to_owned()),
        };
        Ok(Some((account, help)))
    }

    async fn needs_consent(
        &self,
        read: &mut Read,
        account: &Account,
        cause: &str,
    ) -> Result<bool, StoreError> {
        if barred(account).is_some() {
            return Ok(false);
        }
        if matches!(account.state, State::NeedsConsent | State::NeedsSignIn) {
            return Ok(true);
        }
        // A new account may be served by a service account, and an active one
        // may lack Gmail; whether that is the trouble, the refusal says.
        let lacking = [Cause::NeedsConsent, Cause::ProductMissing].iter().any(|c| c.name() == cause);
        if !lacking {
            return Ok(false);
        }
        let grant = grants::of(&self.store, read, account.id).await?;
        Ok(!grant.is_some_and(|grant| grant.scopes.opens(Product::Gmail)))
    }
}
