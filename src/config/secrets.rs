//! `[secrets]`: the file of the key ring.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::section::Section;

/// Where the keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    /// The key ring. Default: `postern.key` in `$CREDENTIALS_DIRECTORY` when it
    /// is there, else `data/postern.key`.
    pub key_file: PathBuf,
    /// Whether it lies in `$CREDENTIALS_DIRECTORY`, where the service manager
    /// guards it: its mode is not judged and it cannot be written.
    pub from_credentials: bool,
}

pub(super) fn read(section: &Section<'_>, env: &BTreeMap<String, String>) -> Secrets {
    let directory = env.get("CREDENTIALS_DIRECTORY").filter(|name| !name.is_empty()).map(PathBuf::from);
    let given = section.path("key_file");
    let credential = || directory.as_ref().map(|d| d.join("postern.key")).filter(|path| path.exists());
    let key_file = given.or_else(credential).unwrap_or_else(|| PathBuf::from("data/postern.key"));
    let from_credentials = directory.is_some_and(|directory| key_file.starts_with(directory));
    Secrets { key_file, from_credentials }
}
