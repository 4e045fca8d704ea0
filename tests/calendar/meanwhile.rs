//! What one does while another is at it: a run that waits for an answer, and the reading of the CRM
//! that serves all runs.

use std::time::Duration;

use postern_sandbox::{CalendarFault, CalendarTrouble};
use serde_json::json;

use super::world::{ANNA_ID, World};

const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");
/// Long enough that the CRM is read meanwhile, on a busy machine too.
const LATE: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_is_read_while_google_refuses_the_one_before_is_planned_for() {
    let world = World::new().await;
    world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    world.rest().await;
    let name =
        |name: &str| world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "name": name })).unwrap();
    name("Refused");
    let body = json!({ "error": { "code": 400, "message": "Invalid", "errors": [
        { "domain": "global", "reason": "invalid", "message": "Invalid" }] } });
    let refusal = CalendarTrouble::AnswerLate(LATE, 400, body.to_string());
    let faults = world.google().calendar_faults();
    faults.next(CalendarFault::on("PUT", "/events", refusal));
    let meanwhile = async {
        while faults.pending() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        name("Wanted");
        let mut raw = world.raw().await;
        let read_at = "SELECT max(seen_at) FROM crm_seen";
        let before = raw.number(read_at).await;
        let read = async {
            while raw.number(read_at).await == before {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            () = read => {}
            drained = world.sync.drain() => panic!("the run has not ended: {drained:?}"),
        }
    };
    tokio::join!(world.run(), meanwhile);
    world.rest().await;
    assert_eq!(world.only_event()["summary"], "Wanted");
}
