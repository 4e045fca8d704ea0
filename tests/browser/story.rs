//! An owner picks a calendar, approves what comes of it, settles a conflict, takes
//! a run back, and has everything removed: between a stand-in Google and a stand-in
//! CRM that a served gateway keeps in step.

use std::time::Duration;

use postern::store::sync::crm_cursors;
use postern_core::model::role::Role;
use postern_sandbox::{Crm, CrmOptions, CrmTrouble};
use serde_json::{Value, json};

use super::gallery::pictures;
use super::house::{House, Way};
use crate::calendar::world::{ANNA, ANNA_ID};

/// How long each of the first creations takes: so long that somebody can watch.
const SLOW: Duration = Duration::from_millis(800);

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_from_the_first_choice_to_the_last_removal() {
    for (way, pictures) in [(Way::Straight, String::new()), (Way::ThroughNginx, pictures())] {
        told(way, &pictures).await;
    }
}

struct Two {
    house: House,
    crm: Crm,
    pictures: String,
}

async fn told(way: Way, pictures: &str) {
    let two = Two::founded(way, pictures).await;
    let (link, admin) = (two.connecting().await, two.house.invited("jan", Role::Admin).await);
    let events: Vec<String> = (1..=12).map(|n| two.event(&format!("E{n}"), n)).collect();
    two.crm.set_assignment_mails(true);
    two.chapter("chosen", &link).await;
    assert!(two.meetings().is_empty(), "nothing is made before a word");
    (0..12).for_each(|_| two.crm.faults().next(CrmTrouble::Delay(SLOW).at("POST", "Meeting")));
    two.chapter("approved", &link).await;
    assert_eq!(two.meetings().len(), 12);

    let hand = two.crm.as_user(ANNA_ID);
    hand.delete("Meeting", &two.meeting("E4")).unwrap();
    two.edit(&events[3], &json!({ "summary": "E4" , "location": "Room 1" }));
    two.sweep().await;
    two.chapter("resolved", &link).await;
    two.shows("E4").await;

    let kickoff = json!({ "name": "Kickoff", "status": "Planned", "dateStart": "2037-03-20 10:00:00",
        "dateEnd": "2037-03-20 11:00:00" });
    hand.create("Meeting", &kickoff).unwrap();
    two.lists("Kickoff").await;
    two.edit(&events[4], &json!({ "summary": "E5 by Google" }));
    two.shows("E5 by Google").await;
    two.chapter("undone", &link).await;
    two.shows("E5").await;
    two.lists("E5").await;

    hand.edit("Meeting", &two.meeting("E6"), &json!({ "description": "Mine" })).unwrap();
    two.read_by(&events[5], "Mine").await;
    two.chapter("removed", &admin).await;
    assert_eq!(two.meetings().iter().map(|it| &it["name"]).collect::<Vec<_>>(), ["E6", "Kickoff"]);
    assert_eq!(two.events().len(), 12, "what was there is there");
    assert_eq!(two.house.gateway.sandbox.google().calendar_counters().guest_mails, 0);
    two.house.close().await;
}

impl Two {
    async fn founded(way: Way, pictures: &str) -> Self {
        let crm = Crm::start_with(CrmOptions::default()).await.unwrap();
        crm.add_person(ANNA_ID, ("Anna", "Nova"), &[ANNA]);
        let sections = format!(
            "[sync]\ncalendar_interval = \"1s\"\n[crm]\nurl = \"{}\"\napi_key = \"{}\"\n",
            crm.url(),
            crm.key()
        );
        let products = [("POSTERN__GOOGLE__PRODUCTS", "[\"gmail\", \"calendar\"]")];
        let house = House::with(way, &products, &sections).await;
        house.gateway.sandbox.google().add_user(ANNA);
        Self { house, crm, pictures: pictures.to_owned() }
    }

    /// The link by which the owner connects.
    async fn connecting(&self) -> String {
        let told = self.house.command(&["account", "add", ANNA, "--crm-user", ANNA_ID]).await;
        let start = self.house.url("/oauth");
        let link = told.split_whitespace().find(|word| word.starts_with(&start));
        link.unwrap_or_else(|| panic!("no link in {told}")).to_owned()
    }

    async fn chapter(&self, name: &str, link: &str) {
        let told = [("CHAPTER", name), ("ANNA", ANNA), ("LINK", link), ("PICTURES", self.pictures.as_str())];
        self.house.tell("calendar_story.js", &told).await;
    }

    fn event(&self, title: &str, day: usize) -> String {
        let time = |hour| json!({ "dateTime": format!("2037-03-{day:02}T{hour}:00:00Z") });
        let event = json!({ "summary": title, "start": time(10), "end": time(11) });
        self.house.gateway.sandbox.google().put_event(ANNA, ANNA, event).unwrap()
    }

    fn edit(&self, event: &str, change: &Value) {
        self.house.gateway.sandbox.google().edit_event(ANNA, ANNA, event, change.clone()).unwrap();
    }

    fn events(&self) -> Vec<Value> {
        self.house.gateway.sandbox.google().live_events(ANNA)
    }

    fn meetings(&self) -> Vec<Value> {
        let mut all = self.crm.records("Meeting");
        all.sort_by_key(|it| it["name"].to_string());
        all
    }

    fn meeting(&self, name: &str) -> String {
        let found = self.meetings().into_iter().find(|it| it["name"] == name).unwrap();
        found["id"].as_str().unwrap().to_owned()
    }

    /// Has the CRM asked about every linked record.
    async fn sweep(&self) {
        let mut batch = self.house.gateway.parts.store.batch().await.unwrap();
        crm_cursors::sweep_now(&mut batch, "Meeting").await.unwrap();
        batch.commit().await.unwrap();
    }

    /// Waits for a record of that name.
    async fn shows(&self, name: &str) {
        self.waits(name, || self.meetings().iter().any(|it| it["name"] == name)).await;
    }

    /// Waits for an event of that title.
    async fn lists(&self, title: &str) {
        self.waits(title, || self.events().iter().any(|it| it["summary"] == title)).await;
    }

    /// Waits until the event has that text.
    async fn read_by(&self, event: &str, text: &str) {
        let google = self.house.gateway.sandbox.google();
        self.waits(text, || google.event(ANNA, event).is_some_and(|it| it["description"] == text)).await;
    }

    async fn waits(&self, what: &str, holds: impl Fn() -> bool) {
        for _ in 0..300 {
            if holds() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{what} does not come: {:?} {:?}", self.meetings(), self.events());
    }
}
