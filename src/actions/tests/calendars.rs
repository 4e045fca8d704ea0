//! Calendars: taken over from Google's list, chosen, run at once.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use postern_core::model::account::State;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, CalendarId};
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use postern_core::plan::calendar::choices::{Choices, Kind as Labelled};
use postern_core::plan::calendar::entry::Entity;
use postern_core::plan::policy::Direction;
use serde_json::{Value, json};

use super::{House, address, in_task};
use crate::actions::calendars::CalendarFault;
use crate::actions::calendars::choose::{MOST, Wanted, choose};
use crate::actions::calendars::refresh::{Found, refresh};
use crate::actions::calendars::run::run_now;
use crate::actions::calendars::teams::Teams;
use crate::actions::calendars::view::{self, View};
use crate::google::calendar::Calendar;
use crate::google::trial::calendar;
use crate::net::exchange::{Answer, Exchange, Request, Response};
use crate::store::sync::calendar_users::Kind;
use crate::store::sync::calendars::{self, Ended};
use crate::store::sync::crm_cursors::{self, Cursor};
use crate::store::{accounts, clients, grants};

/// Google, which shows this list.
struct Shown(Mutex<Vec<Value>>);

impl Exchange for Shown {
    fn send(&self, request: Request) -> Answer<'_> {
        assert!(!crate::tasks::holds(), "a transaction is open");
        let items = self.0.lock().unwrap().clone();
        let (status, body) = match request.url.path() {
            "/token" => {
                (200, json!({ "access_token": "ya29.a", "expires_in": 3599, "token_type": "Bearer" }))
            }
            "/calendar/users/me/calendarList" if items.is_empty() => (503, json!({})),
            "/calendar/users/me/calendarList" => (200, json!({ "items": items })),
            other => panic!("{other} is not asked here"),
        };
        let body = body.to_string().into_bytes().into();
        Box::pin(async move { Ok(Response { status, headers: Vec::new(), body }) })
    }
}

/// A house with Anna, who has granted her calendars.
struct Stage {
    house: House,
    shown: Arc<Shown>,
    google: Calendar,
    anna: AccountId,
}

fn item(id: &str, role: &str) -> Value {
    json!({ "id": id, "summary": format!("{id} title"), "accessRole": role, "timeZone": "Europe/Prague" })
}

impl Stage {
    async fn showing(items: &[Value]) -> Self {
        let house = House::new().await;
        let anna = granted(&house, "anna@acme.cz").await;
        let shown = Arc::new(Shown(Mutex::new(items.to_vec())));
        let google = calendar(house.store.clone(), shown.clone(), house.redirect_uri.clone());
        Self { house, shown, google, anna }
    }

    /// The usual list, taken over.
    async fn usual() -> Self {
        let items = [item("anna@acme.cz", "owner"), item("team", "writer"), item("boss", "reader")];
        let stage = Self::showing(&items).await;
        stage.refresh().await.unwrap();
        stage
    }

    fn shows(&self, items: &[Value]) {
        *self.shown.0.lock().unwrap() = items.to_vec();
    }

    async fn refresh(&self) -> Result<Found, CalendarFault> {
        refresh(&self.google, &self.house.store, &self.house.by, self.anna).await
    }

    async fn view(&self) -> View {
        view::one(&self.house.store, self.anna).await.unwrap()
    }

    async fn calendar(&self, id: &str) -> CalendarId {
        let all = self.view().await.calendars;
        all.iter().find(|offer| offer.name == format!("{id} title")).unwrap().id
    }

    async fn wanted(&self, main: Option<&str>, monitored: &[&str]) -> Wanted {
        let mut wanted = Wanted::default();
        if let Some(main) = main {
            wanted.main = Some(self.calendar(main).await);
        }
        for id in monitored {
            wanted.monitored.insert(self.calendar(id).await);
        }
        wanted
    }

    async fn choose(&self, wanted: &Wanted, version: i64) -> Result<bool, CalendarFault> {
        choose(&self.house.store, (&self.house.by, &Teams::default()), self.anna, wanted, version).await
    }

    async fn due(&self) -> BTreeSet<CalendarId> {
        let now = self.house.clock.now();
        let all = calendars::due(&mut self.house.store.read().await.unwrap(), now, 100).await.unwrap();
        all.into_iter().collect()
    }

    /// Everything was run and is due later.
    async fn ran(&self) {
        let mut batch = self.house.store.batch().await.unwrap();
        for offer in self.view().await.calendars {
            let ended = Ended { fault: None, failures: 0, next_at: self.house.clock.now() + 600_000_000 };
            calendars::end(&mut batch, offer.id, &ended).await.unwrap();
        }
        batch.commit().await.unwrap();
    }
}

