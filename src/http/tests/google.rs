//! The pages about Google: client, service accounts, check and removal.

use axum::http::StatusCode;
use postern_core::model::account::State;
use postern_core::model::role::Role;
use serde_json::json;

use super::House;
use super::admin::PASSWORD;
use crate::actions::consent::trial::{CLIENT, Tokens, key_file};
use crate::auth::visit::FRESH;

const PAGE: &str = "/admin/google";
const OTHER: &str = "other.apps.googleusercontent.com";
const ROBOTS: &str = "/admin/google/service-accounts";

#[tokio::test]
async fn the_client_is_shown_without_its_secret_and_with_the_exact_redirect_address() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    let told = jan.get(PAGE).await;
    assert_eq!(told.status, StatusCode::OK);
    assert!(told.text.contains(CLIENT) && !told.text.contains("s3cret"));
    assert!(told.text.contains("value=\"https://crm.example.com/postern/oauth/google/callback\""));
    assert!(told.text.contains("7 days") && !told.text.contains("will not register it"));
    let ota = house.signed_in("ota", Role::Auditor).await;
    let told = ota.get(PAGE).await.text;
    assert!(told.contains(CLIENT) && !told.contains("/admin/google/test"), "who only looks gets no button");
}

#[tokio::test]
async fn a_redirect_address_that_google_would_refuse_is_told() {
    let house = House::at("https://crm.lan/postern", false).await;
    // The names of the house are those of its public address.
    let jan = house.signed_in("jan", Role::Admin).await;
    let told = jan.get(PAGE).await;
    assert_eq!(told.status, StatusCode::OK);
    assert_eq!(told.text.matches("will not register it").count(), 1, "{}", told.text);
}

#[tokio::test]
async fn another_client_tells_whom_it_concerns_before_and_after() {
    let house = House::build().await;
    house.stage.connect().await.unwrap();
    let jan = house.signed_in("jan", Role::Admin).await;
    let before = house.stage.events().await.len();
    let same = jan.get(&format!("{PAGE}/client?client_id={CLIENT}")).await.text;
    assert!(same.contains("nobody has to connect again") && !same.contains("anna@acme.cz"), "{same}");
    let told = jan.get(&format!("{PAGE}/client?client_id=+{OTHER}+")).await.text;
    assert!(told.contains("until their owners connect them again: 1") && told.contains("anna@acme.cz"));
    let odd = jan.get(&format!("{PAGE}/client?client_id=%3Cb%3Eodd")).await.text;
    assert!(odd.contains("does not look like") && !odd.contains("<b>odd"), "{odd}");
    assert_eq!(jan.get(&format!("{PAGE}/client?client_id=a%40b")).await.status.as_u16(), 422);

    let path = format!("{PAGE}/client");
    let unseen = [("client_id", OTHER), ("client_secret", "hunter2-new"), ("reconnect", "0")];
    let told = jan.post(&path, &unseen).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.text.contains("nothing was set") && !told.text.contains("hunter2"), "{}", told.text);
    let empty = [("client_id", OTHER), ("client_secret", " "), ("reconnect", "1")];
    assert_eq!(jan.post(&path, &empty).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(house.stage.events().await.len(), before, "nothing was changed so far");

    house.stage.clock.advance(FRESH);
    let seen = [("client_id", OTHER), ("client_secret", "hunter2-new"), ("reconnect", "1")];
    assert_eq!(jan.post(&path, &seen).await.status, StatusCode::FORBIDDEN, "the password is asked again");
    let told = jan.post(&path, &[seen.as_slice(), &[("password", PASSWORD)]].concat()).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert!(told.text.contains("anna@acme.cz") && !told.text.contains("hunter2"), "{}", told.text);
    assert_eq!(house.stage.account(house.stage.account).await.state, State::NeedsConsent);
    assert!(house.stage.events().await.iter().any(|event| event == "client_set"));

    let told = jan.get(&format!("{PAGE}/client?client_id={CLIENT}")).await.text;
    assert!(told.contains("can be used again: 1"), "the former client brings it back: {told}");
}

