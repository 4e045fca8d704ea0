//! Who serves on this database.

use postern_core::model::finding::Finding;

use crate::store::nodes::{self, Node};
use crate::store::{Store, StoreError};

/// Names the nodes that are alive.
///
/// # Errors
/// When the database does not answer.
pub async fn look(store: &Store) -> Result<Vec<Finding>, StoreError> {
    let mut all = nodes::all(&mut store.read().await?).await?;
    all.retain(Node::lives);
    let mut keys: Vec<String> = store.ring().ids().collect();
    keys.sort();
    Ok(vec![judged(&all, &keys)])
}

fn judged(living: &[Node], keys: &[String]) -> Finding {
    const ID: &str = "nodes";
    let Some(first) = living.first() else {
        return Finding::note(ID, "nobody serves on this database now");
    };
    let told =
        |node: &Node| format!("{} on {} (Postern {})", node.card.name, node.card.host, node.card.version);
    let seen = living.iter().map(told).collect::<Vec<_>>().join(", ");
    if let Some(node) = living.iter().find(|node| !same(&node.card.keys, keys)) {
        let remedy = "give every node the same key file, then restart or reload the node";
        return Finding::warning(ID, format!("{} has other keys than this command", told(node)), remedy);
    }
    if living.iter().any(|node| node.card.version != first.card.version) {
        return Finding::warning(ID, seen, "bring every node to one version when the upgrade is over");
    }
    Finding::ok(ID, format!("serving: {seen}"))
}

fn same(theirs: &[String], ours: &[String]) -> bool {
    let mut theirs = theirs.to_vec();
    theirs.sort();
    theirs == ours
}
