//! Nodes: a name belongs to one process that lives.

use std::time::Duration;

use futures_util::future::join_all;
use postern::node::heartbeat::{Heartbeat, NotOurs, machine};
use postern::node::remains::Remains;
use postern::store::nodes::{self, Card, Claim, Node, Over, QUIET, SILENT};
use postern::store::{Store, StoreError};
use tokio::time::timeout;

use crate::support::databases::{Database, Kind, on_both};

on_both!(
    of_many_that_claim_a_name_one_gets_it,
    a_silent_or_future_row_is_taken_over,
    a_beat_is_its_own_and_tells_the_keys,
    a_node_leaves_and_the_dead_are_swept,
    a_node_that_was_swept_while_it_slept_comes_back,
    an_overtaken_node_says_so,
    a_database_that_is_away_ends_no_node,
);

fn card(name: &str, incarnation: &str) -> Card {
    Card {
        name: name.to_owned(),
        incarnation: incarnation.to_owned(),
        host: "host.example.com".to_owned(),
        version: "1.2.3".to_owned(),
        schema_known: 2,
        keys: vec!["seal/k1".to_owned(), "audit/k1".to_owned()],
    }
}

async fn claim(store: &Store, card: &Card, alone: bool) -> Claim {
    let mut batch = store.batch().await.unwrap();
    let over = if alone { Over::Anybody } else { Over::Silent };
    let claim = nodes::claim(&mut batch, card, over).await.unwrap();
    batch.commit().await.unwrap();
    claim
}

async fn beat(store: &Store, card: &Card) -> bool {
    let mut batch = store.batch().await.unwrap();
    let ours = nodes::beat(&mut batch, card).await.unwrap();
    batch.commit().await.unwrap();
    ours
}

async fn all(store: &Store) -> Vec<Node> {
    nodes::all(&mut store.read().await.unwrap()).await.unwrap()
}

/// Moves every row's times; the database's own clock cannot be moved.
async fn age(database: &Database, by: Duration) {
    let text = format!("UPDATE nodes SET beat_at = beat_at - {}", by.as_micros());
    database.raw().await.run(&text).await;
}

async fn of_many_that_claim_a_name_one_gets_it(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let cards: Vec<Card> = (0..8).map(|n| card("main", &n.to_string())).collect();
    let claims =
        cards.iter().enumerate().map(|(n, card)| claim(if n % 2 == 0 { &one } else { &two }, card, false));
    let claims = join_all(claims).await;
    assert_eq!(claims.iter().filter(|claim| **claim == Claim::Ours).count(), 1);
    let winner = all(&one).await.pop().unwrap();
    for claim in claims {
        match claim {
            Claim::Ours => {}
            Claim::Held(other) => assert_eq!(other.card, winner.card, "they are told who has it"),
        }
    }
    assert_eq!(claim(&one, &card("other", "x"), false).await, Claim::Ours, "another name is free");
    assert_eq!(all(&one).await.len(), 2);
}

async fn a_silent_or_future_row_is_taken_over(database: &Database) {
    let store = database.open("main").await;
    let (first, second) = (card("main", "first"), card("main", "second"));
    assert_eq!(claim(&store, &first, false).await, Claim::Ours);
    assert_eq!(claim(&store, &first, false).await, Claim::Ours, "one's own name is no conflict");
    age(database, SILENT - Duration::from_secs(15)).await;
    assert!(matches!(claim(&store, &second, false).await, Claim::Held(node) if node.lives()));
    age(database, Duration::from_secs(16)).await;
    assert!(!all(&store).await[0].lives());
    assert_eq!(claim(&store, &second, false).await, Claim::Ours);
    assert!(!beat(&store, &first).await, "the one that was silent has lost its name");

    // The clock of the database was set back by a day.
    let future = format!("UPDATE nodes SET beat_at = beat_at + {}", 86_400_000_000_i64);
    database.raw().await.run(&future).await;
    assert!(!all(&store).await[0].lives());
    assert_eq!(claim(&store, &first, false).await, Claim::Ours);
    // Who knows that nobody else serves does not wait.
    assert_eq!(claim(&store, &second, true).await, Claim::Ours);
}

async fn a_beat_is_its_own_and_tells_the_keys(database: &Database) {
    let store = database.open("main").await;
    let mut one = card("main", "one");
    assert_eq!(claim(&store, &one, false).await, Claim::Ours);
    age(database, Duration::from_secs(30)).await;
    one.keys.push("seal/k2".to_owned());
    assert!(beat(&store, &one).await);
    let row = all(&store).await.pop().unwrap();
    assert_eq!(row.card, one);
    assert!(row.silent < Duration::from_secs(20), "{:?}", row.silent);
    assert!(row.beat_at > row.started_at);
    assert!(!beat(&store, &card("main", "two")).await);
    assert_eq!(all(&store).await[0].beat_at, row.beat_at);
}

async fn a_node_leaves_and_the_dead_are_swept(database: &Database) {
    let store = database.open("main").await;
    for name in ["dead", "silent", "gone", "alive"] {
        assert_eq!(claim(&store, &card(name, "x"), false).await, Claim::Ours);
    }
    let day = Duration::from_secs(86_400);
    let old =
        format!("UPDATE nodes SET beat_at = beat_at - {} WHERE name = 'dead'", (day + SILENT).as_micros());
    let mut raw = database.raw().await;
    raw.run(&old).await;
    raw.run("UPDATE nodes SET beat_at = beat_at - 70000000 WHERE name = 'silent'").await;
    let mut batch = store.batch().await.unwrap();
    nodes::leave(&mut batch, &card("gone", "x")).await.unwrap();
    nodes::leave(&mut batch, &card("alive", "another process")).await.unwrap();
    nodes::prune(&mut batch, day).await.unwrap();
    batch.commit().await.unwrap();
    let left: Vec<(String, bool)> =
        all(&store).await.into_iter().map(|n| (n.card.name.clone(), n.lives())).collect();
    assert_eq!(left, [("alive".to_owned(), true), ("silent".to_owned(), false)]);
}

