//! Opening, migrating, founding.

use std::time::{Duration, Instant};

use postern::store::{StoreError, leases, meta};

use super::rows;
use crate::support::cluster::Cluster;
use crate::support::databases::{Database, Kind, mode, on_both};

on_both!(
    ready_after_migrating_only,
    migrated_twice_changes_nothing,
    processes_migrate_at_once,
    a_newer_schema_is_refused_when_it_says_so,
    a_newer_schema_that_tolerates_us_is_served,
    founded_once,
    founded_once_by_processes_at_once,
    the_wrong_keys_are_refused,
    a_lock_that_stays_is_not_waited_for,
);

async fn ready_after_migrating_only(database: &Database) {
    let empty = Database::empty(database.kind).await;
    let store = empty.open("main").await;
    let pending = store.pending().await.unwrap();
    assert_eq!((pending.applied, pending.missing > 0), (0, true));
    let refused = store.ready().await.unwrap_err();
    assert!(matches!(refused, StoreError::NotMigrated(n) if n == pending.missing), "{refused}");
    assert!(refused.to_string().contains("postern migrate"), "{refused}");

    store.migrate().await.unwrap();
    store.ready().await.unwrap();
    let pending = store.pending().await.unwrap();
    assert_eq!((pending.applied, pending.missing), (pending.known, 0));
}

async fn migrated_twice_changes_nothing(database: &Database) {
    let store = database.open("main").await;
    let account = rows::account(&store, "anna@example.com").await;
    assert_eq!(store.migrate().await.unwrap().missing, 0);
    let mut read = store.read().await.unwrap();
    assert!(postern::store::accounts::by_id(&mut read, account).await.unwrap().is_some());
}

async fn processes_migrate_at_once(database: &Database) {
    for _ in 0..20 {
        let empty = Database::empty(database.kind).await;
        let (one, two) = tokio::join!(empty.open("one"), empty.open("two"));
        let (first, second) = tokio::join!(one.migrate(), two.migrate());
        first.unwrap();
        second.unwrap();
        one.ready().await.unwrap();
        two.ready().await.unwrap();
    }
}

async fn a_newer_schema_is_refused_when_it_says_so(database: &Database) {
    let store = database.open("main").await;
    let known = store.pending().await.unwrap().known;
    database.raw().await.run("UPDATE meta SET value = '9001' WHERE name = 'schema_min'").await;
    for refused in [store.ready().await.unwrap_err(), store.migrate().await.unwrap_err()] {
        assert!(matches!(refused, StoreError::TooNew { needed: 9001, known: k } if k == known), "{refused}");
        let text = refused.to_string();
        assert!(text.contains("9001") && text.contains(&format!("knows {known}")), "{text}");
    }
}

async fn a_newer_schema_that_tolerates_us_is_served(database: &Database) {
    let checksum = if database.kind == Kind::Sqlite { "x'00'" } else { "'\\x00'" };
    let newer = format!(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9001, 'newer', TRUE, {checksum}, 0)"
    );
    database.raw().await.run(&newer).await;
    let store = database.open("main").await;
    store.ready().await.unwrap();
    store.migrate().await.unwrap();
    rows::account(&store, "anna@example.com").await;
}

async fn founded_once(database: &Database) {
    let store = database.open("main").await;
    assert!(!meta::founded(&store).await.unwrap());
    let (first, new) = meta::found(&store).await.unwrap();
    assert!(new && meta::founded(&store).await.unwrap());
    assert_eq!(meta::found(&store).await.unwrap(), (first.clone(), false));
    assert_eq!(meta::found(&database.open("other").await).await.unwrap(), (first, false));
    store.ready().await.unwrap();
}

async fn founded_once_by_processes_at_once(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    for _ in 0..10 {
        database.raw().await.run("DELETE FROM meta WHERE name <> 'schema_min'").await;
        let (first, second) = tokio::join!(meta::found(&one), meta::found(&two));
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first.0, second.0, "both tell the same identity");
        assert!(first.1 != second.1, "one of them founded it: {first:?} {second:?}");
        one.ready().await.unwrap();
    }
}

async fn the_wrong_keys_are_refused(database: &Database) {
    let foreign = database.open_with_foreign_keys().await;
    foreign.ready().await.unwrap();
    meta::found(&database.open("main").await).await.unwrap();
    let refused = foreign.ready().await.unwrap_err();
    assert!(matches!(refused, StoreError::Seal(_)), "{refused}");
    assert!(refused.to_string().contains("restore"), "{refused}");
    // A second founding does not make the wrong keys right.
    assert!(!meta::found(&foreign).await.unwrap().1);
    assert!(foreign.ready().await.is_err());
}

async fn a_lock_that_stays_is_not_waited_for(database: &Database) {
    let store = database.open("main").await;
    let mut raw = database.raw().await;
    if database.kind == Kind::Sqlite {
        raw.run("BEGIN IMMEDIATE").await;
    } else {
        raw.run("BEGIN").await;
        raw.run("LOCK TABLE audit_heads").await;
    }
    let start = Instant::now();
    let attempt = async {
        let act = store.act(&postern_core::model::actor::Actor::Gateway, "").await?;
        act.commit(rows::event("anna@example.com")).await
    };
    let refused = tokio::time::timeout(Duration::from_secs(20), attempt)
        .await
        .unwrap_or_else(|_| panic!("waited for {:?}", start.elapsed()));
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    raw.run("ROLLBACK").await;
    rows::account(&store, "anna@example.com").await;
}

#[tokio::test]
async fn files_are_private() {
    let database = Database::migrated(Kind::Sqlite).await;
    let store = database.open("main").await;
    rows::account(&store, "anna@example.com").await;
    assert_eq!(mode(&database.data()), 0o700);
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(database.data()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        seen.push(path);
    }
    assert!(seen.len() > 1, "the log lies beside the database: {seen:?}");
}

#[tokio::test]
async fn a_database_that_others_could_read_is_closed_to_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let database = Database::migrated(Kind::Sqlite).await;
    let file = database.data().join("postern.db");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    database.open("main").await;
    assert_eq!(mode(&file), 0o600);
}

// Closing any handle of a file drops all locks that the process holds on it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn opening_it_again_drops_no_locks() {
    use std::os::unix::fs::MetadataExt as _;
    let database = Database::migrated(Kind::Sqlite).await;
    let first = database.open("one").await;
    let inode = std::fs::metadata(database.data().join("postern.db")).unwrap().ino().to_string();
    let held = || {
        let locks = std::fs::read_to_string("/proc/locks").unwrap();
        locks.split_ascii_whitespace().filter(|word| word.rsplit(':').next() == Some(&inode)).count()
    };
    assert!(held() > 0, "SQLite holds a lock while the log is open");
    let _second = database.open("two").await;
    assert!(held() > 0, "the first store's locks are gone");
    first.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_survives_a_power_cut_of_a_server_that_does_not_wait_for_its_disk() {
    let cluster = Cluster::start();
    cluster.migrate().await;
    let (names, hour) = (["one", "two", "three"], Duration::from_secs(3_600));
    for name in names {
        let store = cluster.store().await;
        assert!(leases::take(&store, name, hour).await.unwrap().is_some());
        cluster.cut();
        cluster.up();
    }
    let store = cluster.store().await;
    for name in names {
        assert!(
            leases::take(&store, name, hour).await.unwrap().is_none(),
            "{name} was confirmed, and is lost"
        );
    }
}