async fn granted(house: &House, mailbox: &str) -> AccountId {
    let mailbox = address(mailbox);
    let mut act = house.store.act(&house.by.actor, "").await.unwrap();
    let account = accounts::insert(&mut act, &mailbox, None, State::Active).await.unwrap().id;
    let client = clients::current(&house.store, &mut act).await.unwrap().unwrap().id;
    grants::replace(&mut act, account, client, &ScopeSet::calendar(), &Secret::new("1//r")).await.unwrap();
    act.commit(Event::AccountApproved { account, address: mailbox }).await.unwrap();
    account
}

#[tokio::test]
async fn what_google_lists_is_offered_and_nothing_is_chosen() {
    in_task(async {
        let mut named = item("team", "writer");
        named["summaryOverride"] = json!("what Anna calls it");
        let stage = Stage::showing(&[item("anna@acme.cz", "owner"), named, item("boss", "reader")]).await;
        assert_eq!(stage.refresh().await.unwrap(), Found { listed: 3, gone: 0 });
        let view = stage.view().await;
        let told: Vec<_> = view.calendars.iter().map(|o| (o.name.as_str(), o.writable, o.proposed)).collect();
        let expected =
            [("anna@acme.cz title", true, true), ("boss title", false, false), ("team title", true, false)];
        assert_eq!(told, expected, "what a user calls a calendar is not for others");
        assert!(view.calendars.iter().all(|offer| offer.kind == Kind::Offered && offer.listed));
        assert_eq!((view.main(), view.version, view.choices), (None, 0, Choices::default()));
        assert_eq!(stage.house.events().await.last().unwrap(), "calendars_read");
        assert!(stage.due().await.is_empty(), "what nobody uses is not run");
    })
    .await;
}

