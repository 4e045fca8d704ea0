//! People who change their calendars and contacts on both sides, and what has to stand there at rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use postern_sandbox::{Crm, Google};
use serde_json::{Value, json};

use crate::contacts::hands::{addresses, called};

/// Somebody with a calendar and a group of contacts in both.
#[derive(Debug, Clone)]
pub struct Person {
    pub address: String,
    pub user: String,
    pub group: String,
}

/// A thing as people have left it.
#[derive(Debug, Clone)]
struct Thing {
    person: usize,
    // Its identity on the side where it was made, and where it is changed: an event, a meeting, or
    // somebody at Google.
    id: String,
    side: Side,
    // The title or the address, and the text or the number that was written last.
    title: String,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Event,
    Meeting,
    Contact,
}

/// Both sides, in the hands of people.
pub struct Desk {
    google: Arc<Google>,
    crm: Arc<Crm>,
    people: Vec<Person>,
    things: Mutex<Vec<Thing>>,
}

impl Desk {
    pub fn new(google: Arc<Google>, crm: Arc<Crm>, people: Vec<Person>) -> Self {
        Self { google, crm, people, things: Mutex::default() }
    }

    /// Who they are.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// How many things people have made.
    pub fn things(&self) -> usize {
        self.things.lock().expect("one hand").len()
    }

    /// The `n`th thing that people do: they make something, or change what is there.
    pub fn act(&self, n: usize) {
        let mut things = self.things.lock().expect("one hand");
        let person = n / 5 % self.people.len();
        match n % 5 {
            0 => things.push(self.event(person, n)),
            1 => things.push(self.meeting(person, n)),
            2 => things.push(self.contact(person, n)),
            _ if things.is_empty() => {}
            _ => {
                let at = n * 7 % things.len();
                self.change(&mut things[at], n);
            }
        }
    }

    fn event(&self, person: usize, n: usize) -> Thing {
        let (address, title) = (&self.people[person].address, format!("Event {n}"));
        let [start, end] = hours(n).map(|hour| format!("{}Z", hour.replace(' ', "T")));
        let event = json!({ "summary": title, "start": { "dateTime": start }, "end": { "dateTime": end } });
        let id = self.google.put_event(address, address, event).expect("Google takes it");
        Thing { person, id, side: Side::Event, title, text: String::new() }
    }

    fn meeting(&self, person: usize, n: usize) -> Thing {
        let ([start, end], title) = (hours(n), format!("Meeting {n}"));
        let meeting = json!({ "name": title, "status": "Planned", "dateStart": start, "dateEnd": end });
        let hand = self.crm.as_user(&self.people[person].user);
        let id = hand.create("Meeting", &meeting).expect("the CRM takes it");
        Thing { person, id, side: Side::Meeting, title, text: String::new() }
    }

    fn contact(&self, person: usize, n: usize) -> Thing {
        let (at, email) = (&self.people[person], format!("p{n}@outside.test"));
        let told = json!({
            "names": [{ "givenName": format!("Given{n}"), "familyName": format!("Family{n}") }],
            "emailAddresses": [{ "value": email }],
        });
        let id = self.google.put_person(&at.address, &told).expect("Google takes it");
        self.google.join_group(&at.address, &at.group, &id).expect("the group takes it");
        Thing { person, id, side: Side::Contact, title: email, text: String::new() }
    }

    fn change(&self, thing: &mut Thing, n: usize) {
        let at = &self.people[thing.person];
        thing.text = format!("Changed {n}");
        match thing.side {
            Side::Event => {
                let change = json!({ "description": thing.text });
                self.google.edit_event(&at.address, &at.address, &thing.id, change).expect("Google takes it");
            }
            Side::Meeting => {
                let change = json!({ "description": thing.text });
                self.crm.as_user(&at.user).edit("Meeting", &thing.id, &change).expect("the CRM takes it");
            }
            Side::Contact => {
                thing.text = format!("+420601{n:06}");
                let change = json!({ "phoneNumbers": [{ "value": thing.text, "type": "mobile" }] });
                self.google.edit_person(&at.address, &thing.id, &change).expect("Google takes it");
            }
        }
    }

    /// What does not stand on both sides exactly once as people have left it; empty at rest.
    pub fn differences(&self) -> Vec<String> {
        let things = self.things.lock().expect("one hand");
        let mut wrong = Vec::new();
        for (number, person) in self.people.iter().enumerate() {
            let of = |contacts: bool| -> BTreeSet<(String, String)> {
                let mine = things.iter().filter(|thing| thing.person == number);
                let mine = mine.filter(|thing| (thing.side == Side::Contact) == contacts);
                mine.map(|thing| (thing.title.clone(), thing.text.clone())).collect()
            };
            let events = self.google.live_events(&person.address);
            let calendar = shown(&events, |it| (text(&it["summary"]), text(&it["description"])));
            let meetings = self.records("Meeting", person);
            let meetings = shown(&meetings, |it| (text(&it["name"]), text(&it["description"])));
            let book = shown(&self.google.people(&person.address), |it| {
                (addresses(it).join(" "), text(&it["phoneNumbers"][0]["value"]))
            });
            let records = self.records("Contact", person);
            let records = shown(&records, |it| (text(&it["emailAddress"]), text(&it["phoneNumber"])));
            let sides = [
                ("event", calendar, false),
                ("meeting", meetings, false),
                ("person", book, true),
                ("contact", records, true),
            ];
            for (side, there, contacts) in sides {
                wrong.extend(apart(&format!("{} {side}", person.address), &of(contacts), &there));
            }
        }
        wrong
    }

    fn records(&self, entity: &str, person: &Person) -> Vec<Value> {
        let mut all = self.crm.records(entity);
        all.retain(|record| record["assignedUserId"] == person.user.as_str());
        all
    }

    /// What each person's contacts are called, for a complaint.
    pub fn names(&self) -> Vec<String> {
        self.people
            .iter()
            .flat_map(|person| self.google.people(&person.address))
            .map(|it| called(&it))
            .collect()
    }
}

fn hours(n: usize) -> [String; 2] {
    let (day, hour) = (1 + n / 20 % 28, n % 20);
    [0, 30].map(|minute| format!("2037-{:02}-{day:02} {hour:02}:{minute:02}:00", 1 + n / 560 % 12))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn shown(all: &[Value], as_what: impl Fn(&Value) -> (String, String)) -> BTreeMap<(String, String), usize> {
    let mut count = BTreeMap::new();
    for one in all {
        *count.entry(as_what(one)).or_default() += 1;
    }
    count
}

fn apart(
    what: &str,
    wanted: &BTreeSet<(String, String)>,
    there: &BTreeMap<(String, String), usize>,
) -> Vec<String> {
    let missing = wanted.iter().filter(|one| !there.contains_key(one));
    let missing = missing.map(|one| format!("{what} {one:?} is missing"));
    let twice = there.iter().filter(|(one, count)| **count != 1 || !wanted.contains(one));
    missing.chain(twice.map(|(one, count)| format!("{what} {one:?} is there {count} times"))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::apart;

    #[test]
    fn what_is_missing_or_twice_or_nobodys_is_told() {
        let of = |title: &str| (title.to_owned(), String::new());
        let wanted = BTreeSet::from(["a", "b", "c"].map(of));
        let there = BTreeMap::from([(of("a"), 1), (of("b"), 2), (of("d"), 1)]);
        let told = apart("event", &wanted, &there);
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(apart("event", &wanted, &wanted.iter().map(|one| (one.clone(), 1)).collect()).is_empty());
    }
}
