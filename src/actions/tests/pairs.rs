//! What is not in step, why, and taking it up again.

use postern_core::model::id::{AccountId, CalendarId, PairId};
use postern_core::plan::link::{Base, Side, State};
use postern_core::plan::record::{Field, Value};
use postern_core::plan::rule::Rule;
use uuid::Uuid;

use super::{House, address};
use crate::actions::calendars::resume::{resume, retry};
use crate::actions::calendars::trial::{conflict, letter, pair};
use crate::actions::calendars::waiting::Waiting;
use crate::actions::calendars::{CalendarFault, story, waiting};
use crate::store::accounts;
use crate::store::sync::links::{self, Link};
use crate::store::sync::{calendar_users, calendars, crm_seen, google_seen};

struct Stage {
    house: House,
    anna: AccountId,
    calendar: CalendarId,
}

impl Stage {
    /// Anna's calendar, due in an hour.
    async fn new() -> Self {
        let house = House::new().await;
        let anna = added(&house, "anna@x.cz").await;
        let mut batch = house.store.batch().await.unwrap();
        let calendar = calendars::put(&mut batch, "anna@x.cz", "Main", "UTC").await.unwrap();
        calendar_users::put(&mut batch, anna, calendar, "owner").await.unwrap();
        calendars::begin(&mut batch, calendar, house.clock.now() + 3_600_000_000).await.unwrap();
        batch.commit().await.unwrap();
        Self { house, anna, calendar }
    }

    fn at(&self) -> (AccountId, CalendarId) {
        (self.anna, self.calendar)
    }

    async fn pair(&self, name: &str, state: State, lives: (bool, bool)) -> PairId {
        pair(&self.house.store, self.at(), name, state, lives).await
    }

    async fn waiting(&self) -> Waiting {
        waiting::of(&self.house.store, self.anna).await.unwrap()
    }

    async fn link(&self, id: PairId) -> Option<Link> {
        links::get(&self.house.store, &mut self.house.store.read().await.unwrap(), id).await.unwrap()
    }

    /// Events and records that are to be planned for.
    async fn dirty(&self) -> (Vec<String>, Vec<String>) {
        let (store, mut read) = (&self.house.store, self.house.store.read().await.unwrap());
        let events = google_seen::dirty(store, &mut read, self.calendar, 9).await.unwrap();
        let records = crm_seen::dirty_of_links(store, &mut read, self.calendar, 9).await.unwrap();
        (
            events.into_iter().map(|row| row.event).collect(),
            records.into_iter().map(|row| row.record).collect(),
        )
    }

    async fn is_due(&self) -> bool {
        let mut read = self.house.store.read().await.unwrap();
        let found = calendars::get(&self.house.store, &mut read, self.calendar).await.unwrap().unwrap();
        found.next_at <= self.house.clock.now()
    }

    async fn resume(&self, pair: PairId) -> Result<(), CalendarFault> {
        resume(&self.house.store, &self.house.by, self.anna, pair).await
    }
}

async fn added(house: &House, mailbox: &str) -> AccountId {
    house.add(mailbox, &[]).await.unwrap();
    let mut read = house.store.read().await.unwrap();
    accounts::by_address(&mut read, &address(mailbox)).await.unwrap().unwrap().id
}

#[tokio::test]
async fn a_dead_letter_is_told_with_its_reason_and_tried_again_once() {
    let stage = Stage::new().await;
    let store = &stage.house.store;
    let known = stage.pair("Plan", State::Active, (true, true)).await;
    let id = letter(store, stage.at(), "Meeting/recordPlan", "the end is before the start").await;
    letter(store, stage.at(), "Meeting/recordPlan", "the end is before the start").await;
    let waiting = stage.waiting().await;
    let [told] = waiting.letters.as_slice() else { panic!("{waiting:?}") };
    assert_eq!((told.title.as_str(), told.attempts, told.pair), ("Plan", 2, Some(known)));
    assert_eq!((told.reason.as_str(), waiting.letters_in_all), ("the end is before the start", 1));
    assert_eq!(told.record, Some(("Meeting".to_owned(), "recordPlan".to_owned())));
    let other = added(&stage.house, "ben@x.cz").await;
    let foreign = retry(store, &stage.house.by, other, id).await;
    assert!(matches!(foreign, Err(CalendarFault::NotThere)), "{foreign:?}");
    assert!(!stage.is_due().await);

    retry(store, &stage.house.by, stage.anna, id).await.unwrap();
    assert_eq!(stage.dirty().await, (vec!["eventPlan".to_owned()], vec!["recordPlan".to_owned()]));
    assert!(stage.is_due().await && stage.waiting().await.letters.is_empty());
    let again = retry(store, &stage.house.by, stage.anna, id).await;
    assert!(matches!(again, Err(CalendarFault::NotThere)), "{again:?}");
    let events = stage.house.events().await;
    assert_eq!(events.iter().filter(|event| *event == "dead_letter_retried").count(), 1);
}

#[tokio::test]
async fn an_event_without_a_pair_is_planned_for_again_by_its_own_identity() {
    let stage = Stage::new().await;
    let gone = stage.pair("Lunch", State::Active, (true, false)).await;
    let mut batch = stage.house.store.batch().await.unwrap();
    links::remove(&mut batch, gone).await.unwrap();
    batch.commit().await.unwrap();
    let id = letter(&stage.house.store, stage.at(), "eventLunch", "refused").await;
    assert_eq!(stage.waiting().await.letters[0].title, "Lunch");
    retry(&stage.house.store, &stage.house.by, stage.anna, id).await.unwrap();
    assert_eq!(stage.dirty().await.0, ["eventLunch"]);
}

