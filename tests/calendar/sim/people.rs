//! What people do in Google's pages and in the CRM's, entered into the books.

use std::sync::{Arc, Mutex, MutexGuard};

use postern::net::exchange::{Method, Request};
use postern_sandbox::{Crm, Google};
use serde_json::{Map, Value, json};

use super::books::{Books, Edit, Thing};
use super::history::{Deed, Field, Guests, Side, Where, Who};
use super::shown::{Scene, Shown, days, times};
use crate::calendar::world::{ANNA, ANNA_ID, BEN, BEN_ID};

pub const CARA: &str = "cara@example.com";
pub const TEAM: &str = "team@group.calendar.google.com";
pub const HOLIDAYS: &str = "holidays@group.calendar.google.com";
pub const ZOE: &str = "zoe@elsewhere.test";

/// 1 January 2037, in days since 1970.
const BEGIN: i64 = 24_472;

const EVERYBODY: [Who; 3] = [Who::Anna, Who::Ben, Who::Cara];

impl Who {
    pub fn address(self) -> &'static str {
        match self {
            Self::Anna => ANNA,
            Self::Ben => BEN,
            Self::Cara => CARA,
        }
    }

    pub fn user(self) -> &'static str {
        match self {
            Self::Anna => ANNA_ID,
            Self::Ben => BEN_ID,
            Self::Cara => "0000000000000c44c",
        }
    }
}

/// Everybody, and what they did.
pub struct People {
    pub google: Arc<Google>,
    pub crm: Arc<Crm>,
    books: Mutex<Books>,
}

/// What one edit or creation says.
struct Words {
    title: String,
    text: String,
    place: String,
    when: When,
}

#[derive(Clone, Copy)]
enum When {
    Days(i64),
    Times(i64),
}

impl Words {
    fn of(thing: usize, number: usize, private: bool, days: bool) -> Self {
        let (name, hush) = if private { ("Hushhush", "Hushhush ") } else { ("T", "") };
        let turn = i64::try_from(number).unwrap();
        Self {
            title: format!("{name}{thing} v{number}"),
            text: format!("{hush}words {number}"),
            place: format!("{hush}Room {number}"),
            when: if days { When::Days(BEGIN + turn) } else { When::Times(BEGIN * 86_400 + turn * 3_720) },
        }
    }

    fn value(&self, field: Field) -> String {
        match (field, self.when) {
            (Field::Title, _) => self.title.clone(),
            (Field::Text, _) => self.text.clone(),
            (Field::Place, _) => self.place.clone(),
            (Field::When, When::Days(first)) => days(first, 1),
            (Field::When, When::Times(start)) => times(start, 1_800),
        }
    }

    fn google(&self, field: Field, call: bool) -> Vec<(&'static str, Value)> {
        match (field, self.when) {
            (Field::Title, _) if call => vec![("summary", json!(format!("Call: {}", self.title)))],
            (Field::Title, _) => vec![("summary", json!(self.title))],
            (Field::Text, _) => vec![("description", json!(self.text))],
            (Field::Place, _) => vec![("location", json!(self.place))],
            (Field::When, When::Days(first)) => {
                let day = |day| json!({ "date": date(day), "dateTime": null, "timeZone": null });
                vec![("start", day(first)), ("end", day(first + 1))]
            }
            (Field::When, When::Times(start)) => {
                let at = |at| json!({ "dateTime": format!("{}Z", moment(at, 'T')), "date": null });
                vec![("start", at(start)), ("end", at(start + 1_800))]
            }
        }
    }

    fn crm(&self, field: Field, call: bool) -> Vec<(&'static str, Value)> {
        match (field, self.when) {
            (Field::Title, _) => vec![("name", json!(self.title))],
            (Field::Text, _) => vec![("description", json!(self.text))],
            (Field::Place, _) => Vec::new(),
            (Field::When, When::Days(first)) => vec![
                ("isAllDay", json!(true)),
                ("dateStartDate", json!(date(first))),
                ("dateEndDate", json!(date(first))),
            ],
            (Field::When, When::Times(start)) => {
                let at = |at| json!(moment(at, ' '));
                let mut times = vec![("dateStart", at(start)), ("dateEnd", at(start + 1_800))];
                if !call {
                    times.push(("isAllDay", json!(false)));
                    times.extend([("dateStartDate", Value::Null), ("dateEndDate", Value::Null)]);
                }
                times
            }
        }
    }
}

impl People {
    pub fn new(google: Arc<Google>, crm: Arc<Crm>) -> Self {
        Self { google, crm, books: Mutex::default() }
    }

    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// Both sides now.
    pub fn scene(&self) -> Scene {
        let calendars = [ANNA, BEN, CARA, TEAM, HOLIDAYS].map(str::to_owned);
        Scene::of(&self.google, &self.crm, &calendars)
    }

