//! Keys in use change under everybody's hands.

use std::path::Path;

use postern::audit::verify::verify;
use postern::seal::Pair;

use postern::store::reseal::{Progress, page, sealed_by};
use postern::store::sync::crm_hooks::{self, Hook};
use postern::store::{
    Store, StoreError, access_tokens, admins, api_keys, clients, grants, keys, meta, service_accounts, totp,
};
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;

use postern_core::model::refusal::Retry;
use postern_core::model::role::Role;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;

use super::rows;
use crate::support::databases::{Database, on_both};

on_both!(
    every_sealed_column_is_sealed_anew,
    cut_off_anywhere_it_goes_on,
    a_node_that_loaded_the_ring_before_reads_and_seals,
    a_node_without_the_key_has_to_wait_and_changes_nothing,
    a_value_that_does_not_open_stays_and_bars_no_other,
    a_chain_goes_on_under_the_new_key,
);

const CODES: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async fn everything(store: &Store) -> AccountId {
    meta::found(store).await.unwrap();
    let anna = rows::everything(store, "anna@example.com", 1).await;
    let mut act = rows::act(store).await;
    let key = Secret::new("service key");
    service_accounts::set(&mut act, "crm@project.test", &key, &["acme.cz".to_owned()]).await.unwrap();
    let jan = admins::insert(&mut act, "jan", Role::Admin).await.unwrap();
    assert!(totp::offer(&mut act, jan, &Secret::new(CODES)).await.unwrap());
    act.commit(rows::event("anna@example.com")).await.unwrap();
    let hook = Hook { event: "Meeting.update".into(), hook_id: "w1".into(), url: "https://p.test/h".into() };
    let mut batch = store.batch().await.unwrap();
    crm_hooks::put(&mut batch, &hook, &Secret::new("hook secret")).await.unwrap();
    batch.commit().await.unwrap();
    anna
}

/// New keys in the file, and in use.
async fn activated(store: &Store) -> (Pair, Pair) {
    let mut act = rows::act(store).await;
    let before = keys::active(store, &mut act).await.unwrap();
    let to = store.ring().extend(&before, store.dice()).unwrap();
    keys::begin(&mut act, &to).await.unwrap();
    keys::activate(&mut act, &to).await.unwrap();
    let Pair { seal, audit } = to.clone();
    act.commit(Event::KeysActivated { seal, audit }).await.unwrap();
    (before, to)
}

async fn sealed_anew(store: &Store) -> Progress {
    let mut progress = Progress::default();
    while page(store, &mut progress).await.unwrap() {}
    let mut act = rows::act(store).await;
    keys::end(&mut act).await.unwrap();
    act.commit(rows::event("anna@example.com")).await.unwrap();
    progress
}

async fn by(store: &Store, id: &str) -> i64 {
    sealed_by(&mut store.read().await.unwrap(), id).await.unwrap()
}

async fn opens(store: &Store, account: AccountId) {
    let mut read = store.read().await.unwrap();
    let grant = grants::of(store, &mut read, account).await.unwrap().unwrap();
    assert_eq!(grant.refresh_token.reveal(), "refresh anna@example.com");
    assert!(access_tokens::of(store, &mut read, account, &ScopeSet::mail()).await.unwrap().is_some());
    assert!(clients::current(store, &mut read).await.unwrap().is_some());
    assert_eq!(service_accounts::all(store, &mut read).await.unwrap()[0].key.reveal(), "service key");
    let key = api_keys::by_hash(&mut read, &[101; 32]).await.unwrap().unwrap();
    assert!(key.terms.signs);
    let secret = api_keys::secret(store, &mut read, key.id).await.unwrap().unwrap();
    assert_eq!(secret.reveal(), "hmac secret");
    let hook = crm_hooks::secret(store, &mut read, "w1").await.unwrap();
    assert_eq!(hook.unwrap().reveal(), "hook secret");
    let jan = admins::by_name(&mut read, "jan").await.unwrap().unwrap();
    assert_eq!(totp::secret(store, &mut read, jan.id).await.unwrap().unwrap().reveal(), CODES);
}

async fn every_sealed_column_is_sealed_anew(database: &Database) {
    let store = database.open("main").await;
    let anna = everything(&store).await;
    let columns = i64::try_from(postern::store::sealed::COLUMNS.len()).unwrap();
    let (old, new) = activated(&store).await;
    // A value in each column, and the one that ties the identity to the key.
    assert_eq!((by(&store, &old.seal).await, by(&store, &new.seal).await), (columns + 1, 0));
    let progress = sealed_anew(&store).await;
    assert_eq!((progress.done, progress.broken), (columns.unsigned_abs(), 0));
    assert_eq!((by(&store, &old.seal).await, by(&store, &new.seal).await), (0, columns + 1));
    opens(&store, anna).await;

    // Without the old key everything is as it was.
    let file = database.key_file();
    let text = std::fs::read_to_string(&file).unwrap();
    let rest: Vec<&str> =
        text.lines().filter(|line| !line.starts_with(&format!("{}:seal:", old.seal))).collect();
    assert_eq!(rest.len() + 1, text.lines().count());
    std::fs::write(&file, rest.join("\n")).unwrap();
    let later = database.open_with("later", &file).await;
    later.ready().await.unwrap();
    opens(&later, anna).await;
    assert!(verify(&later, &[]).await.unwrap().broken.is_empty());
}

