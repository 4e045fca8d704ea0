//! The handle of a test: what the CRM holds, who may do what, and what has been asked of it.

use serde_json::{Value, json};

use super::hooks::Delivery;
use super::journal::Deed;
use super::notified::Notification;
use super::world::{API_USER, EventField, Record, World};
use super::{Crm, Hand};

impl Crm {
    /// Adds a user named Alice Adams; the first address is the primary one.
    pub fn add_user(&self, id: &str, addresses: &[&str]) {
        self.add_person(id, ("Alice", "Adams"), addresses);
    }

    /// Adds a user; the login is the first name in lower case, and the password as well.
    pub fn add_person(&self, id: &str, (first, last): (&str, &str), addresses: &[&str]) {
        let login = first.to_lowercase();
        self.world(|world| {
            world.add_user(id, "regular", &login, (first, last), addresses);
            world.logins.passwords.insert(login.clone(), (id.to_owned(), login));
        });
    }

    /// Adds a team.
    pub fn add_team(&self, id: &str, name: &str) {
        let now = self.world(|world| world.now());
        let fields = json!({ "name": name, "createdAt": now, "modifiedAt": now });
        let fields = fields.as_object().cloned().unwrap_or_default();
        let team = Record { id: id.to_owned(), entity: "Team".to_owned(), fields, ..Record::default() };
        self.world(|world| world.records.insert(("Team".to_owned(), id.to_owned()), team));
    }

    /// The teams of a user.
    pub fn set_teams(&self, user: &str, teams: &[&str]) {
        self.world(|world| {
            if let Some(record) = world.record_mut("User", user) {
                record.fields.insert("teamsIds".to_owned(), json!(teams));
            }
        });
    }

    /// A user leaves or comes back.
    pub fn set_active(&self, user: &str, active: bool) {
        self.world(|world| {
            if let Some(record) = world.record_mut("User", user) {
                record.fields.insert("isActive".to_owned(), Value::Bool(active));
            }
        });
    }

    /// What people do in the CRM, as this user.
    pub fn as_user(&self, id: &str) -> Hand<'_> {
        Hand::new(self, id)
    }

    /// The API user's own identity.
    pub fn api_user(&self) -> &'static str {
        API_USER
    }

    /// Identities of users that were asked for, one by one.
    pub fn asked(&self) -> Vec<String> {
        self.world(|world| world.asked.clone())
    }

    /// A record as its own page shows it; none when it is deleted.
    pub fn record(&self, entity: &str, id: &str) -> Option<Value> {
        self.world(|world| world.record(entity, id).map(|record| Value::Object(world.shown(record))))
    }

    /// Every record of an entity that is there, in the order of identities.
    pub fn records(&self, entity: &str) -> Vec<Value> {
        self.world(|world| world.all(entity).map(|record| Value::Object(world.shown(record))).collect())
    }

    /// How many requests came, by method and by the first step of the path; an empty word is any.
    pub fn requests(&self, method: &str, entity: &str) -> u64 {
        let fits = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
        self.world(|world| {
            let requests = world.requests.iter();
            requests.filter(|((m, e), _)| fits(method, m) && fits(entity, e)).map(|(_, count)| count).sum()
        })
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.world(|world| {
            world.requests.clear();
            world.asked.clear();
        });
    }

    /// Every change of a record so far, by whomever, in order.
    pub fn deeds(&self) -> Vec<Deed> {
        self.world(|world| world.deeds.clone())
    }

    /// Forgets the changes so far.
    pub fn forget_deeds(&self) {
        self.world(|world| world.deeds.clear());
    }

    /// Which field of a meeting holds the identity of a Google event.
    pub fn set_event_field(&self, field: EventField) {
        self.world(|world| world.event_field = field);
    }

    /// The zone in which all-day meetings begin.
    pub fn set_time_zone(&self, zone: &str) {
        self.world(|world| zone.clone_into(&mut world.zone));
    }

    /// Whether names of people are written with a middle name.
    pub fn set_middle_names(&self, written: bool) {
        self.world(|world| world.middle_names = written);
    }

    /// Takes an entity out of the API user's role, or gives it back.
    pub fn set_role(&self, entity: &str, open: bool) {
        self.world(|world| {
            if open {
                world.closed.remove(entity);
            } else {
                world.closed.insert(entity.to_owned());
            }
        });
    }

    /// Takes one record out of the API user's sight, or gives it back.
    pub fn set_visible(&self, entity: &str, id: &str, visible: bool) {
        let place = (entity.to_owned(), id.to_owned());
        self.world(|world| {
            if visible {
                world.hidden.remove(&place);
            } else {
                world.hidden.insert(place);
            }
        });
    }

    /// Lets webhooks lead to this `host:port`, which must be written as in their address.
    pub fn allow_webhooks_to(&self, place: &str) {
        self.world(|world| world.hook_hosts.push(place.to_owned()));
    }

    /// How deliveries go wrong from now on.
    pub fn set_delivery(&self, delivery: Delivery) {
        self.world(|world| world.hooks.delivery = delivery);
    }

    /// Events that wait for delivery.
    pub fn waiting_events(&self) -> usize {
        self.world(|world| world.hooks.queue.len())
    }

    /// Whether tests of mail accounts succeed.
    pub fn set_mail_answers(&self, answers: bool) {
        self.world(|world| world.mail_answers = answers);
    }

    /// Whether tests of mail accounts dial the server that they are given, and log in there.
    pub fn set_mail_dials(&self, dials: bool) {
        self.world(|world| world.mail_dials = dials);
    }

    /// Has an extension log in for a mail account in its own way.
    pub fn set_mail_handler(&self, entity: &str, id: &str, class: &str) {
        self.world(|world| {
            if let Some(record) = world.record_mut(entity, id) {
                record.fields.insert("imapHandler".to_owned(), json!(class));
            }
        });
    }

    /// Whether requests may see and clear what an extension set.
    pub fn show_mail_handlers(&self, shown: bool) {
        self.world(|world| world.shows_handlers = shown);
    }

    /// The CRM has fetched mail by an account.
    pub fn set_fetched(&self, entity: &str, id: &str) {
        self.world(|world| {
            let now = world.now();
            if let Some(record) = world.record_mut(entity, id) {
                record.fields.insert("fetchData".to_owned(), json!({ "lastUID": { "INBOX": "7" } }));
                record.fields.insert("connectedAt".to_owned(), json!(now));
            }
        });
    }

    /// The password that a mail account holds, which no request is told.
    pub fn mail_password(&self, entity: &str, id: &str) -> Option<String> {
        self.world(|world| world.record(entity, id)?.text("password").map(str::to_owned))
    }

    /// Lets the CRM connect to this `host:port` inside its network.
    pub fn allow_mail_to(&self, place: &str) {
        self.world(|world| world.mail_hosts.push(place.to_owned()));
    }

    /// Whether assignments are mailed beside being shown.
    pub fn set_assignment_mails(&self, by_mail: bool) {
        self.world(|world| world.notified.by_mail = by_mail);
    }

    /// Whom the CRM told of an assignment, in order.
    pub fn notifications(&self) -> Vec<Notification> {
        self.world(|world| world.notified.told.clone())
    }

    pub(crate) fn world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.inside.world.lock())
    }
}
