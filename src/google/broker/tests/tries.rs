//! What a session shows when the server refuses one token after another.

use std::time::Duration;

use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;

use super::{Meanwhile, Stage};
use crate::clock::micros;
use crate::google::broker::Tries;
use crate::store::access_tokens::{self, AccessToken};

const HOUR: Duration = Duration::from_secs(3_600);

async fn put(stage: &Stage, token: &str) {
    let expires_at = stage.store.clock().now() + micros(HOUR);
    let token = AccessToken { token: Secret::new(token), expires_at };
    let mut batch = stage.store.batch().await.unwrap();
    access_tokens::put(&mut batch, stage.account, &ScopeSet::mail(), &token).await.unwrap();
    batch.commit().await.unwrap();
}

/// The tokens that it gives as long as each of them is refused.
async fn all(mut tries: Tries<'_>) -> Vec<String> {
    let mut given = Vec::new();
    while tries.goes_on() {
        given.push(tries.next().await.unwrap().token.reveal().to_owned());
    }
    given
}

#[tokio::test]
async fn behind_what_is_at_hand_comes_one_that_google_gives() {
    let stage = Stage::with(Meanwhile::Nothing).await;
    put(&stage, "ya29.stored").await;
    let mail = ScopeSet::mail();
    assert_eq!(all(stage.broker.tries(stage.account, &mail)).await, ["ya29.stored", "ya29.fresh"]);
    assert_eq!(stage.asked(), 1);
}

#[tokio::test]
async fn where_another_process_has_fetched_one_that_ended_early_too_google_is_asked_all_the_same() {
    let stage = Stage::with(Meanwhile::Nothing).await;
    put(&stage, "ya29.first").await;
    stage.token().await.unwrap();
    put(&stage, "ya29.second").await;
    let mail = ScopeSet::mail();
    let given = all(stage.broker.tries(stage.account, &mail)).await;
    assert_eq!(given, ["ya29.first", "ya29.second", "ya29.fresh"]);
    assert_eq!(stage.asked(), 1);
}

#[tokio::test]
async fn what_was_refused_first_is_not_given_again_though_it_is_still_remembered() {
    let stage = Stage::with(Meanwhile::Nothing).await;
    put(&stage, "ya29.first").await;
    let mail = ScopeSet::mail();
    let mut tries = stage.broker.tries(stage.account, &mail);
    let first = tries.next().await.unwrap();
    put(&stage, "ya29.second").await;
    assert_eq!(tries.next().await.unwrap().token.reveal(), "ya29.second");
    stage.broker.0.remembered.lock().unwrap().insert((stage.account, mail.clone()), first);
    assert_eq!(tries.next().await.unwrap().token.reveal(), "ya29.fresh");
}
