//! `[database]`: SQLite in a file, or PostgreSQL.

use std::path::PathBuf;

use postern_core::model::secret::Secret;
use url::Url;

use super::fault::{Wrong, quoted};
use super::section::Section;

const SQLITE: &str = "sqlite://";
const DEFAULT: &str = "sqlite://data/postern.db";

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// One file on this machine, one `serve`.
    Sqlite,
    /// A server, any number of nodes.
    Postgres,
}

/// Where the store is. Default `sqlite://data/postern.db`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// The address in full; it may hold a password.
    pub url: Secret,
    /// Its kind.
    pub kind: DatabaseKind,
}

impl Database {
    /// Path of the SQLite file, relative to the working directory.
    #[must_use]
    pub fn sqlite_path(&self) -> Option<PathBuf> {
        self.url.reveal().strip_prefix(SQLITE).map(PathBuf::from)
    }

    /// The address as it may be printed: without password and parameters.
    #[must_use]
    pub fn shown(&self) -> String {
        match (self.kind, Url::parse(self.url.reveal())) {
            (DatabaseKind::Sqlite, _) => self.url.reveal().to_owned(),
            (DatabaseKind::Postgres, Ok(mut url)) => {
                url.set_query(None);
                // fails only without a host, and then there is no password
                let _ = url.set_password(None);
                url.into()
            }
            (DatabaseKind::Postgres, Err(_)) => "postgres://".to_owned(),
        }
    }

    /// Whether the way to the server leaves this machine unprotected.
    pub(super) fn travels_in_clear(&self) -> bool {
        let Ok(url) = Url::parse(self.url.reveal()) else { return false };
        let near = url.host_str().is_none_or(|host| host.is_empty() || host.starts_with("%2F"))
            || super::web::on_loopback(&url)
            || url.query_pairs().any(|(name, value)| name == "host" && value.starts_with('/'));
        let verified = url.query_pairs().any(|(name, value)| {
            (name == "sslmode" || name == "ssl-mode") && (value == "verify-full" || value == "verify-ca")
        });
        self.kind == DatabaseKind::Postgres && !near && !verified
    }
}

pub(super) fn read(section: &Section<'_>) -> Database {
    let unset = || Database { url: Secret::new(DEFAULT), kind: DatabaseKind::Sqlite };
    let Some(url) = section.secret("url") else { return unset() };
    match kind(url.reveal()) {
        Ok(kind) => Database { url, kind },
        Err(wrong) => {
            let key = if section.has("url") { "url" } else { "url_file" };
            section.fault(key, wrong.what, wrong.remedy);
            unset()
        }
    }
}

/// Tells the kind. No fault shows the address: a password may be anywhere in it.
fn kind(text: &str) -> Result<DatabaseKind, Wrong> {
    if let Some(path) = text.strip_prefix(SQLITE) {
        return sqlite(path).map(|()| DatabaseKind::Sqlite);
    }
    let remedy = "write \"sqlite://data/postern.db\" or \"postgres://user:password@host/database\"";
    if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        let plain = scheme.filter(|scheme| scheme.bytes().all(|b| b.is_ascii_alphanumeric()));
        let what = plain.map_or("is not the address of a database".to_owned(), |scheme| {
            format!("{} is not a database that can be used", quoted(scheme))
        });
        return Err(Wrong::new(what, remedy));
    }
    let url = Url::parse(text).map_err(|error| {
        let what = format!("is not an address ({error})");
        Wrong::new(what, "write special characters of the password as %23, %2F, %40 and so on")
    })?;
    let socket = url.query_pairs().any(|(name, _)| name == "host");
    if url.host_str().is_none_or(str::is_empty) && !socket {
        return Err(Wrong::new("names no host", remedy));
    }
    if url.path().trim_matches('/').is_empty() {
        return Err(Wrong::new("names no database", remedy));
    }
    Ok(DatabaseKind::Postgres)
}

fn sqlite(path: &str) -> Result<(), Wrong> {
    let remedy = "write the path of a file, such as \"sqlite://data/postern.db\"";
    if path.is_empty() {
        return Err(Wrong::new("names no file", remedy));
    }
    if path.contains(":memory:") || path.contains('?') {
        return Err(Wrong::new("names something else than a file", remedy));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Database, DatabaseKind, kind};
    use postern_core::model::secret::Secret;

    fn database(text: &str) -> Database {
        Database { url: Secret::new(text), kind: kind(text).unwrap() }
    }

    #[test]
    fn both_kinds_are_told_apart() {
        let file = database("sqlite:///var/lib/postern/postern.db");
        assert_eq!(file.sqlite_path().unwrap().to_str().unwrap(), "/var/lib/postern/postern.db");
        let server = database("postgresql://u@db.example.com:5433/postern");
        assert_eq!((server.kind, server.sqlite_path()), (DatabaseKind::Postgres, None));
        assert!(kind("postgres:///postern?host=/run/postgresql").is_ok());
        for text in
            ["sqlite://", "sqlite://:memory:", "sqlite://a?mode=rw", "mysql://a/b", "a.db", "postgres://host"]
        {
            assert!(kind(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let server = database("postgres://me:hunter2@db.example.com/postern?password=hunter2");
        assert_eq!(server.shown(), "postgres://me@db.example.com/postern");
        assert!(!format!("{server:?}").contains("hunter2"));
        for text in ["postgres://me:hunter2#@h/db", "mysql://me:hunter2@h/db", "me:hunter2@h", "hunter2 ://h"]
        {
            let wrong = kind(text).unwrap_err();
            assert!(!format!("{wrong:?}").contains("hunter2"), "{wrong:?}");
        }
    }

    #[test]
    fn a_far_server_without_verified_tls_is_noticed() {
        assert!(database("postgres://u@db.example.com/p").travels_in_clear());
        assert!(!database("postgres://u@db.example.com/p?sslmode=verify-full").travels_in_clear());
        assert!(!database("postgres://u@127.0.0.1/p").travels_in_clear());
        assert!(!database("postgres:///p?host=/run/postgresql").travels_in_clear());
    }
}
