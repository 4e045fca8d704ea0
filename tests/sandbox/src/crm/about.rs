//! What the CRM tells of itself: settings, the caller's rights, its fields.

use serde_json::{Map, Value, json};

use super::addresses::PHONE_KINDS;
use super::answer::Answer;
use super::mail_account::MOST;
use super::shape::Shape;
use super::validation::SALUTATIONS;
use super::world::{Actor, EventField, Standing, World};

/// Entities that the role of the API user knows.
const SCOPES: [&str; 9] =
    ["Meeting", "Call", "Contact", "Lead", "Account", "User", "Webhook", "EmailAccount", "Opportunity"];

impl World {
    /// `GET Settings`
    pub(crate) fn settings(&self, actor: &Actor) -> Answer {
        let mut settings = json!({
            "version": self.version.text(), "timeZone": self.zone, "siteUrl": self.site_url,
            "dateFormat": "DD.MM.YYYY", "timeFormat": "HH:mm", "weekStart": 0, "language": "en_US",
            "assignmentEmailNotifications": self.notified.by_mail,
            "assignmentEmailNotificationsEntityList": ["Meeting", "Call"],
        });
        settings["personNameFormat"] = json!(if self.middle_names { "firstMiddleLast" } else { "firstLast" });
        if actor.standing == Standing::Admin {
            settings["emailServerAllowedAddressList"] = json!(self.mail_hosts);
            settings["webhookAllowedAddressList"] = json!(self.hook_hosts);
            settings["maxEmailAccountCount"] = json!(MOST);
        }
        Answer::ok(settings)
    }

    /// `PUT Settings`, for administrators.
    pub(crate) fn set_settings(&mut self, actor: &Actor, body: &Map<String, Value>) -> Answer {
        if actor.standing != Standing::Admin {
            return Answer::bare(403);
        }
        let list = |name: &str| {
            let list = body.get(name)?.as_array()?;
            Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<String>>())
        };
        if let Some(hosts) = list("emailServerAllowedAddressList") {
            self.mail_hosts = hosts;
        }
        if let Some(hosts) = list("webhookAllowedAddressList") {
            self.hook_hosts = hosts;
        }
        if let Some(zone) = body.get("timeZone").and_then(Value::as_str) {
            zone.clone_into(&mut self.zone);
        }
        self.settings(actor)
    }

    /// `GET App/user`
    pub(crate) fn caller(&self, actor: &Actor) -> Answer {
        let user = self.record("User", &actor.id).map(|user| self.shown(user)).unwrap_or_default();
        let table: Map<String, Value> =
            SCOPES.iter().map(|entity| ((*entity).to_owned(), self.rights(actor, entity))).collect();
        Answer::ok(json!({
            "user": user, "token": null, "language": "en_US", "preferences": {},
            "acl": { "table": table, "assignmentPermission": "all" },
        }))
    }

    fn rights(&self, actor: &Actor, entity: &str) -> Value {
        if !self.opens(actor, entity) {
            return json!(false);
        }
        let read_only = entity == "User" && actor.standing != Standing::Admin;
        let write = if read_only { "no" } else { "all" };
        json!({ "create": if read_only { "no" } else { "yes" }, "read": "all", "edit": write, "delete": write,
            "stream": "all" })
    }

    /// `GET Preferences/id`: everybody's own.
    pub(crate) fn preferences(&self, actor: &Actor, id: &str) -> Answer {
        if actor.standing == Standing::Admin || actor.id == id {
            return Answer::ok(json!({ "id": id, "timeZone": "" }));
        }
        Answer::bare(403)
    }

    /// `GET Metadata?key=…`: the branch, or null.
    pub(crate) fn metadata(&self, key: &str) -> Answer {
        let tree = self.described();
        if key.is_empty() {
            return Answer::ok(tree);
        }
        let branch = key.split('.').try_fold(&tree, |branch, step| branch.get(step));
        Answer::ok(branch.cloned().unwrap_or(Value::Null))
    }

    fn described(&self) -> Value {
        let mut defs = Map::new();
        for entity in ["Meeting", "Call", "Contact", "Lead", "Account", "User"] {
            let names = Shape::of(entity).into_iter().flat_map(Shape::all);
            let plain = names.filter(|name| {
                !["Id", "Ids", "Name", "Names", "Columns"].iter().any(|end| name.ends_with(end))
            });
            let fields: Map<String, Value> =
                plain.map(|name| (name.to_owned(), json!({ "type": kind(name) }))).collect();
            defs.insert(entity.to_owned(), json!({ "fields": fields }));
        }
        for entity in ["Contact", "Lead"] {
            let fields = &mut defs[entity]["fields"];
            fields["salutationName"] = json!({ "type": "enum", "options": SALUTATIONS });
            fields["phoneNumber"] =
                json!({ "type": "phone", "typeList": PHONE_KINDS, "defaultType": PHONE_KINDS[0] });
        }
        let mut scopes = Map::new();
        for entity in ["Meeting", "Call"] {
            let fields = &mut defs[entity]["fields"];
            fields["status"] = json!({ "type": "enum", "options": ["Planned", "Held", "Not Held"],
                "default": "Planned" });
            fields["name"] = json!({ "type": "varchar", "required": true, "pattern": "$noBadCharacters" });
            match self.event_field {
                EventField::Absent => {}
                EventField::Module => {
                    fields["googleCalendarEventId"] = json!({ "type": "varchar" });
                    fields["googleCalendar"] = json!({ "type": "link" });
                }
                EventField::Custom => {
                    fields["cGoogleCalendarEventId"] = json!({ "type": "varchar", "isCustom": true });
                }
            }
            let scope = json!({ "entity": true, "object": true, "activity": true,
                "completedStatusList": ["Held"], "canceledStatusList": ["Not Held"] });
            scopes.insert(entity.to_owned(), scope);
        }
        json!({ "entityDefs": defs, "scopes": scopes })
    }
}

fn kind(attribute: &str) -> &'static str {
    match attribute {
        "dateStart" | "dateEnd" => "datetimeOptional",
        "createdAt" | "modifiedAt" => "datetime",
        "isAllDay" | "doNotCall" | "deleted" | "isActive" => "bool",
        "description" => "text",
        "emailAddress" => "email",
        "phoneNumber" => "phone",
        _ => "varchar",
    }
}
