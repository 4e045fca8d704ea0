//! What is assumed about Google is tried on a calendar that is there for that, and on
//! no other one.

use postern::app;
use postern_core::model::address::Address;
use postern_core::model::finding::{Finding, Severity};
use postern_sandbox::{CalendarFault, CalendarTrouble};

use super::world::{ANNA, World};

const THROWN: &str = "thrown-away@group.calendar.google.com";

async fn tried(world: &World, calendar: &str) -> Vec<Finding> {
    let anna = Address::parse(ANNA).unwrap();
    app::assumed(&world.gateway.parts, &anna, calendar).await.unwrap()
}

fn of(findings: &[Finding], severity: Severity) -> Vec<&'static str> {
    findings.iter().filter(|finding| finding.severity == severity).map(|finding| finding.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_assumption_is_tried_and_nothing_is_left() {
    let world = World::new().await;
    world.anna().await;
    world.google().add_calendar(ANNA, THROWN, "Thrown away", "Europe/Prague");
    for _ in 0..2 {
        let findings = tried(&world, THROWN).await;
        assert!(of(&findings, Severity::Fault).is_empty(), "{findings:#?}");
        assert!(of(&findings, Severity::Warning).is_empty(), "{findings:#?}");
        assert_eq!(of(&findings, Severity::Note), ["assumed.stray"]);
        assert_eq!(of(&findings, Severity::Ok).len(), 7);
        assert!(world.google().live_events(THROWN).is_empty());
    }
    assert_eq!(world.google().calendar_counters().guest_mails, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_hold_is_told() {
    let world = World::new().await;
    world.anna().await;
    world.google().add_calendar(ANNA, THROWN, "Thrown away", "Europe/Prague");
    let done = CalendarTrouble::Answer { status: 204, headers: Vec::new(), body: String::new() };
    world.google().calendar_faults().next(CalendarFault::on("DELETE", "/events", done));
    assert_eq!(of(&tried(&world, THROWN).await, Severity::Warning), ["assumed.versions"]);
    let fault = CalendarFault::on("PUT", "/events", CalendarTrouble::server_error(503));
    world.google().calendar_faults().next(fault);
    assert_eq!(of(&tried(&world, THROWN).await, Severity::Fault), ["assumed.versions"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_that_somebody_uses_is_not_touched() {
    let world = World::new().await;
    world.anna().await;
    world.google().add_calendar(ANNA, THROWN, "Not empty", "Europe/Prague");
    let event = serde_json::json!({ "summary": "Mine", "start": { "date": "2037-03-02" }, "end": { "date": "2037-03-03" } });
    world.google().put_event(ANNA, THROWN, event).unwrap();
    for calendar in [ANNA, THROWN, "nobody@group.calendar.google.com"] {
        let before = world.writes();
        let findings = tried(&world, calendar).await;
        assert_eq!(of(&findings, Severity::Fault), ["assumed.calendar"], "{calendar}");
        assert_eq!((findings.len(), world.writes()), (1, before));
    }
}
