//! Codes and recovery codes work once, also for two who come at once.

use postern::store::{Store, admins, totp};
use postern_core::model::event::Event;
use postern_core::model::id::AdminId;
use postern_core::model::role::Role;
use postern_core::model::secret::Secret;

use super::rows;
use crate::support::databases::{Database, on_both};

on_both!(
    a_step_is_taken_once,
    a_recovery_code_is_used_once,
    an_offer_replaces_no_secret_in_use,
    all_or_nobody
);

fn done() -> Event {
    Event::AdminTotpOn { admin: "jan".to_owned() }
}

async fn jan(store: &Store) -> AdminId {
    let mut act = rows::act(store).await;
    let id = admins::insert(&mut act, "jan", Role::Admin).await.unwrap();
    act.commit(done()).await.unwrap();
    id
}

async fn offered(store: &Store, admin: AdminId, secret: &str) -> bool {
    let mut act = rows::act(store).await;
    let offered = totp::offer(&mut act, admin, &Secret::new(secret)).await.unwrap();
    act.commit(done()).await.unwrap();
    offered
}

async fn take(store: &Store, admin: AdminId, step: i64) -> bool {
    let mut act = rows::act(store).await;
    let taken = totp::take_step(&mut act, admin, step).await.unwrap();
    act.commit(done()).await.unwrap();
    taken
}

async fn use_up(store: &Store, admin: AdminId, hash: &[u8; 32]) -> bool {
    let mut act = rows::act(store).await;
    let used = totp::use_code(&mut act, admin, hash).await.unwrap();
    act.commit(done()).await.unwrap();
    used
}

async fn a_step_is_taken_once(database: &Database) {
    let store = database.open("main").await;
    let jan = jan(&store).await;
    assert!(!take(&store, jan, 1).await, "without a secret there is none");
    assert!(offered(&store, jan, "first").await);
    let other = database.open("other").await;
    let (one, two) = tokio::join!(take(&store, jan, 100), take(&other, jan, 100));
    assert!(one ^ two);
    assert!(!take(&store, jan, 99).await && take(&store, jan, 101).await);
}

async fn a_recovery_code_is_used_once(database: &Database) {
    let store = database.open("main").await;
    let jan = jan(&store).await;
    for hashes in [[[9; 32], [8; 32]], [[1; 32], [2; 32]]] {
        let mut act = rows::act(&store).await;
        totp::set_codes(&mut act, jan, &hashes).await.unwrap();
        act.commit(done()).await.unwrap();
    }
    assert!(!use_up(&store, jan, &[9; 32]).await, "earlier ones are void");
    assert!(!use_up(&store, AdminId(uuid::Uuid::nil()), &[1; 32]).await, "nobody else's");
    let other = database.open("other").await;
    let (one, two) = tokio::join!(use_up(&store, jan, &[1; 32]), use_up(&other, jan, &[1; 32]));
    assert!(one ^ two);
    assert_eq!(totp::left(&mut store.read().await.unwrap(), jan).await.unwrap(), 1);
}

async fn an_offer_replaces_no_secret_in_use(database: &Database) {
    let store = database.open("main").await;
    let jan = jan(&store).await;
    assert!(offered(&store, jan, "first").await && offered(&store, jan, "second").await);
    let mut act = rows::act(&store).await;
    assert!(totp::confirm(&mut act, jan).await.unwrap() && !totp::confirm(&mut act, jan).await.unwrap());
    act.commit(done()).await.unwrap();
    assert!(!offered(&store, jan, "third").await);
    let mut read = store.read().await.unwrap();
    assert_eq!(totp::secret(&store, &mut read, jan).await.unwrap().unwrap().reveal(), "second");
    assert!(admins::by_id(&mut read, jan).await.unwrap().unwrap().totp_at.is_some());
    drop(read);
    let mut act = rows::act(&store).await;
    assert!(totp::off(&mut act, jan).await.unwrap() && !totp::off(&mut act, jan).await.unwrap());
    act.commit(done()).await.unwrap();
    assert!(totp::secret(&store, &mut store.read().await.unwrap(), jan).await.unwrap().is_none());
}

async fn all_or_nobody(database: &Database) {
    let store = database.open("main").await;
    for (on, changed) in [(false, false), (true, true), (true, false), (false, true)] {
        let mut act = rows::act(&store).await;
        assert_eq!(totp::set_mandatory(&mut act, on).await.unwrap(), changed);
        act.commit(done()).await.unwrap();
        assert_eq!(totp::mandatory(&mut store.read().await.unwrap()).await.unwrap(), on);
    }
}
