//! The document as a tree in which every value knows where it was written.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, Origin};

/// A table: keys in alphabetical order.
pub(super) type Table = BTreeMap<String, Node>;

/// A value and the line of its key; for a table that is its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) at: Origin,
    pub(super) value: Value,
}

/// What TOML knows, as far as a key of ours may hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Integer(String),
    Flag(bool),
    List(Vec<Node>),
    Table(Table),
    /// A float or a date: no key takes one.
    Foreign(&'static str),
}

impl Value {
    /// The kind, with its article.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Foreign(kind) => kind,
        }
    }
}

/// Reads a whole document; every place where it is not TOML is a fault.
pub(super) fn document(text: &str, file: &Arc<str>) -> Result<Table, Vec<Fault>> {
    let place = |offset: usize| Origin::Line { file: Arc::clone(file), line: line_of(text, offset) };
    let (root, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(table(root.get_ref(), &place));
    }
    Err(errors
        .iter()
        .map(|error| Fault {
            origin: error.span().map_or_else(|| Origin::File(Arc::clone(file)), |span| place(span.start)),
            key: String::new(),
            what: format!("this is not TOML: {}", error.message()),
            remedy: "write key = value, texts in quotes".to_owned(),
        })
        .collect())
}

/// Reads one value, as a variable of the environment holds it for a list.
/// Says what is wrong without showing the value.
pub(super) fn value(text: &str, at: &Origin) -> Result<Node, String> {
    let parsed = DeValue::parse(text).map_err(|error| error.message().to_owned())?;
    Ok(node(&parsed, &|_| at.clone()))
}

fn table(from: &DeTable<'_>, place: &dyn Fn(usize) -> Origin) -> Table {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let mut node = node(value, place);
        // the key's line: a value may begin on a later one, and a table's
        // own span says nothing of a header further down
        node.at = place(key.span().start);
        let name: &std::borrow::Cow<'_, str> = key.get_ref();
        (name.clone().into_owned(), node)
    };
    from.iter().map(entry).collect()
}

fn node(from: &Spanned<DeValue<'_>>, place: &dyn Fn(usize) -> Origin) -> Node {
    let value = match from.get_ref() {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(number) => Value::Integer(number.to_string()),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Array(items) => Value::List(items.iter().map(|item| node(item, place)).collect()),
        DeValue::Table(inner) => Value::Table(table(inner, place)),
        DeValue::Float(_) => Value::Foreign("a number with a fraction"),
        DeValue::Datetime(_) => Value::Foreign("a date"),
    };
    Node { at: place(from.span().start), value }
}

fn line_of(text: &str, offset: usize) -> usize {
    let bytes = text.as_bytes();
    bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::{Value, document};
    use crate::config::fault::Origin;
    use std::sync::Arc;

    #[test]
    fn every_value_knows_its_line() {
        let file: Arc<str> = "f".into();
        let text = "[http]\nlisten = \"a\"\n\n[[imap.listen]]\naddr = \"b\"\n[[imap.listen]]\naddr = 1\n";
        let root = document(text, &file).unwrap();
        let Value::Table(imap) = &root["imap"].value else { panic!() };
        let Value::List(listen) = &imap["listen"].value else { panic!() };
        assert_eq!(listen[1].at, Origin::Line { file: Arc::clone(&file), line: 6 });
        let Value::Table(second) = &listen[1].value else { panic!() };
        assert_eq!(second["addr"].at, Origin::Line { file, line: 7 });
    }

    #[test]
    fn every_syntax_error_is_told_at_once() {
        let faults = document("a = \n[b]\nc = \"x\nd = 1\n", &"f".into()).unwrap_err();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert_eq!(faults[1].origin.to_string(), "f:3");
    }
}
