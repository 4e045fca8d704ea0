//! `[imap]`.

use super::claims::Claims;
use super::listener::{self, Listener};
use super::section::Section;

/// The IMAP side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imap {
    /// Listeners. Default: none.
    pub listen: Vec<Listener>,
}

pub(super) fn read(section: &Section<'_>, certificate: bool, claims: &Claims) -> Imap {
    let tables = section.tables("listen");
    Imap { listen: tables.iter().filter_map(|table| listener::read(table, certificate, claims)).collect() }
}
