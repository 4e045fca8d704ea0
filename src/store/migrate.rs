//! Migrations: they only add. Each records in `meta.schema_min` the oldest
//! schema a binary must know to run on the result; a binary refuses a database
//! only when that number exceeds its own newest schema.

use sqlx::migrate::Migrator;

use super::error::StoreError;
use super::meta;
use super::open::{Pool, Store, private_file};
use super::sql::fetch_one;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How far the database is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// Newest schema that is applied; 0 for an empty database.
    pub applied: i64,
    /// Newest schema of this binary.
    pub known: i64,
    /// Migrations to run.
    pub missing: usize,
}

const TABLES: super::dialect::Dialect = super::dialect::Dialect {
    sqlite: "SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
    postgres: "SELECT count(*) FROM information_schema.tables \
               WHERE table_name = '_sqlx_migrations' AND table_schema = current_schema()",
};
const APPLIED: &str = "SELECT coalesce(max(version), 0), count(*) FROM _sqlx_migrations";

pub(super) async fn pending(store: &Store) -> Result<Pending, StoreError> {
    let known = known(store);
    let mut read = store.read().await?;
    let text = TABLES.on(&super::sql::Source::db(&mut read));
    let tables: Option<(i64,)> = fetch_one!(&mut read, (i64,), text)?;
    let applied = match tables {
        Some((1..,)) => fetch_one!(&mut read, (i64, i64), APPLIED)?,
        _ => None,
    };
    // The table of migrations stands before the first of them has run.
    let Some((applied, count @ 1..)) = applied else {
        return Ok(Pending { applied: 0, known: known.0, missing: known.1 });
    };
    let needed = meta::get(&mut read, "schema_min").await?.and_then(|text| text.parse().ok()).unwrap_or(0);
    if needed > known.0 {
        return Err(StoreError::TooNew { needed, known: known.0 });
    }
    let missing = known.1.saturating_sub(usize::try_from(count).unwrap_or(0));
    Ok(Pending { applied, known: known.0, missing })
}

pub(super) async fn run(store: &Store) -> Result<Pending, StoreError> {
    let before = pending(store).await?;
    if before.missing == 0 {
        return Ok(before);
    }
    match &store.0.pool {
        Pool::Sqlite { write, path, .. } => {
            if before.applied > 0 {
                let aside = path.with_extension(format!("before-{}.db", before.known));
                copy_aside(write, &aside).await?;
            }
            run_embedded(store, write, before.missing).await?;
        }
        Pool::Postgres(pool) => tolerant(&POSTGRES).run(pool).await.map_err(|e| failed(&e))?,
    }
    Ok(before)
}

// On SQLite the migrator takes no lock: what fails here may have been done by
// another process meanwhile.
async fn run_embedded(store: &Store, write: &sqlx::SqlitePool, missing: usize) -> Result<(), StoreError> {
    let mut missing = missing;
    loop {
        let Err(error) = tolerant(&SQLITE).run(write).await else {
            return Ok(());
        };
        let left = pending(store).await?.missing;
        if left >= missing {
            return Err(failed(&error));
        }
        missing = left;
    }
}

fn failed(error: &sqlx::migrate::MigrateError) -> StoreError {
    StoreError::Unavailable(format!("migration: {error}"))
}

// A newer node may have added tables that this binary can run beside.
fn tolerant(migrator: &Migrator) -> Migrator {
    let mut migrator = Migrator { migrations: migrator.migrations.clone(), ..Migrator::DEFAULT };
    migrator.set_ignore_missing(true);
    migrator
}

const COPY: &str = "VACUUM INTO $1";

// Two that open one database in this process would write one copy at once.
static COPYING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

pub(super) async fn copy_aside(pool: &sqlx::SqlitePool, aside: &std::path::Path) -> Result<(), StoreError> {
    let _alone = COPYING.lock().await;
    if aside.exists() {
        return Ok(());
    }
    // A copy that was cut off must not pass for a whole one, nor one that another process makes.
    let part = part_of(aside);
    let unavailable = |e: std::io::Error| StoreError::Unavailable(format!("{}: {e}", part.display()));
    if part.exists() {
        std::fs::remove_file(&part).map_err(unavailable)?;
    }
    private_file(&part)?;
    sqlx::query(COPY).bind(part.to_string_lossy().into_owned()).execute(pool).await?;
    std::fs::File::open(&part).and_then(|file| file.sync_all()).map_err(unavailable)?;
    std::fs::rename(&part, aside).map_err(unavailable)
}

fn part_of(aside: &std::path::Path) -> std::path::PathBuf {
    aside.with_extension(format!("part-{}", std::process::id()))
}

pub(super) fn known(store: &Store) -> (i64, usize) {
    let migrator = if store.embedded() { &SQLITE } else { &POSTGRES };
    let newest = migrator.iter().map(|m| m.version).max().unwrap_or(0);
    (newest, migrator.iter().count())
}

#[cfg(test)]
mod tests {
    use super::{Pool, copy_aside, part_of};
    use crate::clock::Clock;
    use crate::dice::Dice;
    use crate::seal::Ring;
    use crate::store::{Opening, Store, meta};
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;
    use std::sync::Arc;

    async fn store(path: &Path, ring: &Arc<Ring>) -> Store {
        Store::open(Opening {
            url: format!("sqlite://{}", path.display()),
            ring: Arc::clone(ring),
            clock: Clock::manual(0),
            dice: Dice::default(),
            node: "main".to_owned(),
        })
        .await
        .unwrap()
    }

    async fn copy(store: &Store, aside: &Path) {
        let Pool::Sqlite { write, .. } = &store.0.pool else { panic!("SQLite") };
        copy_aside(write, aside).await.unwrap();
    }

    #[tokio::test]
    async fn the_copy_is_whole_private_and_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let ring = Arc::new(Ring::create(&folder.path().join("k"), &Dice::default()).unwrap());
        let path = folder.path().join("postern.db");
        let original = store(&path, &ring).await;
        original.migrate().await.unwrap();
        let (id, _) = meta::found(&original).await.unwrap();

        let aside = folder.path().join("postern.before-2.db");
        let part = part_of(&aside);
        std::fs::write(&part, "a copy that was cut off").unwrap();
        copy(&original, &aside).await;
        assert!(!part.exists());
        assert_eq!(std::fs::metadata(&aside).unwrap().permissions().mode() & 0o777, 0o600);
        let copied = store(&aside, &ring).await;
        copied.ready().await.unwrap();
        assert_eq!(meta::found(&copied).await.unwrap(), (id, false));
        copied.close().await;

        let before = std::fs::metadata(&aside).unwrap().modified().unwrap();
        copy(&original, &aside).await;
        assert_eq!(std::fs::metadata(&aside).unwrap().modified().unwrap(), before);
    }
}
