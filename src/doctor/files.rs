//! Files: who may read what must stay private, and whether the pieces are there.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use postern_core::model::finding::Finding;

use crate::config::{Config, DatabaseKind};

/// Looks at the files that the configuration names.
#[must_use]
pub fn look(config: &Config) -> Vec<Finding> {
    let mut findings: Vec<Finding> = config
        .file_faults()
        .0
        .into_iter()
        .map(|fault| Finding::fault("files.config", format!("{}: {}", fault.key, fault.what), fault.remedy))
        .collect();
    findings.extend(config.file.as_deref().and_then(|file| password(file, config)));
    if let Some(database) = config.database.sqlite_path() {
        findings.extend(closed(&database));
        findings.extend(folder_closed(&database));
        findings.extend(owners(&database, &config.secrets.key_file));
    }
    if findings.is_empty() {
        findings
            .push(Finding::ok("files", "private files are private, and every file that is named is there"));
    }
    findings
}

/// Whether the database may be opened: opening closes an open file to others,
/// and a missing one would be made.
pub(super) fn may_open(config: &Config) -> bool {
    config.database.sqlite_path().is_none_or(|path| path.exists() && closed(&path).is_none())
}

fn mode(meta: &Metadata) -> u32 {
    meta.permissions().mode() & 0o777
}

fn closed(database: &Path) -> Option<Finding> {
    let mode = mode(&fs::metadata(database).ok()?);
    let path = database.display();
    let seen =
        format!("{path} is open to other users (mode {mode:04o}); it holds addresses and sealed tokens");
    (mode & 0o077 != 0).then(|| Finding::fault("files.mode", seen, format!("run: chmod 600 {path}")))
}

// What is made in it is private by itself.
fn folder_closed(database: &Path) -> Option<Finding> {
    // A file in the working directory has an empty parent.
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty())?;
    let mode = mode(&fs::metadata(folder).ok()?);
    let path = folder.display();
    let seen = format!("the folder {path} is open to other users (mode {mode:04o})");
    (mode & 0o077 != 0).then(|| Finding::warning("files.folder", seen, format!("run: chmod 700 {path}")))
}

fn password(file: &Path, config: &Config) -> Option<Finding> {
    let mode = mode(&fs::metadata(file).ok()?);
    let text = fs::read_to_string(file).ok()?;
    let inline = config.database.kind == DatabaseKind::Postgres
        && text.contains(config.database.url.reveal())
        && config.database.url.reveal() != config.database.shown();
    let file = file.display();
    (inline && mode & 0o077 != 0).then(|| {
        let seen = format!("{file} holds the database password and is open to other users (mode {mode:04o})");
        Finding::fault(
            "files.mode",
            seen,
            format!("run: chmod 600 {file}, or name the password's file by database.url_file"),
        )
    })
}

// A command that ran as root leaves files that the service cannot open.
fn owners(database: &Path, key: &Path) -> Option<Finding> {
    let (database_owner, key_owner) = (fs::metadata(database).ok()?.uid(), fs::metadata(key).ok()?.uid());
    (database_owner != key_owner).then(|| {
        let (database, key) = (database.display(), key.display());
        let seen = format!("{database} belongs to user {database_owner}, {key} to user {key_owner}");
        Finding::warning("files.owner", seen, "give both to the user that `postern serve` runs as (chown)")
    })
}
