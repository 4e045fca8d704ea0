//! Both databases, fresh for each test.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use postern::clock::Clock;
use postern::dice::Dice;
use postern::seal::Ring;
use postern::store::{Opening, Store, StoreError};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

/// Where the manual clock of every test database stands at first.
pub const START: i64 = 1_700_000_000_000_000;

/// Runs each named test once with SQLite and once with PostgreSQL.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            use crate::support::databases::{Database, Kind};

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(&Database::migrated(Kind::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name(&Database::migrated(Kind::Postgres).await).await;
            }
        }
    )*};
}
pub(crate) use on_both;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// One database with its key file and its clock. Gone with its folder or with
/// the server of the test run.
pub struct Database {
    pub kind: Kind,
    pub clock: Clock,
    pub url: String,
    ring: Arc<Ring>,
    folder: TempDir,
}

impl Database {
    /// An empty one.
    pub async fn empty(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dice = Dice::default();
        let ring = Arc::new(Ring::create(&folder.path().join("postern.key"), &dice).unwrap());
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}", folder.path().join("data/postern.db").display()),
            Kind::Postgres => created(&format!("t_{}", dice.reference().unwrap())).await,
        };
        Self { kind, clock: Clock::manual(START), url, ring, folder }
    }

    /// One with the newest schema.
    pub async fn migrated(kind: Kind) -> Self {
        let database = Self::empty(kind).await;
        let store = database.open("main").await;
        store.migrate().await.unwrap();
        store.close().await;
        database
    }

    /// Opens it as one more process would, appending to the chain of `node`.
    pub async fn open(&self, node: &str) -> Store {
        self.try_open(node, Arc::clone(&self.ring)).await.unwrap()
    }

    /// Opens it with the keys that stand in that file.
    pub async fn open_with(&self, node: &str, keys: &Path) -> Store {
        self.try_open(node, Arc::new(Ring::load(keys, false).unwrap())).await.unwrap()
    }

    /// The key file of [`Database::open`].
    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join("postern.key")
    }

    /// Opens it with another installation's keys.
    pub async fn open_with_foreign_keys(&self) -> Store {
        let path = self.folder.path().join("foreign.key");
        let ring = Ring::create(&path, &Dice::default()).unwrap();
        self.try_open("main", Arc::new(ring)).await.unwrap()
    }

    async fn try_open(&self, node: &str, ring: Arc<Ring>) -> Result<Store, StoreError> {
        Store::open(Opening {
            url: self.url.clone(),
            ring,
            clock: self.clock.clone(),
            dice: Dice::default(),
            node: node.to_owned(),
        })
        .await
    }

    /// The folder that SQLite's file lies in.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A connection past the store.
    pub async fn raw(&self) -> Raw {
        match self.kind {
            Kind::Sqlite => Raw::Sqlite(SqliteConnection::connect(&self.url).await.unwrap()),
            Kind::Postgres => Raw::Postgres(PgConnection::connect(&self.url).await.unwrap()),
        }
    }
}

/// A connection for what the store has no function for.
pub enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Raw {
    /// To an SQLite file.
    pub async fn sqlite(url: &str) -> Self {
        Self::Sqlite(SqliteConnection::connect(url).await.unwrap())
    }

    /// To a database of either kind.
    pub async fn to(url: &str) -> Self {
        match url.starts_with("sqlite:") {
            true => Self::sqlite(url).await,
            false => Self::Postgres(PgConnection::connect(url).await.unwrap()),
        }
    }

    /// Runs a statement and returns the number of rows it changed.
    pub async fn run(&mut self, text: &str) -> u64 {
        let query = made(text);
        match self {
            Self::Sqlite(c) => sqlx::query(query).execute(c).await.map(|done| done.rows_affected()),
            Self::Postgres(c) => sqlx::query(query).execute(c).await.map(|done| done.rows_affected()),
        }
        .unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    /// The first column of all rows.
    pub async fn words(&mut self, text: &str) -> Vec<String> {
        let query = made(text);
        match self {
            Self::Sqlite(c) => sqlx::query_scalar(query).fetch_all(c).await,
            Self::Postgres(c) => sqlx::query_scalar(query).fetch_all(c).await,
        }
        .unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    /// The one number of the one row.
    pub async fn number(&mut self, text: &str) -> i64 {
        let query = made(text);
        match self {
            Self::Sqlite(c) => sqlx::query_scalar(query).fetch_one(c).await,
            Self::Postgres(c) => sqlx::query_scalar(query).fetch_one(c).await,
        }
        .unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    /// How many rows a table has.
    pub async fn count(&mut self, table: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {table}")).await
    }
}

#[expect(clippy::disallowed_methods, reason = "a test asks what the store does not")]
fn made(text: &str) -> AssertSqlSafe<&str> {
    AssertSqlSafe(text)
}

/// The permission bits of a file or folder.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).permissions().mode() & 0o777
}

async fn created(name: &str) -> String {
    let Ok(server) = std::env::var("POSTERN_TEST_POSTGRES") else {
        panic!("POSTERN_TEST_POSTGRES names no PostgreSQL server; start the tests with ./tests/run");
    };
    let mut server = url::Url::parse(&server).unwrap();
    let mut raw = Raw::Postgres(PgConnection::connect(server.as_str()).await.unwrap());
    raw.run(&format!("CREATE DATABASE {name}")).await;
    server.set_path(name);
    server.into()
}
