//! The whole database in one file, and back: a consistent copy, made while the gateway serves.
//!
//! SQLite writes the copy itself. Of PostgreSQL its own programs make it, `pg_dump` and `pg_restore`,
//! which have to be of the server's version or newer. They are told where the database is by their
//! environment, which no other user of the machine can read.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;
use url::{Url, form_urlencoded};

use super::error::StoreError;
use super::migrate::copy_aside;
use super::open::{Pool, Store, private_file};

/// What `url` says in the words of PostgreSQL's programs.
fn environment(url: &str) -> Result<Vec<(&'static str, String)>, StoreError> {
    let url =
        Url::parse(url).map_err(|_| StoreError::Unavailable("database.url is no address".to_owned()))?;
    // These mean something in a form, and nothing here.
    let plain = |text: &str| {
        let form = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
        form_urlencoded::parse(form.as_bytes()).next().map(|(text, _)| text.into_owned()).unwrap_or_default()
    };
    let mut all = vec![("PGDATABASE", plain(url.path().trim_start_matches('/')))];
    all.extend(url.host_str().map(|host| ("PGHOST", plain(host))));
    all.extend(url.port().map(|port| ("PGPORT", port.to_string())));
    all.extend(Some(plain(url.username())).filter(|user| !user.is_empty()).map(|user| ("PGUSER", user)));
    all.extend(url.password().map(|password| ("PGPASSWORD", plain(password))));
    for (name, value) in url.query_pairs() {
        let name = match &*name {
            "host" => "PGHOST",
            "port" => "PGPORT",
            "user" => "PGUSER",
            "password" => "PGPASSWORD",
            "dbname" => "PGDATABASE",
            "sslmode" | "ssl-mode" => "PGSSLMODE",
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
            "sslcert" | "ssl-cert" => "PGSSLCERT",
            "sslkey" | "ssl-key" => "PGSSLKEY",
            _ => continue,
        };
        all.retain(|(known, _)| *known != name);
        all.push((name, value.into_owned()));
    }
    Ok(all)
}

impl Store {
    /// Writes a consistent copy of everything to a file that must not exist. `url` is the one that the
    /// store was opened with.
    ///
    /// # Errors
    /// When the file cannot be written, or the program for it is missing or fails.
    pub async fn dump(&self, url: &str, file: &Path) -> Result<(), StoreError> {
        match &self.0.pool {
            Pool::Sqlite { write, .. } => copy_aside(write, file).await,
            Pool::Postgres(_) => {
                private_file(file)?;
                let file = file.to_string_lossy();
                let arguments = ["--format=custom", "--no-owner", "--no-privileges", "--file", &*file];
                run("pg_dump", &arguments, url).await
            }
        }
    }
}

/// Fills the empty PostgreSQL database at `url` from such a file, all of it or nothing.
///
/// # Errors
/// When the program for it is missing or fails.
pub async fn load(url: &str, file: &Path) -> Result<(), StoreError> {
    let file = std::path::absolute(file).map_err(|why| StoreError::Unavailable(why.to_string()))?;
    let file = file.to_string_lossy();
    // All of it is told by the environment; a name by itself would be read as more than one.
    let database = "postgresql://";
    let arguments = [
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        "--dbname",
        database,
        &*file,
    ];
    run("pg_restore", &arguments, url).await
}

async fn run(program: &'static str, arguments: &[&str], url: &str) -> Result<(), StoreError> {
    let mut command = Command::new(program);
    for inherited in ["PGHOSTADDR", "PGSERVICE", "PGOPTIONS"] {
        command.env_remove(inherited);
    }
    command.args(arguments).envs(environment(url)?).stdin(Stdio::null()).stdout(Stdio::null());
    let output = command.output().await.map_err(|why| {
        StoreError::Unavailable(format!(
            "{program} cannot be run ({why}): install PostgreSQL's client programs"
        ))
    })?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let first: String = told.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    Err(StoreError::Unavailable(format!("{program} failed: {first}")))
}

/// Whether an SQLite file is whole.
///
/// # Errors
/// Says what is wrong with it.
pub async fn whole(store: &Store) -> Result<(), StoreError> {
    let Pool::Sqlite { read, .. } = &store.0.pool else { return Ok(()) };
    let (told,): (String,) = sqlx::query_as("PRAGMA integrity_check(1)").fetch_one(read).await?;
    if told == "ok" { Ok(()) } else { Err(StoreError::inconsistent("the file", told)) }
}

#[cfg(test)]
mod tests {
    use super::environment;

    #[test]
    fn the_programs_are_told_by_their_environment() {
        let told =
            environment("postgres://gate:p%40ss@db.example.com:5433/post?sslmode=verify-full").unwrap();
        let of = |name: &str| told.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        assert_eq!(of("PGHOST"), Some("db.example.com"));
        assert_eq!((of("PGPORT"), of("PGUSER")), (Some("5433"), Some("gate")));
        assert_eq!((of("PGPASSWORD"), of("PGDATABASE")), (Some("p@ss"), Some("post")));
        assert_eq!((of("PGSSLMODE"), of("PGSSLROOTCERT")), (Some("verify-full"), None));
        let socket = environment("postgres:///post?host=/run/postgresql").unwrap();
        assert!(socket.contains(&("PGHOST", "/run/postgresql".to_owned())));
    }
}
