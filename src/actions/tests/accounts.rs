use std::sync::atomic::Ordering;
use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::event::Event;

use super::google::Person;
use super::{House, address, in_task, registration};
use crate::actions::ActError;
use crate::actions::account::add::{Way, add};
use crate::actions::account::approve::approve;
use crate::actions::account::invite::invite;
use crate::actions::account::offboard::{Wanted, Ways, forget, offboard};
use crate::actions::account::remove::{AtGoogle, remove};
use crate::actions::account::rename::rename;
use crate::actions::account::view::{self, Granted, Leave};
use crate::actions::account::{switch, view::View};
use crate::actions::contacts::push::Pushing;
use crate::auth::hash;
use crate::store::{accounts, aliases, consents};

#[tokio::test]
async fn a_new_mailbox_gets_a_link_that_is_stored_as_a_hash() {
    let house = House::new().await;
    let added = house.add("Anna@X.cz", &["info@x.cz"]).await.unwrap();
    assert!(!added.known);
    let Way::Link { link, client_missing } = added.way else { panic!("no link") };
    assert!(!client_missing);
    let word =
        link.url.reveal().strip_prefix("https://crm.example.com/postern/oauth/google/start?link=").unwrap();
    let stored = consents::link(&mut house.store.read().await.unwrap(), &hash::of(word)).await.unwrap();
    let stored = stored.unwrap();
    assert_eq!(stored.account, added.account.id);
    assert_eq!(stored.expires_at - house.clock.now(), 7 * 86_400 * 1_000_000);
    assert_eq!(house.events().await, ["client_set", "account_added", "alias_added", "consent_link_issued"]);
}

#[tokio::test]
async fn a_known_mailbox_gets_a_fresh_link_and_what_is_new() {
    let house = House::new().await;
    house.add("anna@x.cz", &[]).await.unwrap();
    let again = house.add("anna@x.cz", &["info@x.cz", "info@x.cz", "anna@x.cz"]).await.unwrap();
    assert!(again.known);
    assert!(matches!(again.way, Way::Link { .. }));
    let of = aliases::of(&mut house.store.read().await.unwrap(), again.account.id).await.unwrap();
    assert_eq!(of, [address("info@x.cz")]);
    house.add("anna@x.cz", &["info@x.cz"]).await.unwrap();
    assert_eq!(house.events().await.iter().filter(|e| *e == "consent_link_issued").count(), 3);
}

#[tokio::test]
async fn only_who_is_needed_is_invited() {
    let house = House::new().await;
    let anna = house.add("anna@x.cz", &[]).await.unwrap().account.id;
    let (store, by) = (&house.store, &house.by);
    let invited = async || invite(store, by, anna, &house.public_url).await.unwrap();
    assert!(invited().await.is_none(), "it never had a grant to lose");
    let mut act = by.open(store).await.unwrap();
    accounts::set_state(&mut act, anna, State::NeedsSignIn).await.unwrap();
    let event = Event::AccountApproved { account: anna, address: address("anna@x.cz") };
    act.commit(event).await.unwrap();
    let link = invited().await.unwrap();
    let word = link.url.reveal().split("?link=").nth(1).unwrap();
    let stored = consents::link(&mut store.read().await.unwrap(), &hash::of(word)).await.unwrap();
    assert_eq!(stored.unwrap().account, anna);
    assert_eq!(house.events().await.last().unwrap(), "consent_link_issued");

    // Its state has left a page, which opens nothing by itself.
    let seen = view::sheet(store, &address("anna@x.cz"), "https://crm/r/").await.unwrap();
    let reference = seen.reconnect_at.unwrap().strip_prefix("https://crm/r/").unwrap().to_owned();
    assert_eq!(reference.len(), 10);
    switch::disable(store, by, &address("anna@x.cz")).await.unwrap();
    let seen = view::sheet(store, &address("anna@x.cz"), "https://crm/r/").await.unwrap();
    assert_eq!(seen.reconnect_at, None);
    assert!(invited().await.is_none());
}

