//! Finding and reading the source files.

use std::path::Path;

use super::facts::Facts;

/// One file.
pub struct Source {
    /// Path from the root of the repository.
    pub place: String,
    /// Lines in the file.
    pub lines: usize,
    /// What the rules look at.
    pub facts: Facts,
}

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum Target {
    /// A room of the gateway.
    Room(String),
    /// Another crate, or a name of this file.
    Name(String),
    /// The module itself or something beside it.
    Here,
}

impl Source {
    pub fn parse(place: &str, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|e| panic!("{place}: {e}"));
        Self { place: place.to_owned(), lines: text.lines().count(), facts: Facts::of(&file, module(place)) }
    }

    /// The room the file belongs to; `lib` and `main` stand for themselves.
    pub fn room(&self) -> &str {
        let inside = self.place.strip_prefix("src/").unwrap_or(&self.place);
        let first = inside.split('/').next().unwrap_or(inside);
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Whether the file lies at or below one of `places` (`auth/`, `cli/demo`).
    pub fn within(&self, places: &[&str]) -> bool {
        let inside = self.place.strip_prefix("src/").unwrap_or(&self.place);
        places.iter().any(|place| {
            inside
                .strip_prefix(place)
                .is_some_and(|rest| place.ends_with('/') || rest.starts_with('/') || rest == ".rs")
        })
    }
}

/// Where `path`, written in `module`, leads to.
pub fn target(module: &[String], path: &[String]) -> Target {
    let mut base = module.to_vec();
    let mut rest = path.iter().map(String::as_str).peekable();
    match path.first().map(String::as_str) {
        Some("crate" | "postern") => {
            rest.next();
            base.clear();
        }
        Some("self" | "super") => {
            while let Some(step) = rest.next_if(|step| matches!(*step, "self" | "super")) {
                if step == "super" {
                    base.pop();
                }
            }
        }
        Some(name) => return Target::Name(name.to_owned()),
        None => return Target::Here,
    }
    base.extend(rest.map(str::to_owned));
    match base.first() {
        Some(room) if module.first() != Some(room) => Target::Room(room.clone()),
        _ => Target::Here,
    }
}

// `src/store/act.rs` is the module store::act.
fn module(place: &str) -> Vec<String> {
    let inside = place.strip_prefix("src/").unwrap_or(place);
    let mut steps: Vec<String> =
        inside.strip_suffix(".rs").unwrap_or(inside).split('/').map(str::to_owned).collect();
    if steps.last().is_some_and(|last| last == "mod") || inside == "lib.rs" {
        steps.pop();
    }
    steps
}

/// The gateway's own files, the pure core not among them.
pub fn gateway() -> Vec<Source> {
    read("src").into_iter().filter(|source| !source.place.starts_with("src/core/")).collect()
}

/// Every file of the repository.
pub fn everything() -> Vec<Source> {
    [read("src"), read("tests")].into_iter().flatten().collect()
}

/// The text of a file of the repository.
pub fn text(place: &str) -> String {
    std::fs::read_to_string(root().join(place)).unwrap_or_else(|e| panic!("{place}: {e}"))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(folder: &str) -> Vec<Source> {
    let mut places = Vec::new();
    collect(folder, &mut places);
    places.sort();
    places.iter().map(|place| Source::parse(place, &text(place))).collect()
}

fn collect(folder: &str, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let place = format!("{folder}/{name}");
        if entry.file_type().unwrap().is_dir() {
            if !matches!(name.as_str(), "target" | "node_modules") && !name.starts_with('.') {
                collect(&place, out);
            }
        } else if place.ends_with(".rs") {
            out.push(place);
        }
    }
}

#[test]
fn paths_lead_where_the_compiler_says() {
    let steps = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
    let from = module("src/store/act.rs");
    assert_eq!(from, ["store", "act"]);
    assert_eq!(module("src/store/mod.rs"), ["store"]);
    assert_eq!(module("src/app.rs"), ["app"]);
    assert!(module("src/lib.rs").is_empty());
    let room = |name: &str| Target::Room(name.to_owned());
    assert_eq!(target(&from, &steps("crate::net::dial")), room("net"));
    assert_eq!(target(&from, &steps("postern::net::dial")), room("net"));
    assert_eq!(target(&from, &steps("super::super::net::dial")), room("net"));
    assert_eq!(target(&from, &steps("self::super::super::net")), room("net"));
    assert_eq!(target(&from, &steps("super::audit::append")), Target::Here);
    assert_eq!(target(&from, &steps("crate::store::audit")), Target::Here);
    assert_eq!(target(&from, &steps("sqlx::query")), Target::Name("sqlx".to_owned()));
}

#[test]
fn a_place_is_a_folder_a_file_or_a_stem() {
    let demo = Source::parse("src/cli/demo.rs", "");
    assert!(demo.within(&["cli/demo"]) && demo.within(&["cli/"]) && !demo.within(&["cli/de"]));
    assert!(Source::parse("src/cli/demo/steps.rs", "").within(&["cli/demo"]));
    assert_eq!(demo.room(), "cli");
    assert_eq!(Source::parse("src/app.rs", "").room(), "app");
}
