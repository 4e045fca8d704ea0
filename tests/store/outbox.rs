//! The outbox: rows come with a change of state, and are claimed once.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use postern::store::outbox::{self, Audience, Claim, Outcome, Pace, Subject};
use postern::store::{Store, accounts, crm_absent, help_refs};
use postern_core::model::account::State;
use postern_core::model::id::AccountId;

use super::rows;
use crate::support::databases::{Database, START, on_both};

on_both!(
    a_state_that_wants_its_owner_leaves_a_row_for_each_audience,
    what_is_over_is_dropped,
    of_many_who_claim_one_gets_a_row,
    a_claim_that_was_overtaken_marks_nothing,
    nobody_is_told_twice_within_the_time_apart,
    whoever_is_gone_and_a_certificate_that_ends_are_told_once,
);

const NOW: Pace = Pace { gather: Duration::ZERO, apart: Duration::ZERO, claim: Duration::from_secs(600) };

async fn become_(store: &Store, account: AccountId, state: State) {
    let mut act = rows::act(store).await;
    accounts::set_state(&mut act, account, state).await.unwrap();
    act.commit(rows::event("anna@example.com")).await.unwrap();
}

async fn claim(store: &Store, audience: Audience, pace: Pace) -> Option<Claim> {
    let mut batch = store.batch().await.unwrap();
    let claimed = outbox::claim(&mut batch, audience, pace).await.unwrap();
    batch.commit().await.unwrap();
    claimed
}

async fn done(store: &Store, claim: &Claim, outcome: Outcome) {
    let mut batch = store.batch().await.unwrap();
    outbox::done(&mut batch, claim, None, outcome).await.unwrap();
    batch.commit().await.unwrap();
}

async fn waiting(store: &Store) -> u64 {
    outbox::waiting(&mut store.read().await.unwrap()).await.unwrap()
}

async fn a_state_that_wants_its_owner_leaves_a_row_for_each_audience(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    assert_eq!(waiting(&store).await, 0);
    become_(&store, anna, State::Active).await;
    assert_eq!(waiting(&store).await, 0);
    for state in [State::NeedsConsent, State::NeedsSignIn] {
        become_(&store, anna, state).await;
        assert_eq!(waiting(&store).await, 2, "not twice before it was told");
    }
    for audience in [Audience::Admins, Audience::Owner] {
        let claim = claim(&store, audience, NOW).await.unwrap();
        let [news] = &claim.news[..] else { panic!("one row: {claim:?}") };
        let Subject::Account { account, reference } = &news.subject else { panic!("{news:?}") };
        assert_eq!((*account, news.attempts), (anna, 1));
        let held = help_refs::get(&mut store.read().await.unwrap(), reference, START).await.unwrap();
        assert_eq!(held, Some((anna, "needs_consent".to_owned())));
        done(&store, &claim, Outcome::Sent).await;
    }
    assert_eq!(waiting(&store).await, 0);
    // The next change is news again.
    become_(&store, anna, State::NeedsConsent).await;
    assert_eq!(waiting(&store).await, 2);
}

async fn what_is_over_is_dropped(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    for state in [State::Active, State::Disabled] {
        become_(&store, anna, State::NeedsConsent).await;
        become_(&store, anna, state).await;
        assert_eq!(claim(&store, Audience::Owner, NOW).await, None);
        assert_eq!(database.raw().await.count("outbox").await, 0);
    }
}

async fn of_many_who_claim_one_gets_a_row(database: &Database) {
    let stores = [database.open("one").await, database.open("two").await, database.open("three").await];
    for number in 0..20 {
        let account = rows::account(&stores[0], &format!("user{number}@example.com")).await;
        become_(&stores[0], account, State::NeedsConsent).await;
    }
    let claims = join_all(stores.iter().map(|store| claim(store, Audience::Admins, NOW))).await;
    let claims: Vec<Claim> = claims.into_iter().flatten().collect();
    assert_eq!(claims.iter().map(|claim| claim.news.len()).collect::<Vec<_>>(), [20], "one has them all");
    let claims = join_all(stores.iter().map(|store| claim(store, Audience::Owner, NOW))).await;
    let ids: Vec<_> = claims.iter().flatten().flat_map(|claim| &claim.news).map(|news| news.id).collect();
    assert_eq!(ids.len(), 20);
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>().len(), 20);
}