    /// Whether a request writes a record of a thing.
    pub fn writes(&self, request: &Request, thing: usize) -> bool {
        let of = |(_, id): &(String, String)| request.url.path().ends_with(id.as_str());
        let books = self.books();
        request.method != Method::Get && books.records.iter().any(|(name, has)| *has == thing && of(name))
    }

    /// Does what a person does; what cannot be done is not done.
    pub fn act(&self, number: usize, deed: &Deed) {
        let before = self.crm.notifications().len();
        match *deed {
            Deed::NewEvent { .. } => self.new_event(number, deed),
            Deed::NewRecord { who, with, days, call } => {
                self.new_record(number, who, days, call);
                if let Some(with) = with {
                    self.take_part(number, with, true);
                }
            }
            Deed::Edit { thing, side, field } => self.edit(number, thing, side, field),
            Deed::Delete { thing, side } => self.delete(thing, side),
            Deed::Copy { thing } => self.copy(number, thing),
            Deed::Assign { thing, to } => {
                self.crm_edit(thing, &json!({ "assignedUserId": to.user() }));
                if let Some(thing) = self.books().things.get_mut(&thing) {
                    thing.assigned = true;
                    thing.ruled = EVERYBODY.to_vec();
                }
                self.takes_part(thing, to);
            }
            Deed::TakePart { thing, who, comes } => {
                self.take_part(thing, who, comes);
            }
            Deed::DropCopy { thing, who } => self.drop_copy(thing, who),
            Deed::Status { thing, word } => {
                self.crm_edit(thing, &json!({ "status": word }));
                if let Some(thing) = self.books().things.get_mut(&thing) {
                    thing.called_off |= word == "Not Held";
                }
            }
            Deed::Private { thing, private } => self.private(number, thing, private),
            Deed::Respond { thing, who, word } => self.respond(thing, who, word),
            Deed::Answer { thing, who, word } => {
                if let Some((entity, id)) = self.record(thing) {
                    let _ = self.crm.as_user(who.user()).answer(&entity, &id, word);
                }
            }
            Deed::Forward { .. }
            | Deed::Run { .. }
            | Deed::Both
            | Deed::Revoke { .. }
            | Deed::Reconnect { .. }
            | Deed::Join
            | Deed::ExpireTokens { .. } => {}
        }
        let told = self.crm.notifications().len() - before;
        let scene = self.scene();
        let mut books = self.books();
        books.told += told;
        books.learn(&scene);
    }

    fn new_event(&self, number: usize, deed: &Deed) {
        let Deed::NewEvent { who, at, guests, days, private, call } = *deed else { return };
        let (user, calendar) = match at {
            Where::Own => (who.address(), who.address()),
            Where::Team => (ANNA, TEAM),
            Where::Holidays => (ZOE, HOLIDAYS),
        };
        let words = Words::of(number, number, private, days);
        let mut event: Map<String, Value> = all(|field| words.google(field, call));
        if private {
            event.insert("visibility".to_owned(), json!("private"));
        }
        let other = if who == Who::Anna { BEN } else { ANNA };
        match guests {
            Guests::Nobody => {}
            Guests::Inside => drop(event.insert("attendees".to_owned(), json!([{ "email": other }]))),
            Guests::Outside => {
                drop(event.insert("attendees".to_owned(), json!([{ "email": "eva@outside.test" }])));
            }
        }
        for end in ["start", "end"] {
            event.get_mut(end).and_then(Value::as_object_mut).unwrap().retain(|_, value| !value.is_null());
        }
        let id = self.google.put_event(user, calendar, Value::Object(event)).unwrap();
        let ruled = match (at, guests) {
            (Where::Team, _) | (_, Guests::Inside) => vec![Who::Anna, Who::Ben],
            (Where::Holidays, _) => vec![Who::Anna],
            (Where::Own, _) => vec![who],
        };
        let thing = Thing { number, born: Side::Google, call, guests, private, ruled, ..blank() };
        self.enter(thing, &words);
        self.books().events.insert((calendar.to_owned(), id), number);
    }

    fn new_record(&self, number: usize, who: Who, days: bool, call: bool) {
        let words = Words::of(number, number, false, days);
        let mut record: Map<String, Value> = all(|field| words.crm(field, call));
        record.insert("status".to_owned(), json!("Planned"));
        let entity = if call { "Call" } else { "Meeting" };
        let id = self.crm.as_user(who.user()).create(entity, &Value::Object(record)).unwrap();
        let connected = who != Who::Cara;
        let ruled = vec![who];
        self.enter(Thing { number, born: Side::Crm, call, connected, ruled, ..blank() }, &words);
        self.books().records.insert((entity.to_owned(), id), number);
    }

