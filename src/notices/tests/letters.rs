//! Letters that somebody asked for, or that an act owes an owner.

use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::token::Protocols;

use super::{House, address, receivers, round};
use crate::actions::By;
use crate::actions::account::mail::{Asked, ask, ask_all};
use crate::actions::token::{self, Terms};
use crate::notices::mail::Trouble;
use crate::notices::{Notices, Policy};
use crate::store::accounts;
use crate::store::letters::APART;
use crate::store::outbox::{self, Audience, Pace};

impl House {
    async fn registered(&self, name: &str, state: State) -> AccountId {
        let (mut act, address) = (self.act().await, address(&format!("{name}@example.com")));
        let account = accounts::insert(&mut act, &address, None, state).await.unwrap().id;
        act.commit(Event::AccountAdded { account, address, state }).await.unwrap();
        account
    }

    fn by(&self, actor: Actor) -> By {
        By::new(actor, self.store.dice()).unwrap()
    }

    async fn asks(&self, account: AccountId) -> Asked {
        ask(&self.store, &self.by(Actor::Gateway), account).await.unwrap()
    }
}

#[tokio::test]
async fn a_link_that_was_asked_for_leaves_at_once_and_to_the_mailbox_only() {
    let house = House::new().await;
    // Owners who are not told of what happens still get what they ask for.
    let notices = Notices { policy: Policy { owners: false, ..house.notices().policy }, ..house.notices() };
    let anna = house.registered("anna", State::New).await;
    assert_eq!(house.asks(anna).await, Asked::Queued);
    assert_eq!(house.asks(anna).await, Asked::Lately);
    round(&notices).await;
    let first = house.server.take();
    assert_eq!(receivers(&first), ["anna@example.com"]);
    let start = "https://crm.example.com/postern/oauth/google/start?link=";
    let word = |text: &str| text.split(start).nth(1).unwrap().lines().next().unwrap().to_owned();
    assert_eq!(word(&first[0].1).len(), 43, "{}", first[0].1);
    assert_eq!(house.asks(anna).await, Asked::Lately, "also when it has left");
    house.pass(APART).await;
    assert_eq!(house.asks(anna).await, Asked::Queued);
    round(&notices).await;
    let second = house.server.take();
    assert_ne!(word(&first[0].1), word(&second[0].1), "a link of its own for each letter");
    assert_eq!(house.outcomes().await, ["sent", "sent"]);
}

#[tokio::test]
async fn who_could_not_help_is_not_written_to() {
    let house = House::new().await;
    let disabled = house.registered("dora", State::Disabled).await;
    assert_eq!(house.asks(disabled).await, Asked::Needless);
    assert_eq!(house.asks(AccountId(uuid::Uuid::nil())).await, Asked::Needless);
    // Disabled between the wish and the letter.
    let anna = house.registered("anna", State::New).await;
    assert_eq!(house.asks(anna).await, Asked::Queued);
    let mut act = house.act().await;
    accounts::set_state(&mut act, anna, State::Disabled).await.unwrap();
    let address = address("anna@example.com");
    act.commit(Event::AccountDisabled { account: anna, address }).await.unwrap();
    round(&house.notices()).await;
    assert!(house.server.take().is_empty());
    assert_eq!(house.outcomes().await, ["unwanted"]);
}

#[tokio::test]
async fn a_letter_that_was_refused_for_good_can_be_asked_for_again() {
    let house = House::new().await;
    let anna = house.registered("anna", State::New).await;
    house.asks(anna).await;
    house.server.refuse(&["550 5.7.1 not you\r\n"]);
    round(&house.notices()).await;
    assert_eq!(house.outcomes().await, ["failed"]);
    assert_eq!(house.asks(anna).await, Asked::Queued);
    let silent = Notices { sender: None, ..house.notices() };
    round(&silent).await;
    assert_eq!(house.outcomes().await, ["failed", "failed"], "nobody sends, and nothing waits for ever");
}

#[tokio::test]
async fn many_are_asked_for_in_one_act() {
    let house = House::new().await;
    let mut all = Vec::new();
    for number in 0..30 {
        all.push(house.registered(&format!("user{number:02}"), State::New).await);
    }
    all.push(house.registered("dora", State::Disabled).await);
    house.asks(all[0]).await;
    let tally = ask_all(&house.store, &house.by(Actor::Gateway), &all).await.unwrap();
    assert_eq!((tally.queued, tally.lately, tally.needless), (29, 1, 1));
    house.pass(Duration::from_secs(1)).await;
    round(&house.notices()).await;
    assert_eq!(house.server.take().len(), 30);
    assert_eq!(house.server.sessions(), 1);
}

#[tokio::test]
async fn an_owner_is_told_of_a_token_that_somebody_else_issued() {
    let house = House::new().await;
    house.registered("anna", State::Active).await;
    let peer = "192.0.2.7".parse().unwrap();
    let issue = async |actor: Actor, name: &str| {
        let terms = Terms { name: name.to_owned(), protocols: Protocols::Both, expires_at: None };
        let by = house.by(actor);
        token::issue(&house.store, &by, &address("anna@example.com"), &terms).await.unwrap()
    };
    for (actor, who) in [
        (Actor::Admin { name: "jan".to_owned(), peer }, "Issued by: somebody who runs the gateway"),
        (Actor::Key { name: "espo".to_owned(), peer }, "Issued by: a program"),
        (Actor::CommandLine("root".to_owned()), "Issued by: somebody at the gateway's command line"),
    ] {
        let issued = issue(actor, "EspoCRM").await;
        round(&house.notices()).await;
        let told = house.server.take();
        assert_eq!(receivers(&told), ["anna@example.com"]);
        let text = told[0].1.replace("\r\n", " ");
        assert!(text.contains(who) && text.contains("Its name: EspoCRM"), "{text}");
        assert!(!text.contains(issued.token.reveal()) && !text.contains("jan"), "{text}");
    }
    issue(Actor::OwnerAt(peer), "my own").await;
    round(&house.notices()).await;
    assert!(house.server.take().is_empty(), "one's own is no news");
    let revoked = issue(Actor::Gateway, "gone").await;
    token::revoke(&house.store, &house.by(Actor::Gateway), revoked.id).await.unwrap();
    round(&house.notices()).await;
    let told = house.server.take();
    assert!(told[0].1.contains("It has been revoked since."), "it may have been used: {}", told[0].1);
}

#[tokio::test]
async fn letters_wait_while_the_sending_mailbox_is_barred() {
    let house = House::new().await;
    let anna = house.registered("anna", State::New).await;
    house.asks(anna).await;
    let now = Pace { gather: Duration::ZERO, apart: Duration::ZERO, claim: Duration::from_secs(60) };
    let mut batch = house.store.batch().await.unwrap();
    let claim = outbox::claim(&mut batch, Audience::Letters, now).await.unwrap().expect("a letter");
    batch.commit().await.unwrap();
    let barred = Trouble::Fallen("the mailbox is disabled".to_owned());
    house.notices().trouble(Audience::Letters, &claim, &claim.news, &barred).await.unwrap();
    house.pass(Duration::from_secs(3_600)).await;
    round(&house.notices()).await;
    assert_eq!(receivers(&house.server.take()), ["anna@example.com"], "it was not thrown away");
}
