//! Reads one table key by key and notes a fault instead of giving up, so that
//! one run names them all.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;

use postern_core::model::secret::Secret;

use super::fault::{Fault, Origin, Wrong, quoted};
use super::tree::{Node, Table, Value};

/// Where readers put what they find.
#[derive(Debug, Default)]
pub(super) struct Found(RefCell<Vec<Fault>>);

impl Found {
    pub(super) fn add(&self, faults: impl IntoIterator<Item = Fault>) {
        self.0.borrow_mut().extend(faults);
    }

    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.0.into_inner()
    }
}

/// A table of the document, or the place where it could stand.
#[derive(Debug, Clone)]
pub(super) struct Section<'t> {
    name: String,
    table: Option<&'t Table>,
    at: Origin,
    found: &'t Found,
}

impl<'t> Section<'t> {
    /// The section of that name in the document.
    pub(super) fn open(root: &'t Table, name: &str, file: &Arc<str>, found: &'t Found) -> Self {
        let node = root.get(name);
        let at = node.map_or_else(|| Origin::File(Arc::clone(file)), |node| node.at.clone());
        let section = Self { name: name.to_owned(), table: None, at, found };
        match node {
            Some(node) => section.within(node),
            None => section,
        }
    }

    fn within(mut self, node: &'t Node) -> Self {
        match &node.value {
            Value::Table(table) => self.table = Some(table),
            other => {
                let fault = Fault {
                    origin: self.at.clone(),
                    key: self.name.clone(),
                    what: format!("is {}", other.kind()),
                    remedy: "write a table".to_owned(),
                };
                self.found.add([fault]);
            }
        }
        self
    }

    /// Whether the key stands there, well or badly written.
    pub(super) fn has(&self, key: &str) -> bool {
        self.node(key).is_some()
    }

    /// The key in full.
    pub(super) fn full(&self, key: &str) -> String {
        format!("{}.{key}", self.name)
    }

    /// Notes a fault of a key, at the key or, where it is missing, at the table.
    pub(super) fn fault(&self, key: &str, what: impl Into<String>, remedy: impl Into<String>) {
        let origin = self.node(key).map_or(&self.at, |node| &node.at).clone();
        self.found.add([Fault { origin, key: self.full(key), what: what.into(), remedy: remedy.into() }]);
    }

    /// A text, read by `parse`; `None` when it is missing or at fault.
    pub(super) fn get<T>(&self, key: &str, parse: impl FnOnce(&str) -> Result<T, Wrong>) -> Option<T> {
        let text = self.text(key, "write a text in quotes")?;
        self.kept(key, parse(text))
    }

    /// A text or, when the key is missing, its default, both read by `parse`.
    pub(super) fn or<T>(
        &self,
        key: &str,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        if self.has(key) { self.get(key, parse) } else { self.kept(key, parse(default)) }
    }

    /// A number or a text, or the default, read by `parse`.
    pub(super) fn number_or<T>(
        &self,
        key: &str,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        match self.node(key).map(|node| &node.value) {
            Some(Value::Integer(digits)) => self.kept(key, parse(digits)),
            _ => self.or(key, default, parse),
        }
    }

    /// A path, relative to the working directory of the process.
    pub(super) fn path(&self, key: &str) -> Option<PathBuf> {
        self.text(key, "write a path in quotes").map(PathBuf::from)
    }

    /// `true` or `false`; `false` when missing.
    pub(super) fn flag(&self, key: &str) -> bool {
        self.flag_or(key, false)
    }

    /// `true` or `false`, or the default.
    pub(super) fn flag_or(&self, key: &str, default: bool) -> bool {
        match self.node(key).map(|node| &node.value) {
            None => default,
            Some(Value::Flag(flag)) => *flag,
            Some(other) => {
                self.fault(key, format!("is {}", other.kind()), "write true or false, without quotes");
                false
            }
        }
    }

    /// A list of texts, each read by `parse`.
    pub(super) fn texts<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, Wrong>) -> Vec<T> {
        let read = |(index, item): (usize, &Node)| {
            let Value::Text(text) = &item.value else {
                self.fault(key, format!("entry {index} is {}", item.value.kind()), "write texts in quotes");
                return None;
            };
            self.kept(key, parse(text))
        };
        self.list(key, "write a list, [\"one\", \"two\"]").iter().enumerate().filter_map(read).collect()
    }

    /// A text or a list of texts, each read by `parse`.
    pub(super) fn one_or_more<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, Wrong>) -> Vec<T> {
        match self.node(key).map(|node| &node.value) {
            Some(Value::List(_)) | None => self.texts(key, parse),
            Some(_) => self.get(key, parse).into_iter().collect(),
        }
    }

    /// The tables of an array of tables, each as its own section.
    pub(super) fn tables(&self, key: &str) -> Vec<Section<'t>> {
        let open = |(index, node): (usize, &'t Node)| {
            let name = format!("{}[{index}]", self.full(key));
            let section = Section { name, table: None, at: node.at.clone(), found: self.found }.within(node);
            section.table.is_some().then_some(section)
        };
        let remedy = format!("write [[{}]]", self.full(key));
        self.list(key, &remedy).iter().enumerate().filter_map(open).collect()
    }

    /// A secret, from `key` or from the file that `key_file` names.
    pub(super) fn secret(&self, key: &str) -> Option<Secret> {
        let twin = format!("{key}_file");
        if self.has(key) && self.has(&twin) {
            let what = format!("{} is set as well", self.full(key));
            self.fault(&twin, what, "keep one of the two");
            return None;
        }
        if self.has(key) {
            return self.text(key, "write a text in quotes").map(Secret::new);
        }
        let path = self.path(&twin)?;
        let read = std::fs::read_to_string(&path).map_err(|error| {
            Wrong::new(
                format!("the file {} cannot be read: {error}", path.display()),
                "name a file that this user may read",
            )
        });
        let content = Secret::new(self.kept(&twin, read)?);
        let line = content.reveal().strip_suffix('\n').unwrap_or(content.reveal());
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            self.fault(&twin, format!("the file {} is empty", path.display()), "write the secret into it");
            return None;
        }
        Some(Secret::new(line))
    }

    fn node(&self, key: &str) -> Option<&'t Node> {
        self.table?.get(key)
    }

    fn text(&self, key: &str, remedy: &str) -> Option<&'t str> {
        match &self.node(key)?.value {
            Value::Text(text) if text.trim().is_empty() => {
                self.fault(key, "is empty", "give a value or leave the key out");
                None
            }
            Value::Text(text) => Some(text),
            other => {
                self.fault(key, format!("is {}", other.kind()), remedy);
                None
            }
        }
    }

    fn list(&self, key: &str, remedy: &str) -> &'t [Node] {
        match self.node(key).map(|node| &node.value) {
            None => &[],
            Some(Value::List(items)) => items,
            Some(other) => {
                self.fault(key, format!("is {}", other.kind()), remedy);
                &[]
            }
        }
    }

    pub(super) fn kept<T>(&self, key: &str, read: Result<T, Wrong>) -> Option<T> {
        read.map_err(|wrong| self.fault(key, wrong.what, wrong.remedy)).ok()
    }
}

/// Reads one of a few words.
pub(super) fn one_of<T: Copy>(words: &[(&str, T)]) -> impl FnOnce(&str) -> Result<T, Wrong> {
    move |text| {
        let known = words.iter().find(|(word, _)| *word == text);
        known.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            Wrong::new(format!("{} is not known", quoted(text)), format!("write one of {}", words.join(", ")))
        })
    }
}