    fn copy(&self, number: usize, thing: usize) {
        let Some((entity, id)) = self.record(thing) else { return };
        let Some(shown) = self.crm.record(&entity, &id) else { return };
        let hand = self.crm.as_user(ANNA_ID);
        let copy = hand.copy(&entity, &id).unwrap();
        let days = !shown["dateStartDate"].is_null();
        let words = Words::of(number, number, false, days);
        let call = entity == "Call";
        let mut renamed = all(|field| words.crm(field, call));
        renamed.insert("status".to_owned(), json!("Planned"));
        hand.edit(&entity, &copy, &Value::Object(renamed)).unwrap();
        let (ruled, of) = (EVERYBODY.to_vec(), self.books().things.get(&thing).cloned());
        // Whoever takes part in the one takes part in the other.
        let (guests, outsiders) = match of {
            Some(of) if self.books().invites() && of.guests != Guests::Nobody => {
                (Guests::Inside, of.outsiders)
            }
            _ => (Guests::Nobody, false),
        };
        self.enter(Thing { number, born: Side::Crm, call, ruled, guests, outsiders, ..blank() }, &words);
        self.books().records.insert((entity, copy), number);
    }

    fn enter(&self, mut thing: Thing, words: &Words) {
        let (at, side) = (self.google.clock().seconds(), thing.born);
        let fields = [Field::Title, Field::Text, Field::Place, Field::When];
        thing.edits = fields.map(|field| Edit { at, side, field, value: words.value(field) }).to_vec();
        self.books().things.insert(thing.number, thing);
    }

    fn edit(&self, number: usize, thing: usize, side: Side, field: Field) {
        let Some(call) = self.books().things.get(&thing).map(|it| it.call) else { return };
        // One that was made again is as public as the record that it was made of.
        let private = side == Side::Google
            && self.event(thing).and_then(|(_, calendar, id)| self.google.event(&calendar, &id)).is_some_and(
                |event| matches!(event["visibility"].as_str(), Some("private" | "confidential")),
            );
        let words = Words::of(thing, number, private, number.is_multiple_of(5) && !call);
        let done = match side {
            Side::Google => self.event(thing).is_some_and(|(user, calendar, id)| {
                let patch: Map<_, _> = of(words.google(field, call));
                self.google.edit_event(&user, &calendar, &id, Value::Object(patch)).is_ok()
            }),
            Side::Crm => self.record(thing).is_some_and(|(entity, id)| {
                let change: Map<_, _> = of(words.crm(field, call));
                !change.is_empty()
                    && self.crm.as_user(ANNA_ID).edit(&entity, &id, &Value::Object(change)).is_ok()
            }),
        };
        if done {
            let (at, value) = (self.google.clock().seconds(), words.value(field));
            if let Some(thing) = self.books().things.get_mut(&thing) {
                thing.edits.push(Edit { at, side, field, value });
            }
        }
    }

    fn crm_edit(&self, thing: usize, change: &Value) {
        if let Some((entity, id)) = self.record(thing) {
            let _ = self.crm.as_user(ANNA_ID).edit(&entity, &id, change);
            self.touched(thing, Side::Crm);
        }
    }

    fn take_part(&self, thing: usize, who: Who, comes: bool) {
        let Some((entity, id)) = self.record(thing) else { return };
        let hand = self.crm.as_user(ANNA_ID);
        let done = match comes {
            true => hand.relate(&entity, &id, "users", who.user()),
            false => hand.unrelate(&entity, &id, "users", who.user()),
        };
        if done.is_ok() {
            self.touched(thing, Side::Crm);
            self.takes_part(thing, who);
        }
    }

    fn drop_copy(&self, thing: usize, who: Who) {
        let scene = self.scene();
        let mut books = self.books();
        let of_who = |copy: &&Shown| copy.home == who.address();
        let copy = books.copies_of(thing, &scene).into_iter().find(of_who).map(|copy| copy.id.clone());
        let Some(copy) = copy else { return };
        if self.google.delete_event(who.address(), who.address(), &copy).is_ok()
            && let Some(thing) = books.things.get_mut(&thing)
        {
            thing.dropped.push(who);
        }
    }

    // Whoever takes part may be invited, and then has the event in a calendar of his own; or he has a
    // copy, whose deletion goes to the CRM.
    fn takes_part(&self, thing: usize, who: Who) {
        let mut books = self.books();
        let copies = books.copies(who);
        if let Some(thing) =
            books.things.get_mut(&thing).filter(|thing| copies && !thing.ruled.contains(&who))
        {
            thing.ruled.push(who);
        }
        if !books.invites() {
            return;
        }
        if let Some(thing) = books.things.get_mut(&thing) {
            thing.ruled = EVERYBODY.to_vec();
            thing.outsiders |= who == Who::Cara;
            if thing.guests == Guests::Nobody {
                thing.guests = Guests::Inside;
            }
        }
    }

