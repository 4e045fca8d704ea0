//! The query of a list, written the way PHP reads it: `whereGroup[0][type]=…` becomes a tree.

use serde_json::{Map, Value};
use url::form_urlencoded;

/// More than any client of the CRM needs.
const PAIRS: usize = 5_000;
const DEPTH: usize = 12;

/// The whole query as a tree of objects; every leaf is a text.
pub(crate) fn tree(query: &str) -> Map<String, Value> {
    let mut root = Map::new();
    for (key, value) in form_urlencoded::parse(query.as_bytes()).take(PAIRS) {
        let steps = steps(&key);
        if steps.len() <= DEPTH {
            insert(&mut root, &steps, value.into_owned());
        }
    }
    root
}

/// The members of a list, whichever way it was written.
pub(crate) fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(items) => items.values().collect(),
        Value::Null => Vec::new(),
        other => vec![other],
    }
}

fn steps(key: &str) -> Vec<&str> {
    let (head, rest) = key.split_at(key.find('[').unwrap_or(key.len()));
    let inner = rest.split('[').skip(1).map(|step| step.trim_end_matches(']'));
    std::iter::once(head).chain(inner).collect()
}

fn insert(branch: &mut Map<String, Value>, steps: &[&str], leaf: String) {
    let Some((first, rest)) = steps.split_first() else { return };
    let name = if first.is_empty() { branch.len().to_string() } else { (*first).to_owned() };
    if rest.is_empty() {
        branch.insert(name, Value::String(leaf));
        return;
    }
    let next = branch.entry(name).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(next) = next {
        insert(next, rest, leaf);
    }
}

#[cfg(test)]
mod tests {
    use super::{DEPTH, items, tree};
    use serde_json::json;

    #[test]
    fn brackets_become_branches() {
        let tree = tree("maxSize=2&w[0][type]=in&w%5B0%5D%5Bvalue%5D%5B%5D=a&w[0][value][]=b");
        assert_eq!(tree["maxSize"], json!("2"));
        assert_eq!(tree["w"]["0"]["type"], json!("in"));
        assert_eq!(items(&tree["w"]["0"]["value"]), [&json!("a"), &json!("b")]);
    }

    #[test]
    fn a_tree_is_at_most_so_deep() {
        let deep = |steps: usize| format!("a{}=x", "[b]".repeat(steps - 1));
        assert!(tree(&deep(DEPTH)).contains_key("a"));
        assert!(tree(&deep(DEPTH + 1)).is_empty());
    }
}
