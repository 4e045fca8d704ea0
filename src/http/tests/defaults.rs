//! What an admin chooses for everybody's calendars.

use axum::http::StatusCode;
use postern_core::model::key_scope::KeyScope;
use postern_core::model::role::Role;
use postern_core::plan::policy::{Direction, Winner};
use serde_json::json;

use super::admin::Desk;
use super::api::domain;
use super::calendar::UNTOUCHED;
use super::{House, Told};

const PAGE: &str = "/admin/google/calendars";

/// Sends the form with these fields over the untouched ones.
async fn set(desk: &Desk<'_>, version: &str, fields: &[(&str, &str)]) -> Told {
    let untouched = UNTOUCHED.iter().filter(|(name, _)| !fields.iter().any(|(other, _)| other == name));
    let mut all: Vec<_> = untouched.copied().collect();
    all.extend(fields);
    all.retain(|(_, value)| *value != "-");
    all.push(("version", version));
    desk.post(PAGE, &all).await
}

#[tokio::test]
async fn the_defaults_hold_for_who_has_not_chosen_and_a_lock_for_everybody() {
    let house = House::build().await;
    let owner = house.listed().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    assert!(jan.get("/admin/google").await.text.contains(PAGE));
    let told = set(&jan, "0", &[("direction", "to_crm"), ("winner", "crm")]).await;
    assert!(
        told.status == StatusCode::OK && told.text.contains("something else holds now: 0."),
        "{}",
        told.text
    );
    let choices = house.calendars().await.choices;
    assert_eq!((choices.direction, choices.winner), (Direction::ToCrm, Winner::Crm), "nobody has chosen");
    // Anna chooses otherwise, which she may until it is locked.
    let team = house.calendar("team").await;
    let told = house.save(&owner, 0, &[("main", &team)]).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
    assert_eq!(house.calendars().await.choices.direction, Direction::Both);
    let told = set(&jan, "1", &[("direction", "to_crm"), ("winner", "crm"), ("lock", "direction")]).await;
    assert!(told.text.contains("something else holds now: 1."), "{}", told.text);
    assert!(told.text.contains("name=\"lock\" value=\"direction\" checked"), "{}", told.text);
    let view = house.calendars().await;
    assert_eq!((view.choices.direction, view.choices.winner), (Direction::ToCrm, Winner::Newest));
    let page = house.look(&owner, "").await.text;
    assert_eq!(page.matches("<fieldset disabled>").count(), 1, "{page}");
    assert!(page.contains("Your admin has chosen this for everybody.") && !page.contains("name=\"lock\""));
    // A browser does not send what is disabled; who sends it is not heard.
    for (version, said) in [(1, "-"), (2, "both")] {
        let told = house
            .save(
                &owner,
                version,
                &[
                    ("main", &team),
                    ("direction", said),
                    ("removes", if version == 1 { "true" } else { "false" }),
                ],
            )
            .await;
        assert_eq!(told.status, StatusCode::SEE_OTHER, "{said}: {}", told.text);
        assert_eq!(house.calendars().await.choices.direction, Direction::ToCrm, "{said}");
    }
}

#[tokio::test]
async fn a_program_reads_what_is_locked_and_cannot_choose_it() {
    let house = House::build().await;
    house.listed().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    set(&jan, "0", &[("Call", "-"), ("lock", "kinds"), ("lock", "since"), ("since", "2026-11-01")]).await;
    let program = house.program(KeyScope::ALL).await;
    let path = format!("/api/v1/ExternalAccount/{}/calendar", house.stage.account);
    let had = program.get(&path).await.json();
    assert_eq!(
        (&had["lockedChoices"], &had["choices"]["since"]),
        (&json!(["since", "kinds"]), &json!("2026-11-01"))
    );
    for (choices, status) in [
        (json!({ "since": null }), 409),
        (json!({ "defaultKind": null }), 409),
        (json!({ "removes": true }), 200),
    ] {
        let wish = json!({ "version": 0, "choices": choices }).to_string();
        let told = program.ask("PUT", &path, &[], &wish).await;
        assert_eq!(told.status.as_u16(), status, "{choices}: {}", told.text);
        assert_eq!(status == 409, told.text.contains("\"locked\""), "{}", told.text);
    }
}

