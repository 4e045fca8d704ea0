//! SMTP in the hands of a test: settings and what was received.

use super::fault::SmtpFault;
use crate::Faults;
use crate::google::Google;
use crate::guarded::Guarded;

/// One mail transaction, from MAIL to the final dot or to where it broke off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transaction {
    /// The account that was logged in.
    pub account: String,
    /// The sender in MAIL FROM.
    pub from: String,
    /// What followed the sender in MAIL FROM.
    pub parameters: String,
    /// The recipients that were accepted.
    pub recipients: Vec<String>,
    /// The octets between DATA and the final dot, as they came: still dot-stuffed.
    pub raw: Vec<u8>,
    /// The message, unstuffed, before Gmail's changes to it.
    pub message: Vec<u8>,
    /// Whether the end of the message was seen.
    pub complete: bool,
    /// The verdict; empty when there was none.
    pub verdict: String,
}

#[derive(Debug)]
pub(crate) struct Settings {
    pub(super) lax: bool,
    pub(super) offers: Vec<String>,
    pub(super) size: usize,
    pub(super) most_recipients: usize,
}

impl Default for Settings {
    fn default() -> Self {
        let offers = [
            "SIZE 35882577",
            "8BITMIME",
            "AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH",
            "ENHANCEDSTATUSCODES",
            "PIPELINING",
            "CHUNKING",
            "SMTPUTF8",
        ];
        Self { lax: false, offers: offers.map(String::from).into(), size: 35_882_577, most_recipients: 100 }
    }
}

#[derive(Debug, Default)]
pub(crate) struct SmtpSide {
    pub(super) faults: Faults<SmtpFault>,
    pub(super) settings: Guarded<Settings>,
    pub(super) transactions: Guarded<Vec<Transaction>>,
}

impl Google {
    /// Faults of SMTP sessions.
    pub fn smtp_faults(&self) -> &Faults<SmtpFault> {
        &self.smtp.faults
    }

    /// Every transaction that got as far as DATA or BDAT, oldest first; broken ones too.
    pub fn transactions(&self) -> Vec<Transaction> {
        self.smtp.transactions.lock().clone()
    }

    /// Forgets the transactions.
    pub fn clear_transactions(&self) {
        self.smtp.transactions.lock().clear();
    }

    /// Has `.` between bare line feeds end a message too, as servers do that can be smuggled to.
    pub fn set_lax_end_of_data(&self, lax: bool) {
        self.smtp.settings.lock().lax = lax;
    }

    /// Sets the lines of the EHLO answer, without code.
    pub fn set_smtp_offers(&self, offers: &[&str]) {
        self.smtp.settings.lock().offers = offers.iter().map(|it| (*it).into()).collect();
    }

    /// Takes one extension, such as `SMTPUTF8`, out of the EHLO answer.
    pub fn withdraw_smtp_offer(&self, name: &str) {
        let other = |offer: &String| offer.split(' ').next() != Some(name);
        self.smtp.settings.lock().offers.retain(other);
    }

    /// Sets the largest message (35,882,577 octets at first). The offer is not changed.
    pub fn set_smtp_size(&self, octets: usize) {
        self.smtp.settings.lock().size = octets;
    }

    /// Sets how many recipients a message may have (100 at first).
    pub fn set_most_recipients(&self, most: usize) {
        self.smtp.settings.lock().most_recipients = most;
    }
}
