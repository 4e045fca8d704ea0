//! Lists that programs narrow: every column with every operator.

use postern::store::api_keys::Reach;
use postern::store::filter::{self, Column, Condition, Kind, List, Operator, Query, Value};
use postern_core::model::id::AccountId;
use sqlx::{AssertSqlSafe, Executor as _, SqlSafeStr as _};

use super::rows;
use crate::support::databases::{Database, Raw, on_both};

on_both!(every_column_with_every_operator_prepares, values_are_bound_and_wildcards_stand_for_themselves);

fn value(kind: Kind) -> Value {
    match kind {
        Kind::Text => Value::Text("x".to_owned()),
        Kind::Id => Value::Id(uuid::Uuid::nil()),
        Kind::Time | Kind::Number => Value::Number(1),
    }
}

fn query(list: List, condition: Condition) -> Query {
    let order = *Column::ALL.iter().find(|column| column.list() == list).unwrap();
    let reach = Reach {
        domains: vec!["acme.cz".to_owned(), "x_y.cz".to_owned()],
        accounts: vec![AccountId(uuid::Uuid::nil())],
    };
    Query { condition, reach, order, descending: true, limit: 10, offset: 0 }
}

#[expect(clippy::disallowed_methods, reason = "the text is what is tested")]
async fn prepares(raw: &mut Raw, text: String) {
    let (told, sql) = (text.clone(), AssertSqlSafe(text).into_sql_str());
    match raw {
        Raw::Sqlite(c) => c.prepare(sql).await.map(drop),
        Raw::Postgres(c) => c.prepare(sql).await.map(drop),
    }
    .unwrap_or_else(|e| panic!("{told}: {e}"));
}

async fn every_column_with_every_operator_prepares(database: &Database) {
    let store = database.open("main").await;
    let mut raw = database.raw().await;
    let mut count = 0;
    for column in Column::ALL.iter().copied() {
        for operator in Operator::ALL.iter().copied().filter(|operator| operator.fits(column.kind())) {
            let values = vec![value(column.kind()); operator.takes().unwrap_or(3)];
            let one = Condition::Is { column, operator, values };
            let nested = Condition::Any(vec![one.clone(), Condition::All(vec![one, Condition::Any(vec![])])]);
            let asked = Query { order: column, ..query(column.list(), nested) };
            for text in filter::texts(column.list(), &asked) {
                prepares(&mut raw, text).await;
            }
            let mut read = store.read().await.unwrap();
            let answered = match column.list() {
                List::Accounts => filter::accounts(&mut read, &asked).await.map(|(_, all)| all),
                List::Tokens => filter::tokens(&mut read, &asked).await.map(|(_, all)| all),
                List::Audit => filter::audit(&mut read, &asked).await.map(|(_, all)| all),
                List::Jobs => filter::jobs(&mut read, &asked).await.map(|(_, all)| all),
                List::Runs => filter::runs(&mut read, &asked).await.map(|(_, all)| all),
                List::Holds => filter::holds(&mut read, &asked).await.map(|(_, all)| all),
                List::Calendars => filter::calendars(&store, &mut read, &asked).await.map(|(_, all)| all),
                List::CalendarUsers => filter::calendar_users(&mut read, &asked).await.map(|(_, all)| all),
                List::ContactGroups => {
                    filter::contact_groups(&store, &mut read, &asked).await.map(|(_, all)| all)
                }
                List::ContactUsers => filter::contact_users(&mut read, &asked).await.map(|(_, all)| all),
                List::ContactPairs => {
                    filter::contact_pairs(&store, &mut read, &asked).await.map(|(_, all)| all)
                }
            };
            answered.unwrap_or_else(|e| panic!("{column:?} {operator:?}: {e}"));
            count += 1;
        }
    }
    assert!(count > 100, "{count}");
}

async fn values_are_bound_and_wildcards_stand_for_themselves(database: &Database) {
    let store = database.open("main").await;
    for mailbox in ["anna@acme.cz", "a_b@acme.cz", "axb@acme.cz", "eva@xay.cz", "ota@sub.acme.cz"] {
        rows::account(&store, mailbox).await;
    }
    for (piece, expected) in [
        ("ANNA", vec!["anna@acme.cz"]),
        ("a_b", vec!["a_b@acme.cz"]),
        ("%", vec![]),
        ("!", vec![]),
        ("' OR '1'='1", vec![]),
        ("@", vec!["a_b@acme.cz", "anna@acme.cz", "axb@acme.cz"]),
    ] {
        let (column, operator) = (Column::AccountAddress, Operator::Contains);
        let condition = Condition::Is { column, operator, values: vec![Value::Text(piece.to_owned())] };
        let asked = Query { order: column, descending: false, ..query(List::Accounts, condition) };
        let (found, all) = filter::accounts(&mut store.read().await.unwrap(), &asked).await.unwrap();
        let found: Vec<&str> = found.iter().map(|row| row.address.as_str()).collect();
        assert_eq!(found, expected, "{piece}");
        assert_eq!(all, i64::try_from(expected.len()).unwrap());
    }
}
