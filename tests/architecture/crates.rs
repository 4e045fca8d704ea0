//! Third-party crates: each has one room, and each new one meets a question.

use super::source::{self, Source, Target};
use super::{hold, imagine, objects};

/// Crates that live in one place, by their name in code. `core` is the pure
/// crate, which the gateway's own files are not part of.
const ONE_ROOM: &[(&str, &[&str])] = &[
    ("anyhow", &["app", "cli/", "lifecycle", "main"]),
    ("argon2", &["auth/password"]),
    ("askama", &["http/"]),
    ("async_imap", &["cli/demo", "google/mailbox", "actions/import"]),
    ("aws_lc_rs", &["auth/", "crm/", "dice", "google/", "seal/"]),
    ("axum", &["http/"]),
    ("clap", &["cli/"]),
    ("http_body_util", &["net/"]),
    ("hyper", &["http/", "net/http"]),
    ("hyper_util", &["http/", "net/http"]),
    ("jsonwebtoken", &["google/"]),
    ("lettre", &["cli/demo", "google/mailbox", "notices/"]),
    ("mail_parser", &["core/"]),
    ("oauth2", &["google/"]),
    ("postern_sandbox", &["cli/demo"]),
    ("prometheus_client", &["metrics"]),
    ("qrcode", &["http/web"]),
    ("rcgen", &["net/"]),
    ("rustix", &["app/descriptors", "clock", "doctor/", "main", "node/heartbeat"]),
    ("rustls", &["net/"]),
    ("rustls_native_certs", &["net/"]),
    ("socket2", &["net/"]),
    ("sqlx", &["store/"]),
    ("tokio_rustls", &["net/"]),
    ("toml", &["config/"]),
    ("tower", &["http/", "net/http"]),
    ("tracing_subscriber", &["telemetry"]),
];

/// Crates of values and of the ground everything stands on.
const EVERYWHERE: &[&str] = &[
    "base64",
    "bytes",
    "futures_util",
    "jiff",
    "postern_core",
    "serde",
    "serde_json",
    "thiserror",
    "tokio",
    "tokio_util",
    "tracing",
    "url",
    "uuid",
    "zeroize",
];

/// The pure core stays pure because it can reach nothing else.
const CORE: &[&str] = &[
    "base64",
    "jiff",
    "mail-parser",
    "phonenumber",
    "serde",
    "serde_json",
    "sha2",
    "thiserror",
    "uuid",
    "zeroize",
];

// Names as written and, where a crate was renamed, its own.
fn dependencies(manifest: &str, kinds: &[&str]) -> Vec<String> {
    let manifest: toml::Table = manifest.parse().unwrap();
    let targets = manifest.get("target").and_then(toml::Value::as_table).into_iter();
    let tables = targets.flat_map(toml::Table::values).filter_map(toml::Value::as_table).chain([&manifest]);
    tables
        .flat_map(|table| kinds.iter().filter_map(|kind| table.get(*kind)?.as_table()))
        .flatten()
        .flat_map(|(name, how)| [Some(name.as_str()), how.get("package").and_then(toml::Value::as_str)])
        .flatten()
        .map(str::to_owned)
        .collect()
}

fn crates_stay_in_their_room(sources: &[Source]) -> Vec<String> {
    let mut out = Vec::new();
    for source in sources {
        for mention in &source.facts.mentions {
            let Target::Name(name) = source::target(&mention.module, &mention.path) else {
                continue;
            };
            if let Some((_, places)) = ONE_ROOM.iter().find(|(krate, _)| *krate == name)
                && !source.within(places)
            {
                out.push(format!(
                    "{}:{}: {name} lives in {places:?}; ask that room for what you need",
                    source.place, mention.line
                ));
            }
        }
    }
    out
}

