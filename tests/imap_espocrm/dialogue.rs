//! What each version says, command by command.

use std::fmt;

/// The versions whose dialogues were recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    Laminas,
    Engine9,
    Engine10,
}
use Version::{Engine9, Engine10, Laminas};

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Laminas => "9.2.7",
            Engine9 => "9.3.10",
            Engine10 => "10.0.0",
        })
    }
}

pub const ALL: [Version; 3] = [Laminas, Engine9, Engine10];

impl Version {
    /// "Test connection" and the list of folders, behind LOGIN.
    pub fn folders(self) -> Vec<&'static str> {
        match self {
            Laminas => vec![r#"SELECT "INBOX""#, r#"LIST "" "*""#],
            Engine9 | Engine10 => vec![r#"LIST "" "*""#],
        }
    }

    /// The fetch job of two messages, behind LOGIN. With `known` their
    /// Message-IDs are known and they are kept unread.
    pub fn fetch(self, known: bool) -> Vec<String> {
        let opening: &[&str] = match self {
            Laminas => &[r#"SELECT "INBOX""#, r#"SELECT "INBOX""#, "SEARCH SINCE 01-Nov-2020"],
            Engine9 => &[
                r#"LIST "" "INBOX""#,
                r#"SELECT "INBOX""#,
                r#"SELECT "INBOX""#,
                "UID SEARCH SINCE 01-Nov-2020",
            ],
            Engine10 => &[
                r#"LIST "" "INBOX""#,
                r#"SELECT "INBOX""#,
                r#"STATUS "INBOX" (MESSAGES UNSEEN RECENT UIDNEXT UIDVALIDITY)"#,
                r#"SELECT "INBOX""#,
                "UID SEARCH SINCE 01-Nov-2020",
            ],
        };
        let message: &[&str] = match (self, known) {
            (Laminas, false) => &[
                "FETCH # (RFC822.SIZE)",
                "FETCH # (FLAGS RFC822.HEADER)",
                "FETCH # (RFC822.TEXT)",
                "FETCH 2 (UID)",
            ],
            (Laminas, true) => &[
                "FETCH # (RFC822.SIZE)",
                "FETCH # (FLAGS RFC822.HEADER)",
                "STORE # FLAGS.SILENT ()",
                "FETCH 2 (UID)",
            ],
            (Engine9 | Engine10, _) => &[
                r#"SELECT "INBOX""#,
                "UID FETCH # (UID)",
                "UID FETCH # (RFC822.SIZE)",
                r#"SELECT "INBOX""#,
                "UID FETCH # (UID)",
                "UID FETCH # (FLAGS BODY.PEEK[HEADER])",
                r#"SELECT "INBOX""#,
                "UID FETCH # (UID)",
            ],
        };
        let closing: &[&str] = match (self, known) {
            (Laminas, _) => &[],
            (_, false) => &[
                "UID FETCH # (FLAGS BODY.PEEK[HEADER] BODY.PEEK[TEXT])",
                r"UID STORE # +FLAGS.SILENT (\Seen)",
            ],
            (_, true) => &["UID FETCH # (FLAGS)", r"UID STORE # -FLAGS.SILENT (\Seen)"],
        };
        let each = |n: &'static str| message.iter().chain(closing).map(move |line| line.replace('#', n));
        opening.iter().map(|&line| line.to_owned()).chain(each("1")).chain(each("2")).collect()
    }

    /// The copy of a sent message, behind LOGIN.
    pub fn append(self, size: usize) -> Vec<String> {
        match self {
            Laminas => vec![r#"SELECT "INBOX""#.to_owned(), format!(r#"APPEND "Sent" (\Seen) {{{size}}}"#)],
            Engine9 | Engine10 => vec![
                r#"LIST "" "Sent""#.to_owned(),
                r#"SELECT "Sent""#.to_owned(),
                format!(r#"APPEND "Sent" {{{size}}}"#),
            ],
        }
    }
}
