//! Signing in, proving it once more, signing out.
//!
//! One answer for a wrong name, a wrong password, a disabled admin and one who
//! has no password yet; all of them take the same work. Wrong passwords slow
//! the address down that shows them, as at the mail listeners, and never bar
//! an admin who shows the right one. Who has a second factor enters its code in
//! a second step, which nobody meets without the right password.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use postern_core::model::actor::Actor;
use postern_core::model::event::Event;
use postern_core::model::id::WebSessionId;
use postern_core::model::secret::Secret;

use super::AdminFault;
use crate::actions::By;
use crate::auth::password::{Ending, Passwords};
use crate::auth::throttle::{Pace, Rules, Throttle};
use crate::auth::totp::Typed;
use crate::auth::tries::Tries;
use crate::auth::{halfway, hash};
use crate::dice::NoRandomness;
use crate::store::accounts::Account;
use crate::store::admins::{self, Admin};
use crate::store::web_sessions::{self, Holder};
use crate::store::{Act, Store, StoreError, totp};

const RULES: Rules =
    Rules { secrets: 10, window: Duration::from_secs(600), longest: Duration::from_secs(10) };

/// The way in for admins.
pub struct Entrance {
    pub(super) store: Store,
    pub(super) passwords: Passwords,
    throttle: Mutex<Throttle>,
    tries: Mutex<Tries>,
}

/// How far a right password leads.
#[derive(Debug)]
pub enum Entry {
    /// In: the word of the session, for the cookie.
    In(Secret),
    /// To the question for a code, which wants this shown again.
    Code(Secret),
}

/// What somebody typed, and where.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The name.
    pub name: String,
    /// The password, or the code where one is asked.
    pub password: Secret,
    /// The address of the browser.
    pub peer: IpAddr,
    /// What the browser calls itself.
    pub agent: String,
}

/// Why nobody came in.
#[derive(Debug, thiserror::Error)]
pub enum EntryFault {
    /// Name or password are wrong; the answer waits for so long.
    #[error("name, password or code are wrong")]
    Wrong(Duration),
    /// So many wrong codes that no further one is looked at for a while.
    #[error("too many wrong codes")]
    TooMany,
    /// The password was shown too long ago, or has changed since.
    #[error("the sign-in has to begin anew")]
    Over,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness for the session.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The process ends.
    #[error(transparent)]
    Ending(#[from] Ending),
}

impl Entrance {
    /// The way in of one installation.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    pub fn new(store: Store, passwords: Passwords) -> Result<Self, NoRandomness> {
        let key = store.dice().bytes()?;
        Ok(Self {
            store,
            passwords,
            throttle: Mutex::new(Throttle::new(RULES, key)),
            tries: Mutex::default(),
        })
    }

    /// Checks name and password and opens a session, unless a code is asked.
    ///
    /// # Errors
    /// See [`EntryFault`]; nobody is signed in then.
    pub async fn sign_in(&self, attempt: &Attempt) -> Result<Entry, EntryFault> {
        let name = attempt.name.trim().to_ascii_lowercase();
        let known = admins::by_name(&mut self.store.read().await?, &name).await?;
        let Some(admin) = self.prove(known.as_ref(), attempt).await? else {
            return Err(self.refuse(known.map(|admin| admin.name), attempt).await?);
        };
        if admin.totp_at.is_some() {
            return Ok(Entry::Code(halfway::issue(&self.store, &admin).await?));
        }
        self.open(&admin, attempt).await.map(Entry::In)
    }

    /// Checks the code that follows a right password, which `step` tells of,
    /// and opens a session. A recovery code is used up. Returns the session's
    /// word, for the cookie.
    ///
    /// # Errors
    /// See [`EntryFault`]; nobody is signed in then.
    pub async fn code(&self, step: &str, mut attempt: Attempt) -> Result<Secret, EntryFault> {
        let admin = halfway::open(&self.store, step).await?.ok_or(EntryFault::Over)?;
        attempt.name.clone_from(&admin.name);
        let mut act = self.by(&admin, attempt.peer)?.open(&self.store).await?;
        if !self.takes(&mut act, &admin, &attempt.password).await? {
            drop(act);
            return Err(self.refuse(Some(admin.name), &attempt).await?);
        }
        self.begin(act, &admin, &attempt).await
    }