fn every_crate_has_a_place(names: &[String]) -> Vec<String> {
    names
        .iter()
        .map(|name| name.replace('-', "_"))
        .filter(|name| {
            !EVERYWHERE.contains(&name.as_str()) && !ONE_ROOM.iter().any(|(krate, _)| krate == name)
        })
        .map(|name| format!("Cargo.toml: {name} has no room; enter it in tests/architecture/crates.rs"))
        .collect()
}

fn core_depends_on_the_list(manifest: &str) -> Vec<String> {
    let names = dependencies(manifest, &["dependencies", "build-dependencies"]);
    let added = names.iter().filter(|name| !CORE.contains(&name.as_str())).map(|name| {
        format!("src/core/Cargo.toml: {name} is new; the core is pure: no runtime, store, log, clock or dice")
    });
    let gone = CORE.iter().filter(|name| !names.iter().any(|n| n == *name)).map(|name| {
        format!("src/core/Cargo.toml: {name} is gone; take it out of tests/architecture/crates.rs")
    });
    added.chain(gone).collect()
}

fn sandbox_is_independent(manifest: &str) -> Vec<String> {
    dependencies(manifest, &["dependencies", "dev-dependencies", "build-dependencies"])
        .iter()
        .filter(|name| matches!(name.as_str(), "postern" | "postern-core"))
        .map(|name| {
            format!(
                "tests/sandbox/Cargo.toml: {name}: a stand-in that shares our code proves nothing; write it anew"
            )
        })
        .collect()
}

#[test]
fn third_party_crates_have_one_room() {
    hold(&crates_stay_in_their_room(&source::gateway()));
    hold(&every_crate_has_a_place(&dependencies(&source::text("Cargo.toml"), &["dependencies"])));
}

#[test]
fn the_core_stays_pure() {
    hold(&core_depends_on_the_list(&source::text("src/core/Cargo.toml")));
}

#[test]
fn the_sandbox_shares_nothing_with_the_gateway() {
    hold(&sandbox_is_independent(&source::text("tests/sandbox/Cargo.toml")));
}

#[test]
fn a_crate_in_the_wrong_room_is_found() {
    for form in [
        "use sqlx::Row;",
        "use sqlx;",
        "use ::sqlx as db;",
        "extern crate sqlx;",
        "fn f() { sqlx::query(\"\"); }",
        "#[derive(sqlx::FromRow)] struct R;",
        "fn f() { g!(sqlx::query(a)); }",
    ] {
        objects(&crates_stay_in_their_room(&imagine("src/node/sweep.rs", form)), "sqlx lives in");
        hold(&crates_stay_in_their_room(&imagine("src/store/act.rs", form)));
    }
    hold(&crates_stay_in_their_room(&imagine("src/cli/demo/mail.rs", "use lettre::Message;")));
    objects(
        &crates_stay_in_their_room(&imagine("src/cli/token.rs", "use lettre::Message;")),
        "lettre lives in",
    );
    // A variable may have the name of a crate.
    hold(&crates_stay_in_their_room(&imagine("src/node/sweep.rs", "fn f(toml: u8) -> u8 { toml }")));
}

#[test]
fn a_dependency_without_a_place_is_found() {
    objects(&every_crate_has_a_place(&["left-pad".to_owned(), "serde".to_owned()]), "left_pad has no room");
    let core = |extra: &str| {
        let listed: String = CORE.iter().map(|name| format!("{name} = \"1\"\n")).collect();
        core_depends_on_the_list(&format!("[dependencies]\n{listed}{extra}"))
    };
    hold(&core(""));
    objects(&core("tokio = \"1\""), "tokio is new");
    objects(&core("[target.'cfg(unix)'.dependencies]\nlibc = \"1\""), "libc is new");
    assert_eq!(core_depends_on_the_list("").len(), CORE.len());
    for hidden in ["postern = { path = \"../..\" }", "gate = { package = \"postern\", path = \"../..\" }"] {
        let manifest = format!("[target.'cfg(unix)'.dev-dependencies]\n{hidden}");
        objects(&sandbox_is_independent(&manifest), "postern:");
    }
}
