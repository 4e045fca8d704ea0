//! A release beside the one before it: the schema still holds what that one names, and its binary
//! serves on the migrated database, alone and beside a new node.
//!
//! A migration that takes something away, or that demands something new of who writes, comes a release
//! after the one that stopped using it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::client::{HERE, log_in, send};
use super::node::Node;
use super::size::{ms, tell};
use super::world::World;
use crate::reliability::client::Sent;
use crate::store::schema::columns;
use crate::support::databases::{Database, Kind, Raw, on_both};

on_both!(what_the_release_before_names_is_still_there);

// Columns that have to be given a value.
const SQLITE_DEMANDED: &str = "
    SELECT m.name || '.' || p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p
    WHERE m.type = 'table' AND (p.\"notnull\" = 1 OR p.pk > 0) AND p.dflt_value IS NULL";
const POSTGRES_DEMANDED: &str = "
    SELECT table_name || '.' || column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND is_nullable = 'NO' AND column_default IS NULL";

// `table.column`, and `null` behind what may be empty: as the last release left it. Written anew, when
// one is released, by this test with POSTERN_TEST_PIN_SCHEMA=1.
fn pinned() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reliability/released_schema.txt")
}

async fn what_the_release_before_names_is_still_there(database: &Database) {
    let now = columns(database).await;
    if std::env::var_os("POSTERN_TEST_PIN_SCHEMA").is_some() {
        let lines: Vec<_> = now.iter().map(String::as_str).collect();
        std::fs::write(pinned(), lines.join("\n") + "\n").expect("written");
    }
    let text = std::fs::read_to_string(pinned()).expect("the released schema");
    let released: BTreeSet<String> = text.lines().map(str::to_owned).collect();
    assert!(released.len() > 100, "the list is whole");
    let gone: Vec<_> = released.difference(&now).collect();
    assert!(gone.is_empty(), "the release before names these: {gone:?}");
    let mut raw = database.raw().await;
    let demanded = raw.words(if matches!(raw, Raw::Sqlite(_)) { SQLITE_DEMANDED } else { POSTGRES_DEMANDED });
    let table = |column: &str| column.split('.').next().unwrap_or_default().to_owned();
    let tables: BTreeSet<String> = released.iter().map(|column| table(column)).collect();
    let new = demanded.await.into_iter().filter(|it| tables.contains(&table(it)) && !released.contains(it));
    let new: Vec<_> = new.collect();
    assert!(new.is_empty(), "the release before writes these tables and gives no value to: {new:?}");
}

/// The binary of the release before, if one is named; our own tests build none.
fn before() -> Option<String> {
    std::env::var("POSTERN_TEST_BEFORE").ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_release_before_serves_on_the_new_schema_and_beside_a_new_node() {
    let Some(old) = before() else {
        tell("before", &[("binary", "none".to_owned())]);
        return;
    };
    let database = Database::migrated(Kind::Postgres).await;
    let world = World::new(Some(database.url), 3, 2).await;
    let config = |name: &str| world.gateway.dir.path().join(format!("{name}.toml"));
    let old = Node::of(old, &world.text("old", ""), &config("old")).await;
    both_protocols(&world, &old, "alone").await;
    for n in 0..20 {
        world.desk.act(n);
    }
    let alone = world.rest(Duration::from_secs(60)).await;
    let new = Node::here(&world.text("new", ""), &config("new")).await;
    for round in 0..5 {
        world.expire();
        for node in [&old, &new] {
            both_protocols(&world, node, &format!("round {round}")).await;
        }
        for n in 0..10 {
            world.desk.act(20 + round * 10 + n);
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let beside = world.rest(Duration::from_secs(60)).await;
    world.judge().await;
    let ran = "SELECT DISTINCT node FROM sync_runs ORDER BY node";
    assert_eq!(world.raw().await.words(ran).await, ["new", "old"], "both have run calendars");
    let figures = [("binary", "given".to_owned()), ("alone_rest", ms(alone)), ("beside_rest", ms(beside))];
    tell("before", &figures);
}

async fn both_protocols(world: &World, node: &Node, when: &str) {
    for mailbox in &world.mailboxes {
        let told = log_in(HERE, node.imap, &mailbox.address, &mailbox.token).await;
        assert!(told.is_ok(), "{when}: {:?}\n{}", told.err(), node.log());
        let id = format!("{when}@crm.example.com").replace(' ', "-");
        let sent = send(node.smtp, &mailbox.address, &mailbox.token, &id).await;
        assert_eq!(sent, Sent::Accepted, "{when}\n{}", node.log());
    }
}
