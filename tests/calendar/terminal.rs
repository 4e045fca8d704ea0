//! `postern sync run calendar` on the terminal: how far it is, with a node and
//! without one.

use std::time::Duration;

use postern::store::sync::calendars;
use postern_sandbox::CrmTrouble;

use super::world::World;
use crate::support::gateway::{Setup, configuration};
use crate::support::process::{Process, postern, with_ports};

const SLOWLY: Duration = Duration::from_millis(1_300);

impl World {
    fn text(&self) -> String {
        let more = format!("[crm]\nurl = \"{}\"\napi_key = \"{}\"\n", self.crm.url(), self.crm.key());
        let setup = Setup { more, idle: true, ..Setup::default() };
        configuration(&self.gateway.sandbox, &self.gateway.dir, &setup)
    }

    /// What the command prints: data, and words beside it.
    pub(super) async fn command(&self, args: &[&str]) -> (String, String) {
        let config = self.gateway.dir.path().join("postern.toml");
        if !config.exists() {
            std::fs::write(&config, with_ports(&self.text()).0).unwrap();
        }
        let output = postern(&config).args(args).output().await.unwrap();
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{args:?}: {out}{err}");
        (out, err)
    }

    /// Three events of Google, each of which the CRM takes a while to take over.
    fn slow_events(&self, day: u8) {
        for hour in 10..13 {
            let at = |minute| format!("2037-03-{day:02}T{hour}:{minute:02}:00Z");
            self.event(&format!("Plan {hour}"), &at(0), &at(30));
            self.crm.faults().next(CrmTrouble::Delay(SLOWLY).at("POST", "Meeting"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn how_far_the_runs_are_is_shown_with_a_node_and_without() {
    let world = World::new().await;
    let (_, calendar) = world.anna().await;
    world.slow_events(10);
    let (_, told) = world.command(&["sync", "run", "calendar"]).await;
    for words in [" of 3; seen 3", "Main: ok; seen 3, made 3, changed 0", "1 calendars were run."] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let (told, _) = world.command(&["sync", "status"]).await;
    assert!(told.contains("Google: 1 of 1000000 requests of the day that ends"), "{told}");

    let config = world.gateway.dir.path().join("postern.toml");
    let process = Process::start(&world.text(), &config).await;
    let store = &world.gateway.parts.store;
    for (day, more, words) in [(11, None, "1 calendars were run."), (12, Some("--no-wait"), "are due now")] {
        let later = store.clock().now() + 3_600_000_000;
        let mut batch = store.batch().await.unwrap();
        calendars::begin(&mut batch, calendar, later).await.unwrap();
        batch.commit().await.unwrap();
        world.slow_events(day);
        let args = ["sync", "run", "calendar"].into_iter().chain(more).collect::<Vec<_>>();
        let (_, told) = world.command(&args).await;
        assert!(told.contains("1 calendars are due now") && told.contains(words), "{told}");
        assert_eq!(told.contains(" of 3; seen 3"), more.is_none(), "{told}");
    }
    drop(process);
}
