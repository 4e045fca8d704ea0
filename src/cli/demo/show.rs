//! What the demo prints.

use std::path::Path;

use super::{CARLA, Mailbox, Ports};
use crate::actions::admin::link::Link;

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
pub(super) fn invitation(mailboxes: &[Mailbox], ports: &Ports, home: &Path, admin: &Link) {
    println!("\nConnect your own mail client (no encryption, this machine only):");
    println!("  IMAP   host {}  port {}", ports.imap.ip(), ports.imap.port());
    println!("  SMTP   host {}  port {}", ports.smtp.ip(), ports.smtp.port());
    for mailbox in mailboxes {
        println!("  user   {}\n  token  {}", mailbox.address, mailbox.token.reveal());
    }
    println!("\nFor example:");
    if let Some(first) = mailboxes.first() {
        println!(
            "  curl --user '{}:{}' 'imap://{}/INBOX;MAILINDEX=1'",
            first.address,
            first.token.reveal(),
            ports.imap
        );
    }
    println!("\nOr do all of it in the browser: choose a password for the admin \"{}\" here,", admin.name);
    println!("register {CARLA}, whom the stand-in Google knows, and connect her mailbox by its link:");
    println!("  {}", admin.url.reveal());
    println!("\nData is in {} until you press Ctrl-C.", home.display());
}

/// Where both sides of Anna's calendar can be seen and edited.
pub(super) fn both_calendars(url: &str) {
    println!(
        "\nBoth sides of Anna's calendar, to be edited by hand; a change is on the other side in seconds:"
    );
    println!("  {url}");
}
