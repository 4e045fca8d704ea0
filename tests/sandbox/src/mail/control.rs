//! Mail and sessions in the hands of a test.

use std::collections::BTreeSet;

use super::sessions::{Protocol, SessionReport};
use crate::google::Google;

impl Google {
    /// Puts a message into the INBOX of the person who has this address or alias; idle sessions
    /// hear of it. `false` when nobody has it.
    pub fn deliver(&self, address: &str, message: &[u8]) -> bool {
        let owner = self.people.lock().recipient(address).map(|it| it.email.clone());
        owner.is_some_and(|email| self.seed(&email, "INBOX", message, &[]))
    }

    /// Puts a message with flags into a folder. `false` when there is no such folder.
    pub fn seed(&self, email: &str, folder: &str, message: &[u8], flags: &[&str]) -> bool {
        let flags: BTreeSet<String> = flags.iter().map(|flag| (*flag).into()).collect();
        let now = self.clock.seconds();
        let email = email.to_ascii_lowercase();
        let stored =
            self.post.with(&email, |account| account.store(folder, message.to_vec(), flags, now).is_some());
        self.post.ring();
        stored.unwrap_or(false)
    }

    /// The messages of a folder, oldest first.
    pub fn mailbox(&self, email: &str, folder: &str) -> Vec<Vec<u8>> {
        self.look(email, folder, |message| message.raw.to_vec())
    }

    /// The flags of the messages of a folder, oldest first.
    pub fn flags(&self, email: &str, folder: &str) -> Vec<Vec<String>> {
        self.look(email, folder, |message| message.flags.iter().cloned().collect())
    }

    fn look<T>(&self, email: &str, folder: &str, see: impl Fn(&super::Message) -> T) -> Vec<T> {
        let email = email.to_ascii_lowercase();
        let seen = self.post.with(&email, |account| {
            let messages = account.folder(folder).map(|it| it.messages.as_slice());
            messages.unwrap_or_default().iter().map(see).collect()
        });
        seen.unwrap_or_default()
    }

    /// Makes a folder.
    pub fn create_folder(&self, email: &str, folder: &str) -> bool {
        let created = self.post.with(&email.to_ascii_lowercase(), |it| it.create(folder));
        created.unwrap_or(false)
    }

    /// Ends the sessions of an account the way Gmail ends one that is too old.
    pub fn kick(&self, email: &str) {
        self.sessions.kick(&email.to_ascii_lowercase());
        self.post.ring();
    }

    /// Sets how many IMAP sessions an account may have (15 at first).
    pub fn set_most_imap_sessions(&self, most: usize) {
        self.sessions.set_most(most);
    }

    /// IMAP logins so far: accepted, refused.
    pub fn imap_logins(&self) -> (usize, usize) {
        self.logins(Protocol::Imap)
    }

    /// SMTP logins so far: accepted, refused.
    pub fn smtp_logins(&self) -> (usize, usize) {
        self.logins(Protocol::Smtp)
    }

    fn logins(&self, protocol: Protocol) -> (usize, usize) {
        let accepted = self.sessions.logins(protocol, true);
        (accepted, self.sessions.logins(protocol, false))
    }

    /// IMAP sessions of an account that stand now.
    pub fn open_imap_sessions(&self, email: &str) -> usize {
        let email = email.to_ascii_lowercase();
        self.sessions.count(|it| it.open && !it.smtp && it.account.as_deref() == Some(email.as_str()))
    }

    /// All connections that stand now, logged in or not.
    pub fn open_connections(&self) -> usize {
        self.sessions.count(|it| it.open)
    }

    /// The sessions, oldest first: all that are open, and the last that have ended.
    pub fn sessions(&self) -> Vec<SessionReport> {
        self.sessions.reports()
    }

    /// Whether any client ever asked for COMPRESS.
    pub fn compress_seen(&self) -> bool {
        self.sessions.count(|it| it.compress_seen) > 0
    }
}
