//! Variables `POSTERN__SECTION__KEY` laid over the document.

use std::collections::BTreeMap;

use super::fault::{Fault, Origin, quoted};
use super::keys::{self, KEYS, Key, Kind};
use super::tree::{self, Node, Table, Value};

const PREFIX: &str = "POSTERN__";

/// Puts what the environment says in the place of what the document says.
pub(super) fn lay_over(root: &mut Table, env: &BTreeMap<String, String>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, text) in env.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        match known(name) {
            None => faults.push(unknown(name)),
            Some(key) => match read(key, name, text) {
                Ok(node) => place(root, key.name, node),
                Err(fault) => faults.push(fault),
            },
        }
    }
    faults
}

/// The variable that overrides a key; keys inside an array of tables have none.
pub(super) fn variable(key: &str) -> Option<String> {
    let (section, name) = key.split_once('.')?;
    (!name.contains('[')).then(|| format!("{PREFIX}{}__{}", section.to_uppercase(), name.to_uppercase()))
}

fn known(variable_name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| variable(key.name).as_deref() == Some(variable_name))
}

fn unknown(name: &str) -> Fault {
    let names: Vec<String> = KEYS.iter().filter_map(|key| variable(key.name)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let remedy = match keys::nearest(name, &names) {
        Some(near) => format!("did you mean {near}?"),
        None => "variables are POSTERN__SECTION__KEY, with a key of the configuration file".to_owned(),
    };
    let what = "this variable names no known key".to_owned();
    Fault { origin: Origin::Variable(name.to_owned()), key: String::new(), what, remedy }
}

fn read(key: &Key, variable: &str, text: &str) -> Result<Node, Fault> {
    let at = Origin::Variable(variable.to_owned());
    let fault = |what: String, remedy: &str| Fault {
        origin: at.clone(),
        key: key.name.to_owned(),
        what,
        remedy: remedy.to_owned(),
    };
    let value = match key.kind {
        Kind::Text | Kind::Size => Value::Text(text.to_owned()),
        Kind::OneOrMore if !text.trim_start().starts_with('[') => Value::Text(text.to_owned()),
        Kind::Flag => match text {
            "true" => Value::Flag(true),
            "false" => Value::Flag(false),
            _ => return Err(fault(format!("{} is not known", quoted(text)), "write true or false")),
        },
        Kind::Texts | Kind::OneOrMore => {
            list(text, &at).map_err(|what| fault(what, "write a TOML list, [\"one\", \"two\"]"))?
        }
        Kind::Tables => list(text, &at).map_err(|what| {
            fault(what, "write a TOML list, [{ addr = \"127.0.0.1:1143\", tls = \"none\" }]")
        })?,
    };
    Ok(Node { at, value })
}

fn list(text: &str, at: &Origin) -> Result<Value, String> {
    let node = tree::value(text, at)?;
    match node.value {
        Value::List(_) => Ok(node.value),
        other => Err(format!("is {}", other.kind())),
    }
}

/// The environment wins over the file for a value *and* its `_file` twin, so
/// that either way of giving a secret can replace the other.
fn place(root: &mut Table, key: &str, node: Node) {
    let Some((section, name)) = key.split_once('.') else { return };
    let at = node.at.clone();
    let section =
        root.entry(section.to_owned()).or_insert_with(|| Node { at, value: Value::Table(Table::new()) });
    // a section that is no table is a fault of the file, told by the reader
    let Value::Table(table) = &mut section.value else { return };
    let twin = name.strip_suffix("_file").map_or_else(|| format!("{name}_file"), str::to_owned);
    if table.get(&twin).is_some_and(|twin| !matches!(twin.at, Origin::Variable(_))) {
        table.remove(&twin);
    }
    table.insert(name.to_owned(), node);
}

#[cfg(test)]
mod tests {
    use super::{lay_over, variable};
    use crate::config::tree::{Table, Value};
    use std::collections::BTreeMap;

    fn env(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn a_key_has_its_variable() {
        assert_eq!(variable("limits.imap_idle").unwrap(), "POSTERN__LIMITS__IMAP_IDLE");
        assert_eq!(variable("imap.listen[].tls"), None);
    }

    #[test]
    fn a_list_of_tables_is_read_as_toml() {
        let mut root = Table::new();
        let text = "[{addr = \"127.0.0.1:1\"}, {addr = \"[::1]:2\"}]";
        assert!(lay_over(&mut root, &env("POSTERN__IMAP__LISTEN", text)).is_empty());
        let Value::Table(imap) = &root["imap"].value else { panic!() };
        let Value::List(items) = &imap["listen"].value else { panic!() };
        assert_eq!(items.len(), 2);
    }

    #[test]
    fn a_value_that_is_no_list_is_refused() {
        let faults = lay_over(&mut Table::new(), &env("POSTERN__IMAP__LISTEN", "7"));
        assert_eq!(faults[0].what, "is a number");
        let more = "[]\n[database]\nurl = \"x\"";
        assert_eq!(lay_over(&mut Table::new(), &env("POSTERN__IMAP__LISTEN", more)).len(), 1);
    }

    #[test]
    fn an_unknown_variable_is_refused_with_the_nearest_one() {
        let faults = lay_over(&mut Table::new(), &env("POSTERN__DATABASE__URI", "x"));
        assert_eq!(
            faults[0].to_string(),
            "POSTERN__DATABASE__URI: this variable names no known key; did you mean POSTERN__DATABASE__URL?"
        );
    }
}
