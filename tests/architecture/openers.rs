//! Who may open an act or a batch, and who may spawn.

use super::facts::Named;
use super::source::{self, Source};
use super::{hold, imagine, objects};

/// What changes accounts, grants, tokens or clients is a use case; besides,
/// the broker acts on what the token endpoint says.
const ACTS: &[&str] = &["actions/", "auth/", "google/broker"];

/// Writes without an audit row of their own: counters, caches, retention.
const BATCHES: &[&str] =
    &["actions/", "audit/", "auth/", "google/broker", "node/", "notices/", "relay/", "store/", "sync/"];

const SPAWNS: &[&str] = &["tasks"];
const SPAWNERS: &[&str] = &["JoinSet", "LocalSet", "TaskTracker", "spawn_blocking", "spawn_local"];

// Rows that a unit test needs stand there without a use case.
fn of_tests(call: &Named) -> bool {
    call.module.iter().any(|step| step == "tests")
}

fn called_only_in(sources: &[Source], method: &str, places: &[&str], remedy: &str) -> Vec<String> {
    sources
        .iter()
        .filter(|source| !source.within(places))
        .flat_map(|source| source.facts.calls.iter().map(move |call| (source, call)))
        .filter(|(_, call)| call.name == method && !of_tests(call))
        .map(|(source, call)| {
            format!("{}:{}: .{method}( is called in {places:?} only; {remedy}", source.place, call.line)
        })
        .collect()
}

fn acts_are_use_cases(sources: &[Source]) -> Vec<String> {
    called_only_in(sources, "act", ACTS, "write a use case in actions/ and call that")
}

fn batches_are_listed(sources: &[Source]) -> Vec<String> {
    let remedy = "if it changes accounts, grants, tokens or clients, it is an act; else list the place in \
                  tests/architecture/openers.rs";
    called_only_in(sources, "batch", BATCHES, remedy)
}

fn tasks_alone_spawns(sources: &[Source]) -> Vec<String> {
    let spawns = |path: &[String]| {
        let free = matches!(path, [.., from, what] if what == "spawn"
            && matches!(from.as_str(), "tokio" | "task" | "thread"));
        free || path.iter().any(|step| SPAWNERS.contains(&step.as_str()))
    };
    let mut out = Vec::new();
    for source in sources.iter().filter(|source| !source.within(SPAWNS)) {
        let paths = source.facts.mentions.iter().filter(|m| spawns(&m.path)).map(|m| m.line);
        let calls =
            source.facts.calls.iter().filter(|c| SPAWNERS.contains(&c.name.as_str())).map(|call| call.line);
        out.extend(paths.chain(calls).map(|line| {
            format!("{}:{line}: every task belongs to a shutdown phase; use tasks::Tasks", source.place)
        }));
    }
    out
}

#[test]
fn acts_are_opened_by_use_cases_only() {
    hold(&acts_are_use_cases(&source::gateway()));
}

#[test]
fn batches_are_opened_where_listed() {
    hold(&batches_are_listed(&source::gateway()));
}

#[test]
fn only_tasks_spawns() {
    hold(&tasks_alone_spawns(&source::gateway()));
}

#[test]
fn an_act_in_the_wrong_place_is_found() {
    let text = "async fn f(s: &Store) { s.act(&actor, \"r\").await; }";
    objects(&acts_are_use_cases(&imagine("src/http/web.rs", text)), ".act( is called in");
    objects(&acts_are_use_cases(&imagine("src/google/oauth.rs", text)), ".act( is called in");
    objects(&acts_are_use_cases(&imagine("src/http/web.rs", "fn f() { t!(s.act(a).await); }")), ".act(");
    hold(&acts_are_use_cases(&imagine("src/actions/account.rs", text)));
    hold(&acts_are_use_cases(&imagine("src/google/broker/refresh.rs", text)));
    hold(&acts_are_use_cases(&imagine("src/http/web.rs", &format!("mod tests {{ {text} }}"))));
    objects(
        &batches_are_listed(&imagine("src/http/web.rs", "fn f() { s.batch(); }")),
        ".batch( is called in",
    );
}

#[test]
fn a_spawn_in_the_wrong_place_is_found() {
    for form in [
        "fn f() { tokio::spawn(x); }",
        "use tokio::spawn;",
        "use tokio::task::JoinSet;",
        "use tokio::{net::TcpStream, task::spawn_blocking};",
        "fn f() { task::spawn(x); }",
        "fn f() { std::thread::spawn(x); }",
        "fn f() { handle.spawn_blocking(x); }",
        "fn f() { m!(tokio::spawn(x)); }",
    ] {
        objects(&tasks_alone_spawns(&imagine("src/net/listen.rs", form)), "use tasks::Tasks");
        hold(&tasks_alone_spawns(&imagine("src/tasks.rs", form)));
    }
    hold(&tasks_alone_spawns(&imagine("src/net/listen.rs", "fn f() { tasks.spawn(Phase::Work, x); }")));
}