#[tokio::test]
async fn a_calendar_that_google_lists_no_more_stays_chosen_and_is_marked() {
    in_task(async {
        let stage = Stage::usual().await;
        let wanted = stage.wanted(Some("team"), &["boss"]).await;
        assert!(stage.choose(&wanted, 0).await.unwrap());
        stage.shows(&[item("anna@acme.cz", "owner"), item("boss", "freeBusyReader")]);
        assert_eq!(stage.refresh().await.unwrap(), Found { listed: 2, gone: 1 });
        let view = stage.view().await;
        let team = &view.calendars[0];
        assert_eq!((team.kind, team.listed, team.id), (Kind::Main, false, wanted.main.unwrap()));
        assert_eq!(view.calendars[1].role, "freeBusyReader");
        // It may stay; who has let it go does not get it back.
        assert!(!stage.choose(&wanted, 1).await.unwrap());
        assert!(stage.choose(&Wanted::default(), 1).await.unwrap());
        assert!(matches!(stage.choose(&wanted, 2).await, Err(CalendarFault::NotListed)));
        stage.shows(&[]);
        let before = stage.house.events().await.len();
        assert!(matches!(stage.refresh().await, Err(CalendarFault::Google(_))));
        assert_eq!(stage.house.events().await.len(), before);
        assert_eq!(stage.view().await.calendars.iter().filter(|offer| offer.listed).count(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_is_chosen_is_used_due_and_in_the_journal() {
    in_task(async {
        let stage = Stage::usual().await;
        let mut batch = stage.house.store.batch().await.unwrap();
        let read = Cursor { watermark: Some("2026-11-22 10:00:00".into()), ..Cursor::default() };
        crm_cursors::put(&mut batch, "Meeting", &read).await.unwrap();
        batch.commit().await.unwrap();
        let watermark = async || {
            let mut read = stage.house.store.read().await.unwrap();
            crm_cursors::of(&mut read, "Meeting").await.unwrap().watermark
        };
        stage.ran().await;
        let monitored = stage.wanted(None, &["boss"]).await;
        assert!(stage.choose(&monitored, 0).await.unwrap());
        assert!(watermark().await.is_some(), "without a main calendar nothing of the CRM is wanted");
        let mut wanted = stage.wanted(Some("anna@acme.cz"), &["boss", "anna@acme.cz"]).await;
        wanted.choices.direction = Direction::ToCrm;
        assert!(stage.choose(&wanted, 1).await.unwrap());
        assert!(watermark().await.is_none(), "the CRM is read anew");
        let view = stage.view().await;
        assert_eq!((view.main(), view.version), (wanted.main, 2));
        assert_eq!(view.monitored(), [stage.calendar("boss").await], "the main one is not monitored besides");
        assert_eq!(view.choices, wanted.choices);
        assert_eq!(stage.due().await, wanted.monitored, "what is used is due at once");
        let journal = stage.house.journal().await;
        let [used, set] = &journal[journal.len() - 2..] else { panic!("two rows") };
        assert_eq!((used.event.as_str(), set.event.as_str()), ("calendars_chosen", "calendar_choices_set"));
        assert_eq!(set.detail["changed"], json!(["direction"]));
        let before = journal.len();
        assert!(!stage.choose(&wanted, 2).await.unwrap(), "what stands so already is no change");
        assert_eq!(stage.house.events().await.len(), before);
    })
    .await;
}

#[tokio::test]
async fn whoever_was_slower_is_told_who_was_faster() {
    in_task(async {
        let stage = Stage::usual().await;
        let (first, second) = (stage.wanted(Some("team"), &[]).await, stage.wanted(None, &["boss"]).await);
        assert!(stage.choose(&first, 0).await.unwrap());
        for version in [0, 2] {
            match stage.choose(&second, version).await {
                Err(CalendarFault::Stale { by }) => assert_eq!(by.as_deref(), Some("cli:root")),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(stage.view().await.main(), first.main);
    })
    .await;
}

#[tokio::test]
async fn what_makes_no_sense_or_is_not_ones_own_is_refused() {
    in_task(async {
        let stage = Stage::usual().await;
        let ben = granted(&stage.house, "ben@acme.cz").await;
        let own = stage.wanted(Some("team"), &[]).await;
        let before = stage.house.events().await.len();
        let store = &stage.house.store;
        let told = choose(store, (&stage.house.by, &Teams::default()), ben, &own, 0).await;
        assert!(matches!(told, Err(CalendarFault::NotListed)), "{told:?}");
        let mut reader = stage.wanted(Some("boss"), &[]).await;
        assert!(matches!(stage.choose(&reader, 0).await, Err(CalendarFault::ReadOnly)));
        let mut twice = own.clone();
        twice.choices.kinds =
            [Entity::Meeting, Entity::Call].map(|entity| Labelled { entity, label: "x".into() }).to_vec();
        assert!(matches!(stage.choose(&twice, 0).await, Err(CalendarFault::Senseless(_))));
        assert_eq!(stage.house.events().await.len(), before, "nothing was done");
        assert_eq!(stage.view().await.version, 0);
        reader.choices.direction = Direction::ToCrm;
        assert!(stage.choose(&reader, 0).await.unwrap(), "nothing would be written there");

        let many: Vec<Value> = (0..=MOST).map(|n| item(&format!("c{n}"), "reader")).collect();
        stage.shows(&many);
        stage.refresh().await.unwrap();
        let monitored = stage.view().await.calendars.into_iter().filter(|offer| offer.listed);
        let many = Wanted { monitored: monitored.map(|offer| offer.id).collect(), ..Wanted::default() };
        assert!(matches!(stage.choose(&many, 1).await, Err(CalendarFault::TooMany(MOST))));
    })
    .await;
}

#[tokio::test]
async fn a_mailbox_that_an_admin_disabled_chooses_nothing_and_runs_nothing() {
    in_task(async {
        let stage = Stage::usual().await;
        let wanted = stage.wanted(Some("team"), &[]).await;
        let (store, by) = (&stage.house.store, &stage.house.by);
        crate::actions::account::switch::disable(store, by, &address("anna@acme.cz")).await.unwrap();
        assert!(matches!(stage.choose(&wanted, 0).await, Err(CalendarFault::Disabled(_))));
        assert!(matches!(run_now(store, by, Some(stage.anna)).await, Err(CalendarFault::Disabled(_))));
    })
    .await;
}

#[tokio::test]
async fn a_run_is_asked_for_once_for_one_mailbox_or_for_all() {
    in_task(async {
        let stage = Stage::usual().await;
        let (store, by) = (&stage.house.store, &stage.house.by);
        stage.choose(&stage.wanted(Some("team"), &["boss"]).await, 0).await.unwrap();
        for account in [Some(stage.anna), None] {
            stage.ran().await;
            assert!(stage.due().await.is_empty());
            assert_eq!(run_now(store, by, account).await.unwrap(), 2);
            assert_eq!(stage.due().await.len(), 2);
            let row = stage.house.journal().await.pop().unwrap();
            assert_eq!((row.event.as_str(), &row.detail["calendars"]), ("sync_requested", &json!(2)));
            assert_eq!(row.detail["account"].is_null(), account.is_none());
            let before = stage.house.events().await.len();
            assert_eq!(run_now(store, by, account).await.unwrap(), 0, "they are due already");
            assert_eq!(stage.house.events().await.len(), before);
        }
        let ben = granted(&stage.house, "ben@acme.cz").await;
        stage.ran().await;
        assert_eq!(run_now(store, by, Some(ben)).await.unwrap(), 0, "nobody runs another one's");
    })
    .await;
}
