//! The rooms and who may import whom.

use super::source::{self, Source, Target};
use super::{hold, imagine, objects};

struct Room {
    name: &'static str,
    /// Floor and, where a floor has an order inside, the step on it.
    floor: (u8, u8),
    imports: &'static [&'static str],
}

const fn room(name: &'static str, floor: (u8, u8), imports: &'static [&'static str]) -> Room {
    Room { name, floor, imports }
}

/// Every room with the rooms it may import. An edge is added here before it is
/// used, and only downwards.
const ROOMS: &[Room] = &[
    room("clock", (10, 0), &[]),
    room("tasks", (10, 0), &[]),
    room("health", (10, 0), &[]),
    room("metrics", (10, 0), &[]),
    room("dice", (10, 1), &["clock"]),
    room("config", (10, 2), &["clock"]),
    room("seal", (10, 2), &["clock", "dice"]),
    room("net", (10, 2), &["clock", "dice", "tasks", "metrics"]),
    room("texts", (10, 2), &["clock"]),
    room("telemetry", (10, 2), &["clock", "tasks"]),
    room("store", (20, 0), &["clock", "dice", "tasks", "seal"]),
    room("audit", (21, 0), &["clock", "dice", "tasks", "seal", "metrics", "telemetry", "store"]),
    room("node", (21, 0), &["clock", "dice", "tasks", "config", "health", "metrics", "telemetry", "store"]),
    room(
        "auth",
        (30, 0),
        &["clock", "dice", "tasks", "config", "seal", "metrics", "telemetry", "store", "audit", "node"],
    ),
    room(
        "google",
        (30, 0),
        &["clock", "dice", "tasks", "config", "net", "metrics", "telemetry", "store", "audit", "node"],
    ),
    room("crm", (30, 0), &["net", "metrics"]),
    room(
        "actions",
        (31, 0),
        &[
            "clock", "dice", "tasks", "config", "seal", "net", "texts", "store", "audit", "node", "auth",
            "google", "crm",
        ],
    ),
    room(
        "doctor",
        (31, 0),
        &[
            "clock", "dice", "tasks", "config", "seal", "net", "texts", "store", "audit", "node", "auth",
            "google", "crm",
        ],
    ),
    room(
        "relay",
        (40, 0),
        &[
            "clock",
            "dice",
            "tasks",
            "config",
            "net",
            "texts",
            "health",
            "metrics",
            "telemetry",
            "store",
            "audit",
            "node",
            "auth",
            "google",
        ],
    ),
    room(
        "http",
        (40, 0),
        &[
            "clock",
            "dice",
            "tasks",
            "config",
            "net",
            "texts",
            "health",
            "metrics",
            "telemetry",
            "store",
            "audit",
            "node",
            "auth",
            "actions",
            "doctor",
        ],
    ),
    room("sync", (40, 0), &["clock", "tasks", "store", "google", "crm"]),
    room("notices", (40, 0), &["clock", "dice", "net", "texts", "metrics", "store", "google", "actions"]),
    room(
        "app",
        (50, 0),
        &[
            "clock",
            "dice",
            "tasks",
            "config",
            "seal",
            "net",
            "texts",
            "health",
            "metrics",
            "telemetry",
            "store",
            "audit",
            "node",
            "auth",
            "sync",
            "google",
            "crm",
            "actions",
            "doctor",
            "relay",
            "http",
            "notices",
        ],
    ),
    room(
        "lifecycle",
        (50, 1),
        &["clock", "tasks", "config", "health", "metrics", "net", "telemetry", "store", "node", "app"],
    ),
    room(
        "cli",
        (50, 2),
        &[
            "clock",
            "dice",
            "tasks",
            "config",
            "seal",
            "net",
            "texts",
            "health",
            "metrics",
            "telemetry",
            "store",
            "audit",
            "node",
            "auth",
            "google",
            "actions",
            "doctor",
            "relay",
            "http",
            "app",
            "lifecycle",
        ],
    ),
    room("main", (50, 3), &["cli", "telemetry"]),
    // Declares the rooms and imports none.
    room("lib", (50, 3), &[]),
];

/// Features meet through rows and the change feed; only the wiring names them.
const FEATURES: &[&str] = &["relay", "http", "sync", "notices"];
const WIRING: &[&str] = &["app", "cli/serve", "cli/demo"];

fn of(name: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.name == name)
}

fn edges(source: &Source) -> impl Iterator<Item = (String, String)> {
    source.facts.mentions.iter().filter_map(|mention| {
        let Target::Room(room) = source::target(&mention.module, &mention.path) else {
            return None;
        };
        Some((room, format!("{}:{} ({})", source.place, mention.line, mention.path.join("::"))))
    })
}

