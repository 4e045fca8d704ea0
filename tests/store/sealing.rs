//! A sealed value opens only where it was sealed.

use postern::store::{StoreError, access_tokens, clients, grants};
use postern_core::model::scope::ScopeSet;

use super::rows;
use crate::support::databases::{Database, on_both};

on_both!(
    a_value_of_another_row_opens_nothing,
    a_value_of_another_column_opens_nothing,
    columns_show_no_secret
);

fn refused<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Seal(_)))
}

async fn a_value_of_another_row_opens_nothing(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::everything(&store, "anna@example.com", 1).await;
    let bert = rows::everything(&store, "bert@example.com", 2).await;
    let mut read = store.read().await.unwrap();
    let grant = grants::of(&store, &mut read, anna).await.unwrap().unwrap();
    assert_eq!(grant.refresh_token.reveal(), "refresh anna@example.com");

    let mut raw = database.raw().await;
    for (table, column) in [("grants", "refresh_sealed"), ("access_tokens", "token_sealed")] {
        raw.run(&format!("CREATE TEMPORARY TABLE was_{table} AS SELECT account_id, {column} FROM {table} WHERE {column} IS NOT NULL"))
            .await;
        let swap = format!(
            "UPDATE {table} SET {column} = \
             (SELECT w.{column} FROM was_{table} w WHERE w.account_id <> {table}.account_id)"
        );
        assert_eq!(raw.run(&swap).await, 2);
    }
    for account in [anna, bert] {
        assert!(refused(&grants::of(&store, &mut read, account).await));
        assert!(refused(&access_tokens::of(&store, &mut read, account, &ScopeSet::mail()).await));
    }
}

async fn a_value_of_another_column_opens_nothing(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::everything(&store, "anna@example.com", 1).await;
    let mut raw = database.raw().await;
    raw.run("UPDATE access_tokens SET token_sealed = (SELECT refresh_sealed FROM grants)").await;
    raw.run("UPDATE clients SET secret_sealed = (SELECT refresh_sealed FROM grants)").await;
    let mut read = store.read().await.unwrap();
    assert!(refused(&access_tokens::of(&store, &mut read, anna, &ScopeSet::mail()).await));
    assert!(refused(&clients::current(&store, &mut read).await));
    assert!(grants::of(&store, &mut read, anna).await.is_ok());
    // Nor does a token that is passed off as one for other scopes.
    raw.run("UPDATE access_tokens SET scopes = 'openid'").await;
    assert!(refused(&access_tokens::of(&store, &mut read, anna, &ScopeSet::parse("openid")).await));
}

async fn columns_show_no_secret(database: &Database) {
    let store = database.open("main").await;
    rows::everything(&store, "anna@example.com", 1).await;
    let mut raw = database.raw().await;
    for (table, column) in postern::store::sealed::COLUMNS {
        let hex = if matches!(raw, crate::support::databases::Raw::Sqlite(_)) {
            format!("SELECT lower(hex({column})) FROM {table} WHERE {column} IS NOT NULL")
        } else {
            format!("SELECT encode({column}, 'hex') FROM {table} WHERE {column} IS NOT NULL")
        };
        for value in raw.words(&hex).await {
            for secret in ["refresh", "access", "secret", "verifier"] {
                let plain: String = secret.bytes().map(|b| format!("{b:02x}")).collect();
                assert!(!value.contains(&plain), "{table}.{column} shows {secret}");
            }
        }
    }
}
