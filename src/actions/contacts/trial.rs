//! The way to the groups of the Google on a stage, and people who were made.

use postern_core::model::id::{PairId, RunId};
use postern_core::plan::contacts::apply::fresh;
use postern_core::plan::contacts::card::Entity;
use postern_core::plan::contacts::person::Mark;
use postern_core::plan::link::{Base, Side, State};
use postern_core::plan::record::{Field, Record, Value};
use serde_json::json;

use super::groups::Groups;
use crate::actions::consent::trial::Stage;
use crate::google::trial::people;
use crate::store::Store;
use crate::store::contacts::books::Book;
use crate::store::contacts::cards::{self, Shown};
use crate::store::contacts::links::{self, Link};
use crate::store::contacts::seen::{self, From, Seen};
use crate::store::sync::runs::{self, Counts};
use crate::store::sync::sync_journal::{self, Note};

/// The groups of that Google.
pub fn groups(stage: &Stage) -> Groups {
    let (store, exchange) = (stage.store().clone(), stage.consents.exchange.clone());
    Groups::new(&people(store, exchange, stage.consents.redirect_uri.clone()))
}

/// A run that made a person of a record of that family name, who still shows it.
pub async fn made(store: &Store, book: &Book, name: &str) -> RunId {
    let id = PairId(store.dice().id(store.clock()).unwrap());
    let (resource, record) = (format!("people/c{}", id.0.simple()), format!("{}", id.0.simple()));
    let record = record[..17].to_owned();
    let shows = Record::new().with(Field::Family, Value::text(name));
    let mark = Mark { pair: id.0, entity: Entity::Contact, record: record.clone() };
    let mut raw = fresh(&shows, &[], &mark);
    raw.insert("resourceName".to_owned(), json!(resource));
    raw.insert("etag".to_owned(), json!("%EgUB"));
    let link = Link {
        id,
        account: book.account,
        book: book.id,
        resource: Some(resource.clone()),
        source: None,
        entity: Entity::Contact,
        record: Some(record.clone()),
        origin: Side::Crm,
        state: State::Active,
        visible: true,
        dirty: false,
        soils: 0,
        base: Base::of(shows.clone(), shows.clone()),
    };
    let person = Seen {
        resource,
        live: true,
        whole: true,
        epoch: 1,
        hash: vec![1],
        changed_at: 0,
        content: Some(json!(raw).to_string()),
    };
    let card = json!({ "id": record, "lastName": name }).to_string();
    let content = json!({ "written": shows }).to_string();
    let mut batch = store.batch().await.unwrap();
    assert!(links::add(&mut batch, &link).await.unwrap());
    seen::put(&mut batch, book.id, &[person], From::Ourselves).await.unwrap();
    let shown = Shown { entity: Entity::Contact, record: &record, hash: &[1; 32], content: &card };
    cards::put(&mut batch, &shown, Some(id)).await.unwrap();
    let run = runs::begin(&mut batch, book.id).await.unwrap();
    let note = Note {
        run,
        synced: book.id.into(),
        account: book.account,
        link: id,
        kind: "make-person",
        rule: "pushed",
        content: &content,
    };
    sync_journal::add(&mut batch, &note).await.unwrap();
    runs::end(&mut batch, book.id, run, &Counts { made: 1, ..Counts::default() }, None).await.unwrap();
    batch.commit().await.unwrap();
    run
}
