//! The relation panel, answers of attendees, and deleting by the list: what changes records without
//! touching `modifiedAt`.

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::filter::link_entity;
use super::journal::Doing;
use super::list::Wanted;
use super::query::items;
use super::shape::{ATTENDEES, Shape};
use super::world::{Actor, Record, Standing, World};

impl World {
    /// `GET Entity/id/link`
    pub(crate) fn related(&self, actor: &Actor, record: &Record, link: &str, wanted: &Wanted) -> Answer {
        let foreign = Shape::of(&record.entity).and_then(|shape| link_entity(shape, link));
        let Some(shape) = foreign.and_then(Shape::of) else {
            return Answer::because(404, format!("Link '{link}' does not exist."));
        };
        if !self.opens(actor, shape.entity) {
            return Answer::because(403, "No read access.");
        }
        let linked = record.attendees.get(link).map(Vec::as_slice).unwrap_or_default();
        let records = linked.iter().filter_map(|(id, _)| self.record(shape.entity, id)).collect();
        match self.page(actor, shape, records, wanted) {
            Ok((total, mut rows)) => {
                for row in &mut rows {
                    let answer = linked.iter().find(|(id, _)| row["id"] == json!(id));
                    row["acceptanceStatus"] = json!(answer.map(|(_, answer)| answer));
                }
                Answer::ok(json!({ "total": total, "list": rows }))
            }
            Err(refusal) => refusal,
        }
    }

    /// `POST` and `DELETE Entity/id/link`; the body names one record or several.
    pub(crate) fn relate(
        &mut self,
        actor: &Actor,
        (shape, id, link): (&Shape, &str, &str),
        body: &Map<String, Value>,
        adds: bool,
    ) -> Answer {
        let Some(foreign) = link_entity(shape, link) else {
            return Answer::because(404, format!("Link '{link}' does not exist."));
        };
        let record = match self.to_change(actor, shape, id, "edit") {
            Ok(record) => record,
            Err(refusal) => return refusal,
        };
        if !ATTENDEES.iter().any(|(it, _)| *it == link) {
            return Answer::bare(403);
        }
        // To relate a record is to edit both ends.
        if foreign == "User" && actor.standing == Standing::Api {
            let entity = shape.entity;
            let reason = format!("No foreign record access for link operation ({entity}:{link}).");
            return Answer::because(403, reason);
        }
        let one = body.get("id").into_iter();
        let several = body.get("ids").map(items).unwrap_or_default();
        let ids: Vec<&str> = one.chain(several).filter_map(Value::as_str).collect();
        if ids.is_empty() {
            return Answer::bare(400);
        }
        if let Some(gone) = ids.iter().find(|id| self.record(foreign, id).is_none()) {
            return Answer::not_found(gone);
        }
        if let Some(record) = self.record_mut(shape.entity, id) {
            let linked = record.attendees.entry(link.to_owned()).or_default();
            linked.retain(|(it, _)| adds || !ids.contains(&it.as_str()));
            for id in ids.into_iter().filter(|_| adds) {
                if !linked.iter().any(|(it, _)| it == id) {
                    linked.push((id.to_owned(), "None".to_owned()));
                }
            }
        }
        self.enter(actor, &record, Doing::Related, &Value::Null);
        Answer::ok(json!(true))
    }

    /// `POST Meeting/action/setAcceptanceStatus`: for the calling user, who must be invited.
    pub(crate) fn accept(&mut self, actor: &Actor, shape: &Shape, body: &Map<String, Value>) -> Answer {
        let word = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        if actor.standing == Standing::Api {
            return Answer::bare(403);
        }
        let Some(record) = self.record_mut(shape.entity, word("id")) else {
            return Answer::not_found(word("id"));
        };
        let users = record.attendees.entry("users".to_owned()).or_default();
        let Some((_, answer)) = users.iter_mut().find(|(id, _)| *id == actor.id) else {
            return Answer::bare(403);
        };
        word("status").clone_into(answer);
        let record = record.clone();
        self.enter(actor, &record, Doing::Answered, &Value::Null);
        Answer::ok(json!(true))
    }

    /// `POST MassAction`, of which only `delete` is known.
    pub(crate) fn mass_action(&mut self, actor: &Actor, body: &Map<String, Value>) -> Answer {
        let word = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let (Some(shape), "delete") = (Shape::of(word("entityType")), word("action")) else {
            return Answer::because(403, "Not supported action.");
        };
        let ids = body.get("params").map(|params| items(&params["ids"])).unwrap_or_default();
        let ids: Vec<&str> = ids.into_iter().filter_map(Value::as_str).collect();
        let gone: Vec<&str> =
            ids.into_iter().filter(|id| self.delete(actor, shape, id).status == 200).collect();
        Answer::ok(json!({ "count": gone.len(), "ids": gone }))
    }
}
