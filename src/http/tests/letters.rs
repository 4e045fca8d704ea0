//! Links that are mailed: by an admin, and by whoever holds one that is over.

use axum::http::StatusCode;
use postern_core::model::role::Role;

use super::{House, PUBLIC, pages};
use crate::http::{Pages, router};

const START: &str = "/postern/oauth/google/start";
const AGAIN: &str = "/postern/oauth/google/again";

impl House {
    async fn letters(&self) -> usize {
        self.stage.events().await.iter().filter(|event| *event == "link_mail_asked").count()
    }

    fn without_mail(&mut self) {
        let silent = Pages { mails: false, ..pages(&self.stage, PUBLIC, false) };
        self.router = router(silent);
    }
}

#[tokio::test]
async fn an_admin_mails_a_link_once_in_ten_minutes() {
    let mut house = House::build().await;
    let path = format!("/admin/accounts/{}", house.stage.account);
    {
        let desk = house.signed_in("eva", Role::Helpdesk).await;
        assert!(desk.get(&path).await.text.contains("Mail a link to the owner"));
        let told = desk.post(&format!("{path}/mail-link"), &[]).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
        assert!(told.text.contains("to anna@acme.cz and nowhere else") && !told.text.contains("link="));
        let told = desk.post(&format!("{path}/mail-link"), &[]).await;
        assert_eq!(told.status, StatusCode::CONFLICT);
        assert!(told.text.contains("less than ten minutes ago"), "{}", told.text);
        assert_eq!(house.letters().await, 1);
        let auditor = house.signed_in("otto", Role::Auditor).await;
        assert!(!auditor.get(&path).await.text.contains("mail-link"));
    }
    house.without_mail();
    let desk = house.signed_in("jan", Role::Admin).await;
    let page = desk.get(&path).await.text;
    assert!(page.contains("notices.via") && page.contains("Make a new link") && !page.contains("mail-link"));
    let told = desk.post(&format!("{path}/mail-link"), &[]).await;
    assert_eq!((told.status, house.letters().await), (StatusCode::CONFLICT, 1));
    // What cannot be mailed is made to be copied, for all who are missing at once.
    house.stage.register("ben@acme.cz", &[]).await;
    let page = desk.get("/admin/accounts/onboarding").await.text;
    assert!(page.contains("notices.via") && !page.contains("onboarding/mail"), "{page}");
    let told = desk.post("/admin/accounts/onboarding/links", &[]).await;
    assert_eq!(told.text.matches("oauth/google/start?link=").count(), 2, "{}", told.text);
    assert!(told.text.contains("ben@acme.cz") && told.text.contains("anna@acme.cz"));
}

#[tokio::test]
async fn a_link_that_is_over_offers_a_new_one_and_looking_at_it_sends_none() {
    let mut house = House::build().await;
    let link = format!("link={}", house.stage.link);
    house.stage.pass(7 * 86_400);
    for _ in 0..3 {
        let told = house.get(&format!("{START}?{link}")).await;
        assert_eq!(told.status, StatusCode::GONE);
        assert!(told.text.contains("7 days") && told.text.contains(&format!("action=\"{AGAIN}\"")));
        assert!(!told.text.contains("anna@acme.cz"), "whose it was is not told");
    }
    assert_eq!(house.letters().await, 0);
    let sent = house.post(AGAIN, &link).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.text);
    assert_eq!(house.letters().await, 1);
    // The same words whatever the link is, and whether or not a letter leaves.
    for body in [link.as_str(), "link=guess", "link=", ""] {
        let told = house.post(AGAIN, body).await;
        assert_eq!((told.status, &told.text), (sent.status, &sent.text), "{body}");
    }
    assert_eq!(house.letters().await, 1);
    house.without_mail();
    let told = house.get(&format!("{START}?{link}")).await;
    assert!(told.text.contains("Ask your admin") && !told.text.contains("<form"), "{}", told.text);
    assert_eq!(house.post(AGAIN, &link).await.text, sent.text);
    assert_eq!(house.letters().await, 1);
}

#[tokio::test]
async fn a_used_link_offers_one_too_and_a_barred_mailbox_gets_none() {
    let house = House::build().await;
    house.stage.connect().await.unwrap();
    let link = format!("link={}", house.stage.link);
    let told = house.get(&format!("{START}?{link}")).await;
    assert_eq!(told.status, StatusCode::GONE);
    assert!(told.text.contains("has been used") && told.text.contains("Send me a new one"));
    assert_eq!(house.post(AGAIN, &link).await.status, StatusCode::OK);
    assert_eq!(house.letters().await, 0, "who is connected has nothing to do");
    house.stage.enter(postern_core::model::account::State::Disabled).await;
    assert_eq!(house.post(AGAIN, &link).await.status, StatusCode::OK);
    assert_eq!(house.letters().await, 0);
}

#[tokio::test]
async fn one_network_cannot_make_us_write_for_ever() {
    let house = House::build().await;
    let mut last = StatusCode::OK;
    for _ in 0..=crate::auth::turns::MOST {
        last = house.post(AGAIN, "link=guess").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    house.stage.clock.advance(crate::auth::turns::WINDOW);
    assert_eq!(house.post(AGAIN, "link=guess").await.status, StatusCode::OK);
}
