//! What the demo prints.

use std::path::Path;

use super::{Mailbox, Ports};
use crate::config::Config;

/// Numbers the steps.
#[derive(Default)]
pub(super) struct Steps(u32);

impl Steps {
    /// A step that succeeded, with its result.
    pub(super) fn done(&mut self, what: &str, result: &str) {
        self.0 += 1;
        println!("{:2}. {what}: {result}", self.0);
    }
}

/// How a person connects a client of his own.
pub(super) fn invitation(config: &Config, mailboxes: &[Mailbox], ports: &Ports, home: &Path) {
    println!("\nConnect your own mail client (no encryption, this machine only):");
    println!("  IMAP   host {}  port {}", ports.imap.ip(), ports.imap.port());
    println!("  SMTP   host {}  port {}", ports.smtp.ip(), ports.smtp.port());
    for mailbox in mailboxes {
        println!("  user   {}\n  token  {}", mailbox.address, mailbox.token.reveal());
    }
    println!("  pages  {}", config.http.address_of("/"));
    println!("\nFor example:");
    if let Some(first) = mailboxes.first() {
        println!(
            "  curl --user '{}:{}' 'imap://{}/INBOX;MAILINDEX=1'",
            first.address,
            first.token.reveal(),
            ports.imap
        );
    }
    println!("\nData is in {} until you press Ctrl-C.", home.display());
}