async fn a_node_that_was_swept_while_it_slept_comes_back(database: &Database) {
    let store = database.open("main").await;
    let node = Heartbeat::start(&store, None).await.unwrap();
    database.raw().await.run("DELETE FROM nodes").await;
    node.tick().await.unwrap();
    let row = all(&store).await.pop().unwrap();
    assert_eq!(row.card, *node.card());
    assert_eq!(row.card.keys, ["seal/k1", "audit/k1"]);
    assert!(timeout(Duration::ZERO, node.overtaken()).await.is_err());
}

async fn an_overtaken_node_says_so(database: &Database) {
    let (one, two) = (database.open("main").await, database.open("main").await);
    let slept = Heartbeat::start(&one, None).await.unwrap();
    age(database, SILENT).await;
    let new = Heartbeat::start(&two, None).await.unwrap();
    slept.tick().await.unwrap();
    assert!(timeout(Duration::ZERO, slept.overtaken()).await.is_ok(), "it must stop serving");
    new.tick().await.unwrap();
    assert!(timeout(Duration::ZERO, new.overtaken()).await.is_err());
    // What it leaves behind is not the new one's row.
    slept.run(tokio_util::sync::CancellationToken::new()).await;
    assert_eq!(all(&one).await[0].card, *new.card());
}

async fn a_database_that_is_away_ends_no_node(database: &Database) {
    let store = database.open("main").await;
    let node = Heartbeat::start(&store, None).await.unwrap();
    let mut raw = database.raw().await;
    raw.run("ALTER TABLE nodes RENAME TO away").await;
    let failed = node.tick().await;
    assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");
    assert!(timeout(Duration::ZERO, node.overtaken()).await.is_err());
    raw.run("ALTER TABLE away RENAME TO nodes").await;
    node.tick().await.unwrap();
}

#[tokio::test]
async fn a_name_in_use_is_refused_at_its_next_beat() {
    let database = Database::migrated(Kind::Postgres).await;
    let (one, two) = (database.open("main").await, database.open("main").await);
    let here = Heartbeat::start(&one, None).await.unwrap();
    let (refused, ()) = tokio::join!(Heartbeat::start(&two, None), async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        here.tick().await.unwrap();
    });
    let Err(NotOurs::Held(other)) = refused else { panic!("two nodes of one name") };
    assert_eq!(other.card, *here.card());
}

#[tokio::test]
async fn a_name_that_was_left_by_a_crash_is_taken_over() {
    let database = Database::migrated(Kind::Postgres).await;
    let (one, two) = (database.open("main").await, database.open("main").await);
    let _crashed = Heartbeat::start(&one, None).await.unwrap();
    age(&database, SILENT - Duration::from_secs(3)).await;
    let began = std::time::Instant::now();
    let new = Heartbeat::start(&two, None).await.unwrap();
    assert!(began.elapsed() > Duration::from_secs(1), "not before it was silent for a minute");
    assert_eq!(all(&two).await[0].card, *new.card());
}

#[tokio::test]
async fn a_name_whose_holder_left_its_remains_here_is_taken_over_after_two_beats() {
    let database = Database::migrated(Kind::Postgres).await;
    let (one, two) = (database.open("main").await, database.open("main").await);
    let folder = tempfile::tempdir().unwrap();
    let place = Some(folder.path());
    let crashed = Heartbeat::start(&one, place).await.unwrap();
    assert!(Remains::take(folder.path(), "main").is_none(), "it lives");
    age(&database, QUIET - Duration::from_secs(3)).await;
    let began = std::time::Instant::now();
    let (new, ()) = tokio::join!(Heartbeat::start(&two, place), async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        drop(crashed);
    });
    let new = new.unwrap();
    assert!((2..20).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    assert_eq!(all(&two).await[0].card, *new.card());
    // Of another machine, or of another process, they prove nothing.
    let card = new.card().clone();
    drop(new);
    let here = machine();
    for (host, incarnation) in [("another", card.incarnation.as_str()), (here.as_str(), "another")] {
        age(&database, QUIET).await;
        let row = format!("UPDATE nodes SET host = '{host}', incarnation = '{incarnation}'");
        database.raw().await.run(&row).await;
        let waits = timeout(Duration::from_secs(2), Heartbeat::start(&one, place)).await;
        assert!(waits.is_err(), "{host} {incarnation}");
    }
}

#[tokio::test]
async fn a_copy_of_the_machine_ends_no_node_that_lives() {
    let database = Database::migrated(Kind::Postgres).await;
    let (one, two) = (database.open("main").await, database.open("main").await);
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let here = Heartbeat::start(&one, Some(folder.path())).await.unwrap();
    let name = "node-main.lock";
    std::fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    let told = std::fs::read_to_string(copy.path().join(name)).unwrap();
    assert_eq!(told.trim_end(), here.card().incarnation);
    let (refused, ()) = tokio::join!(Heartbeat::start(&two, Some(copy.path())), async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        here.tick().await.unwrap();
    });
    let Err(NotOurs::Held(other)) = refused else { panic!("two nodes of one name") };
    assert_eq!(other.card, *here.card());
}
