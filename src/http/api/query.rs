//! Queries as PHP writes them: `where[0][type]=equals` and `value[]=a`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::Fault;

/// Deepest brackets.
const DEEPEST: usize = 12;

#[derive(Default)]
struct Node {
    text: Option<String>,
    below: BTreeMap<String, Node>,
}

/// The parameters as JSON: brackets with numbers are lists, others objects.
pub(super) fn read(query: &str) -> Result<BTreeMap<String, Value>, Fault> {
    let mut root = Node::default();
    for (name, text) in url::form_urlencoded::parse(query.as_bytes()) {
        let path = path(&name).ok_or_else(|| Fault::at(name.as_ref(), "these brackets make no sense"))?;
        let mut node = &mut root;
        for step in path {
            let step = if step.is_empty() { node.below.len().to_string() } else { step.to_owned() };
            node = node.below.entry(step).or_default();
        }
        if node.text.replace(text.into_owned()).is_some() {
            return Err(Fault::at(name.as_ref(), "stands there twice"));
        }
    }
    root.below.into_iter().map(|(name, node)| Ok((name.clone(), value(&name, node)?))).collect()
}

fn path(name: &str) -> Option<Vec<&str>> {
    let Some((first, rest)) = name.split_once('[') else { return Some(vec![name]) };
    let inner = rest.strip_suffix(']')?;
    let path: Vec<&str> = std::iter::once(first).chain(inner.split("][")).collect();
    let plain = path.iter().all(|step| !step.contains(['[', ']']));
    (plain && !first.is_empty() && path.len() <= DEEPEST).then_some(path)
}

fn value(name: &str, node: Node) -> Result<Value, Fault> {
    let Node { text, below } = node;
    match text {
        Some(text) if below.is_empty() => return Ok(Value::String(text)),
        Some(_) => return Err(Fault::at(name, "is a value and a list at once")),
        None => {}
    }
    let places: Option<BTreeMap<u32, ()>> = below.keys().map(|key| Some((key.parse().ok()?, ()))).collect();
    if places.is_none() {
        let fields = below.into_iter().map(|(key, node)| Ok((key, value(name, node)?)));
        return Ok(Value::Object(fields.collect::<Result<_, Fault>>()?));
    }
    let mut items: Vec<(u32, Node)> =
        below.into_iter().map(|(key, node)| (key.parse().unwrap_or(u32::MAX), node)).collect();
    items.sort_by_key(|(place, _)| *place);
    items.into_iter().map(|(_, node)| value(name, node)).collect::<Result<_, _>>().map(Value::Array)
}

#[cfg(test)]
mod tests {
    use super::read;
    use serde_json::{Value, json};

    fn tree(query: &str) -> Value {
        read(query).map_or(Value::Null, |map| Value::Object(map.into_iter().collect()))
    }

    #[test]
    fn brackets_are_read_as_php_means_them() {
        let query = "maxSize=5&where%5B0%5D%5Btype%5D=in&where[0][attribute]=state&where[0][value][]=new\
                     &where[0][value][]=active&where[10][type]=isNull&where[2][type]=or";
        let expected = json!({ "maxSize": "5", "where": [
            { "type": "in", "attribute": "state", "value": ["new", "active"] },
            { "type": "or" }, { "type": "isNull" },
        ]});
        assert_eq!(tree(query), expected);
        for wrong in ["a[=1", "a]=1", "[0]=1", "a[0]]=1", "a=1&a=2", "a=1&a[0]=2", "a[0]x=1"] {
            assert_eq!(
                tree(wrong),
                if wrong == "a]=1" { json!({ "a]": "1" }) } else { Value::Null },
                "{wrong}"
            );
        }
        assert_eq!(tree(&format!("a{}=1", "[0]".repeat(1000))), Value::Null);
    }
}
