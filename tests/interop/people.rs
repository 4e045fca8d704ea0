//! Google's own clients take the stand-in's contacts for Google's, and every answer fits Google's
//! description of the API.

use postern_sandbox::{ContactsFault, ContactsRefusal, Options, Sandbox};
use tokio::process::Command;

use crate::support::program::{file, part, run};

const ANNA: &str = "anna@example.com";
const BEN: &str = "ben@example.com";
const SCOPE: &str = "https://www.googleapis.com/auth/contacts";

async fn check(program: &str, script: &str) {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let google = sandbox.google();
    for user in [ANNA, BEN] {
        google.add_user(user);
    }
    let expired = ContactsRefusal::expired_sync_token();
    google.contacts_faults().always_for(BEN, ContactsFault::on("GET", "connections", expired.into()));
    let token = |user: &str| google.issue_access_token_for(user, &[SCOPE]).unwrap();
    let mut client = Command::new(part(program));
    client
        .arg(file("clients").join(script))
        .env("PYTHONPATH", part("PYTHON_PACKAGES"))
        .env("BASE", sandbox.contacts_url())
        .envs([("TOKEN", token(ANNA)), ("STALE_TOKEN", token(BEN))]);
    let told = run(client).await;
    assert!(told.ok && told.out.trim_end().ends_with("ok"), "{told:?}");
    assert!(google.contacts_counters().writes[ANNA] > 0);
}

#[tokio::test]
async fn googles_client_for_python() {
    check("PYTHON", "google_people.py").await;
}

#[tokio::test]
async fn googles_client_for_node() {
    check("NODE", "google_people.js").await;
}
