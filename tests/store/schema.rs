//! Statements, schemas and registers agree, on both databases.

use std::collections::BTreeSet;

use postern::store::{people, sealed, statements};
use sqlx::{Executor as _, SqlSafeStr as _};

use crate::support::databases::{Database, Kind, Raw, on_both};

on_both!(every_statement_prepares, sealed_columns_stand_in_the_register, tables_stand_in_the_register);

// A primary key is never null; SQLite says so only in the key itself.
const SQLITE_COLUMNS: &str = "
    SELECT m.name || '.' || p.name || CASE WHEN p.\"notnull\" = 1 OR p.pk > 0 THEN '' ELSE ' null' END
    FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'";
const POSTGRES_COLUMNS: &str = "
    SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN '' ELSE ' null' END
    FROM information_schema.columns WHERE table_schema = current_schema()";
const SQLITE_UNIQUE: &str = "
    SELECT m.name || '(' || (SELECT group_concat(name, ',') FROM
        (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')'
    FROM sqlite_master m JOIN pragma_index_list(m.name) i ON i.\"unique\" = 1 WHERE m.type = 'table'
    UNION SELECT m.name || '(' || p.name || ')'
    FROM sqlite_master m JOIN pragma_table_info(m.name) p ON p.pk = 1
    WHERE m.type = 'table' AND p.type = 'INTEGER'";
const POSTGRES_UNIQUE: &str = "
    SELECT c.relname || '(' || string_agg(a.attname, ',' ORDER BY k.place) || ')'
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
    CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k(number, place)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
    WHERE i.indisunique GROUP BY i.indexrelid, c.relname";

async fn ours(raw: &mut Raw, sqlite: &str, postgres: &str) -> BTreeSet<String> {
    let text = if matches!(raw, Raw::Sqlite(_)) { sqlite } else { postgres };
    let all = raw.words(text).await;
    all.into_iter().filter(|name| !name.starts_with("_sqlx_") && !name.starts_with("sqlite_")).collect()
}

pub async fn columns(database: &Database) -> BTreeSet<String> {
    ours(&mut database.raw().await, SQLITE_COLUMNS, POSTGRES_COLUMNS).await
}

async fn table_columns(database: &Database) -> BTreeSet<(String, String)> {
    columns(database)
        .await
        .iter()
        .map(|text| text.strip_suffix(" null").unwrap_or(text).split_once('.').unwrap())
        .map(|(table, column)| (table.to_owned(), column.to_owned()))
        .collect()
}

async fn every_statement_prepares(database: &Database) {
    let mut raw = database.raw().await;
    let mut wrong = Vec::new();
    for (name, text) in statements() {
        let done = match &mut raw {
            Raw::Sqlite(c) => c.prepare(text.into_sql_str()).await.map(drop),
            Raw::Postgres(c) => c.prepare(text.into_sql_str()).await.map(drop),
        };
        wrong.extend(done.err().map(|e| format!("{name}: {text}: {e}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(statements().len() > 50);
}

async fn sealed_columns_stand_in_the_register(database: &Database) {
    let named: BTreeSet<(String, String)> =
        table_columns(database).await.into_iter().filter(|(_, column)| column.ends_with("_sealed")).collect();
    let register: BTreeSet<(String, String)> =
        sealed::COLUMNS.iter().map(|(table, column)| ((*table).to_owned(), (*column).to_owned())).collect();
    assert_eq!(named, register, "store::sealed lists every column that ends in _sealed");
}

async fn tables_stand_in_the_register(database: &Database) {
    let tables: BTreeSet<String> =
        table_columns(database).await.into_iter().map(|(table, _)| table).collect();
    let register: BTreeSet<String> = people::TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(tables, register, "store::people lists every table");
    assert_eq!(register.len(), people::TABLES.len(), "no table stands twice");
}

#[tokio::test]
async fn both_schemas_are_one() {
    let sqlite = Database::migrated(Kind::Sqlite).await;
    let postgres = Database::migrated(Kind::Postgres).await;
    assert_eq!(columns(&sqlite).await, columns(&postgres).await);
    assert_eq!(
        ours(&mut sqlite.raw().await, SQLITE_UNIQUE, POSTGRES_UNIQUE).await,
        ours(&mut postgres.raw().await, SQLITE_UNIQUE, POSTGRES_UNIQUE).await,
    );
}

#[test]
fn migrations_have_the_same_names() {
    let names = |folder: &str| -> BTreeSet<String> {
        std::fs::read_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}
