//! Google's own clients take the stand-in's calendar for Google's, and every answer fits
//! Google's description of the API.

use postern_sandbox::{CalendarFault, CalendarTrouble, Options, Sandbox};
use tokio::process::Command;

use crate::support::program::{file, part, run};

const ANNA: &str = "anna@example.com";
const BEN: &str = "ben@example.com";
const SCOPE: &str = "https://www.googleapis.com/auth/calendar";

async fn check(program: &str, script: &str) {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let google = sandbox.google();
    for user in [ANNA, BEN] {
        google.add_user(user);
    }
    for calendar in ["team", "stale"] {
        google.add_calendar(ANNA, calendar, calendar, "Europe/London");
    }
    let stale = CalendarTrouble::full_sync_required();
    google.calendar_faults().always(CalendarFault::on("GET", "calendars/stale/events", stale));
    let mut client = Command::new(part(program));
    client
        .arg(file("clients").join(script))
        .env("PYTHONPATH", part("PYTHON_PACKAGES"))
        .env("BASE", sandbox.calendar_url())
        .env("TOKEN", google.issue_access_token_for(ANNA, &[SCOPE]).unwrap())
        .envs([("ADDRESS", ANNA), ("GUEST", BEN), ("OTHER", "team"), ("STALE", "stale")]);
    let told = run(client).await;
    assert!(told.ok && told.out.trim_end().ends_with("ok"), "{told:?}");
    assert!(google.calendar_counters().writes > 0);
    assert_eq!(google.calendar_counters().guest_mails, 0);
}

#[tokio::test]
async fn googles_client_for_python() {
    check("PYTHON", "google_calendar.py").await;
}

#[tokio::test]
async fn googles_client_for_node() {
    check("NODE", "google_calendar.js").await;
}
