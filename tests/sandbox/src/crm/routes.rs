//! From a request to its answer: the routes of the REST API below `/api/v1/`.

use std::net::IpAddr;

use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde_json::{Map, Value};

use super::answer::{Answer, Shown};
use super::list::Wanted;
use super::shape::Shape;
use super::world::{Actor, World};

/// A request, read whole.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) from: IpAddr,
    pub(crate) method: String,
    /// Below `api/v1/`; nothing when it was not below it.
    pub(crate) path: Option<String>,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn new(from: IpAddr, parts: &Parts, body: Vec<u8>) -> Self {
        Self {
            from,
            method: parts.method.to_string(),
            path: parts.uri.path().strip_prefix("/api/v1/").map(str::to_owned),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers.clone(),
            body,
        }
    }

    fn marked(&self, name: &str) -> bool {
        self.headers.get(name).is_some_and(|value| value == "true")
    }

    /// The object in the body: none for a body that is another thing.
    fn object(&self) -> Result<Map<String, Value>, Answer> {
        let kind = self.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if self.body.is_empty() || !kind.starts_with("application/json") {
            return Ok(Map::new());
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Ok(Map::new()),
            // The CRM has no word for it.
            Err(_) => Err(Answer::bare(500)),
        }
    }
}

impl World {
    /// Does what is asked, and answers.
    pub(crate) fn answer(&mut self, asked: &Asked) -> Answer {
        let Some(path) = asked.path.as_deref() else { return Answer::page(404) };
        let steps: Vec<&str> = path.split('/').collect();
        let entity = steps.first().copied().unwrap_or_default();
        *self.requests.entry((asked.method.clone(), entity.to_owned())).or_default() += 1;
        if asked.method == "OPTIONS" {
            return Answer { status: 200, reason: None, body: Shown::Page("") };
        }
        let line = (asked.method.as_str(), path);
        let actor = match self.log_in(asked.from, line, &asked.headers) {
            Ok(actor) => actor,
            Err(refusal) => return refusal,
        };
        self.try_answer(&actor, asked, &steps).unwrap_or_else(|refusal| refusal)
    }

    fn try_answer(&mut self, actor: &Actor, asked: &Asked, steps: &[&str]) -> Result<Answer, Answer> {
        let method = asked.method.as_str();
        Ok(match (method, steps) {
            ("GET", ["Settings"]) => self.settings(actor),
            ("PUT" | "PATCH", ["Settings"]) => self.set_settings(actor, &asked.object()?),
            ("GET", ["App", "user"]) => self.caller(actor),
            ("GET", ["Metadata"]) => {
                let mut query = url::form_urlencoded::parse(asked.query.as_bytes());
                let key = query.find(|(name, _)| name == "key").map(|(_, key)| key.into_owned());
                self.metadata(&key.unwrap_or_default())
            }
            ("GET", ["Preferences", id]) => self.preferences(actor, id),
            ("POST", ["MassAction"]) => self.mass_action(actor, &asked.object()?),
            (_, [entity, rest @ ..]) => match Shape::of(entity) {
                Some(shape) => self.entity(actor, asked, shape, rest)?,
                None if self.closed.contains(*entity) => Answer::because(403, "No read access."),
                None => Answer::because(404, format!("Controller '{entity}' does not exist.")),
            },
            _ => Answer::page(404),
        })
    }

    fn entity(
        &mut self,
        actor: &Actor,
        asked: &Asked,
        shape: &'static Shape,
        rest: &[&str],
    ) -> Result<Answer, Answer> {
        if !self.opens(actor, shape.entity) && asked.method == "GET" {
            return Err(Answer::because(403, "No read access."));
        }
        let wanted = || Wanted::read(&asked.query, asked.marked("x-no-total"));
        let mail = shape.is_mail();
        Ok(match (asked.method.as_str(), rest) {
            ("GET", []) => self.list(actor, shape, &wanted()?),
            ("POST", []) => {
                let unchecked = asked.marked("x-skip-duplicate-check");
                self.create(actor, shape, &asked.object()?, unchecked)
            }
            ("HEAD", []) => {
                let entity = shape.entity;
                Answer::because(404, format!("Action HEAD 'list' does not exist in controller '{entity}'."))
            }
            (_, [] | ["action"]) => Answer::page(405),
            ("POST", ["action", "setAcceptanceStatus"]) if shape.is_event() => {
                self.accept(actor, shape, &asked.object()?)
            }
            ("POST", ["action", action @ ("testConnection" | "getFolders")]) if mail => {
                self.mail_action(actor, shape, action, &asked.object()?)
            }
            (_, ["action", action]) => {
                Answer::because(404, format!("Action {} '{action}' does not exist.", asked.method))
            }
            ("GET", [id]) => self.read(actor, shape, id),
            ("PUT" | "PATCH", [id]) => self.update(actor, shape, id, &asked.object()?),
            ("DELETE", [id]) => self.delete(actor, shape, id),
            ("GET", [id, link]) => match self.readable(actor, shape, id) {
                Ok(record) => self.related(actor, &record.clone(), link, &wanted()?),
                Err(refusal) => refusal,
            },
            (method @ ("POST" | "DELETE"), [id, link]) => {
                self.relate(actor, (shape, id, link), &asked.object()?, method == "POST")
            }
            _ => Answer::page(404),
        })
    }

    fn read(&mut self, actor: &Actor, shape: &Shape, id: &str) -> Answer {
        if shape.entity == "User" {
            self.asked.push(id.to_owned());
        }
        match self.readable(actor, shape, id) {
            Ok(record) => Answer::ok(Value::Object(self.shown(record))),
            Err(refusal) => refusal,
        }
    }

    fn readable(&self, actor: &Actor, shape: &Shape, id: &str) -> Result<&super::world::Record, Answer> {
        let record = self.record(shape.entity, id).ok_or_else(|| Answer::does_not_exist(id))?;
        if self.sees(actor, record) { Ok(record) } else { Err(Answer::because(403, "No read access.")) }
    }
}
