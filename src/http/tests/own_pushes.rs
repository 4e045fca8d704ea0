//! Records that an owner pushes, and whom only the owner knows.

use axum::http::StatusCode;
use postern_core::model::actor::Actor;
use postern_core::model::event::Event;
use postern_core::model::id::PushId;
use postern_core::plan::contacts::card::Entity;
use postern_core::plan::link::State;
use serde_json::json;

use super::House;
use super::owner::Owner;
use crate::store::contacts::{pushes, reviews};
use crate::store::sync::runs::Counts;

const PAGE: &str = "/postern/me/contacts";
const PUSH: &str = "/postern/me/contacts/push";

impl House {
    /// Pushes these contacts; the path of the push below the owner's page.
    pub async fn pushed(&self, owner: &Owner, records: &str) -> String {
        let fields = [("entity", "Contact"), ("records", records)];
        let told = self.wish_with(owner, "contacts/push", &fields).await;
        assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
        told.header("location").trim_start_matches("/postern/me/").to_owned()
    }

    /// It is known what came of a contact.
    pub async fn came(&self, record: &str, word: &str) {
        let mut batch = self.stage.store().batch().await.unwrap();
        pushes::end(&mut batch, self.stage.account, (Entity::Contact, record), word).await.unwrap();
        batch.commit().await.unwrap();
    }

    /// The owner is asked about that.
    pub async fn questioned(&self, key: &str, word: &str, about: &str, others: &[(&str, &str)]) -> String {
        let content = json!({ "about": about, "others": others }).to_string();
        let book = self.book().await;
        let mut batch = self.stage.store().batch().await.unwrap();
        reviews::ask(&mut batch, (self.stage.account, book), (key, word), &content).await.unwrap();
        batch.commit().await.unwrap();
        let questions = self.contacts().await.questions;
        questions.into_iter().find(|question| question.key == key).unwrap().id.to_string()
    }

    async fn push_of_ben(&self) -> PushId {
        let ben = self.stage.register("ben@acme.cz", &[]).await;
        let address = self.stage.account(ben).await.address;
        let mut act = self.stage.store().act(&Actor::Gateway, "").await.unwrap();
        let records = [(Entity::Contact, "foreign0record".to_owned())];
        let push = pushes::add(&mut act, ben, &records, false, &Actor::Gateway).await.unwrap();
        let event = Event::ContactsPushed { account: ben, address, push, records: 1, vouched: false };
        act.commit(event).await.unwrap();
        push
    }
}

#[tokio::test]
async fn records_are_pushed_and_the_page_tells_how_far_it_is_and_how_long_it_takes() {
    let house = House::build().await;
    let owner = house.in_group().await;
    house.linked("<i>Eva</i>", "r1", State::Active).await;
    let more: Vec<String> = (1..=100).map(|number| format!("r{number}")).collect();
    let path =
        house.pushed(&owner, &format!("{}, r1\nhttps://crm.x.cz/#Contact/view/last", more.join(" "))).await;
    let view = house.contacts().await;
    assert_eq!((view.pushes.len(), view.pushes[0].total, view.waiting), (1, 101, 101));
    let at = format!("/postern/me/{path}");
    for (record, word) in [("r1", "made"), ("r2", "linked"), ("r3", "no-access"), ("r4", "ambiguous")] {
        house.came(record, word).await;
    }
    let page = house.see(&owner, &at).await;
    for words in [
        "Done with 4 of 101 records.",
        "<progress id=\"done\" max=\"101\" value=\"4\">",
        "At least 4 more minutes: Google allows about 30 contacts a minute.",
        "<noscript><meta http-equiv=\"refresh\"",
        &format!("hx-get=\"{at}?from=0\" hx-trigger=\"every 2s\""),
        "A person was made in Google.",
        "You may not see it in the CRM, or there is no such record.",
        "only you can say which one it is",
        "It waits for its turn.",
        "&#60;i&#62;Eva&#60;/i&#62; Nova",
        "1 to 100 of 101",
        "Give up the rest",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("<i>Eva") && !page.text.contains("<code>last</code>"), "{}", page.text);
    assert!(page.header("content-security-policy").contains("script-src 'self'; connect-src 'self'"));
    let second = house.see(&owner, &format!("{at}?from=100")).await.text;
    assert!(second.contains("<code>last</code>") && second.contains("?from=0"), "{second}");
    house.book_ran(Counts::default(), Some("crm_key_refused")).await;
    let page = house.see(&owner, &at).await.text;
    assert!(page.contains("Nothing is pushed now: the CRM does not take our key"), "{page}");
    let list = house.see(&owner, PUSH).await.text;
    assert!(list.contains(&format!("href=\"{at}\"")) && list.contains("4 of 101"), "{list}");

    let told = house.wish(&owner, &format!("{path}/cancel")).await;
    assert_eq!(told.header("location"), format!("{at}?done=cancelled"), "{}", told.text);
    let page = house.see(&owner, &format!("{at}?done=cancelled")).await.text;
    assert!(page.contains("The rest was given up.") && page.contains("given up before its turn"), "{page}");
    assert!(!page.contains("hx-get") && !page.contains("<noscript") && !page.contains("Give up"), "{page}");
    assert_eq!(house.stage.events().await.last().unwrap(), "push_cancelled");
}