    /// Opens a session for an admin who has just chosen a password.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn welcome(&self, admin: &Admin, peer: IpAddr, agent: &str) -> Result<Secret, EntryFault> {
        let attempt =
            Attempt { name: admin.name.clone(), password: Secret::new(""), peer, agent: agent.to_owned() };
        self.open(admin, &attempt).await
    }

    /// Chooses a password by a one-time link and signs in.
    ///
    /// # Errors
    /// See [`super::link::accept`].
    pub async fn accept(&self, word: &str, password: &Secret, peer: IpAddr) -> Result<Admin, AdminFault> {
        super::link::accept(&self.store, &self.passwords, word, password, peer).await
    }

    /// Checks the password of somebody who is signed in once more, or a code
    /// of theirs in its place: no password is as short.
    ///
    /// # Errors
    /// See [`EntryFault`]; the session goes on, but is not fresh.
    pub async fn confirm(
        &self,
        admin: &Admin,
        session: WebSessionId,
        attempt: &Attempt,
    ) -> Result<(), EntryFault> {
        let coded = admin.totp_at.is_some() && matches!(Typed::read(&attempt.password), Typed::Code(_));
        // The password takes tens of milliseconds, for which no act stays open.
        if !coded && self.prove(Some(admin), attempt).await?.is_none() {
            return Err(self.refuse(Some(admin.name.clone()), attempt).await?);
        }
        let mut act = self.by(admin, attempt.peer)?.open(&self.store).await?;
        if coded && !self.takes(&mut act, admin, &attempt.password).await? {
            drop(act);
            return Err(self.refuse(Some(admin.name.clone()), attempt).await?);
        }
        web_sessions::fresh(&mut act, session).await?;
        act.commit(Event::AdminConfirmed { admin: admin.name.clone() }).await?;
        Ok(())
    }

    /// Ends one session of this admin.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign_out(
        &self,
        admin: &Admin,
        session: WebSessionId,
        peer: IpAddr,
    ) -> Result<(), EntryFault> {
        let mut act = self.by(admin, peer)?.open(&self.store).await?;
        if web_sessions::end(&mut act, session).await? {
            act.commit(Event::AdminSignedOut { admin: admin.name.clone() }).await?;
        }
        Ok(())
    }

    /// Ends one session of a mailbox's owner.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign_out_owner(
        &self,
        account: &Account,
        session: WebSessionId,
        peer: IpAddr,
    ) -> Result<(), EntryFault> {
        let mut act = By::new(Actor::OwnerAt(peer), self.store.dice())?.open(&self.store).await?;
        if web_sessions::end(&mut act, session).await? {
            act.commit(Event::OwnerSignedOut { account: account.id, address: account.address.clone() })
                .await?;
        }
        Ok(())
    }

    // Whether it is a code of this admin that was not taken before. In the act, so that of two who
    // show one code at once one is refused.
    async fn takes(&self, act: &mut Act, admin: &Admin, typed: &Secret) -> Result<bool, EntryFault> {
        let number = match Typed::read(typed) {
            Typed::Code(number) => number,
            Typed::Recovery(code) => return recovers(act, admin, &code).await,
            Typed::Nothing => return Ok(false),
        };
        let (tries, clock) = (&self.tries, self.store.clock());
        if !tries.lock().unwrap_or_else(PoisonError::into_inner).begin(admin.id, clock.now()) {
            return Err(EntryFault::TooMany);
        }
        let Some(secret) = totp::secret(&self.store, act, admin.id).await? else { return Ok(false) };
        let step = crate::auth::totp::step(&secret, number, clock.seconds());
        let Some(step) = step else { return Ok(false) };
        let taken = totp::take_step(act, admin.id, step).await?;
        if taken {
            tries.lock().unwrap_or_else(PoisonError::into_inner).right(admin.id);
        }
        Ok(taken)
    }

    // The admin as stored now, when the password is right and they may come in.
    pub(super) async fn prove(
        &self,
        known: Option<&Admin>,
        attempt: &Attempt,
    ) -> Result<Option<Admin>, EntryFault> {
        let stored = known.and_then(|admin| admin.password.as_ref());
        let right = self.passwords.matches(&attempt.password, stored).await?;
        Ok(known.filter(|admin| right && admin.disabled_at.is_none()).cloned())
    }

    async fn open(&self, admin: &Admin, attempt: &Attempt) -> Result<Secret, EntryFault> {
        let act = self.by(admin, attempt.peer)?.open(&self.store).await?;
        self.begin(act, admin, attempt).await
    }

    async fn begin(&self, mut act: Act, admin: &Admin, attempt: &Attempt) -> Result<Secret, EntryFault> {
        let word = self.store.dice().word()?;
        let (hash, now) = (hash::of(&word), self.store.clock().now());
        // A reset or a bar that came while the password was checked stands.
        let stored = admins::by_id(&mut act, admin.id).await?;
        if !stored.is_some_and(|stored| stored.disabled_at.is_none() && stored.password == admin.password) {
            return Err(EntryFault::Over);
        }
        admins::signed_in(&mut act, admin.id).await?;
        let (holder, peer) = (Holder::Admin(admin.id), attempt.peer.to_string());
        web_sessions::insert(&mut act, &hash, holder, &peer, &attempt.agent, now).await?;
        act.commit(Event::AdminSignedIn { admin: admin.name.clone() }).await?;
        Ok(Secret::new(word))
    }

    // An address that is shut out writes no more rows.
    pub(super) async fn refuse(
        &self,
        admin: Option<String>,
        attempt: &Attempt,
    ) -> Result<EntryFault, EntryFault> {
        let shown = Secret::new(format!("{} {}", attempt.name, attempt.password.reveal()));
        let now = self.store.clock().now();
        let pace = {
            let mut throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner);
            throttle.wrong(attempt.peer, &shown, now)
        };
        match pace {
            Pace::ShutOut(delay) => Ok(EntryFault::Wrong(delay)),
            Pace::Free => {
                let by = By::new(Actor::Visitor(attempt.peer), self.store.dice())?;
                let act = by.open(&self.store).await?;
                act.commit(Event::AdminSignInRefused { admin }).await?;
                Ok(EntryFault::Wrong(Duration::ZERO))
            }
        }
    }

    pub(super) fn by(&self, admin: &Admin, peer: IpAddr) -> Result<By, NoRandomness> {
        By::new(Actor::Admin { name: admin.name.clone(), peer }, self.store.dice())
    }
}

async fn recovers(act: &mut Act, admin: &Admin, code: &Secret) -> Result<bool, EntryFault> {
    let known = totp::use_code(act, admin.id, &hash::of(code.reveal())).await?;
    if known {
        let left = totp::left(act, admin.id).await?;
        act.also(Event::AdminCodeUsed { admin: admin.name.clone(), left });
    }
    Ok(known)
}
