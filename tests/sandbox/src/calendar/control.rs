//! The calendar side in the hands of a test: calendars, sharing, and what people do in
//! Google's own pages. None of it is counted as a client's doing.

use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::channel::Notice;
use super::counters::CalendarCounters;
use super::moment::zone_or_utc;
use super::policy::CalendarPolicy;
use super::refusal::Refusal;
use super::routes;
use super::show::Viewer;
use super::store::{Calendar, Role, Stored};
use crate::Faults;
use crate::api::Fault;
use crate::google::Google;

/// The zone of primary calendars, until it is set.
const ZONE: &str = "Europe/Prague";

impl Google {
    /// The base of the Calendar API, with a slash at its end.
    pub fn calendar_url(&self) -> String {
        format!("{}/calendar/v3/", self.base)
    }

    /// Faults of the Calendar API.
    pub fn calendar_faults(&self) -> &Faults<Fault> {
        &self.calendar.faults
    }

    /// Changes how the calendar side behaves.
    pub fn set_calendar_policy(&self, change: impl FnOnce(&mut CalendarPolicy)) {
        change(&mut self.calendar.world.lock().policy);
    }

    /// What clients have cost so far.
    pub fn calendar_counters(&self) -> CalendarCounters {
        self.calendar.world.lock().counters.clone()
    }

    /// Counts from zero again.
    pub fn clear_calendar_counters(&self) {
        self.calendar.world.lock().counters = CalendarCounters::default();
    }

    /// Every user's first calendar, whose id is the address.
    pub(crate) fn open_calendar(&self, email: &str) {
        self.calendar.world.lock().open(email, email, email, ZONE, self.clock.now());
    }

    /// Adds a calendar that `owner` owns. One of that id stays as it is.
    pub fn add_calendar(&self, owner: &str, id: &str, summary: &str, zone: &str) {
        let owner = owner.to_ascii_lowercase();
        self.calendar.world.lock().open(&owner, id, summary, zone, self.clock.now());
    }

    /// Deletes a calendar: it is gone for everybody.
    pub fn remove_calendar(&self, id: &str) {
        let mut world = self.calendar.world.lock();
        world.calendars.remove(id);
        let readers: Vec<String> = world
            .lists
            .iter()
            .filter(|(_, list)| list.contains_key(id))
            .map(|(user, _)| user.clone())
            .collect();
        readers.iter().for_each(|user| world.list(user, id, true));
    }

    /// Sets a calendar's zone.
    pub fn set_calendar_zone(&self, id: &str, zone: &str) {
        self.change_calendar(id, |calendar| calendar.zone = zone.to_owned());
    }

    /// Refuses to be watched, as calendars of holidays and birthdays do.
    pub fn refuse_watching(&self, id: &str) {
        self.change_calendar(id, |calendar| calendar.unwatched = true);
    }

    /// Shares a calendar and puts it on the user's list. Sync tokens for it end.
    pub fn share_calendar(&self, id: &str, user: &str, role: Role) {
        let user = user.to_ascii_lowercase();
        self.change_calendar(id, |calendar| {
            calendar.shares.insert(user.clone(), role);
            calendar.epoch += 1;
        });
        let mut world = self.calendar.world.lock();
        let listed = world.lists.get(&user).and_then(|list| list.get(id)).is_some_and(|it| !it.deleted);
        // Another role does not show up in a list of changes.
        if !listed {
            world.list(&user, id, false);
        }
    }

    /// Takes a calendar away from a user. Sync tokens for it end.
    pub fn unshare_calendar(&self, id: &str, user: &str) {
        let user = user.to_ascii_lowercase();
        self.change_calendar(id, |calendar| {
            calendar.shares.remove(&user);
            calendar.epoch += 1;
        });
        self.calendar.world.lock().list(&user, id, true);
    }

    /// Hides a calendar on a user's list, or shows it again.
    pub fn hide_calendar(&self, user: &str, id: &str, hidden: bool) {
        let user = user.to_ascii_lowercase();
        let mut world = self.calendar.world.lock();
        world.list(&user, id, false);
        if let Some(entry) = world.lists.get_mut(&user).and_then(|list| list.get_mut(id)) {
            entry.hidden = hidden;
        }
    }

    /// Ends every sync token of a calendar: 410 `fullSyncRequired`.
    pub fn expire_sync_tokens(&self, calendar: &str) {
        self.change_calendar(calendar, |calendar| calendar.epoch += 1);
    }

    /// Ends every sync token of the lists of calendars.
    pub fn expire_calendar_list_tokens(&self) {
        self.calendar.world.lock().list_epoch += 1;
    }

    /// The limit against abuse: the user can read and not write for so long.
    pub fn limit_calendar_use(&self, user: &str, lasting: Duration) {
        let until = self.clock.now() + lasting;
        self.calendar.world.lock().quota.cut_off(&user.to_ascii_lowercase(), until);
    }

    fn change_calendar(&self, id: &str, change: impl FnOnce(&mut Calendar)) {
        if let Some(calendar) = self.calendar.world.lock().calendars.get_mut(id) {
            change(calendar);
        }
    }

    /// A person makes an event; its id.
    pub fn put_event(&self, user: &str, calendar: &str, event: Value) -> Result<String, Refusal> {
        let made = self.page(user, "POST", &["calendars", calendar, "events"], event)?;
        let id = made.body.as_ref().and_then(|it| it["id"].as_str());
        Ok(id.unwrap_or_default().to_owned())
    }

    /// A person changes an event, or one instance of a series; `patch` as `events.patch` takes it.
    pub fn edit_event(&self, user: &str, calendar: &str, id: &str, patch: Value) -> Result<(), Refusal> {
        self.page(user, "PATCH", &["calendars", calendar, "events", id], patch).map(|_| ())
    }