#[tokio::test]
async fn what_cannot_be_pushed_is_told_beside_the_form() {
    let house = House::build().await;
    let owner = house.in_contacts().await;
    let fields = [("entity", "Contact"), ("records", "a1")];
    assert!(house.see(&owner, PUSH).await.text.contains("Choose a group first"));
    let told = house.wish_with(&owner, "contacts/push", &fields).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", told.text);
    house.wish(&owner, "contacts/refresh").await;
    house.save_contacts(&owner, 0, &[("group", "contactGroups/g1")]).await;
    let before = house.stage.events().await.len();
    let many = (0..2_001).map(|number| format!("r{number} ")).collect::<String>();
    for (entity, records, status, words) in [
        ("Contact", " , ", 422, "Name at least one record"),
        ("Contact", many.as_str(), 422, "At most 2000 records"),
        ("Contact", "a/../<b>", 422, "no record of that kind: a/../&#60;b&#62;"),
        ("Contact", "https://crm/#Lead/view/a1", 422, "no record of that kind: https://crm/#Lead/view/a1"),
        ("Account", "a1", 400, ""),
        ("-", "a1", 400, ""),
    ] {
        let fields = [("entity", entity), ("records", records)];
        let told = house.wish_with(&owner, "contacts/push", &fields).await;
        assert_eq!(told.status.as_u16(), status, "{entity} {}", told.text);
        assert!(told.text.contains(words) && !told.text.contains("<b>"), "{words}: {}", told.text);
    }
    assert_eq!(house.stage.events().await.len(), before, "nothing was done");
    house.is_user(None).await;
    assert!(house.see(&owner, PUSH).await.text.contains("belongs to no user of the CRM"));
    house.is_user(Some("a1")).await;
    house.save_contacts(&owner, 1, &[("group", "contactGroups/g1"), ("direction", "to_crm")]).await;
    let page = house.see(&owner, PUSH).await.text;
    assert!(page.contains("so nothing is pushed") && !page.contains("<textarea"), "{page}");
}

#[tokio::test]
async fn other_peoples_pushes_are_not_there() {
    let house = House::build().await;
    let owner = house.in_group().await;
    let foreign = house.push_of_ben().await.to_string();
    for id in [foreign.as_str(), "x", "00000000-0000-7000-8000-000000000000"] {
        let told = house.see(&owner, &format!("{PUSH}/{id}")).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND, "{id}");
        assert!(!told.text.contains("foreign0record"), "{}", told.text);
        let told = house.wish(&owner, &format!("contacts/push/{id}/cancel")).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND, "{id}");
    }
    assert!(!house.see(&owner, PUSH).await.text.contains(&foreign));
}

#[tokio::test]
async fn the_owner_says_who_somebody_is() {
    let house = House::build().await;
    let owner = house.in_group().await;
    let others = [("Contact/k1", "Eva <eva@x.cz>"), ("Lead/l1", "<script>y</script>"), ("people/c2", "Twin")];
    let eva = house.questioned("people/c1", "ambiguous", "Eva <script>x</script>", &others).await;
    let record = house.questioned("Contact/k2", "taken", "Dan", &[("people/c3", "Dan Old")]).await;
    let double = house.questioned("people/c4", "duplicate", "Jan", &[("Contact/k4", "Jan")]).await;
    let page = house.see(&owner, &format!("{PAGE}/review")).await.text;
    for words in [
        "Eva &#60;script&#62;x&#60;/script&#62;",
        "A person of Google",
        "only you can say which one it is",
        "value=\"same:Contact/k1\"",
        "the same as Eva &#60;eva@x.cz&#62; (Contact)",
        "the same as &#60;script&#62;y&#60;/script&#62; (Lead)",
        "value=\"new:Contact\"",
        "value=\"new:Lead\"",
        "Contact of the CRM",
        "the same as Dan Old",
        "make a new person in Google",
        "and makes no second one",
        "value=\"leave\"",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(
        !page.contains("<script>") && !page.contains("people/c2"),
        "nobody is the same as a twin: {page}"
    );
    let of_double = page.split(&format!("/review/{double}")).nth(1).unwrap().split("</form>").next().unwrap();
    assert!(!of_double.contains("value=\"new:"), "whom the CRM has it makes no second time: {of_double}");
    assert!(house.see(&owner, PAGE).await.text.contains("<b>3</b> waiting for your answer"));

    for answer in ["", "same:Contact/foreign", "same:people/c2", "new:Account", "same", "leave:x"] {
        let told = house.wish_with(&owner, &format!("contacts/review/{eva}"), &[("answer", answer)]).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}: {}", told.text);
        assert!(told.text.contains("Choose one of the answers"), "{answer}: {}", told.text);
    }
    for (id, answer) in [(&eva, "same:Contact/k1"), (&record, "new:Contact"), (&double, "leave")] {
        let told = house.wish_with(&owner, &format!("contacts/review/{id}"), &[("answer", answer)]).await;
        assert_eq!(told.header("location"), format!("{PAGE}/review?done=decided"), "{answer}: {}", told.text);
        let told = house.wish_with(&owner, &format!("contacts/review/{id}"), &[("answer", answer)]).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND, "it was decided");
    }
    let page = house.see(&owner, &format!("{PAGE}/review?done=decided")).await.text;
    assert!(page.contains("Your answer is followed") && page.contains("Nobody waits"), "{page}");
    assert_eq!(house.stage.events().await.last().unwrap(), "contact_reviewed");
}

#[tokio::test]
async fn only_kinds_that_are_synchronised_are_made_new() {
    let house = House::build().await;
    let owner = house.in_group().await;
    house.save_contacts(&owner, 1, &[("group", "contactGroups/g1"), ("Lead", "-")]).await;
    house.questioned("people/c1", "undecided", "Eva", &[]).await;
    let page = house.see(&owner, &format!("{PAGE}/review")).await.text;
    assert!(page.contains("value=\"new:Contact\"") && !page.contains("value=\"new:Lead\""), "{page}");
    let push = house.see(&owner, PUSH).await.text;
    assert!(push.contains("value=\"Contact\" checked") && !push.contains("value=\"Lead\""), "{push}");
}