fn imports_are_allowed(sources: &[Source]) -> Vec<String> {
    let mut out = Vec::new();
    for source in sources {
        let Some(from) = of(source.room()) else {
            out.push(format!(
                "{}: the room {} is not in the table; give it a floor and its imports in tests/architecture/rooms.rs",
                source.place,
                source.room()
            ));
            continue;
        };
        out.extend(edges(source).filter(|(to, _)| !from.imports.contains(&to.as_str())).map(|(to, at)| {
            format!(
                "{at}: {} may not import {to}; hand the value down from a higher floor, or, if the edge goes \
                 down, add it in tests/architecture/rooms.rs",
                from.name
            )
        }));
    }
    out
}

fn features_are_named_by_the_wiring_only(sources: &[Source]) -> Vec<String> {
    sources
        .iter()
        .filter(|source| !source.within(WIRING))
        .flat_map(edges)
        .filter(|(to, _)| FEATURES.contains(&to.as_str()))
        .map(|(to, at)| {
            format!("{at}: {to} is named only in {WIRING:?}; meet it through a row and the change feed")
        })
        .collect()
}

fn every_room_exists(sources: &[Source]) -> Vec<String> {
    let declared: Vec<&str> = sources
        .iter()
        .filter(|source| source.room() == "lib")
        .flat_map(|source| &source.facts.modules)
        .map(|module| module.name.as_str())
        .collect();
    ROOMS
        .iter()
        .map(|room| room.name)
        .filter(|name| !matches!(*name, "lib" | "main") && !declared.contains(name))
        .map(|name| format!("src/lib.rs declares no room {name}; take it out of tests/architecture/rooms.rs"))
        .collect()
}

fn edges_go_down(rooms: &[Room]) -> Vec<String> {
    let below = |room: &Room, name: &str| of(name).is_some_and(|other| other.floor < room.floor);
    rooms
        .iter()
        .flat_map(|room| room.imports.iter().map(move |to| (room, to)))
        .filter(|(room, to)| !below(room, to))
        .map(|(room, to)| {
            format!("{} imports {to}, which is not below it; the table itself is wrong", room.name)
        })
        .collect()
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    hold(&imports_are_allowed(&source::gateway()));
    hold(&every_room_exists(&source::gateway()));
}

#[test]
fn the_table_goes_down_only() {
    hold(&edges_go_down(ROOMS));
    for (low, high) in [("store", "audit"), ("audit", "auth"), ("auth", "actions"), ("actions", "relay")] {
        assert!(of(low).unwrap().floor < of(high).unwrap().floor, "{low} lies below {high}");
    }
    objects(&edges_go_down(&[room("audit", (21, 0), &["node"])]), "audit imports node");
    objects(&edges_go_down(&[room("store", (20, 0), &["net", "auth"])]), "store imports auth");
}

#[test]
fn features_meet_in_the_wiring_only() {
    hold(&features_are_named_by_the_wiring_only(&source::gateway()));
}

#[test]
fn a_forbidden_import_is_found_in_every_form() {
    let forms = [
        "use crate::relay::sessions;",
        "use crate::{clock::Clock, relay as gone};",
        "fn f() { crate::relay::kick(); }",
        "fn f() { println!(\"{}\", crate::relay::count()); }",
        "macro_rules! m { () => { $crate::relay::kick() } }",
        "use super::super::relay::sessions;",
        "mod deep { fn f() { super::super::super::relay::kick(); } }",
        "fn f(x: Option<crate::relay::Session>) {}",
        "impl crate::relay::Session {}",
        "#[cfg_attr(x, derive(crate::relay::Kick))] struct S;",
        "pub use crate::relay::*;",
    ];
    for form in forms {
        let source = imagine("src/http/web.rs", form);
        objects(&imports_are_allowed(&source), "http may not import relay");
        objects(&features_are_named_by_the_wiring_only(&source), "relay is named only in");
    }
    hold(&imports_are_allowed(&imagine("src/http/web.rs", "use crate::{clock::Clock, actions};")));
    hold(&features_are_named_by_the_wiring_only(&imagine("src/cli/demo.rs", "use crate::relay::x;")));
    objects(
        &features_are_named_by_the_wiring_only(&imagine("src/cli/token.rs", "use crate::http::x;")),
        "http",
    );
}

#[test]
fn an_unknown_room_is_found_from_both_sides() {
    objects(&imports_are_allowed(&imagine("src/weather/mod.rs", "")), "the room weather is not in the table");
    objects(
        &imports_are_allowed(&imagine("src/app.rs", "use crate::weather::map;")),
        "may not import weather",
    );
    objects(
        &imports_are_allowed(&imagine("src/main.rs", "use postern::store::Store;")),
        "main may not import",
    );
    let lib: String = ROOMS.iter().skip(1).map(|room| format!("mod {};", room.name)).collect();
    objects(&every_room_exists(&imagine("src/lib.rs", &lib)), "declares no room clock");
}
