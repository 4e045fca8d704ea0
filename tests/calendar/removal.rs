//! Everything that was made for a mailbox is removed as it was shown; what was there
//! before, what others use and what somebody has made more of stays, and nothing is
//! made again.

use postern::actions::calendars::choose::{Wanted, choose};
use postern::actions::calendars::removal::{preview, remove};
use postern::actions::calendars::teams::Teams;
use postern::actions::calendars::{CalendarFault as Fault, view};
use postern::actions::undoing::{NotUndone, Preview};
use postern::store::sync::calendar_users::{self, Kind};
use postern::store::sync::undos::State;
use postern::store::sync::{links, runs, sync_journal};
use postern_core::model::id::{AccountId, CalendarId};
use postern_core::model::scope::Product;
use postern_core::plan::calendar::choices::Choices;
use postern_core::plan::link::State as Link;
use postern_core::plan::undo::Why;
use postern_sandbox::{CalendarFault, CalendarTrouble, CrmTrouble};
use serde_json::json;

use super::undo::at;
use super::world::{ANNA, ANNA_ID, BEN, BEN_ID, World};

impl World {
    async fn removal(&self, account: AccountId) -> Preview {
        preview(&self.gateway.parts.store, account).await.unwrap()
    }

    /// Confirms what the preview shows.
    async fn remove_all(&self, account: AccountId) -> Preview {
        let preview = self.removal(account).await;
        let acts = remove(&self.gateway.parts.store, &self.by(), account, &preview.mark()).await.unwrap();
        assert_eq!(acts, preview.acts());
        preview
    }

    async fn kind(&self, (account, calendar): (AccountId, CalendarId)) -> Kind {
        let mut read = self.gateway.parts.store.read().await.unwrap();
        let users = calendar_users::of_account(&mut read, account).await.unwrap();
        users.into_iter().find(|user| user.calendar == calendar).unwrap().kind
    }

    async fn use_again(&self, (account, calendar): (AccountId, CalendarId)) {
        let store = &self.gateway.parts.store;
        let version = view::one(store, account).await.unwrap().version;
        let wanted = Wanted { main: Some(calendar), choices: Choices::default(), ..Wanted::default() };
        assert!(choose(store, (&self.by(), &Teams::default()), account, &wanted, version).await.unwrap());
    }

    fn show(&self, meetings: &[&str], events: &[&str]) {
        assert_eq!((&self.meetings()[..], &self.events()[..]), (&owned(meetings)[..], &owned(events)[..]));
    }

    /// A meeting in the CRM and an event in Google, each with its copy.
    async fn one_of_each(&self) {
        self.meeting("Here", "2037-03-02 10:00:00", "2037-03-02 11:00:00");
        self.event("There", &at(3).0, &at(3).1);
        self.rest().await;
        assert_eq!((self.meetings().len(), self.events().len()), (2, 2));
    }
}

fn owned(titles: &[&str]) -> Vec<String> {
    titles.iter().map(|title| (*title).to_owned()).collect()
}

