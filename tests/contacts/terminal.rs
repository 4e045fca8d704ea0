//! `postern contacts push`, and address books in `postern sync`, on the terminal: with a node and
//! without one.

use postern::store::contacts::books;
use postern::store::sync::runs;
use serde_json::Value;

use super::world::{ANNA, World};
use crate::support::gateway::{Setup, configuration};
use crate::support::process::{Process, postern, with_ports};

impl World {
    fn text(&self) -> String {
        let more = format!("[crm]\nurl = \"{}\"\napi_key = \"{}\"\n", self.crm.url(), self.crm.key());
        let setup = Setup { more, idle: true, ..Setup::default() };
        configuration(&self.gateway.sandbox, &self.gateway.dir, &setup)
    }

    /// What the command prints: data, words beside it, and whether it went well.
    async fn typed(&self, args: &[&str]) -> (String, String, bool) {
        let config = self.gateway.dir.path().join("postern.toml");
        if !config.exists() {
            std::fs::write(&config, with_ports(&self.text()).0).unwrap();
        }
        let output = postern(&config).args(args).output().await.unwrap();
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        (text(&output.stdout), text(&output.stderr), output.status.success())
    }

    async fn went_well(&self, args: &[&str]) -> (String, String) {
        let (out, err, well) = self.typed(args).await;
        assert!(well, "{args:?}: {out}{err}");
        (out, err)
    }
}

fn push<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["contacts", "push", ANNA, "--entity", "Contact"], more].concat()
}

fn words(json: &str) -> Vec<Value> {
    let told: Value = serde_json::from_str(json).unwrap();
    told["records"].as_array().unwrap().iter().map(|record| record["word"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_pushed_and_books_are_run_from_the_terminal() {
    let world = World::new().await;
    let anna = world.anna().await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    let tom = world.contact(("Tom", "Wood"), "tom@outside.test");

    // Nobody serves: the command does it.
    let (out, err) = world.went_well(&push(&[&eva])).await;
    assert!(out.contains("made") && out.contains("1 of 1 record"), "{out}{err}");
    assert!(err.contains("is taken up.") && err.contains("1 of 1"), "{err}");
    assert_eq!(world.google().people(ANNA).len(), 1);
    let (out, _) = world.went_well(&push(&[&eva, "000000000000a404a", "--json"])).await;
    assert_eq!(words(&out), ["already", "no-access"]);
    let (_, err, well) = world.typed(&push(&["no/id"])).await;
    assert!(!well && err.contains("this is no record of the CRM: no/id"), "{err}");
    let (_, err) = world.went_well(&["sync", "run", "contacts", "--account", ANNA]).await;
    assert!(err.contains("1 address books were run."), "{err}");

    let (out, _) = world.went_well(&["sync", "status"]).await;
    let row = out.lines().find(|line| line.starts_with(ANNA)).unwrap();
    let cells: Vec<_> = row.split_whitespace().collect();
    assert_eq!(
        (&cells[1..3], &cells[cells.len() - 3..]),
        (&["CRM", "ok"][..], &["1", "0", "0"][..]),
        "{out}"
    );
    let (out, _) = world.went_well(&["sync", "status", "--json"]).await;
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&told[0]["kind"], &told[0]["group"]), (&"contacts".into(), &"CRM".into()), "{told}");

    let mut read = world.store.read().await.unwrap();
    let book = books::of(&world.store, &mut read, anna.account).await.unwrap().unwrap().id;
    let made =
        runs::last(&mut read, book, 50).await.unwrap().into_iter().find(|run| run.made > 0).unwrap().id;
    drop(read);
    let before = world.people(&anna).len();
    let (_, err) = world.went_well(&["sync", "undo", &made.to_string(), "--dry-run"]).await;
    assert!(err.contains("google  remove") && !err.contains("taken back"), "{err}");
    let (_, err) = world.went_well(&["sync", "undo", &made.to_string()]).await;
    assert!(err.contains("1 changes are taken back by the next run of the mailbox's contacts."), "{err}");
    assert_eq!(world.people(&anna).len(), before - 1);
    let (_, err) = world.went_well(&["sync", "remove-all", ANNA]).await;
    assert!(err.contains("Of calendars, nothing was made."), "{err}");
    assert!(err.contains("Of contacts, nothing was made."), "{err}");

    // A node serves: it does it, and is waited for, or not.
    let config = world.gateway.dir.path().join("postern.toml");
    let process = Process::start(&world.text(), &config).await;
    let (out, _) = world.went_well(&push(&[&tom, "--json"])).await;
    assert_eq!(words(&out), ["made"]);
    let (out, _) = world.went_well(&push(&[&tom, "--json", "--no-wait"])).await;
    assert!(words(&out) == [Value::Null] || words(&out) == ["already"], "{out}");
    let (_, err) = world.went_well(&["sync", "run", "contacts", "--no-wait"]).await;
    assert!(err.contains("address books are due now; a node runs them within seconds."), "{err}");
    drop(process);
}
