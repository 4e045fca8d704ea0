//! Rows of an address book that tests start from.

use postern::store::contacts::{books, cards, groups, intents, links, pushes, reviews, seen};
use postern::store::sync::runs;
use postern::store::{Batch, Store, Write as _};
use postern_core::model::actor::Actor;
use postern_core::model::id::{AccountId, BookId, PairId};
use postern_core::plan::contacts::card::Entity;
use postern_core::plan::contacts::choices::Choices;
use postern_core::plan::link::{Base, Side, State};

use super::rows;

/// Puts rows of the account into every table of its address book.
pub async fn everything(store: &Store, account: AccountId, number: u8) {
    let mut act = rows::act(store).await;
    let choices = Choices {
        group: Some("contactGroups/g1".to_owned()),
        monitored: ["contactGroups/g2".to_owned()].into(),
        ..Choices::default()
    };
    assert!(books::choose(&mut act, account, &choices, 0, &Actor::Gateway).await.unwrap());
    let pushed = [(Entity::Contact, format!("c{number}"))];
    pushes::add(&mut act, account, &pushed, false, &Actor::Gateway).await.unwrap();
    let book = books::of(store, &mut act, account).await.unwrap().unwrap().id;
    act.commit(rows::event("anna@example.com")).await.unwrap();
    let mut batch = store.batch().await.unwrap();
    let listed = groups::Listed {
        resource: "contactGroups/g1".to_owned(),
        name: "Private name".to_owned(),
        own: true,
        members: 1,
    };
    groups::put(&mut batch, account, &[listed]).await.unwrap();
    let cursor = books::Cursor { token: Some("token"), epoch: 1, covered: true, full: None };
    books::advance(&mut batch, book, &cursor).await.unwrap();
    sides(&mut batch, book, number).await;
    let link = link(&mut batch, (account, book), number).await;
    let run = runs::begin(&mut batch, book).await.unwrap();
    assert!(intents::add(&mut batch, (book, run), link, "write-person", "{}").await.unwrap());
    reviews::ask(&mut batch, (account, book), ("people/c9", "ambiguous"), "{}").await.unwrap();
    batch.commit().await.unwrap();
}

/// What was seen of a person and of its record.
async fn sides(batch: &mut Batch, book: BookId, number: u8) {
    let person = seen::Seen {
        resource: format!("people/c{number}"),
        live: true,
        whole: true,
        epoch: 1,
        hash: vec![1; 32],
        changed_at: 1,
        content: Some("{}".to_owned()),
    };
    seen::put(batch, book, &[person], seen::From::Reading).await.unwrap();
    let shown = cards::Shown {
        entity: Entity::Contact,
        record: &format!("c{number}"),
        hash: &[1; 32],
        content: "{}",
    };
    cards::put(batch, &shown, None).await.unwrap();
}

async fn link(batch: &mut Batch, (account, book): (AccountId, BookId), number: u8) -> PairId {
    let id = PairId(batch.store().dice().id(batch.store().clock()).unwrap());
    let link = links::Link {
        id,
        account,
        book,
        resource: Some(format!("people/c{number}")),
        source: Some(format!("s{number}")),
        entity: Entity::Contact,
        record: Some(format!("c{number}")),
        origin: Side::Crm,
        state: State::Active,
        visible: true,
        dirty: true,
        soils: 0,
        base: Base::default(),
    };
    assert!(links::add(batch, &link).await.unwrap());
    id
}
