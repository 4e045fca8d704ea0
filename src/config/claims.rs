//! Which addresses are taken: no two listeners on one socket.

use std::cell::RefCell;

use super::address::ListenAddr;
use super::section::Section;

/// The addresses read so far, each with its key.
#[derive(Debug, Default)]
pub(super) struct Claims(RefCell<Vec<(String, ListenAddr)>>);

impl Claims {
    /// Takes an address for a key; a fault when an earlier one has its socket.
    pub(super) fn claim(&self, section: &Section<'_>, key: &str, addr: &ListenAddr) {
        let mut taken = self.0.borrow_mut();
        if let Some((name, other)) = taken.iter().find(|(_, other)| other.overlaps(addr)) {
            let remedy = if other.sockets().len() + addr.sockets().len() > 2 {
                "write another port (127.0.0.1 and localhost serve [::1] as well)"
            } else {
                "write another address or port"
            };
            section.fault(key, format!("{addr} is taken by {name}"), remedy);
        }
        taken.push((section.full(key), addr.clone()));
    }
}
