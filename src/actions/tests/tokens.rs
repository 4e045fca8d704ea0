use postern_core::model::id::TokenId;
use postern_core::model::token::{Protocols, well_formed};

use super::{House, address};
use crate::actions::ActError;
use crate::actions::account::switch;
use crate::actions::token::{Standing, Terms, issue, issue_all, list, revoke};
use crate::auth::hash;
use crate::store::crm_tokens;

fn terms() -> Terms {
    Terms { name: "espo".into(), protocols: Protocols::Imap, expires_at: None }
}

#[tokio::test]
async fn a_token_is_shown_once_and_stored_as_a_hash() {
    let house = House::new().await;
    house.add("anna@x.cz", &["info@x.cz"]).await.unwrap();
    let (store, by) = (&house.store, &house.by);
    let ends = Terms { expires_at: Some(house.clock.now() + 60_000_000), ..terms() };
    let issued = issue(store, by, &address("anna@x.cz"), &ends).await.unwrap();
    assert!(well_formed(issued.token.reveal()));
    let hash = hash::of(issued.token.reveal());
    let stored = crm_tokens::by_hash(&mut store.read().await.unwrap(), &hash).await.unwrap().unwrap();
    assert_eq!((stored.id, stored.protocols), (issued.id, Protocols::Imap));
    let shown = list(store, Some(&address("anna@x.cz"))).await.unwrap();
    assert_eq!((shown[0].name.as_str(), shown[0].standing), ("espo", Standing::Live));
    house.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(list(store, None).await.unwrap()[0].standing, Standing::Expired);
    assert!(matches!(issue(store, by, &address("info@x.cz"), &terms()).await, Err(ActError::AnAlias { .. })));
    assert!(matches!(issue(store, by, &address("no@x.cz"), &terms()).await, Err(ActError::NoAccount(_))));
    let nameless = Terms { name: "a\nb".into(), ..terms() };
    let done = issue(store, by, &address("anna@x.cz"), &nameless).await;
    assert!(matches!(done, Err(ActError::TokenName)));
}

#[tokio::test]
async fn revoked_once_and_told_to_everybody() {
    let house = House::new().await;
    house.add("anna@x.cz", &[]).await.unwrap();
    let (store, by) = (&house.store, &house.by);
    let id = issue(store, by, &address("anna@x.cz"), &terms()).await.unwrap().id;
    let seen = crate::store::changes::position(&mut store.read().await.unwrap()).await.unwrap();
    assert!(revoke(store, by, id).await.unwrap().changed);
    let (_, told) = crate::store::changes::after(&mut store.read().await.unwrap(), seen).await.unwrap();
    assert_eq!(told, [postern_core::model::change::Change::Token(id)]);
    assert!(!revoke(store, by, id).await.unwrap().changed);
    assert_eq!(list(store, None).await.unwrap()[0].standing, Standing::Revoked);
    let unknown = TokenId(uuid::Uuid::nil());
    assert!(matches!(revoke(store, by, unknown).await, Err(ActError::NoToken(_))));
    let events = house.events().await;
    assert_eq!(events.iter().filter(|e| *e == "token_revoked").count(), 1);
}

#[tokio::test]
async fn one_for_every_mailbox_that_is_not_disabled() {
    let house = House::new().await;
    for of in ["a@x.cz", "b@x.cz", "c@x.cz"] {
        house.add(of, &[]).await.unwrap();
    }
    let (store, by) = (&house.store, &house.by);
    switch::disable(store, by, &address("b@x.cz")).await.unwrap();
    let mut shown = Vec::new();
    let count =
        issue_all(store, by, &terms(), |issued| shown.push(issued.address.to_string())).await.unwrap();
    assert_eq!((count, shown), (2, vec!["a@x.cz".to_owned(), "c@x.cz".to_owned()]));
    house.journal().await;
}