async fn a_claim_that_was_overtaken_marks_nothing(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let anna = rows::account(&one, "anna@example.com").await;
    become_(&one, anna, State::NeedsConsent).await;
    let first = claim(&one, Audience::Owner, NOW).await.unwrap();
    assert_eq!(claim(&two, Audience::Owner, NOW).await, None);
    database.raw().await.run("UPDATE outbox SET claimed_until = 1").await;
    let second = claim(&two, Audience::Owner, NOW).await.unwrap();
    assert_eq!(second.news[0].attempts, 2);
    assert_eq!(second.news[0].tried_at, first.news[0].tried_at, "the first try counts");
    done(&one, &first, Outcome::Sent).await;
    assert_eq!(waiting(&one).await, 2);
    let mut batch = two.batch().await.unwrap();
    outbox::later(&mut batch, &second, None, Duration::ZERO).await.unwrap();
    batch.commit().await.unwrap();
    let third = claim(&one, Audience::Owner, NOW).await.unwrap();
    done(&two, &second, Outcome::Failed).await;
    done(&one, &third, Outcome::Sent).await;
    let told = database.raw().await.words("SELECT outcome FROM outbox WHERE audience = 'owner'").await;
    assert_eq!(told, ["sent"]);
}

async fn nobody_is_told_twice_within_the_time_apart(database: &Database) {
    let store = database.open("main").await;
    let pace = Pace { apart: Duration::from_secs(3_600), ..NOW };
    let anna = rows::account(&store, "anna@example.com").await;
    become_(&store, anna, State::NeedsConsent).await;
    for audience in [Audience::Admins, Audience::Owner] {
        let gathered = Pace { gather: Duration::from_secs(600), ..pace };
        assert_eq!(claim(&store, audience, gathered).await, None, "gathered first");
        let claim = claim(&store, audience, pace).await.unwrap();
        done(&store, &claim, Outcome::Sent).await;
    }
    become_(&store, anna, State::NeedsSignIn).await;
    for audience in [Audience::Admins, Audience::Owner] {
        assert_eq!(claim(&store, audience, pace).await, None);
    }
    database.raw().await.run("UPDATE outbox SET done_at = done_at - 3600000000").await;
    for audience in [Audience::Admins, Audience::Owner] {
        assert!(claim(&store, audience, pace).await.is_some());
    }
    let mut batch = store.batch().await.unwrap();
    outbox::prune(&mut batch, Duration::from_secs(1_800)).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(
        database.raw().await.count("outbox").await,
        2,
        "what was told is forgotten, what waits is not"
    );
}

async fn whoever_is_gone_and_a_certificate_that_ends_are_told_once(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    for _ in 0..2 {
        let mut act = rows::act(&store).await;
        crm_absent::put(&mut act, anna, crm_absent::Why::Deleted).await.unwrap();
        outbox::crm_user_gone(&mut act, anna).await.unwrap();
        act.commit(rows::event("anna@example.com")).await.unwrap();
        outbox::certificate_ends(&store, 1_796_000_000, 30).await.unwrap();
    }
    assert_eq!(waiting(&store).await, 2);
    let told = claim(&store, Audience::Admins, NOW).await.unwrap();
    let subjects: Vec<_> = told.news.iter().map(|news| news.subject.clone()).collect();
    assert!(subjects.contains(&Subject::Gone { account: anna }), "{subjects:?}");
    assert!(subjects.contains(&Subject::Certificate { ends: 1_796_000_000 }), "{subjects:?}");
    done(&store, &told, Outcome::Sent).await;
    outbox::certificate_ends(&store, 1_796_000_000, 30).await.unwrap();
    assert_eq!(waiting(&store).await, 0, "of that time they were told");
    outbox::certificate_ends(&store, 1_796_000_000, 7).await.unwrap();
    assert_eq!(waiting(&store).await, 1);
    // Who is back before it was told is not told of.
    let mut act = rows::act(&store).await;
    outbox::crm_user_gone(&mut act, anna).await.unwrap();
    assert!(crm_absent::take(&mut act, anna).await.unwrap());
    act.commit(rows::event("anna@example.com")).await.unwrap();
    let told = claim(&store, Audience::Admins, NOW).await.unwrap();
    assert_eq!(told.news.len(), 1, "{told:?}");
}
