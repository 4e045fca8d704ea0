//! The page about settings of the running gateway.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use postern_core::model::role::Role;

use super::admin::{Desk, PASSWORD};
use super::{CONFIGURATION, House, Told};
use crate::auth::visit::FRESH;
use crate::config::Config;
use crate::node::settings::Tuning;

const PAGE: &str = "/admin/settings";
const SESSIONS: &str = "limits.account_sessions";

async fn set(desk: &Desk<'_>, name: &str, version: &str, value: &str) -> Told {
    desk.post(PAGE, &[("name", name), ("version", version), ("value", value)]).await
}

/// What the page says of one setting.
fn part<'t>(page: &'t str, name: &str) -> &'t str {
    let id = name.replace(['.', '_'], "-");
    let from = page.split(&format!("id=\"{id}\"")).nth(1).unwrap_or_else(|| panic!("{name} in {page}"));
    from.split("class=\"box setting\"").next().unwrap()
}

#[tokio::test]
async fn a_change_holds_for_whoever_follows_and_is_a_row_with_old_and_new() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    let tuning = Tuning::new(Config::from_str(CONFIGURATION, &BTreeMap::new()).unwrap());
    let (limits, notices) = (tuning.limits(), tuning.notices());
    assert!(
        part(&jan.get(PAGE).await.text, SESSIONS).contains("<b>10</b> <span class=\"quiet\">the default<")
    );
    let told = set(&jan, SESSIONS, "0", "7").await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert!(told.text.contains("Saved;"));
    let said = part(&told.text, SESSIONS).to_owned();
    for words in ["<b>7</b>", "set here; last changed by admin:jan", "name=\"version\" value=\"1\""] {
        assert!(said.contains(words), "{words}: {said}");
    }
    set(&jan, "notices.to", "0", "It@acme.cz, eva@acme.cz").await;
    tuning.take(house.stage.store()).await.unwrap();
    assert_eq!((limits.now().account_sessions, limits.now().message_size), (7, 1_000_000));
    assert_eq!(notices.now().to.len(), 2);
    let default = [("name", SESSIONS), ("version", "1"), ("value", "3"), ("default", "yes")];
    assert_eq!(jan.post(PAGE, &default).await.status, StatusCode::OK);
    tuning.take(house.stage.store()).await.unwrap();
    assert_eq!(limits.now().account_sessions, 10);
    let journal = jan.get("/admin/journal?event=setting_changed").await.text;
    for words in ["from: 10", "to: 7", "from: 7", "limits.account_sessions", "to: 2"] {
        assert!(journal.contains(words), "{words}: {journal}");
    }
    let events = house.stage.events().await;
    assert_eq!(events.iter().filter(|event| *event == "notices_to_added").count(), 2, "{events:?}");
}

#[tokio::test]
async fn who_saw_an_older_version_gets_409_and_sees_who_was_faster() {
    let house = House::build().await;
    let (jan, eva) = (house.signed_in("jan", Role::Admin).await, house.signed_in("eva", Role::Admin).await);
    for (version, first, second) in [("0", "7", "8"), ("1", "6", "9")] {
        assert_eq!(set(&jan, SESSIONS, version, first).await.status, StatusCode::OK);
        let before = house.stage.events().await.len();
        let told = set(&eva, SESSIONS, version, second).await;
        assert_eq!(told.status, StatusCode::CONFLICT);
        let said = part(&told.text, SESSIONS);
        for words in [
            "admin:jan",
            &format!("<dd>{first}</dd>"),
            &format!("<dd>{second}</dd>"),
            &format!("name=\"value\" value=\"{second}\""),
            "2026-11-22 00:00:00 UTC",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
        assert_eq!(house.stage.events().await.len(), before, "nothing has changed");
    }
    // Knowing that, it is theirs to decide.
    let told = set(&eva, SESSIONS, "2", "9").await;
    assert_eq!(told.status, StatusCode::OK);
    assert!(part(&told.text, SESSIONS).contains("<b>9</b>"));
}

#[tokio::test]
async fn what_the_file_sets_is_locked_with_its_place() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    let page = jan.get(PAGE).await.text;
    let said = part(&page, "limits.message_size");
    assert!(said.contains("set in configuration, line 2") && !said.contains("<form"), "{said}");
    let told = set(&jan, "limits.message_size", "0", "70000").await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(part(&told.text, "limits.message_size").contains("locked here: set in configuration, line 2."));
    for (name, status) in [("limits.dial", 404), ("google.proxy", 404), ("secrets.key_file", 404), ("", 404)]
    {
        assert_eq!(set(&jan, name, "0", "1s").await.status.as_u16(), status, "{name}");
    }
    assert_eq!(set(&jan, SESSIONS, "x", "1").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_told_beside_its_field_in_both_languages() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    for (name, value, why) in [
        (SESSIONS, "0", "This value does not fit. A number from 1 to 100000."),
        (SESSIONS, "many", "This value does not fit. A number from 1 to 100000."),
        (
            "audit.retention",
            "1h",
            "This value does not fit. A number and a unit: 500ms, 10s, 5m, 12h or 7d; from 1d to 36500d.",
        ),
        ("notices.to", "nobody", "This value does not fit. E-mail addresses"),
        ("notices.owners", "false", "Nobody would be told"),
        ("limits.imap_idle", "<b>", "This value does not fit."),
    ] {
        let told = set(&jan, name, "0", value).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} = {value}");
        let said = part(&told.text, name);
        assert!(said.contains(why) && said.contains("role=\"alert\""), "{name} = {value}: {said}");
        assert!(!told.text.contains("value=\"<b>\""));
    }
    assert_eq!(set(&jan, "notices.to", "0", "it@acme.cz").await.status, StatusCode::OK);
    assert_eq!(set(&jan, "notices.owners", "0", "false").await.status, StatusCode::OK);
    let told = set(&jan, "notices.to", "1", "").await;
    assert!(
        part(&told.text, "notices.to").contains("Nobody would be told"),
        "also when another one needs it"
    );
    jan.post("/admin/me/taste", &[("lang", "cs"), ("zone", "")]).await;
    let told = set(&jan, SESSIONS, "0", "0").await;
    assert!(part(&told.text, SESSIONS).contains("Tato hodnota nevyhovuje. Číslo od 1 do 100000."));
}

#[tokio::test]
async fn others_look_and_a_change_wants_the_password_after_a_while() {
    let house = House::build().await;
    let otto = house.signed_in("otto", Role::Auditor).await;
    let page = otto.get(PAGE).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("name=\"version\"") && page.text.contains("Only an admin changes settings."));
    assert_eq!(set(&otto, SESSIONS, "0", "5").await.status, StatusCode::FORBIDDEN);
    let jan = house.signed_in("jan", Role::Admin).await;
    house.stage.clock.advance(FRESH);
    assert_eq!(set(&jan, SESSIONS, "0", "5").await.status, StatusCode::FORBIDDEN);
    let fields = [("name", SESSIONS), ("version", "0"), ("value", "5"), ("password", PASSWORD)];
    assert_eq!(jan.post(PAGE, &fields).await.status, StatusCode::OK);
}