#[tokio::test]
async fn an_address_stands_for_one_mailbox_only() {
    let house = House::new().await;
    house.add("anna@x.cz", &["info@x.cz"]).await.unwrap();
    house.add("boris@x.cz", &[]).await.unwrap();
    for (of, aliases) in [("info@x.cz", &[][..]), ("c@x.cz", &["info@x.cz"]), ("c@x.cz", &["Anna@x.cz"])] {
        let error = house.add(of, aliases).await.unwrap_err();
        assert!(matches!(&error, ActError::Taken { owner, .. } if *owner == address("anna@x.cz")), "{error}");
    }
    assert!(matches!(house.add("boris@x.cz", &["info@x.cz"]).await, Err(ActError::Taken { .. })));
    assert_eq!(view::all(&house.store).await.unwrap().len(), 2);
    let domains = ["x.cz".to_owned()];
    let far = registration("anna@y.cz", &[]);
    let done = add(&house.store, &house.by, house.rules(&domains), &far).await;
    assert!(matches!(done, Err(ActError::ForeignDomain { .. })));
}

#[tokio::test]
async fn off_and_on_again() {
    let house = House::new().await;
    house.google.grant("1//anna", Person::new("anna@x.cz", "100"));
    house.import("anna@x.cz", "1//anna").await.unwrap();
    house.add("boris@x.cz", &[]).await.unwrap();
    let (store, by) = (&house.store, &house.by);
    let anna = address("anna@x.cz");
    assert!(switch::disable(store, by, &anna).await.unwrap().changed);
    assert!(!switch::disable(store, by, &anna).await.unwrap().changed);
    assert!(matches!(house.add("anna@x.cz", &[]).await, Err(ActError::Disabled(_))));
    assert_eq!(switch::enable(store, by, &anna).await.unwrap().account.state, State::Active);
    assert!(!switch::enable(store, by, &anna).await.unwrap().changed);
    switch::disable(store, by, &anna).await.unwrap();
    crate::actions::client::set(store, by, "2-b", &postern_core::model::secret::Secret::new("s"))
        .await
        .unwrap();
    assert_eq!(switch::enable(store, by, &anna).await.unwrap().account.state, State::NeedsConsent);
    let boris = address("boris@x.cz");
    switch::disable(store, by, &boris).await.unwrap();
    assert_eq!(switch::enable(store, by, &boris).await.unwrap().account.state, State::New);
    let unknown = switch::disable(store, by, &address("nobody@x.cz")).await;
    assert!(matches!(unknown, Err(ActError::NoAccount(_))));
    house.journal().await;
}

#[tokio::test]
async fn a_new_address_is_confirmed_and_the_old_one_stays_as_alias() {
    let house = House::new().await;
    let added = house.add("anna@x.cz", &["anna.b@x.cz"]).await.unwrap();
    house.add("boris@x.cz", &[]).await.unwrap();
    let anna = address("anna@x.cz");
    let (store, by) = (&house.store, &house.by);
    assert!(matches!(rename(store, by, &anna).await, Err(ActError::NothingProposed(_))));
    propose(&house, "boris@x.cz").await;
    assert!(matches!(rename(store, by, &anna).await, Err(ActError::Taken { .. })));
    propose(&house, "anna.b@x.cz").await;
    let done = rename(store, by, &anna).await.unwrap();
    assert_eq!(done.to, address("anna.b@x.cz"));
    let mut read = store.read().await.unwrap();
    let account = accounts::by_id(&mut read, added.account.id).await.unwrap().unwrap();
    assert_eq!(account.address, address("anna.b@x.cz"));
    assert_eq!(account.proposed_address, None);
    assert_eq!(aliases::of(&mut read, account.id).await.unwrap(), std::slice::from_ref(&anna));
    let error = rename(store, by, &anna).await.unwrap_err();
    assert!(matches!(error, ActError::AnAlias { .. }), "{error}");
}

async fn propose(house: &House, new: &str) {
    let mut act = house.by.open(&house.store).await.unwrap();
    let account = accounts::by_address(&mut act, &address("anna@x.cz")).await.unwrap().unwrap();
    accounts::propose(&mut act, account.id, &address(new)).await.unwrap();
    let (address, new_address) = (account.address, address(new));
    act.commit(Event::RenameProposed { account: account.id, address, new_address }).await.unwrap();
}

#[tokio::test]
async fn only_what_waits_is_approved() {
    let house = House::new().await;
    house.add("anna@x.cz", &[]).await.unwrap();
    let anna = address("anna@x.cz");
    let (store, by) = (&house.store, &house.by);
    assert!(matches!(approve(store, by, &anna).await, Err(ActError::NothingToApprove(_))));
    let mut act = by.open(store).await.unwrap();
    let mut waiting =
        accounts::insert(&mut act, &address("b@x.cz"), None, State::AwaitingApproval).await.unwrap();
    let (account, address, state) = (waiting.id, waiting.address.clone(), waiting.state);
    act.commit(Event::AccountAdded { account, address: address.clone(), state }).await.unwrap();
    assert!(matches!(house.add("b@x.cz", &[]).await, Err(ActError::AwaitingApproval(_))));
    waiting = approve(store, by, &address).await.unwrap();
    assert_eq!(waiting.state, State::New);
}

