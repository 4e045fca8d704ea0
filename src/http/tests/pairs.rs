//! What is not in step on the pages: told, explained, taken up again.

use axum::http::StatusCode;
use postern_core::model::id::{AccountId, CalendarId, PairId};
use postern_core::model::role::Role;
use postern_core::plan::link::State;

use super::House;
use super::owner::Owner;
use crate::actions::calendars::trial::{conflict, letter, pair};
use crate::store::sync::{calendars, dead_letters, holds};

const PAGE: &str = "/postern/me/calendar";

/// Anna's main calendar, in which not all is in step.
pub struct Unequal {
    pub owner: Owner,
    pub at: (AccountId, CalendarId),
    pub letter: String,
    pub plan: PairId,
    pub apart: PairId,
}

impl House {
    pub async fn unequal(&self) -> Unequal {
        let owner = self.with_calendars(&[("anna@acme.cz", "owner")]).await;
        self.wish(&owner, "calendar/refresh").await;
        let calendar = self.calendar("anna@acme.cz").await;
        self.save(&owner, 0, &[("main", &calendar)]).await;
        let at = (self.stage.account, calendar.parse().unwrap());
        let (plan, apart, letter) = self.fill(at).await;
        Unequal { owner, at, letter, plan, apart }
    }

    /// The same of a calendar that is known only; a pair that was changed.
    pub async fn unequal_calendar(&self, calendar: &serde_json::Value) -> PairId {
        self.fill((self.stage.account, calendar.as_str().unwrap().parse().unwrap())).await.0
    }

    /// A pair that was changed, in a calendar that nobody uses.
    pub async fn changed_pair(&self) -> PairId {
        let mut batch = self.stage.store().batch().await.unwrap();
        let calendar = calendars::put(&mut batch, "anna@acme.cz", "Main", "UTC").await.unwrap();
        batch.commit().await.unwrap();
        self.fill((self.stage.account, calendar)).await.0
    }

    async fn fill(&self, at: (AccountId, CalendarId)) -> (PairId, PairId, String) {
        let store = self.stage.store();
        let plan = pair(store, at, "<b>Plan</b>", State::Active, (true, true)).await;
        let apart = pair(store, at, "Lunch", State::Quarantined, (true, true)).await;
        conflict(store, at, plan).await;
        let why = "invalid: the end <i>precedes</i> the start";
        let letter = letter(store, at, "Meeting/record<b>Plan</b>", why).await.to_string();
        (plan, apart, letter)
    }

    async fn undone(&self) -> i64 {
        let mut read = self.stage.store().read().await.unwrap();
        dead_letters::count(&mut read, self.stage.account).await.unwrap()
    }

    /// A page of the owner.
    pub async fn see(&self, owner: &Owner, path: &str) -> super::Told {
        self.ask("GET", path, &[("cookie", &owner.cookie)], "").await
    }
}

