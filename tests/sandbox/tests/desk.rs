//! The page with both sides.

use std::sync::Arc;

use postern_sandbox::{Crm, Desk};

use crate::client::{ANNA, Outcome, get, post, sandbox};

const USER: &str = "0000000000000a22a";

#[tokio::test]
async fn both_sides_are_shown_and_edited_by_hand() -> Outcome {
    let sandbox = sandbox().await?;
    let crm = Arc::new(Crm::start().await?);
    crm.add_person(USER, ("Anna", "Nova"), &[ANNA]);
    let google = Arc::clone(sandbox.google());
    let desk = Desk::start("127.0.0.1:0".parse()?, google, Arc::clone(&crm), ANNA, USER).await?;
    for (side, title) in [("google", "<b>Lunch"), ("crm", "Kickoff")] {
        let wish = [
            ("side", side),
            ("act", "save"),
            ("title", title),
            ("start", "2037-03-02T10:00"),
            ("minutes", "45"),
        ];
        assert_eq!(post(desk.url(), &wish).await?.status, 303);
    }
    let page = get(desk.url()).await?.body;
    assert!(page.contains("&lt;b&gt;Lunch") && page.contains("Kickoff") && !page.contains("<b>Lunch"));
    let meeting = crm.records("Meeting").remove(0);
    assert_eq!(meeting["dateEnd"], "2037-03-02 10:45:00");
    let id = meeting["id"].as_str().unwrap_or_default().to_owned();
    assert_eq!(post(desk.url(), &[("side", "crm"), ("act", "delete"), ("id", &id)]).await?.status, 303);
    assert!(crm.records("Meeting").is_empty());
    let wrong = [("side", "google"), ("act", "save"), ("title", "x"), ("start", "never")];
    assert_eq!(post(desk.url(), &wrong).await?.status, 422);
    Ok(())
}