#[tokio::test]
async fn removing_tells_google_and_stops_when_google_is_away() {
    in_task(removing()).await;
}

async fn removing() {
    let house = House::new().await;
    house.google.grant("1//anna", Person::new("anna@x.cz", "100"));
    house.google.grant("1//boris", Person::new("boris@x.cz", "200"));
    house.import("anna@x.cz", "1//anna").await.unwrap();
    house.import("boris@x.cz", "1//boris").await.unwrap();
    house.add("c@x.cz", &[]).await.unwrap();
    let go =
        async |of: &str, force| remove(&house.store, &house.by, &house.reach(), &address(of), force).await;
    assert_eq!(go("anna@x.cz", false).await.unwrap(), AtGoogle::Revoked);
    assert_eq!(house.google.revoked(), ["1//anna"]);
    house.google.down.store(true, Ordering::SeqCst);
    let error = go("boris@x.cz", false).await.unwrap_err();
    assert!(matches!(error, ActError::NotRevoked(_)), "{error}");
    assert_eq!(view::all(&house.store).await.unwrap().len(), 2);
    assert!(matches!(go("boris@x.cz", true).await.unwrap(), AtGoogle::Lives(_)));
    assert_eq!(go("c@x.cz", false).await.unwrap(), AtGoogle::NoGrant);
    assert!(view::all(&house.store).await.unwrap().is_empty());
    let journal = house.journal().await;
    let revoked: Vec<bool> = journal
        .iter()
        .filter(|line| line.event == "account_removed")
        .map(|line| line.detail["revoked"].as_bool().unwrap())
        .collect();
    assert_eq!(revoked, [true, false, false]);
}

#[tokio::test]
async fn a_view_tells_how_a_mailbox_is_opened() {
    let house = House::new().await;
    house.google.grant("1//anna", Person::new("anna@x.cz", "100"));
    house.import("anna@x.cz", "1//anna").await.unwrap();
    house.add("boris@x.cz", &["b@x.cz"]).await.unwrap();
    let all = view::all(&house.store).await.unwrap();
    let told = |view: &View| (view.connected_by, view.gmail, view.former_client);
    assert_eq!(told(&all[0]), (Leave::Consent, Granted::Granted, false));
    assert_eq!(told(&all[1]), (Leave::None, Granted::Missing, false));
    assert_eq!(all[1].aliases, [address("b@x.cz")]);
}

#[tokio::test]
async fn whoever_has_left_is_forgotten_after_ninety_days_and_not_when_they_are_back() {
    in_task(async {
        let house = House::new().await;
        for (mailbox, token) in [("anna@x.cz", "1//anna"), ("boris@x.cz", "1//boris")] {
            house.google.grant(token, Person::new(mailbox, mailbox));
            house.import(mailbox, token).await.unwrap();
        }
        let (store, pushing) = (&house.store, Pushing::default());
        let ways = || Ways { reach: house.reach(), pushing: &pushing };
        let of = |mailbox: &str| Wanted {
            address: address(mailbox),
            successor: None,
            force: true,
            within: Duration::from_secs(1),
        };
        for mailbox in ["anna@x.cz", "boris@x.cz"] {
            offboard(store, &house.by, ways(), &of(mailbox)).await.unwrap();
        }
        let heir = Wanted { successor: Some(address("boris@x.cz")), ..of("anna@x.cz") };
        let refused = offboard(store, &house.by, ways(), &heir).await;
        assert!(matches!(refused, Err(ActError::NoSuccessor(_))), "who has left takes nothing over");
        house.clock.advance(Duration::from_secs(89 * 86_400));
        assert_eq!(forget(store).await.unwrap(), 0);
        switch::enable(store, &house.by, &address("boris@x.cz")).await.unwrap();
        house.clock.advance(Duration::from_secs(86_400));
        assert_eq!(forget(store).await.unwrap(), 1);
        let left: Vec<_> = view::all(store).await.unwrap().into_iter().map(|view| view.address).collect();
        assert_eq!(left, [address("boris@x.cz")]);
        let events = house.events().await;
        let of = |name: &str| events.iter().filter(|event| *event == name).count();
        assert_eq!((of("account_offboarded"), of("account_removed")), (2, 1));
    })
    .await;
}
