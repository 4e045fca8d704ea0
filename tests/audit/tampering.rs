//! What somebody who can write to the database, but has no key, does to it.

use super::{append, head, one_break, verified};
use crate::support::databases::{Database, Raw, on_both};

on_both!(
    a_chain_that_nobody_touched_holds,
    a_changed_row_is_found,
    a_removed_row_is_found,
    reordered_rows_are_found,
    a_row_put_in_is_found,
    a_cut_tail_is_found,
    a_cut_tail_with_its_head_set_back_is_found_with_the_log,
    a_removed_chain_is_found,
    rows_appended_meanwhile_are_no_break,
);

async fn a_chain_that_nobody_touched_holds(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    append(&one, 3).await;
    let earlier = head(&one, "one").await;
    append(&one, 2).await;
    append(&two, 2).await;
    let report = verified(&two, &[earlier, head(&one, "one").await, head(&two, "two").await]).await;
    assert_eq!((report.rows, report.heads.len()), (7, 2));
    assert!(report.broken.is_empty() && report.remarks.is_empty(), "{report:?}");
}

async fn five(database: &Database) -> (postern::store::Store, Raw) {
    let store = database.open("main").await;
    append(&store, 5).await;
    (store, database.raw().await)
}

async fn a_changed_row_is_found(database: &Database) {
    let (store, mut raw) = five(database).await;
    for (column, other) in [
        ("at", "at + 1"),
        ("actor", "'gateway'"),
        ("event", "'token_revoked'"),
        ("detail", "'{}'"),
        ("request", "'other'"),
    ] {
        raw.run(&format!("CREATE TABLE was AS SELECT {column} AS it FROM audit WHERE seq = 3")).await;
        raw.run(&format!("UPDATE audit SET {column} = {other} WHERE seq = 3")).await;
        one_break(&verified(&store, &[]).await, "chain main: row 3 was changed");
        raw.run(&format!("UPDATE audit SET {column} = (SELECT it FROM was) WHERE seq = 3")).await;
        assert!(verified(&store, &[]).await.broken.is_empty());
        raw.run("DROP TABLE was").await;
    }
}

async fn a_removed_row_is_found(database: &Database) {
    let (store, mut raw) = five(database).await;
    raw.run("DELETE FROM audit WHERE seq = 3").await;
    one_break(&verified(&store, &[]).await, "chain main: row 3 is missing");
    // Closing the gap does not hide it.
    raw.run("UPDATE audit SET seq = seq - 1 WHERE seq = 4").await;
    raw.run("UPDATE audit SET seq = seq - 1 WHERE seq = 5").await;
    raw.run("UPDATE audit_heads SET seq = 4").await;
    assert!(!verified(&store, &[]).await.broken.is_empty());
    let first = database.open("first").await;
    append(&first, 2).await;
    raw.run("DELETE FROM audit WHERE node = 'first' AND seq = 1").await;
    let broken = verified(&store, &[]).await.broken;
    assert!(broken.iter().any(|line| line.contains("chain first: row 1 is missing")), "{broken:?}");
}

async fn reordered_rows_are_found(database: &Database) {
    let (store, mut raw) = five(database).await;
    for (from, to) in [(2, 90), (4, 2), (90, 4)] {
        raw.run(&format!("UPDATE audit SET seq = {to} WHERE seq = {from}")).await;
    }
    let broken = verified(&store, &[]).await.broken;
    assert!(broken.iter().any(|line| line.contains("row 2 was changed, moved")), "{broken:?}");
    assert!(broken.iter().any(|line| line.contains("row 4 was changed, moved")), "{broken:?}");
}

async fn a_row_put_in_is_found(database: &Database) {
    let (store, mut raw) = five(database).await;
    let put = "INSERT INTO audit (node, seq, at, actor, event, detail, request, mac) \
               SELECT node, 6, at, actor, event, detail, request, mac FROM audit WHERE seq = 5";
    raw.run(put).await;
    let broken = verified(&store, &[]).await.broken;
    assert!(broken.iter().any(|line| line.contains("row 6 was changed, moved or put in")), "{broken:?}");
    assert!(broken.iter().any(|line| line.contains("rows stand behind its head at row 5")), "{broken:?}");
    raw.run("UPDATE audit_heads SET seq = 6").await;
    one_break(&verified(&store, &[]).await, "row 6 was changed, moved or put in");
}

async fn a_cut_tail_is_found(database: &Database) {
    let (store, mut raw) = five(database).await;
    raw.run("DELETE FROM audit WHERE seq > 3").await;
    one_break(&verified(&store, &[]).await, "its end was cut at row 3, 5 rows are known");
    raw.run("UPDATE audit_heads SET seq = 3").await;
    one_break(&verified(&store, &[]).await, "its head is not the code of row 3");
    raw.run("DELETE FROM audit_heads").await;
    one_break(&verified(&store, &[]).await, "its head is gone");
}

async fn a_cut_tail_with_its_head_set_back_is_found_with_the_log(database: &Database) {
    let (store, mut raw) = five(database).await;
    let known = head(&store, "main").await;
    raw.run("DELETE FROM audit WHERE seq > 3").await;
    raw.run("UPDATE audit_heads SET seq = 3, mac = (SELECT mac FROM audit WHERE seq = 3)").await;
    assert!(verified(&store, &[]).await.broken.is_empty(), "the database alone cannot tell");
    one_break(&verified(&store, std::slice::from_ref(&known)).await, "the given head at row 5 is not on it");
    // Nor when the chain goes on and is as long again.
    store.clock().advance(std::time::Duration::from_secs(1));
    append(&store, 4).await;
    assert!(verified(&store, &[]).await.broken.is_empty());
    one_break(&verified(&store, &[known]).await, "the given head at row 5 is not on it");
}

async fn a_removed_chain_is_found(database: &Database) {
    let (store, mut raw) = five(database).await;
    let other = database.open("other").await;
    append(&other, 2).await;
    let known = [head(&store, "main").await, head(&other, "other").await];
    raw.run("DELETE FROM audit WHERE node = 'other'").await;
    one_break(&verified(&store, &[]).await, "chain other: its end was cut at row 0");
    raw.run("DELETE FROM audit_heads WHERE node = 'other'").await;
    assert!(verified(&store, &[]).await.broken.is_empty(), "nothing is left that could tell");
    one_break(&verified(&store, &known).await, "chain other: it is gone");
}

async fn rows_appended_meanwhile_are_no_break(database: &Database) {
    let (one, two) = (database.open("main").await, database.open("main").await);
    let writing = append(&one, 60);
    let reading = async {
        let mut most = 0;
        for _ in 0..15 {
            let report = verified(&two, &[]).await;
            assert!(report.broken.is_empty(), "{report:?}");
            most = most.max(report.rows);
            rows_pause().await;
        }
        most
    };
    let ((), most) = tokio::join!(writing, reading);
    assert!(most > 0);
}

async fn rows_pause() {
    crate::store::rows::pause().await;
}
