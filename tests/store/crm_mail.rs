//! What is written into the CRM's mail accounts: one at a time works on each,
//! and which tokens may stand there is never forgotten on the way.

use std::time::Duration;

use postern::store::crm_mail::{self, CrmMail, State};

use super::rows;
use crate::support::databases::{Database, START, on_both};

on_both!(a_claim_is_one_s_own_until_it_is_over, what_is_known_is_read_back);

const MINUTE: i64 = 60_000_000;

async fn a_claim_is_one_s_own_until_it_is_over(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    let mut batch = store.batch().await.unwrap();
    let (first, longer) = (START + MINUTE, START + 2 * MINUTE);
    assert!(crm_mail::claim(&mut batch, anna, first).await.unwrap());
    assert!(!crm_mail::claim(&mut batch, anna, longer).await.unwrap(), "somebody has it");
    assert!(crm_mail::renew(&mut batch, anna, first, longer).await.unwrap());
    assert!(!crm_mail::renew(&mut batch, anna, first, longer).await.unwrap(), "the mark has changed");
    crm_mail::release(&mut batch, anna, first).await.unwrap();
    assert!(!crm_mail::claim(&mut batch, anna, longer).await.unwrap(), "only one's own claim is given back");
    batch.commit().await.unwrap();
    // Whoever had it has died over it.
    store.clock().advance(Duration::from_secs(120));
    let mut batch = store.batch().await.unwrap();
    let next = START + 10 * MINUTE;
    assert!(crm_mail::claim(&mut batch, anna, next).await.unwrap());
    assert!(!crm_mail::renew(&mut batch, anna, longer, next).await.unwrap());
    crm_mail::release(&mut batch, anna, next).await.unwrap();
    assert!(crm_mail::claim(&mut batch, anna, next).await.unwrap());
    batch.commit().await.unwrap();
}

async fn what_is_known_is_read_back(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    assert_eq!(crm_mail::of(&mut store.read().await.unwrap(), anna).await.unwrap(), None);
    let mut batch = store.batch().await.unwrap();
    crm_mail::claim(&mut batch, anna, START + MINUTE).await.unwrap();
    batch.commit().await.unwrap();
    let mut tokens = [rows::token(&store, anna, &[1; 32]).await, rows::token(&store, anna, &[2; 32]).await];
    tokens.sort_unstable();
    let row = CrmMail {
        entity: Some("EmailAccount".to_owned()),
        record: Some("66ab".to_owned()),
        made: true,
        replaced: "{}".to_owned(),
        state: State::Unsure,
        word: Some("unanswered".to_owned()),
        detail: Some("no answer".to_owned()),
        written_at: Some(START),
        changed_at: START + 1,
        changed_by: "cli:root".to_owned(),
        claimed_until: 0,
    };
    let mut act = rows::act(&store).await;
    crm_mail::put(&mut act, anna, &row).await.unwrap();
    for token in tokens {
        crm_mail::keep(&mut act, anna, token).await.unwrap();
    }
    act.commit(rows::event("anna@example.com")).await.unwrap();
    let mut read = store.read().await.unwrap();
    assert_eq!(crm_mail::of(&mut read, anna).await.unwrap(), Some(row));
    assert_eq!(crm_mail::tokens(&mut read, anna).await.unwrap(), tokens);
    drop(read);
    let mut act = rows::act(&store).await;
    crm_mail::forget(&mut act, tokens[0]).await.unwrap();
    assert_eq!(crm_mail::tokens(&mut act, anna).await.unwrap(), tokens[1..]);
}