fn whys(preview: &Preview) -> Vec<(&str, Why)> {
    let mut all: Vec<_> = preview
        .parts
        .iter()
        .flat_map(|part| part.left.iter().map(|left| (part.title.as_str(), left.why)))
        .collect();
    all.sort_unstable();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_goes_and_what_was_there_stays_and_nothing_is_made_again() {
    let world = World::new().await;
    let whose = world.anna().await;
    world.one_of_each().await;
    let preview = world.remove_all(whose.0).await;
    assert_eq!((preview.acts(), preview.left(), preview.more), (2, 0, false));
    assert_eq!(world.kind(whose).await, Kind::Leaving, "it is run for that alone");
    world.event("New", &at(9).0, &at(9).1);
    world.meeting("Newer", "2037-03-10 10:00:00", "2037-03-10 11:00:00");
    world.run().await;
    world.show(&["Here", "Newer"], &["New", "There"]);
    assert_eq!(world.kind(whose).await, Kind::Offered);
    let after = world.removal(whose.0).await;
    assert_eq!((after.standing(), after.acts(), after.left()), (Some((State::Done, 2, 2)), 0, 0));
    let store = &world.gateway.parts.store;
    let mut read = store.read().await.unwrap();
    let told = sync_journal::of_account(store, &mut read, whose.0, 2).await.unwrap();
    assert!(told.iter().all(|entry| entry.rule == "removed-all"), "{told:?}");
    for entry in told {
        assert_eq!(links::get(store, &mut read, entry.link).await.unwrap().unwrap().state, Link::Ignored);
    }
    drop(read);
    world.use_again(whose).await;
    world.sweep().await;
    world.settles().await;
    world.show(&["Here", "New", "Newer"], &["New", "Newer", "There"]);
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_more_than_a_copy_stays_and_is_told() {
    let world = World::new().await;
    let whose = world.anna().await;
    let twin = ("2037-03-20 10:00:00", "2037-03-20 11:00:00");
    world.meeting("Both", twin.0, twin.1);
    world.event("Both", &at(20).0, &at(20).1);
    world.rest().await;
    let past = ("2024-03-02T10:00:00Z", "2024-03-02T11:00:00Z");
    world.event("Past", past.0, past.1);
    for (n, title) in (3..).zip(["Mine", "Held", "Free"]) {
        world.event(title, &at(n).0, &at(n).1);
    }
    world.meeting("Invited", "2037-03-12 10:00:00", "2037-03-12 11:00:00");
    world.rest().await;
    let made = |name: &str| {
        let all = world.crm.records("Meeting");
        all.iter().find(|it| it["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let hand = world.crm.as_user(ANNA_ID);
    hand.edit("Meeting", &made("Mine"), &json!({ "description": "Mine now" })).unwrap();
    hand.edit("Meeting", &made("Held"), &json!({ "status": "Held" })).unwrap();
    let events = world.google().live_events(ANNA);
    let invited = events.iter().find(|event| event["summary"] == "Invited").unwrap()["id"].clone();
    world.edit(invited.as_str().unwrap(), &json!({ "attendees": [{ "email": "eva@far.test" }] }));
    world.rest().await;
    let (meetings, events) = (world.meetings(), world.events());
    let preview = world.remove_all(whose.0).await;
    assert_eq!(preview.acts(), 1);
    let left =
        [("Held", Why::Changed), ("Invited", Why::Guests), ("Mine", Why::Changed), ("Past", Why::Over)];
    assert_eq!(whys(&preview), left);
    world.settles().await;
    let but: Vec<_> = meetings.into_iter().filter(|name| name != "Free").collect();
    assert_eq!((world.meetings(), world.events()), (but, events));
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_lost_are_found_and_nothing_is_done_twice() {
    let world = World::new().await;
    let whose = world.anna().await;
    world.one_of_each().await;
    world.remove_all(whose.0).await;
    let faults = world.google().calendar_faults();
    faults.next(CalendarFault::on("DELETE", "/events/", CalendarTrouble::LoseAnswer));
    world.crm.faults().next(CrmTrouble::LoseAnswer.at("DELETE", "Meeting"));
    world.run().await;
    assert_eq!(world.removal(whose.0).await.standing(), Some((State::Waiting, 0, 2)));
    world.run().await;
    world.show(&["Here"], &["There"]);
    assert_eq!(world.removal(whose.0).await.standing(), Some((State::Done, 2, 2)));
    assert_eq!(world.kind(whose).await, Kind::Offered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_removes_a_portion_and_the_next_one_goes_on_at_once() {
    let world = World::new().await;
    let whose = world.anna().await;
    for n in 0..205 {
        let (day, hour) = (1 + n / 20, n % 20);
        let time = |minute| format!("2037-03-{day:02}T{hour:02}:{minute:02}:00Z");
        world.event(&format!("E{n}"), &time(0), &time(30));
    }
    world.rest().await;
    assert_eq!((world.meetings().len(), world.events().len()), (205, 205));
    assert_eq!(world.remove_all(whose.0).await.acts(), 205);
    world.run().await;
    assert_eq!((world.meetings().len(), world.events().len()), (0, 205));
    assert_eq!(world.removal(whose.0).await.standing(), Some((State::Done, 205, 205)));
    let mut read = world.gateway.parts.store.read().await.unwrap();
    let last = runs::last(&mut read, whose.1, 2).await.unwrap();
    assert_eq!([last[0].removed, last[1].removed], [5, 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_a_calendar_that_another_one_uses_stays() {
    let world = World::new().await;
    let (whose, ben) = (world.anna().await, world.ben().await);
    world.one_of_each().await;
    assert_eq!(world.monitored(ben.0, ben.1, ANNA).await, whose.1);
    let shared = world.removal(whose.0).await;
    assert_eq!(shared.acts(), 0);
    assert_eq!(whys(&shared), [("Here", Why::Shared), ("There", Why::Shared)]);
    let none = remove(&world.gateway.parts.store, &world.by(), whose.0, &shared.mark()).await.unwrap_err();
    assert!(matches!(none, Fault::Undo(NotUndone::NothingToRemove)));
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_what_somebody_takes_part_in_go_with_the_rest() {
    let world = World::new().await;
    world.anna().await;
    let (ben, _) = world.ben().await;
    world.choose(ben, |choices| choices.takes_part = true).await;
    let meeting = json!({ "name": "Plan", "status": "Planned", "dateStart": "2037-03-02 10:00:00",
        "dateEnd": "2037-03-02 11:00:00", "usersIds": [ANNA_ID, BEN_ID] });
    world.crm.as_user(ANNA_ID).create("Meeting", &meeting).unwrap();
    world.rest().await;
    assert_eq!(world.google().live_events(BEN).len(), 1);
    assert_eq!(world.remove_all(ben).await.acts(), 1);
    world.rest().await;
    assert!(world.google().live_events(BEN).is_empty());
    world.show(&["Plan"], &["Plan"]);
    assert_eq!(world.only_meeting()["usersColumns"][BEN_ID]["status"], "None", "nobody has declined");
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_chooses_a_calendar_again_keeps_what_is_left() {
    let world = World::new().await;
    let whose = world.anna().await;
    world.one_of_each().await;
    world.remove_all(whose.0).await;
    world.use_again(whose).await;
    world.settles().await;
    assert_eq!((world.meetings().len(), world.events().len()), (2, 2));
    assert_eq!(world.removal(whose.0).await.standing(), Some((State::Partly, 0, 2)));
    assert_eq!(world.kind(whose).await, Kind::Main);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_can_be_taken_back() {
    let world = World::new().await;
    let whose = world.anna().await;
    world.one_of_each().await;
    world.remove_all(whose.0).await;
    world.run().await;
    world.show(&["Here"], &["There"]);
    let removal = world.last_run(whose).await;
    world.use_again(whose).await;
    world.settles().await;
    assert_eq!(world.confirm(whose.0, removal).await.acts(), 2);
    world.settles().await;
    world.show(&["Here", "There"], &["Here", "There"]);
    let made = world.crm.records("Meeting").into_iter().find(|it| it["name"] == "There").unwrap();
    assert_eq!(made["assignedUserId"], ANNA_ID);
    world.rename(made["id"].as_str().unwrap(), "There B");
    world.settles().await;
    world.show(&["Here", "There B"], &["Here", "There B"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_shown_goes_and_only_while_the_mailbox_is_connected() {
    let world = World::new().await;
    let whose = world.anna().await;
    world.one_of_each().await;
    let store = &world.gateway.parts.store;
    let stale = remove(store, &world.by(), whose.0, "other").await.unwrap_err();
    assert!(matches!(stale, Fault::Undo(NotUndone::Different)));
    assert_eq!(world.kind(whose).await, Kind::Main, "nothing is switched off by that");
    world.remove_all(whose.0).await;
    let there = world.google().live_events(ANNA).into_iter().find(|it| it["summary"] == "Here").unwrap();
    world.edit(there["id"].as_str().unwrap(), &json!({ "summary": "Mine" }));
    world.run().await;
    world.show(&["Here"], &["Mine", "There"]);
    assert_eq!(world.removal(whose.0).await.standing(), Some((State::Partly, 1, 2)));
    postern::actions::account::product::switch(store, &world.by(), whose.0, Product::Calendar, false)
        .await
        .unwrap();
    let off = preview(store, whose.0).await.unwrap_err();
    assert!(matches!(off, Fault::Undo(NotUndone::NotConnected(_))));
}