#[tokio::test]
async fn a_made_up_code_tells_a_wrong_client_from_a_good_one_and_from_the_network() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    let invalid_client = r#"{"error":"invalid_client","error_description":"<i>Unauthorized</i>"}"#;
    for (answer, words) in [
        (Tokens::Says(400, r#"{"error":"invalid_grant"}"#), "Google takes this client"),
        (Tokens::Says(401, invalid_client), "Google refuses this client"),
        (Tokens::Says(503, "sorry"), "Google was not reached"),
        (Tokens::Down, "Google was not reached"),
    ] {
        house.stage.answers(answer);
        let told = jan.post("/admin/google/test", &[]).await;
        assert_eq!(told.status, StatusCode::OK, "{words}");
        assert!(told.text.contains(words) && !told.text.contains("<i>"), "{words}: {}", told.text);
        assert!(!told.text.contains("s3cret"));
    }
    let audit = house.stage.audit().await;
    let outcomes: Vec<bool> = ["ok", "fault", "warning", "warning"]
        .iter()
        .zip(audit.iter().filter(|(event, _)| event == "client_tried"))
        .map(|(outcome, (_, detail))| detail.contains(&format!("\"outcome\":\"{outcome}\"")))
        .collect();
    assert_eq!(outcomes, [true; 4], "{audit:?}");
}

#[tokio::test]
async fn a_test_that_goes_well_ends_a_refusal_that_was_noted() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    let invalid_grant = || Tokens::Says(400, r#"{"error":"invalid_grant"}"#);
    for (code, words, stays) in [
        ("invalid_client", "the secret is wrong", false),
        ("org_internal", "another organisation only", true),
        ("unheard_of", "refused by Google: unheard_of", true),
    ] {
        house.stage.refused(code).await;
        assert!(jan.get(PAGE).await.text.contains(words), "{code}");
        house.stage.answers(Tokens::Down);
        assert!(jan.post("/admin/google/test", &[]).await.text.contains(words), "{code}");
        house.stage.answers(invalid_grant());
        assert_eq!(jan.post("/admin/google/test", &[]).await.text.contains(words), stays, "{code}");
    }
}

#[tokio::test]
async fn a_service_account_is_imported_listed_and_tried() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    let key = key_file();
    for (key, domains, why) in [
        ("{}", "acme.cz", "service_account"),
        (key.as_str(), "", "Name the Workspace domains"),
        (key.as_str(), "gmail.com", "no Workspace domain"),
        (key.as_str(), "<script>", "is not a domain"),
    ] {
        let told = jan.post(ROBOTS, &[("key", key), ("domains", domains)]).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        assert!(told.text.contains(why) && !told.text.contains("<script>"), "{why}: {}", told.text);
        assert!(!told.text.contains("PRIVATE KEY"));
    }
    let told = jan.post(ROBOTS, &[("key", &key), ("domains", "Acme.cz, beta.cz")]).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    for part in
        ["robot@p.iam.gserviceaccount.com", "1234567890", "acme.cz, beta.cz", "https://mail.google.com/"]
    {
        assert!(told.text.contains(part), "{part}");
    }
    assert!(!told.text.contains("PRIVATE KEY") && told.text.contains("value=\"anna@acme.cz\""));
    assert!(house.stage.events().await.iter().any(|event| event == "service_account_imported"));

    let wanted = [("email", "robot@p.iam.gserviceaccount.com"), ("mailbox", "anna@acme.cz")];
    let path = format!("{ROBOTS}/test");
    for (answer, words) in [
        (Tokens::Says(401, r#"{"error":"unauthorized_client"}"#), "may take 24 hours"),
        (
            Tokens::Says(400, r#"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#),
            "refuses the service account itself",
        ),
        (Tokens::Down, "says nothing about the delegation"),
        (
            Tokens::Grant { claims: json!({}), fields: json!({"id_token": null}), key: 0 },
            "lets the service account open",
        ),
    ] {
        house.stage.answers(answer);
        let told = jan.post(&path, &wanted).await;
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    let tried = house.stage.events().await.iter().filter(|e| *e == "service_account_tried").count();
    assert_eq!(tried, 4);
    let odd = jan.post(&path, &[("email", "nobody@x.cz"), ("mailbox", "anna@acme.cz")]).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_removal_tells_google_first_and_only_then_offers_to_go_without() {
    let house = House::build().await;
    house.stage.connect().await.unwrap();
    let jan = house.signed_in("jan", Role::Admin).await;
    let path = format!("/admin/accounts/{}/remove", house.stage.account);
    let page = jan.get(&path).await.text;
    assert!(page.contains("every scope that this user gave") && !page.contains("without telling"), "{page}");
    let unsure = jan.post(&path, &[("confirm", "eva@acme.cz")]).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);

    house.stage.answers(Tokens::Down);
    let told = jan.post(&path, &[("confirm", "Anna@acme.cz")]).await;
    assert_eq!(told.status, StatusCode::BAD_GATEWAY);
    assert!(told.text.contains("nothing was removed") && told.text.contains("without telling Google"));
    house.stage.account(house.stage.account).await;
    let told = jan.post(&path, &[("confirm", "anna@acme.cz"), ("silently", "yes")]).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert!(told.text.contains("did not confirm"), "{}", told.text);
    let (event, detail) = house.stage.audit().await.pop().unwrap();
    assert!(event == "account_removed" && detail.contains("\"revoked\":false"), "{detail}");
    assert_eq!(jan.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_removal_that_google_confirms_wants_the_password_and_ends_everything() {
    let house = House::build().await;
    house.stage.connect().await.unwrap();
    let jan = house.signed_in("jan", Role::Admin).await;
    let path = format!("/admin/accounts/{}/remove", house.stage.account);
    house.stage.clock.advance(FRESH);
    house.stage.answers(Tokens::Says(200, "{}"));
    let confirm = ("confirm", "anna@acme.cz");
    assert_eq!(jan.post(&path, &[confirm]).await.status, StatusCode::FORBIDDEN);
    let told = jan.post(&path, &[confirm, ("password", PASSWORD)]).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert!(told.text.contains("Google dropped every scope"), "{}", told.text);
    assert!(house.stage.google.asked().iter().any(|body| body.contains("token=1%2F%2Ffresh")));
    let (event, detail) = house.stage.audit().await.pop().unwrap();
    assert!(event == "account_removed" && detail.contains("\"revoked\":true"), "{detail}");
}

#[tokio::test]
async fn a_check_shows_each_step_and_leaves_a_row() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    let path = format!("/admin/accounts/{}/check", house.stage.account);
    let told = jan.post(&path, &[]).await.text;
    assert!(told.contains("Access token from Google") && told.contains("does not work"), "{told}");
    house.stage.connect().await.unwrap();
    let told = jan.post(&path, &[]).await.text;
    assert!(told.contains("Connection to Gmail (IMAP)") && told.contains("What to do"), "{told}");
    let checked: Vec<String> = house
        .stage
        .audit()
        .await
        .into_iter()
        .filter(|(event, _)| event == "account_checked")
        .map(|(_, detail)| detail)
        .collect();
    assert_eq!(checked.len(), 2);
    assert!(checked.iter().all(|detail| detail.contains("\"outcome\":\"fault\"")), "{checked:?}");
}
