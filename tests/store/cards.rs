//! What was seen of records, as several processes and questions store it.

use std::time::Duration;

use postern::store::contacts::cards::{self, Shown};
use postern::store::sync::crm_cursors;
use postern::store::sync::crm_seen::{self, Seen};
use postern::store::sync::google_seen::From;
use postern::store::{Batch, Store};
use postern_core::plan::contacts::card::Entity;

use crate::support::databases::{Database, on_both};

on_both!(
    what_two_processes_put_at_once_opens,
    an_answer_replaces_nothing_that_was_stored_since_its_question,
    a_record_that_is_gone_is_not_brought_back_by_an_answer_from_before,
);

const CONTENTS: [&str; 2] = ["{\"n\":1}", "{\"n\":2}"];

fn shown(content: &str) -> Shown<'_> {
    let hash = if content == CONTENTS[0] { &[1; 32] } else { &[2; 32] };
    Shown { entity: Entity::Contact, record: "c1", hash, content }
}

async fn stored(store: &Store) -> Option<String> {
    let read = &mut store.read().await.unwrap();
    cards::get(store, read, (Entity::Contact, "c1")).await.unwrap().unwrap().content
}

async fn put(store: &Store, content: &str) {
    let mut batch = store.batch().await.unwrap();
    cards::put(&mut batch, &shown(content), None).await.unwrap();
    batch.commit().await.unwrap();
}

async fn put_asked(store: &Store, content: &str, asked: i64) -> bool {
    let mut batch = store.batch().await.unwrap();
    let put = cards::put_asked(&mut batch, &shown(content), None, asked).await.unwrap();
    batch.commit().await.unwrap();
    put
}

async fn ask(store: &Store) -> i64 {
    let mut batch = store.batch().await.unwrap();
    let asked = crm_cursors::ask(&mut batch, "Contact").await.unwrap();
    batch.commit().await.unwrap();
    asked
}

async fn slowly(store: &Store, put: impl AsyncFnOnce(&mut Batch)) {
    let mut batch = store.batch().await.unwrap();
    put(&mut batch).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    batch.commit().await.unwrap();
}

async fn what_two_processes_put_at_once_opens(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let row = |content: &str| Seen {
        entity: "Meeting".to_owned(),
        record: "m1".to_owned(),
        live: true,
        user: None,
        hash: vec![1; 32],
        content: Some(content.to_owned()),
        people: None,
    };
    let both = async |batch: &mut Batch, content: &str| {
        cards::put(batch, &shown(content), None).await.unwrap();
        crm_seen::put(batch, &[row(content)], From::Reading).await.unwrap();
    };
    tokio::join!(
        slowly(&one, async |batch| both(batch, CONTENTS[0]).await),
        slowly(&two, async |batch| both(batch, CONTENTS[1]).await),
    );
    let content = stored(&one).await.unwrap();
    assert!(CONTENTS.contains(&content.as_str()), "{content}");
    let read = &mut one.read().await.unwrap();
    let seen = crm_seen::get(&one, read, "Meeting", "m1").await.unwrap().unwrap().content.unwrap();
    assert!(CONTENTS.contains(&seen.as_str()), "{seen}");
}

async fn an_answer_replaces_nothing_that_was_stored_since_its_question(database: &Database) {
    let store = database.open("main").await;
    put(&store, CONTENTS[0]).await;
    let asked = ask(&store).await;
    assert!(put_asked(&store, CONTENTS[1], asked).await);
    let asked = ask(&store).await;
    put(&store, CONTENTS[0]).await;
    assert!(!put_asked(&store, CONTENTS[1], asked).await, "what was stored may be newer");
    // An answer is as old as its question, however late it is stored.
    let (first, second) = (ask(&store).await, ask(&store).await);
    assert!(put_asked(&store, CONTENTS[1], first).await);
    assert!(put_asked(&store, CONTENTS[0], second).await);
    assert!(!put_asked(&store, CONTENTS[1], first).await);
    assert_eq!(stored(&store).await.as_deref(), Some(CONTENTS[0]));
}

async fn a_record_that_is_gone_is_not_brought_back_by_an_answer_from_before(database: &Database) {
    let store = database.open("main").await;
    put(&store, CONTENTS[0]).await;
    let asked = ask(&store).await;
    let mut batch = store.batch().await.unwrap();
    cards::gone(&mut batch, (Entity::Contact, "c1"), None).await.unwrap();
    batch.commit().await.unwrap();
    assert!(!put_asked(&store, CONTENTS[1], asked).await);
    let asked = ask(&store).await;
    assert!(put_asked(&store, CONTENTS[1], asked).await);
    assert_eq!(stored(&store).await.as_deref(), Some(CONTENTS[1]));
}
