//! The handle: everything this Google knows, changeable while it runs.

use std::sync::Arc;

use crate::calendar;
use crate::clock::Clock;
use crate::dice;
use crate::guarded::Guarded;
use crate::imap::ImapFault;
use crate::mail::Post;
use crate::oauth::State;
use crate::oauth::signing;
use crate::people::{Client, People, ServiceAccount, User, hosted_domain};
use crate::smtp::SmtpSide;
use crate::{Faults, contacts, mail};

/// A stand-in Google. All methods work while sessions run.
#[derive(Debug)]
pub struct Google {
    pub(crate) base: String,
    pub(crate) clock: Clock,
    pub(crate) people: Guarded<People>,
    pub(crate) oauth: State,
    pub(crate) post: Post,
    pub(crate) sessions: mail::Sessions,
    pub(crate) imap_faults: Faults<ImapFault>,
    pub(crate) smtp: SmtpSide,
    pub(crate) calendar: calendar::State,
    pub(crate) contacts: contacts::State,
}

impl Google {
    /// A Google without listeners, whose OAuth addresses begin with `base`.
    pub fn new(base: &str) -> Arc<Self> {
        Arc::new(Self {
            base: base.trim_end_matches('/').to_owned(),
            clock: Clock::default(),
            people: Guarded::default(),
            oauth: State::default(),
            post: Post::default(),
            sessions: mail::Sessions::default(),
            imap_faults: Faults::default(),
            smtp: SmtpSide::default(),
            calendar: calendar::State::default(),
            contacts: contacts::State::default(),
        })
    }

    /// Google's clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Faults of IMAP sessions.
    pub fn imap_faults(&self) -> &Faults<ImapFault> {
        &self.imap_faults
    }

    /// Adds a user with an empty mailbox, an empty calendar and no contacts. A Workspace user,
    /// unless it is a gmail.com address.
    pub fn add_user(&self, email: &str) -> User {
        let email = email.to_ascii_lowercase();
        let local = email.split('@').next().unwrap_or_default();
        let user = User {
            sub: dice::digits(21),
            hd: hosted_domain(&email),
            aliases: Vec::new(),
            name: capitalised(local),
            email: email.clone(),
        };
        self.people.lock().users.insert(email.clone(), user.clone());
        self.post.open(&email);
        self.open_calendar(&email);
        self.open_contacts(&email);
        user
    }

    /// The user of this address.
    pub fn user(&self, email: &str) -> Option<User> {
        self.people.lock().user(email).cloned()
    }

    /// Deletes a user; its tokens answer as Google's do for a deleted account.
    pub fn remove_user(&self, email: &str) {
        self.people.lock().users.remove(&email.to_ascii_lowercase());
        self.kick(email);
    }

    /// Gives the address to another person: grants of the former one are dead.
    pub fn set_sub(&self, email: &str, sub: &str) {
        self.change_user(email, |user| user.sub = sub.to_owned());
    }

    /// Sets the Workspace domain of a user.
    pub fn set_hosted_domain(&self, email: &str, domain: Option<&str>) {
        self.change_user(email, |user| user.hd = domain.map(str::to_owned));
    }

    /// Adds a verified "send mail as" address.
    pub fn add_alias(&self, email: &str, alias: &str) {
        self.change_user(email, |user| user.aliases.push(alias.to_ascii_lowercase()));
    }

    /// The same person gets a new primary address; grants and mail stay.
    pub fn rename_user(&self, from: &str, to: &str) {
        let (from, to) = (from.to_ascii_lowercase(), to.to_ascii_lowercase());
        let mut people = self.people.lock();
        if let Some(mut user) = people.users.remove(&from) {
            user.email.clone_from(&to);
            user.hd = hosted_domain(&to);
            people.users.insert(to.clone(), user);
            self.post.rename(&from, &to);
            self.calendar.rename(&from, &to);
            self.contacts.rename(&from, &to);
        }
    }

    fn change_user(&self, email: &str, change: impl FnOnce(&mut User)) {
        let mut people = self.people.lock();
        if let Some(user) = people.users.get_mut(&email.to_ascii_lowercase()) {
            change(user);
        }
    }

    /// Adds an OAuth client, or replaces the one of that id (a changed secret).
    pub fn add_client(&self, id: &str, secret: &str, redirect_uris: &[&str]) {
        let client = Client {
            id: id.to_owned(),
            secret: secret.to_owned(),
            redirect_uris: redirect_uris.iter().map(|uri| (*uri).into()).collect(),
        };
        let mut people = self.people.lock();
        people.deleted_clients.retain(|deleted| deleted != id);
        people.clients.insert(id.to_owned(), client);
    }

    /// Deletes an OAuth client: `deleted_client` from now on.
    pub fn remove_client(&self, id: &str) {
        let mut people = self.people.lock();
        people.clients.remove(id);
        people.deleted_clients.push(id.to_owned());
    }

    /// Adds a service account with delegation for `domains` and `scopes`.
    /// Returns its key file, the JSON that Google's console hands out.
    pub fn add_service_account(&self, email: &str, domains: &[&str], scopes: &[&str]) -> String {
        let key = signing::robot_key();
        let robot = ServiceAccount {
            email: email.to_owned(),
            scopes: scopes.iter().map(|scope| (*scope).into()).collect(),
            domains: domains.iter().map(|domain| (*domain).into()).collect(),
            disabled: false,
            key: key.public.clone(),
        };
        self.people.lock().robots.insert(email.to_owned(), robot);
        self.key_file(email, &key.private_pem)
    }

    /// Replaces the key of a service account: assertions by the former one are refused.
    pub fn rotate_service_account_key(&self, email: &str) -> String {
        let key = signing::fresh_key();
        self.change_robot(email, |robot| robot.key = key.public.clone());
        self.key_file(email, &key.private_pem)
    }

    /// Sets what the domain's admin delegates to a service account.
    pub fn set_delegated_scopes(&self, email: &str, scopes: &[&str]) {
        let scopes = scopes.iter().map(|scope| (*scope).into()).collect();
        self.change_robot(email, |robot| robot.scopes = scopes);
    }

    /// Switches a service account off ("Robot is disabled.") or on.
    pub fn disable_service_account(&self, email: &str, disabled: bool) {
        self.change_robot(email, |robot| robot.disabled = disabled);
    }

    fn change_robot(&self, email: &str, change: impl FnOnce(&mut ServiceAccount)) {
        if let Some(robot) = self.people.lock().robots.get_mut(email) {
            change(robot);
        }
    }

    fn key_file(&self, email: &str, private_pem: &str) -> String {
        let project = email.split(['@', '.']).nth(1).unwrap_or("sandbox");
        serde_json::json!({
            "type": "service_account",
            "project_id": project,
            "private_key_id": dice::trace(),
            "private_key": private_pem,
            "client_email": email,
            "client_id": dice::digits(21),
            "auth_uri": self.auth_url(),
            "token_uri": self.token_url(),
            "universe_domain": "googleapis.com",
        })
        .to_string()
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