#[tokio::test]
async fn the_owner_reads_what_is_not_in_step_and_has_it_tried_again() {
    let house = House::build().await;
    let unequal = house.unequal().await;
    let page = house.see(&unequal.owner, PAGE).await.text;
    for words in [
        "What could not be done",
        "&#60;b&#62;Plan&#60;/b&#62;",
        "invalid: the end &#60;i&#62;precedes&#60;/i&#62; the start",
        "Attempts: 1, the first",
        "written more than ten times in an hour",
        "Try again",
        "Sync again",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let path = format!("calendar/letter/{}/retry", unequal.letter);
    let told = house.wish(&unequal.owner, &path).await;
    assert_eq!(told.header("location"), format!("{PAGE}?done=retried"), "{}", told.text);
    assert_eq!(house.undone().await, 0);
    assert_eq!(house.stage.events().await.last().unwrap(), "dead_letter_retried");
    let told = house.wish(&unequal.owner, &path).await;
    assert_eq!(told.status, StatusCode::NOT_FOUND);
    assert!(told.text.contains("it was done meanwhile"), "{}", told.text);

    let path = format!("calendar/pair/{}/resume", unequal.apart);
    let told = house.wish(&unequal.owner, &path).await;
    assert_eq!(told.header("location"), format!("{PAGE}?done=resumed"), "{}", told.text);
    let told = house.wish(&unequal.owner, &path).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(told.text.contains("kept in step already"), "{}", told.text);
    let page = house.see(&unequal.owner, &format!("{PAGE}?done=resumed")).await.text;
    assert!(page.contains("taken up again within seconds") && page.contains("everything that is"), "{page}");
}

#[tokio::test]
async fn the_owner_decides_about_what_waits_and_about_no_other_mailboxs() {
    let house = House::build().await;
    let unequal = house.unequal().await;
    let meant =
        format!("[{{\"hash\":\"x\",\"rule\":\"removal-deletes\",\"about\":\"pair {}\"}}]", unequal.apart);
    let (account, calendar) = unequal.at;
    let ben = house.stage.register("ben@acme.cz", &[]).await;
    let mut batch = house.stage.store().batch().await.unwrap();
    let hold = holds::open(&mut batch, calendar, account, "delete", 12, &meant).await.unwrap();
    let other = holds::open(&mut batch, calendar, ben, "update", 12, "[]").await.unwrap();
    batch.commit().await.unwrap();
    let page = house.see(&unequal.owner, PAGE).await.text;
    for words in
        ["Lunch", "It was removed in the CRM, where it had been made.", "Approve", "Reject", "deletions"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let told = house.wish(&unequal.owner, &format!("calendar/hold/{other}/approve")).await;
    assert_eq!(told.status, StatusCode::CONFLICT, "another mailbox's");
    let told = house.wish(&unequal.owner, &format!("calendar/hold/{hold}/approve")).await;
    assert_eq!(told.header("location"), format!("{PAGE}?done=approved"), "{}", told.text);
    assert_eq!(house.stage.events().await.last().unwrap(), "hold_approved");
    let told = house.wish(&unequal.owner, &format!("calendar/hold/{hold}/reject")).await;
    assert_eq!(told.status, StatusCode::CONFLICT, "it was decided");
    assert!(told.text.contains("do not wait any more"), "{}", told.text);
}

#[tokio::test]
async fn a_conflict_is_explained_to_the_owner() {
    let house = House::build().await;
    let unequal = house.unequal().await;
    let told = house.see(&unequal.owner, &format!("{PAGE}/pair/{}", unequal.plan)).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    for words in [
        "Why is this so: &#60;b&#62;Plan&#60;/b&#62;",
        "It is kept in step",
        "The event in Google was changed",
        "Both sides had changed it differently, and the CRM&#39;s change held",
        "lost, from Google:</span> Plan of Google",
        "written:</span> Plan &#60;i&#62;of the CRM&#60;/i&#62;",
        "before:</span> Plan",
        "Meeting record&#60;b&#62;",
    ] {
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    assert!(!told.text.contains("Sync again"), "it is kept in step");
    let fields = [("cookie", unequal.owner.cookie.as_str()), ("accept-language", "cs")];
    let czech = house.ask("GET", &format!("{PAGE}/pair/{}", unequal.plan), &fields, "").await.text;
    assert!(czech.contains("platila změna CRM") && czech.contains("ztraceno, z Googlu"), "{czech}");
    for id in [uuid::Uuid::nil().to_string(), "x".to_owned()] {
        let told = house.see(&unequal.owner, &format!("{PAGE}/pair/{id}")).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND, "{id}");
    }
}

#[tokio::test]
async fn another_mailboxs_pairs_are_not_there_for_an_owner() {
    let house = House::build().await;
    let unequal = house.unequal().await;
    let ben = house.stage.register("ben@acme.cz", &[]).await;
    let at = (ben, unequal.at.1);
    let foreign = pair(house.stage.store(), at, "Secret", State::Detached, (true, true)).await;
    let why = letter(house.stage.store(), at, "eventSecret", "refused").await;
    let told = house.see(&unequal.owner, &format!("{PAGE}/pair/{foreign}")).await;
    assert_eq!(told.status, StatusCode::NOT_FOUND);
    assert!(!told.text.contains("Secret"), "{}", told.text);
    for path in [format!("calendar/pair/{foreign}/resume"), format!("calendar/letter/{why}/retry")] {
        assert_eq!(house.wish(&unequal.owner, &path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(!house.see(&unequal.owner, PAGE).await.text.contains("Secret"));
}

#[tokio::test]
async fn only_admins_who_may_act_on_mailboxes_see_what_people_wrote() {
    let house = House::build().await;
    let unequal = house.unequal().await;
    let at = format!("/admin/accounts/{}/calendar", house.stage.account);
    let (story, retry) =
        (format!("{at}/pair/{}", unequal.plan), format!("{at}/letter/{}/retry", unequal.letter));
    let resume = format!("{at}/pair/{}/resume", unequal.apart);
    for role in [Role::Auditor, Role::Helpdesk] {
        let desk = house.signed_in(role.name(), role).await;
        let page = desk.get(&at).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.text.contains("Lunch") && !page.text.contains("Try again"), "{}", page.text);
        assert_eq!(desk.get(&story).await.status, StatusCode::FORBIDDEN, "{role:?}");
        for path in [&retry, &resume] {
            assert_eq!(desk.post(path, &[]).await.status, StatusCode::FORBIDDEN, "{role:?}");
        }
    }
    let desk = house.signed_in("eva", Role::Admin).await;
    let page = desk.get(&at).await.text;
    assert!(page.contains("Lunch") && page.contains("Try again") && page.contains(&story), "{page}");
    assert!(desk.get(&story).await.text.contains("Plan of Google"));
    for (path, done) in [(&retry, "retried"), (&resume, "resumed")] {
        let told = desk.post(path, &[]).await;
        assert_eq!(told.header("location"), format!("/postern{at}?done={done}"), "{}", told.text);
        assert!(desk.post(path, &[]).await.status.is_client_error(), "{path}");
    }
    assert_eq!(desk.get(&format!("{at}/pair/x")).await.status, StatusCode::NOT_FOUND);
}
