use std::sync::atomic::Ordering;

use postern_core::model::account::State;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;

use super::google::Person;
use super::{House, address, candidate, in_task};
use crate::actions::ActError;
use crate::actions::account::import::import;
use crate::actions::account::{batch, switch};
use crate::google::mailbox::MailboxFault;
use crate::store::{access_tokens, accounts, grants};

#[tokio::test]
async fn a_proven_mailbox_is_stored_with_its_rotated_token_and_person() {
    in_task(proven()).await;
}

async fn proven() {
    let house = House::new().await;
    let person = Person { rotated: Some("1//rotated"), ..Person::new("Anna@X.cz", "100") };
    house.google.grant("1//anna", person);
    let done = house.import("anna@x.cz", "1//anna").await.unwrap();
    assert!(!done.known);
    assert_eq!(done.account.state, State::Active);
    let mut read = house.store.read().await.unwrap();
    let account = accounts::by_address(&mut read, &address("anna@x.cz")).await.unwrap().unwrap();
    assert_eq!(account.state, State::Active);
    assert_eq!(account.sub.as_deref(), Some("100"));
    let grant = grants::of(&house.store, &mut read, account.id).await.unwrap().unwrap();
    assert_eq!(grant.refresh_token.reveal(), "1//rotated");
    assert_eq!(grant.scopes, ScopeSet::consent(&[Product::Gmail]));
    let mail = ScopeSet::mail();
    let access = access_tokens::of(&house.store, &mut read, account.id, &mail).await.unwrap().unwrap();
    assert_eq!(access.token.reveal(), "ya29.anna");
    assert_eq!(access.expires_at - house.clock.now(), 3_599_000_000);
    drop(read);
    let events = house.events().await;
    assert_eq!(events, ["client_set", "account_imported", "account_added", "state_changed"]);
}

async fn refused(house: &House, of: &str, token: &str) -> ActError {
    let before = house.events().await;
    let error = house.import(of, token).await.unwrap_err();
    assert_eq!(house.events().await, before, "a refused import leaves a row: {error}");
    assert!(!error.to_string().contains("1//"), "{error}");
    error
}

#[tokio::test]
async fn what_is_not_proven_is_not_stored() {
    let house = House::new().await;
    house.google.grant("1//boris", Person::new("boris@x.cz", "200"));
    house.google.grant("1//less", Person { scope: "openid email", ..Person::new("anna@x.cz", "100") });
    house.google.grant("1//other", Person { aud: "2-b", ..Person::new("anna@x.cz", "100") });
    house.google.grant("1//nobody", Person { email: None, ..Person::new("anna@x.cz", "100") });
    let anna = "anna@x.cz";
    assert!(matches!(refused(&house, anna, "1//boris").await, ActError::WrongMailbox { .. }));
    assert!(matches!(refused(&house, anna, "1//dead").await, ActError::RefreshTokenRefused(_)));
    assert!(matches!(refused(&house, anna, "1//less").await, ActError::ScopeMissing(_)));
    assert!(matches!(refused(&house, anna, "1//other").await, ActError::ForeignToken));
    assert!(matches!(refused(&house, anna, "").await, ActError::Empty(_)));
    // Google does not tell whose token it is, and the mailbox cannot be asked.
    let error = refused(&house, anna, "1//nobody").await;
    assert!(matches!(error, ActError::Mailbox(MailboxFault::Unreachable(_))), "{error}");
    house.google.down.store(true, Ordering::SeqCst);
    assert!(matches!(refused(&house, anna, "1//boris").await, ActError::Google(_)));
}

#[tokio::test]
async fn google_is_not_asked_for_what_is_refused_anyway() {
    let house = House::bare().await;
    assert!(matches!(house.import("anna@x.cz", "1//a").await, Err(ActError::NoClient)));
    let house = House::new().await;
    house.add("boris@x.cz", &["anna@x.cz"]).await.unwrap();
    assert!(matches!(house.import("anna@x.cz", "1//a").await, Err(ActError::Taken { .. })));
    switch::disable(&house.store, &house.by, &address("boris@x.cz")).await.unwrap();
    assert!(matches!(house.import("boris@x.cz", "1//b").await, Err(ActError::Disabled(_))));
    let domains = ["y.cz".to_owned()];
    let anna = candidate("c@x.cz", "1//c");
    let done = import(&house.store, &house.by, &house.reach(), &domains, &anna).await;
    assert!(matches!(done, Err(ActError::ForeignDomain { .. })));
    assert_eq!(house.google.asked(), 0);
}

#[tokio::test]
async fn another_person_of_the_same_address_and_a_person_with_two_addresses_are_refused() {
    let house = House::new().await;
    house.google.grant("1//anna", Person::new("anna@x.cz", "100"));
    house.google.grant("1//heir", Person::new("anna@x.cz", "999"));
    house.google.grant("1//alter", Person::new("ego@x.cz", "100"));
    house.import("anna@x.cz", "1//anna").await.unwrap();
    assert!(matches!(refused(&house, "anna@x.cz", "1//heir").await, ActError::OtherPerson(_)));
    assert!(matches!(refused(&house, "ego@x.cz", "1//alter").await, ActError::PersonKnown(_)));
    assert!(house.import("anna@x.cz", "1//anna").await.unwrap().known);
}

#[tokio::test]
async fn a_table_with_a_wrong_line_imports_nothing() {
    let house = House::new().await;
    house.google.grant("1//anna", Person::new("anna@x.cz", "100"));
    house.add("boris@x.cz", &["info@x.cz"]).await.unwrap();
    let text = "email,refresh_token,aliases\nanna@x.cz,1//anna,\nc@x.cz,1//c,info@x.cz\n";
    let wrong = batch::examine(&house.store, &[], &Secret::new(text)).await.unwrap_err();
    assert_eq!(wrong.len(), 1);
    assert_eq!(wrong[0].to_string(), "line 3: info@x.cz belongs to the account boris@x.cz already");
    assert_eq!(house.google.asked(), 0);
}

#[tokio::test]
async fn a_line_that_google_refuses_leaves_nothing_and_the_others_are_whole() {
    let house = House::new().await;
    house.google.grant("1//anna", Person::new("anna@x.cz", "100"));
    house.google.grant("1//cyril", Person::new("cyril@x.cz", "300"));
    let text = "email,refresh_token,crm_user,aliases\nanna@x.cz,1//anna,7,info@x.cz\n\
                boris@x.cz,1//dead,8,b@x.cz\ncyril@x.cz,1//cyril,,\n";
    let lines = batch::examine(&house.store, &[], &Secret::new(text)).await.unwrap();
    let done = batch::import(&house.store, &house.by, &house.reach(), &[], &lines, |_| {}).await;
    let failed: Vec<usize> = done.iter().filter(|d| d.outcome.is_err()).map(|d| d.line).collect();
    assert_eq!(failed, [3]);
    let mut read = house.store.read().await.unwrap();
    let all = accounts::all(&mut read).await.unwrap();
    assert_eq!(all.iter().map(|a| a.address.as_str()).collect::<Vec<_>>(), ["anna@x.cz", "cyril@x.cz"]);
    assert_eq!(all[0].crm_user.as_deref(), Some("7"));
    assert!(accounts::by_alias(&mut read, &address("b@x.cz")).await.unwrap().is_none());
    drop(read);
    house.journal().await;
}
