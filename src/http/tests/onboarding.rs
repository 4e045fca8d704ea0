//! Who is connected, who is not and why; and asking once more.

use axum::http::StatusCode;
use postern_core::model::account::State;
use postern_core::model::event::Event;
use postern_core::model::role::Role;
use serde_json::json;

use super::House;
use super::admin::Desk;
use crate::actions::consent::STATE_LIFE;
use crate::actions::consent::trial::Tokens;

const PAGE: &str = "/admin/accounts/onboarding";

impl Desk<'_> {
    async fn shows(&self, path: &str, words: &str) {
        let told = self.get(path).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
        assert!(told.text.contains(words), "{words} at {path}: {}", told.text);
    }
}

#[tokio::test]
async fn who_went_to_google_and_did_not_come_back_is_stuck_everywhere_it_matters() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Admin).await;
    let mailbox = format!("/admin/accounts/{}", house.stage.account);
    desk.shows(PAGE, "0 of 1 connected").await;
    desk.shows(PAGE, "link not used yet").await;
    let (pressed, state) = house.press().await;
    desk.shows(PAGE, "at Google right now").await;
    assert!(!desk.get("/admin").await.text.contains("Stuck at Google"));
    house.stage.pass(STATE_LIFE.as_secs());
    desk.shows("/admin", "Stuck at Google: 1.").await;
    desk.shows(&mailbox, "stuck at Google").await;
    desk.shows(&format!("{PAGE}?step=stuck"), "anna@acme.cz").await;
    desk.shows(&format!("{PAGE}?step=connected"), "No mailbox matches").await;
    for code in ["access_denied", "org_internal", "redirect_uri_mismatch", "admin_policy_enforced"] {
        desk.shows(PAGE, &format!("<div id=\"{code}\">")).await;
    }
    // Late is another thing than never.
    let told = house.come_back(&format!("state={state}&code=c"), &pressed.cookie()).await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST);
    desk.shows(PAGE, "came back with a fault").await;
    desk.shows(PAGE, "More than ten minutes passed at Google").await;
    assert!(!desk.get("/admin").await.text.contains("Stuck at Google"));
    house.stage.connect().await.unwrap();
    desk.shows(PAGE, "1 of 1 connected").await;
    assert!(!desk.get(PAGE).await.text.contains("mail\">"), "nobody is missing");
}

#[tokio::test]
async fn each_fault_is_told_with_its_remedy_and_unticked_boxes_by_themselves() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Auditor).await;
    let wrong =
        Tokens::Grant { claims: json!({"sub": "2", "email": "eva@acme.cz"}), fields: json!({}), key: 0 };
    let unticked = Tokens::Grant { claims: json!({}), fields: json!({"scope": "openid email"}), key: 0 };
    for (tokens, answer, words) in [
        (None, "error=access_denied", "pressed Cancel at Google"),
        (Some(wrong), "code=c", "chose another Google account"),
        (None, "error=org_internal", "(org_internal)"),
        (Some(unticked), "code=c", "Gmail not ticked"),
    ] {
        if let Some(tokens) = tokens {
            house.stage.answers(tokens);
        }
        let (pressed, state) = house.press().await;
        house.come_back(&format!("state={state}&{answer}"), &pressed.cookie()).await;
        desk.shows(PAGE, words).await;
    }
    desk.shows(&format!("{PAGE}?step=lacking&q=ANNA"), "1 found").await;
    assert!(!desk.get(PAGE).await.text.contains("onboarding/mail"), "an auditor sends nothing");
}