    /// A person deletes an event, or one instance of a series.
    pub fn delete_event(&self, user: &str, calendar: &str, id: &str) -> Result<(), Refusal> {
        self.page(user, "DELETE", &["calendars", calendar, "events", id], Value::Null).map(|_| ())
    }

    /// A guest answers: `accepted`, `declined`, `tentative` or `needsAction`.
    pub fn respond(&self, user: &str, id: &str, answer: &str) -> Result<(), Refusal> {
        let user = user.to_ascii_lowercase();
        let event = self.event(&user, id).ok_or_else(Refusal::not_found)?;
        let mut attendees = event["attendees"].clone();
        for attendee in attendees.as_array_mut().into_iter().flatten() {
            if attendee["email"] == user.as_str() {
                attendee["responseStatus"] = json!(answer);
            }
        }
        self.edit_event(&user, &user, id, json!({"attendees": attendees}))
    }

    /// An invitation from somebody who is not at this Google arrives; the event's id.
    /// `event` names its organizer, and lists the user among its attendees.
    pub fn invite(&self, user: &str, event: Value) -> Result<String, Refusal> {
        let user = user.to_ascii_lowercase();
        let made = self.page(&user, "POST", &["calendars", &user, "events", "import"], event)?;
        let id = made.body.as_ref().and_then(|it| it["id"].as_str()).unwrap_or_default();
        let mut world = self.calendar.world.lock();
        let stored = world.calendars.get_mut(&user).and_then(|it| it.events.get_mut(id));
        if let Some(Stored { body, .. }) = stored {
            body.remove("privateCopy");
            body.remove("creator");
            body.extend(body.get("organizer").map(|it| ("creator".to_owned(), it.clone())));
        }
        Ok(id.to_owned())
    }

    /// Gives an event a new etag and nothing else, as Google's own jobs do.
    pub fn touch_event(&self, calendar: &str, id: &str) {
        let now = self.clock.now();
        let mut world = self.calendar.world.lock();
        let stored = world.calendars.get(calendar).and_then(|it| it.events.get(id)).cloned();
        if let Some(stored) = stored {
            world.put(calendar, stored.body, now, false);
            world.ring(now);
        }
        drop(world);
        self.calendar.bell.notify_one();
    }

    /// An event as the calendar's owner sees it, deleted ones too.
    pub fn event(&self, calendar: &str, id: &str) -> Option<Value> {
        let world = self.calendar.world.lock();
        let calendar = world.calendars.get(calendar)?;
        let stored = super::read::event_of(calendar, id)?;
        Some(owners_view(calendar).show(&stored))
    }

    /// All events of a calendar as its owner sees them, deleted ones too, by id. A series is
    /// one event, and each of its exceptions another.
    pub fn events(&self, calendar: &str) -> Vec<Value> {
        let world = self.calendar.world.lock();
        let Some(calendar) = world.calendars.get(calendar) else {
            return Vec::new();
        };
        calendar.events.values().map(|stored| owners_view(calendar).show(stored)).collect()
    }

    /// The events of a calendar that are not deleted.
    pub fn live_events(&self, calendar: &str) -> Vec<Value> {
        self.events(calendar).into_iter().filter(|it| it["status"] != "cancelled").collect()
    }

    /// What the user's page shows of a calendar between two moments, each as RFC 3339 writes it:
    /// series as their occurrences.
    pub fn shown(&self, user: &str, calendar: &str, from: &str, to: &str) -> Result<Vec<Value>, Refusal> {
        let path = ["calendars", calendar, "events"];
        let mut call = Call::by(user, self.clock.now(), "GET", &path, Value::Null);
        call.query = [("singleEvents", "true"), ("maxResults", "2500"), ("timeMin", from), ("timeMax", to)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        let body = routes::answer(&mut self.calendar.world.lock(), &call, None)?.body;
        Ok(body.and_then(|body| body["items"].as_array().cloned()).unwrap_or_default())
    }

    /// The user's list of calendars and their roles.
    pub fn calendars_of(&self, user: &str) -> Vec<(String, Role)> {
        let world = self.calendar.world.lock();
        let open = world.calendars.values().filter_map(|it| Some((it.id.clone(), it.role(user)?)));
        open.collect()
    }

    /// Channels that live.
    pub fn live_channels(&self) -> usize {
        self.calendar.world.lock().live_channels(self.clock.now())
    }

    /// Takes the notifications that have not been sent; for a Google without listeners.
    pub fn take_notices(&self) -> Vec<Notice> {
        self.calendar.world.lock().notices.drain(..).collect()
    }

    /// Has notifications trust the servers that this authority vouches for.
    /// What is no certificate is passed over.
    pub fn trust_webhooks(&self, ca_pem: &str) {
        let roots = CertificateDer::pem_slice_iter(ca_pem.as_bytes()).filter_map(Result::ok);
        self.calendar.roots.lock().extend(roots);
    }

    /// What a person does in Google's own pages.
    fn page(&self, user: &str, method: &str, path: &[&str], body: Value) -> Result<Answer, Refusal> {
        let call = Call::by(user, self.clock.now(), method, path, body);
        let mut world = self.calendar.world.lock();
        let done = routes::answer(&mut world, &call, None);
        world.ring(call.now);
        drop(world);
        self.calendar.bell.notify_one();
        done
    }
}

fn owners_view(calendar: &Calendar) -> Viewer<'_> {
    Viewer { calendar, role: Role::Owner, shown: zone_or_utc(&calendar.zone), most_attendees: None }
}
