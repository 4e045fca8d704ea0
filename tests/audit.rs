//! The journal: nothing of it is changed unseen, nobody waits for it, and it
//! does not grow for ever.

mod notes;
mod retention;
mod tampering;

use postern::audit::verify::{self, Report};
use postern::store::Store;
use postern::store::audit::{self, Head};

use crate::store::rows;

/// Appends that many rows, an act each.
pub async fn append(store: &Store, rows: usize) {
    for _ in 0..rows {
        rows::act(store).await.commit(rows::event("anna@example.com")).await.unwrap();
    }
}

pub async fn head(store: &Store, node: &str) -> Head {
    audit::head(&mut store.read().await.unwrap(), node).await.unwrap().unwrap()
}

pub async fn verified(store: &Store, known: &[Head]) -> Report {
    verify::verify(store, known).await.unwrap()
}

/// The one thing that the walk complains about holds this text.
#[track_caller]
pub fn one_break(report: &Report, text: &str) {
    assert!(matches!(&report.broken[..], [line] if line.contains(text)), "{text}: {report:?}");
}