#[tokio::test]
async fn pairs_that_are_left_alone_are_listed_and_what_is_over_is_not() {
    let stage = Stage::new().await;
    stage.pair("InStep", State::Active, (true, true)).await;
    stage.pair("Over", State::Detached, (false, false)).await;
    for (name, state) in [("Let", State::Detached), ("Shut", State::Frozen), ("Wild", State::Quarantined)] {
        stage.pair(name, state, (true, true)).await;
    }
    let pairs = stage.waiting().await.pairs;
    let mut told: Vec<_> = pairs.iter().map(|pair| (pair.title.as_str(), pair.state)).collect();
    assert_eq!(told.pop(), Some(("Let", State::Detached)), "those that need somebody come first");
    told.sort_unstable();
    assert_eq!(told, [("Shut", State::Frozen), ("Wild", State::Quarantined)]);
    assert!(pairs.iter().all(waiting::Apart::resumable));
}

#[tokio::test]
async fn a_pair_is_taken_up_with_both_sides_and_once() {
    let stage = Stage::new().await;
    for state in [State::Frozen, State::Detached, State::Ignored, State::Quarantined] {
        let id = stage.pair(state.name(), state, (true, true)).await;
        stage.resume(id).await.unwrap();
        let link = stage.link(id).await.unwrap();
        assert_eq!(link.state, State::Active);
        assert_ne!(link.base, Base::default(), "what was agreed stays known");
        assert!(stage.dirty().await.0.contains(&format!("event{}", state.name())));
        let again = stage.resume(id).await;
        assert!(matches!(again, Err(CalendarFault::InStep)), "{again:?}");
    }
    assert!(stage.is_due().await);
    let rows = stage.house.journal().await;
    let rows: Vec<_> = rows.iter().filter(|line| line.event == "pair_resumed").collect();
    assert_eq!(rows.len(), 4);
    assert!(serde_json::to_string(&rows[0]).unwrap().contains("frozen"));
}

#[tokio::test]
async fn of_a_pair_with_one_side_the_other_is_made_again() {
    let stage = Stage::new().await;
    let no_event = stage.pair("NoEvent", State::Detached, (false, true)).await;
    stage.resume(no_event).await.unwrap();
    let link = stage.link(no_event).await.unwrap();
    assert_eq!((link.state, link.base), (State::Active, Base::default()));
    let no_record = stage.pair("NoRecord", State::Ignored, (true, false)).await;
    stage.resume(no_record).await.unwrap();
    assert_eq!(stage.link(no_record).await, None, "without a pair the event is a new one");
    assert!(stage.dirty().await.0.contains(&"eventNoRecord".to_owned()));
}

#[tokio::test]
async fn what_is_over_is_anothers_or_unknown_is_not_taken_up() {
    let stage = Stage::new().await;
    let over = stage.pair("Over", State::Detached, (false, false)).await;
    let told = stage.resume(over).await;
    assert!(matches!(told, Err(CalendarFault::BothGone)), "{told:?}");
    let told = stage.resume(PairId(Uuid::nil())).await;
    assert!(matches!(told, Err(CalendarFault::NotThere)), "{told:?}");
    let mine = stage.pair("Mine", State::Detached, (true, true)).await;
    let other = added(&stage.house, "ben@x.cz").await;
    let told = resume(&stage.house.store, &stage.house.by, other, mine).await;
    assert!(matches!(told, Err(CalendarFault::NotThere)), "{told:?}");
    let told = story::of(&stage.house.store, other, mine).await;
    assert!(matches!(told, Err(CalendarFault::NotThere)), "{told:?}");
    assert!(!stage.house.events().await.contains(&"pair_resumed".to_owned()));
}

#[tokio::test]
async fn a_conflict_is_told_with_what_was_there_and_what_was_lost() {
    let stage = Stage::new().await;
    let id = stage.pair("Plan", State::Active, (true, true)).await;
    conflict(&stage.house.store, stage.at(), id).await;
    let story = story::of(&stage.house.store, stage.anna, id).await.unwrap();
    let [change] = story.changes.as_slice() else { panic!("{story:?}") };
    assert_eq!((change.side(), change.rule.as_str()), (Side::Google, "conflict-crm"));
    let fields = change.fields.as_ref().unwrap();
    let [told] = fields.as_slice() else { panic!("{fields:?}") };
    assert_eq!((told.field, told.rule), (Field::Title, Some(Rule::ConflictCrm)));
    assert_eq!(told.before, Some(Value::text("Plan")));
    assert_eq!(told.written, Some(Value::text("Plan <i>of the CRM</i>")));
    assert_eq!(told.lost, Some((Side::Google, Value::text("Plan of Google"))));
    let record = story::Whose::Record("Meeting", "recordPlan");
    for whose in [record, story::Whose::Event("eventPlan")] {
        let pairs = story::pairs(&stage.house.store, whose).await.unwrap();
        assert_eq!(pairs.iter().map(|(_, link)| link.id).collect::<Vec<_>>(), [id], "{whose:?}");
    }
}