#[tokio::test]
async fn who_may_not_decide_reads_and_what_cannot_be_is_not_saved() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    for role in [Role::Auditor, Role::Helpdesk] {
        let desk = house.signed_in(role.name(), role).await;
        let page = desk.get(PAGE).await;
        assert!(
            page.status == StatusCode::OK && !page.text.contains("type=\"submit\">Save"),
            "{}",
            page.text
        );
        assert_eq!(set(&desk, "0", &[("winner", "crm")]).await.status, StatusCode::FORBIDDEN);
    }
    for (fields, status, words) in [
        (&[("Meeting", "-"), ("Call", "-"), ("defaultKind", "")][..], 422, "at least one kind"),
        (&[("Meeting", "-")], 422, "has to be one of those"),
        (&[("since", "soon")], 422, "written as 2026-11-22"),
        (&[("lock", "everything")], 400, ""),
        (&[("winner", "-")], 400, ""),
    ] {
        let told = set(&jan, "0", fields).await;
        assert_eq!(told.status.as_u16(), status, "{fields:?}: {}", told.text);
        assert!(told.text.contains(words), "{fields:?}: {}", told.text);
    }
    assert!(set(&jan, "0", &[]).await.text.contains("Nothing was changed."));
    set(&jan, "0", &[("winner", "crm")]).await;
    let late = set(&jan, "0", &[("winner", "google")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("the admin jan was faster"), "{}", late.text);
    assert!(late.text.contains("name=\"winner\" value=\"crm\" checked"), "what holds: {}", late.text);
}

#[tokio::test]
async fn a_program_that_reaches_every_mailbox_sets_them_too() {
    let house = House::build().await;
    house.listed().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    let path = "/api/v1/CalendarDefaults";
    let told = program.get(path).await.json();
    assert_eq!((&told["version"], &told["choices"]["winner"]), (&json!(0), &json!("newest")));
    let put = async |body: serde_json::Value| program.ask("PUT", path, &[], &body.to_string()).await;
    let wanted = json!({ "version": 0, "choices": { "winner": "crm" }, "lockedChoices": ["winner"] });
    let told = put(wanted.clone()).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let told = told.json();
    assert_eq!((&told["version"], &told["lockedChoices"]), (&json!(1), &json!(["winner"])));
    assert!(told["modifiedBy"].as_str().unwrap().starts_with("key:"), "{told}");
    let choices = house.calendars().await.choices;
    assert_eq!((choices.winner, choices.direction), (Winner::Crm, Direction::Both), "the rest stays");
    let stale = put(wanted).await;
    assert_eq!((stale.status, stale.reason().as_str()), (StatusCode::CONFLICT, "stale"));
    for body in [
        json!({}),
        json!({ "version": 1, "choices": { "winner": "nobody" } }),
        json!({ "version": 1, "choices": { "kinds": [] } }),
        json!({ "version": 1, "lockedChoices": ["everything"] }),
        json!({ "version": 1, "choices": null }),
        json!({ "version": 1, "lockedChoices": null }),
    ] {
        assert_eq!(put(body.clone()).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let some = house.limited(KeyScope::ALL, domain("acme.cz"), 600).await;
    assert_eq!(some.get(path).await.status, StatusCode::FORBIDDEN);
    let told = some.ask("PUT", path, &[], &json!({ "version": 1 }).to_string()).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN, "they hold for all mailboxes");
    let reader = house.program(&[KeyScope::AccountRead]).await;
    assert_eq!(reader.get(path).await.status, StatusCode::FORBIDDEN);
}