#[tokio::test]
async fn links_go_to_all_who_are_missing_after_a_question() {
    let house = House::build().await;
    house.stage.register("ben@acme.cz", &[]).await;
    let gone = house.stage.register("dora@acme.cz", &[]).await;
    let mut act = house.stage.store().act(&postern_core::model::actor::Actor::Gateway, "").await.unwrap();
    crate::store::accounts::set_state(&mut act, gone, State::Disabled).await.unwrap();
    let address = house.stage.account(gone).await.address;
    act.commit(Event::AccountDisabled { account: gone, address }).await.unwrap();
    let desk = house.signed_in("eva", Role::Helpdesk).await;
    desk.shows(PAGE, "0 of 3 connected").await;
    desk.shows(PAGE, "Mail a link to all who are missing (2)").await;
    let asked = async || {
        let events = house.stage.events().await;
        events.iter().filter(|event| *event == "link_mail_asked").count()
    };
    let told = desk.post(&format!("{PAGE}/mail"), &[]).await;
    assert!(told.text.contains("Mail 2 links?"), "{}", told.text);
    assert_eq!(asked().await, 0, "a question sends nothing");
    let told = desk.post(&format!("{PAGE}/mail"), &[("confirm", "yes")]).await;
    assert!(told.text.contains("Links on their way: 2"), "{}", told.text);
    let told = desk.post(&format!("{PAGE}/mail"), &[("confirm", "yes")]).await;
    assert!(told.text.contains("Links on their way: 0") && told.text.contains("ten minutes ago: 2"));
    assert_eq!(asked().await, 2);
}

#[tokio::test]
async fn five_hundred_mailboxes_stand_in_pages() {
    let house = House::build().await;
    for number in 0..120 {
        house.stage.register(&format!("person{number:03}@acme.cz"), &[]).await;
    }
    let desk = house.signed_in("jan", Role::Admin).await;
    let first = desk.get(PAGE).await.text;
    assert!(first.contains("0 of 121 connected") && first.contains("rel=\"next\""));
    assert_eq!(first.matches("<th scope=\"row\">").count(), 50);
    let last = desk.get(&format!("{PAGE}?page=3")).await.text;
    assert_eq!(last.matches("<th scope=\"row\">").count(), 21);
    assert!(last.contains("rel=\"prev\"") && !last.contains("rel=\"next\""));
    desk.shows(&format!("{PAGE}?q=person11"), "10 found").await;
    desk.shows(&format!("{PAGE}?page=99999999"), "No mailbox matches").await;
}

#[tokio::test]
async fn the_page_before_google_names_crm_user_and_products() {
    let house = House::build().await;
    let start = format!("/postern/oauth/google/start?link={}", house.stage.link);
    let told = house.get(&start).await.text;
    for words in ["the CRM at crm.acme.cz", "shared mailbox", "<li>Gmail: the CRM reads", "anna@acme.cz"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let id = house.stage.account;
    let address = house.stage.account(id).await.address;
    let mut act = house.stage.store().act(&postern_core::model::actor::Actor::Gateway, "").await.unwrap();
    crate::store::accounts::set_crm_user(&mut act, id, Some("5f3a<b>")).await.unwrap();
    act.commit(Event::CrmUserSet { account: id, address, from: None, crm_user: "5f3a".to_owned() })
        .await
        .unwrap();
    let told = house.get(&start).await.text;
    assert!(told.contains("the CRM user 5f3a&#60;b&#62;") && !told.contains("shared mailbox"), "{told}");
}

#[tokio::test]
async fn whoever_left_gmail_unticked_can_ask_again_by_a_button() {
    let house = House::build().await;
    house.stage.fields(json!({"scope": "openid email"}));
    let (pressed, state) = house.press().await;
    let told = house.come_back(&format!("state={state}&code=c"), &pressed.cookie()).await;
    let action = told.text.split("<form method=\"post\" action=\"").nth(1).expect("a button");
    let action = action.split('"').next().unwrap().to_owned();
    assert!(action.starts_with("/postern/r/") && told.text.contains("Ask Google again"), "{}", told.text);
    assert_eq!(house.post(&action, "").await.status, StatusCode::SEE_OTHER);
    // What another browser brought back leads nowhere.
    let (_, state) = house.press().await;
    let told = house.come_back(&format!("state={state}&code=c"), "").await;
    assert!(!told.text.contains("<form"), "{}", told.text);
}
