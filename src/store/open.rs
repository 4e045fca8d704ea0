//! Opening the database.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool, SqlitePool};

use super::error::StoreError;
use super::home::Home;
use super::told::Told;
use super::{meta, migrate};
use crate::clock::Clock;
use crate::dice::Dice;
use crate::seal::Ring;

// A statement that waits longer than this for a lock or a connection is answered "unavailable",
// early enough for a login that may take 25 s in all.
const PATIENCE: Duration = Duration::from_secs(8);
const PAUSE: Duration = Duration::from_millis(20);

/// What [`Store::open`] needs.
pub struct Opening {
    /// `sqlite://path` or `postgres://…`; may hold a password.
    pub url: String,
    /// Keys for sealing and for the audit chain.
    pub ring: Arc<Ring>,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub dice: Dice,
    /// Name of the audit chain that this process appends to.
    pub node: String,
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) pool: Pool,
    pub(super) ring: Arc<Ring>,
    pub(super) clock: Clock,
    pub(super) dice: Dice,
    pub(super) node: String,
    pub(super) home: OnceLock<Home>,
    pub(super) told: Told,
}

pub(super) enum Pool {
    Sqlite { read: SqlitePool, write: SqlitePool, path: PathBuf },
    Postgres(PgPool),
}

impl Store {
    /// Connects; creates an SQLite file that does not exist. Does not migrate.
    ///
    /// # Errors
    /// When the URL is wrong or the database does not answer.
    pub async fn open(opening: Opening) -> Result<Self, StoreError> {
        let pool = if opening.url.starts_with("sqlite:") {
            sqlite(&opening.url).await?
        } else {
            postgres(&opening.url).await?
        };
        let Opening { ring, clock, dice, node, .. } = opening;
        Ok(Self(Arc::new(Inner {
            pool,
            ring,
            clock,
            dice,
            node,
            home: OnceLock::new(),
            told: Told::default(),
        })))
    }

    /// Whether this is the embedded database, which `serve` migrates by itself.
    #[must_use]
    pub fn embedded(&self) -> bool {
        matches!(self.0.pool, Pool::Sqlite { .. })
    }

    /// The key ring.
    #[must_use]
    pub fn ring(&self) -> &Ring {
        &self.0.ring
    }

    /// The clock of every row.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The source of identities.
    #[must_use]
    pub fn dice(&self) -> &Dice {
        &self.0.dice
    }

    /// What has changed, for whoever remembers something of it.
    #[must_use]
    pub fn told(&self) -> &Told {
        &self.0.told
    }

    /// The name of this process's audit chain.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.0.node
    }

    /// Refuses a database that this binary is too old for, that lacks
    /// migrations, or whose key is not in the ring.
    ///
    /// # Errors
    /// Says what to do.
    pub async fn ready(&self) -> Result<(), StoreError> {
        let pending = self.pending().await?;
        if pending.missing > 0 {
            return Err(StoreError::NotMigrated(pending.missing));
        }
        meta::check_key(self).await
    }

    /// Applies what is missing; an SQLite file is copied aside first.
    ///
    /// # Errors
    /// When the database is newer than this binary, or a migration fails.
    pub async fn migrate(&self) -> Result<migrate::Pending, StoreError> {
        migrate::run(self).await
    }

    /// What [`Store::migrate`] would do.
    ///
    /// # Errors
    /// When the database is newer than this binary or does not answer.
    pub async fn pending(&self) -> Result<migrate::Pending, StoreError> {
        migrate::pending(self).await
    }

    /// The newest schema that this binary knows.
    #[must_use]
    pub fn schema_known(&self) -> i64 {
        migrate::known(self).0
    }

    /// Closes all connections; SQLite folds its log into the file.
    pub async fn close(&self) {
        match &self.0.pool {
            Pool::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

async fn sqlite(url: &str) -> Result<Pool, StoreError> {
    // The path is taken as it is written, not percent-decoded.
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A grant that was confirmed must survive a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .log_statements(tracing::log::LevelFilter::Off);
    let path = options.get_filename().to_path_buf();
    private_file(&path)?;
    let write = connected(1, &options).await?;
    let read = connected(4, &options).await?;
    Ok(Pool::Sqlite { read, write, path })
}

// The switch of a new file to WAL does not wait for another process that makes
// the same switch: SQLite answers "busy" at once.
async fn connected(connections: u32, options: &SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    // A disk that is full ends a transaction behind the driver's back: its rollback then fails, and
    // the connection would begin none ever again.
    let pool = SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }));
    let mut waited = Duration::ZERO;
    loop {
        match pool.clone().connect_with(options.clone()).await {
            Err(error) if waited < PATIENCE && busy(&error) => {
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
            }
            done => return Ok(done?),
        }
    }
}

fn busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<u32>().ok());
    // SQLite's extended codes carry the plain one in their low octet.
    code.is_some_and(|code| code & 0xff == 5)
}

async fn postgres(url: &str) -> Result<Pool, StoreError> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("postern")
        .log_statements(tracing::log::LevelFilter::Off);
    let pool = PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(PATIENCE)
        .after_connect(|connection, _| Box::pin(settle(connection)))
        .connect_with(options)
        .await?;
    Ok(Pool::Postgres(pool))
}

// A node that freezes inside a transaction must not keep its locks for ever. What was committed must
// survive a power cut, whatever the server does for others: a grant that was renewed, a write that is
// meant.
const SETTINGS: &str = "SELECT set_config('lock_timeout', $1, false), \
                        set_config('idle_in_transaction_session_timeout', $2, false), \
                        CASE current_setting('synchronous_commit') WHEN 'off' \
                        THEN set_config('synchronous_commit', 'on', false) END";
const FROZEN: Duration = Duration::from_secs(60);

async fn settle(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let limit = PATIENCE.as_millis().to_string();
    let frozen = FROZEN.as_millis().to_string();
    sqlx::query(SETTINGS).bind(limit).bind(frozen).execute(connection).await.map(drop)
}

// The database holds sealed tokens and other people's names: nobody else on
// the machine may read it, from the first octet on.
pub(super) fn private_file(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let unavailable = |e: std::io::Error| StoreError::Unavailable(format!("{}: {e}", path.display()));
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        use std::os::unix::fs::DirBuilderExt as _;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unavailable)?;
    }
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        // One that was there, perhaps brought back from a backup, is not opened: closing it would
        // drop the locks that SQLite holds on it elsewhere in this process.
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => close_to_others(path).map_err(unavailable),
        created => created.map(drop).map_err(unavailable),
    }
}

fn close_to_others(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if std::fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}
