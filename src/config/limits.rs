//! `[limits]`: how large, how long.

use std::time::Duration;

use super::quantity::{duration, number, size};
use super::section::Section;

/// Gmail's own limit for a message, in octets.
pub const MESSAGE_SIZE: u64 = 35_882_577;

/// Smallest largest message.
pub(super) const SMALLEST: u64 = 65_536;
/// Least and most connections.
pub(super) const CONNECTIONS: (u32, u32) = (1, 1_000_000);
/// Least and most sessions of an account.
pub(super) const SESSIONS: (u32, u32) = (1, 100_000);
/// Least and most wrong secrets.
pub(super) const SECRETS: (u32, u32) = (1, 1_000);
/// Longest delay of an answer.
pub(super) const MINUTE: Duration = Duration::from_secs(60);
/// Longest silence, longest memory of a wrong secret.
pub(super) const DAY: Duration = Duration::from_secs(86_400);

/// Bounds of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest message in octets, 65,536 to 35,882,577. Default 35,882,577.
    pub message_size: u64,
    /// From connect to login. Default 60 s, at most 10 min.
    pub preauth: Duration,
    /// Connect to Gmail. Default 5 s, at most 1 min.
    pub dial: Duration,
    /// A whole login, dial and token included. Default 25 s, at most 5 min.
    pub login: Duration,
    /// An IMAP session without a byte from either side. Default 31 min, at
    /// most 1 day.
    pub imap_idle: Duration,
    /// Between two SMTP commands. Default 5 min, at most 1 h.
    pub smtp_command: Duration,
    /// Between two blocks of a message. Default 3 min, at most 1 h.
    pub smtp_data: Duration,
    /// Gmail's verdict on a message. Default 10 min, at most 1 h.
    pub smtp_verdict: Duration,
    /// Connections of mail clients. Default 20,000, 1 to 1,000,000.
    pub connections: u32,
    /// Of these from one address. Default 1,000.
    pub connections_per_address: u32,
    /// IMAP sessions of one account at once, over all nodes. Default 10 of
    /// Gmail's 15.
    pub account_sessions: u32,
    /// SMTP sessions of one account at once, over all nodes. Default 10.
    pub account_smtp_sessions: u32,
    /// So many different wrong secrets shut an address out. Default 20, 1 to 1,000.
    pub login_throttle: u32,
    /// For how long a wrong secret counts. Default 10 min, at most 1 day.
    pub login_throttle_window: Duration,
    /// Longest delay of the answer to one that is shut out. Default 10 s, at
    /// most 1 min.
    pub login_throttle_delay: Duration,
    /// For sessions to end once the process was asked to stop. Default 30 s, at
    /// most 10 min.
    pub drain: Duration,
}

pub(super) fn read(section: &Section<'_>) -> Option<Limits> {
    let time = |key: &str, default: &str, longest: Duration| section.or(key, default, duration(longest));
    let count = |key: &str, default: &str, (least, most): (u32, u32)| {
        section.number_or(key, default, number(least, most))
    };
    let message_size = section.number_or("message_size", "35882577", size(SMALLEST, MESSAGE_SIZE));
    let preauth = time("preauth", "60s", 10 * MINUTE);
    let dial = time("dial", "5s", MINUTE);
    let login = time("login", "25s", 5 * MINUTE);
    let imap_idle = time("imap_idle", "31m", DAY);
    let smtp_command = time("smtp_command", "5m", 60 * MINUTE);
    let smtp_data = time("smtp_data", "3m", 60 * MINUTE);
    let smtp_verdict = time("smtp_verdict", "10m", 60 * MINUTE);
    let connections = count("connections", "20000", CONNECTIONS);
    let connections_per_address = count("connections_per_address", "1000", CONNECTIONS);
    let account_sessions = count("account_sessions", "10", SESSIONS);
    let account_smtp_sessions = count("account_smtp_sessions", "10", SESSIONS);
    let login_throttle = count("login_throttle", "20", SECRETS);
    let login_throttle_window = time("login_throttle_window", "10m", DAY);
    let login_throttle_delay = time("login_throttle_delay", "10s", MINUTE);
    let drain = time("drain", "30s", 10 * MINUTE);
    Some(Limits {
        message_size: message_size?,
        preauth: preauth?,
        dial: dial?,
        login: login?,
        imap_idle: imap_idle?,
        smtp_command: smtp_command?,
        smtp_data: smtp_data?,
        smtp_verdict: smtp_verdict?,
        connections: connections?,
        connections_per_address: connections_per_address?,
        account_sessions: account_sessions?,
        account_smtp_sessions: account_smtp_sessions?,
        login_throttle: login_throttle?,
        login_throttle_window: login_throttle_window?,
        login_throttle_delay: login_throttle_delay?,
        drain: drain?,
    })
}
