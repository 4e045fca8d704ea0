//! `[node]`: this process among those on one database.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::fault::{Wrong, quoted};
use super::section::Section;

/// Who this process is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Names its audit chain; every node on one database needs its own. 1 to 32
    /// of `a-z 0-9 -`. Default `main`.
    pub name: String,
    /// `$STATE_DIRECTORY`: what concerns this machine alone is kept there. Without it, beside the key
    /// ring.
    pub state: Option<PathBuf>,
}

pub(super) fn read(section: &Section<'_>, env: &BTreeMap<String, String>) -> Option<Node> {
    // Several stand there with colons between them.
    let first = env.get("STATE_DIRECTORY").and_then(|all| all.split(':').next());
    let state = first.filter(|path| !path.is_empty()).map(PathBuf::from);
    Some(Node { name: section.or("name", "main", name)?, state })
}

fn name(text: &str) -> Result<String, Wrong> {
    let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (1..=32).contains(&text.len()) && text.bytes().all(known) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(format!("{} is not a name", quoted(text)), "write 1 to 32 of a-z, 0-9 and -"))
}