    // Something else than its words was changed.
    fn touched(&self, thing: usize, side: Side) {
        let at = self.google.clock().seconds();
        if let Some(thing) = self.books().things.get_mut(&thing) {
            thing.disturbed = true;
            thing.touches.push((side, at));
        }
    }

    fn delete(&self, thing: usize, side: Side) {
        let done = match side {
            Side::Google => self
                .event(thing)
                .is_some_and(|(user, calendar, id)| self.google.delete_event(&user, &calendar, &id).is_ok()),
            Side::Crm => self
                .record(thing)
                .is_some_and(|(entity, id)| self.crm.as_user(ANNA_ID).delete(&entity, &id).is_ok()),
        };
        if let (true, Some(thing)) = (done, self.books().things.get_mut(&thing)) {
            thing.deleted.insert(side);
        }
    }

    // Whoever hides a thing, or shows it, gives it other words by it.
    fn private(&self, number: usize, thing: usize, private: bool) {
        const WORDS: [Field; 3] = [Field::Title, Field::Text, Field::Place];
        // Whoever is invited has a copy that is hidden, or shown, by himself.
        let open = |thing: &Thing| (thing.guests != Guests::Inside).then_some(thing.call);
        let Some(call) = self.books().things.get(&thing).and_then(open) else { return };
        let Some((user, calendar, id)) = self.event(thing) else { return };
        let words = Words::of(thing, number, private, false);
        let mut patch: Map<_, _> =
            WORDS.into_iter().flat_map(|field| of(words.google(field, call))).collect();
        patch.insert("visibility".to_owned(), json!(if private { "private" } else { "default" }));
        if self.google.edit_event(&user, &calendar, &id, Value::Object(patch)).is_err() {
            return;
        }
        let at = self.google.clock().seconds();
        if let Some(thing) = self.books().things.get_mut(&thing) {
            thing.private = private;
            thing.disturbed = true;
            for field in WORDS {
                thing.edits.push(Edit { at, side: Side::Google, field, value: words.value(field) });
            }
        }
    }

    fn respond(&self, thing: usize, who: Who, word: &str) {
        if let Some((_, _, id)) = self.event(thing) {
            let _ = self.google.respond(who.address(), &id, word);
            self.touched(thing, Side::Google);
        }
    }

    // The thing's living event where it is organized: who changes it, the calendar, the identity.
    fn event(&self, thing: usize) -> Option<(String, String, String)> {
        let scene = self.scene();
        let books = self.books();
        let event = books.events_of(thing, &scene).into_iter().find(|event| event.own)?;
        let user = match event.home.as_str() {
            TEAM => ANNA,
            HOLIDAYS => ZOE,
            own => own,
        };
        Some((user.to_owned(), event.home.clone(), event.id.clone()))
    }

    fn record(&self, thing: usize) -> Option<(String, String)> {
        let scene = self.scene();
        let books = self.books();
        let record = books.records_of(thing, &scene).into_iter().next()?;
        Some((record.home.clone(), record.id.clone()))
    }
}

fn blank() -> Thing {
    Thing {
        number: 0,
        born: Side::Crm,
        call: false,
        guests: Guests::Nobody,
        edits: Vec::new(),
        deleted: std::collections::BTreeSet::new(),
        private: false,
        connected: false,
        ruled: Vec::new(),
        called_off: false,
        assigned: false,
        dropped: Vec::new(),
        outsiders: false,
        disturbed: false,
        touches: Vec::new(),
    }
}

fn of(pairs: Vec<(&'static str, Value)>) -> Map<String, Value> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn all(tell: impl Fn(Field) -> Vec<(&'static str, Value)>) -> Map<String, Value> {
    [Field::Title, Field::Text, Field::Place, Field::When]
        .into_iter()
        .flat_map(|field| of(tell(field)))
        .collect()
}

/// `YYYY-MM-DD` of a day of 2037.
pub fn date(day: i64) -> String {
    const ENDS: [i64; 12] = [31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
    let day = day - BEGIN;
    let month = ENDS.iter().position(|end| day < *end).unwrap();
    let before = if month == 0 { 0 } else { ENDS[month - 1] };
    format!("2037-{:02}-{:02}", month + 1, day - before + 1)
}

fn moment(at: i64, between: char) -> String {
    let (day, second) = (at.div_euclid(86_400), at.rem_euclid(86_400));
    format!("{}{between}{:02}:{:02}:{:02}", date(day), second / 3_600, second / 60 % 60, second % 60)
}