async fn cut_off_anywhere_it_goes_on(database: &Database) {
    let store = database.open("main").await;
    let anna = everything(&store).await;
    let (old, new) = activated(&store).await;
    // A process that dies after each page, and one after it that knows nothing of it.
    for pages in 1..=postern::store::sealed::COLUMNS.len() {
        let mut progress = Progress::default();
        for _ in 0..pages {
            page(&store, &mut progress).await.unwrap();
        }
        assert_eq!(keys::rotation(&mut store.read().await.unwrap()).await.unwrap(), Some(new.clone()));
        opens(&store, anna).await;
    }
    assert_eq!(sealed_anew(&store).await.done, 0, "all was done by those that died");
    assert_eq!(by(&store, &old.seal).await, 0);
    assert_eq!(keys::rotation(&mut store.read().await.unwrap()).await.unwrap(), None);
}

fn copied(from: &Path, to: &Path) {
    let aside = to.with_extension("aside");
    std::fs::copy(from, &aside).unwrap();
    std::fs::rename(&aside, to).unwrap();
}

async fn a_node_that_loaded_the_ring_before_reads_and_seals(database: &Database) {
    let store = database.open("main").await;
    let anna = everything(&store).await;
    let early = database.open_with("early", &database.key_file()).await;
    let (old, _) = activated(&store).await;
    sealed_anew(&store).await;
    opens(&early, anna).await;
    rows::everything(&early, "bert@example.com", 2).await;
    assert_eq!(by(&store, &old.seal).await, 0, "what it stored then is sealed with the new key");
}

async fn a_node_without_the_key_has_to_wait_and_changes_nothing(database: &Database) {
    let store = database.open("main").await;
    let anna = everything(&store).await;
    let copy = database.key_file().with_file_name("copy.key");
    copied(&database.key_file(), &copy);
    let behind = database.open_with("behind", &copy).await;
    let (_, new) = activated(&store).await;
    sealed_anew(&store).await;

    let mut read = behind.read().await.unwrap();
    let missing = grants::of(&behind, &mut read, anna).await.unwrap_err();
    assert!(matches!(&missing, StoreError::KeyMissing(_)) && missing.retry() == Retry::Later, "{missing}");
    assert!(missing.to_string().contains(&new.seal), "{missing}");
    drop(read);
    let act = behind.act(&postern_core::model::actor::Actor::Gateway, "").await.unwrap();
    let refused = act.commit(rows::event("anna@example.com")).await.unwrap_err();
    assert!(matches!(refused, StoreError::KeyMissing(_)), "{refused}");
    let refused = behind.ready().await.unwrap_err().to_string();
    assert!(refused.contains("key file"), "it would not start: {refused}");

    copied(&database.key_file(), &copy);
    opens(&behind, anna).await;
    behind.ready().await.unwrap();
    rows::act(&behind).await.commit(rows::event("anna@example.com")).await.unwrap();
}

async fn a_value_that_does_not_open_stays_and_bars_no_other(database: &Database) {
    let store = database.open("main").await;
    everything(&store).await;
    let bert = rows::everything(&store, "bert@example.com", 2).await;
    let mut raw = database.raw().await;
    raw.run(
        "UPDATE grants SET refresh_sealed = (SELECT secret_sealed FROM clients) \
             WHERE account_id = (SELECT id FROM accounts WHERE address = 'anna@example.com')",
    )
    .await;
    let (old, _) = activated(&store).await;
    let progress = sealed_anew(&store).await;
    assert_eq!(progress.broken, 1);
    assert_eq!(by(&store, &old.seal).await, 1);
    let mut read = store.read().await.unwrap();
    assert!(grants::of(&store, &mut read, bert).await.unwrap().is_some());
}

async fn a_chain_goes_on_under_the_new_key(database: &Database) {
    let store = database.open("main").await;
    everything(&store).await;
    let early = database.open_with("main", &database.key_file()).await;
    activated(&store).await;
    for store in [&store, &early, &store] {
        rows::act(store).await.commit(rows::event("anna@example.com")).await.unwrap();
    }
    let whole = verify(&early, &[]).await.unwrap();
    assert!(whole.broken.is_empty(), "{whole:?}");
    // Somebody who has the old key only cannot go on with the chain.
    let file = database.key_file();
    let text = std::fs::read_to_string(&file).unwrap();
    let old: String =
        text.lines().filter(|line| !line.starts_with("k2")).map(|line| format!("{line}\n")).collect();
    let thief = file.with_file_name("thief.key");
    std::fs::write(&thief, old).unwrap();
    std::fs::set_permissions(&thief, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let thief = database.open_with("main", &thief).await;
    let mut raw = database.raw().await;
    raw.run("CREATE TABLE was AS SELECT * FROM meta WHERE name = 'key_audit'").await;
    raw.run("DELETE FROM meta WHERE name = 'key_audit'").await;
    rows::act(&thief).await.commit(rows::event("anna@example.com")).await.unwrap();
    raw.run("INSERT INTO meta SELECT * FROM was").await;
    let report = verify(&store, &[]).await.unwrap();
    assert!(
        matches!(&report.broken[..], [line] if line.contains("was changed, moved or put in")),
        "{report:?}"
    );
}
