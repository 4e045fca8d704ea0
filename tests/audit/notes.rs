//! Notes under load and under fire.

use std::time::{Duration, Instant};

use postern::audit::{self, Note, Notes};
use postern::store::Store;
use postern_core::model::event::Event;
use postern_core::model::id::TokenId;
use postern_core::model::token::Protocol;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::verified;
use crate::store::rows;
use crate::support::databases::{Database, Kind, Raw, START, on_both};

on_both!(
    nobody_waits_at_five_hundred_a_second,
    a_note_that_the_database_refuses_bars_no_other,
    what_a_full_queue_lost_is_counted,
);

struct Writer {
    notes: Notes,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

#[expect(clippy::disallowed_methods, reason = "the writer under test runs beside the test")]
fn writer(store: &Store) -> Writer {
    let (notes, queue) = audit::writer();
    let stop = CancellationToken::new();
    let running = tokio::spawn(audit::run(store.clone(), queue, notes.losses(), stop.clone()));
    Writer { notes, stop, running }
}

impl Writer {
    async fn end(self) {
        self.stop.cancel();
        self.running.await.unwrap();
    }
}

fn refused(reference: &str) -> Note {
    let event = Event::LoginRefused {
        protocol: Protocol::Imap,
        cause: "wrong_token",
        peer: "192.0.2.1".to_owned(),
        reference: reference.to_owned(),
        address: None,
    };
    Note::Event { at: START, request: reference.to_owned(), event }
}

async fn locked(database: &Database) -> Raw {
    let mut raw = database.raw().await;
    if database.kind == Kind::Sqlite {
        raw.run("BEGIN IMMEDIATE").await;
    } else {
        raw.run("BEGIN").await;
        raw.run("LOCK TABLE audit_heads").await;
    }
    raw
}

// Three seconds of logins, a third of them refused, while somebody keeps the
// database locked for the better part of it.
async fn nobody_waits_at_five_hundred_a_second(database: &Database) {
    const LOGINS: u32 = 1_500;
    let store = database.open("main").await;
    let account = rows::account(&store, "anna@example.com").await;
    let tokens = [rows::token(&store, account, &[1; 32]).await, rows::token(&store, account, &[2; 32]).await];
    let before = verified(&store, &[]).await.rows;
    let writer = writer(&store);
    let mut lock = Some(locked(database).await);
    let mut beat = tokio::time::interval(Duration::from_millis(10));
    let mut longest = Duration::ZERO;
    for round in 0..LOGINS / 5 {
        beat.tick().await;
        if round == 200 {
            lock.take().unwrap().run("ROLLBACK").await;
        }
        let start = Instant::now();
        for n in 0..5 {
            writer.notes.note(match n % 3 {
                0 => refused(&format!("r{round}n{n}")),
                _ => login(&store, tokens[n % 2]),
            });
        }
        longest = longest.max(start.elapsed());
    }
    writer.end().await;
    assert!(longest < Duration::from_secs(1), "five notes took {longest:?}");

    let mut raw = database.raw().await;
    assert_eq!(raw.number("SELECT count(*) FROM audit WHERE event = 'login_refused'").await, 600);
    assert_eq!(raw.number("SELECT CAST(sum(count) AS BIGINT) FROM login_counts").await, 900);
    assert_eq!(raw.number("SELECT count(*) FROM audit WHERE event = 'notes_dropped'").await, 0);
    let report = verified(&store, &[]).await;
    assert!(report.broken.is_empty(), "{report:?}");
    assert_eq!(report.rows - before, 602, "the refusals, and a first peer of each token");
}

fn login(store: &Store, token: TokenId) -> Note {
    Note::Login {
        at: store.clock().now(),
        token,
        address: rows::address("anna@example.com"),
        protocol: Protocol::Imap,
        peer: "192.0.2.1".to_owned(),
    }
}

async fn a_note_that_the_database_refuses_bars_no_other(database: &Database) {
    let store = database.open("main").await;
    let mut raw = database.raw().await;
    if database.kind == Kind::Sqlite {
        raw.run(
            "CREATE TRIGGER poison BEFORE INSERT ON audit WHEN NEW.request LIKE 'poison%' \
             BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .await;
    } else {
        raw.run("ALTER TABLE audit ADD CONSTRAINT poison CHECK (request NOT LIKE 'poison%')").await;
    }
    let writer = writer(&store);
    for n in 0..40 {
        let poison = matches!(n, 0 | 13 | 14 | 39);
        writer.notes.note(refused(&if poison { format!("poison{n}") } else { format!("r{n:02}") }));
    }
    writer.end().await;

    let requests = raw.words("SELECT request FROM audit WHERE event = 'login_refused' ORDER BY seq").await;
    let wanted: Vec<String> =
        (0..40).filter(|n| !matches!(n, 0 | 13 | 14 | 39)).map(|n| format!("r{n:02}")).collect();
    assert_eq!(requests, wanted, "all others, in their order");
    let dropped = raw.words("SELECT detail FROM audit WHERE event = 'notes_dropped'").await;
    assert_eq!(dropped.len(), 4);
    assert!(dropped.iter().all(|detail| detail.contains("\"refused\"") && detail.contains("\"count\":1")));
    assert!(verified(&store, &[]).await.broken.is_empty());
}

async fn what_a_full_queue_lost_is_counted(database: &Database) {
    const NOTES: i64 = 60_000;
    let store = database.open("main").await;
    let account = rows::account(&store, "anna@example.com").await;
    let token = rows::token(&store, account, &[1; 32]).await;
    let (notes, queue) = audit::writer();
    // Nobody empties the queue yet: it is as when the database is away.
    for _ in 0..NOTES {
        notes.note(login(&store, token));
    }
    let stop = CancellationToken::new();
    stop.cancel();
    audit::run(store.clone(), queue, notes.losses(), stop).await;

    let mut raw = database.raw().await;
    let stored = raw.number("SELECT CAST(sum(count) AS BIGINT) FROM login_counts").await;
    let dropped = raw.words("SELECT detail FROM audit WHERE event = 'notes_dropped'").await;
    assert_eq!(dropped.len(), 1, "{dropped:?}");
    let told: serde_json::Value = serde_json::from_str(&dropped[0]).unwrap();
    assert_eq!(told["why"], "queue_full");
    assert_eq!(told["count"].as_i64().unwrap() + stored, NOTES);
    assert!(stored > 0 && stored < NOTES);
}
