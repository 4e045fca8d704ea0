//! Many people at once. Each has an answer of its own: one that is refused stops no other.

use std::collections::BTreeMap;

use postern_core::model::id::AccountId;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::call::{Call, LIST, SOURCES, read};
use super::client::People;
use super::fault::Fault;
use super::group::object;
use super::limits::{BATCH, DELETED};
use super::name;
use super::person::{FIELDS, Person};
use super::reason::{Asked, Words};
use crate::net::exchange::Method;

/// What became of one of them.
pub type Outcome = Result<Person, Fault>;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    person: Option<Map<String, Value>>,
    requested_resource_name: Option<String>,
    #[serde(default)]
    http_status_code: u16,
    status: Option<Rpc>,
}

/// google.rpc.Status.
#[derive(Deserialize)]
struct Rpc {
    #[serde(default)]
    code: u16,
    #[serde(flatten)]
    words: Words,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Read {
    #[serde(default)]
    responses: Vec<Answer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    #[serde(default)]
    created_people: Vec<Answer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Updated {
    #[serde(default)]
    update_result: BTreeMap<String, Answer>,
}

impl Answer {
    fn outcome(self) -> Outcome {
        let refused = self.status.filter(|status| status.code != 0);
        match (refused, self.person) {
            (None, Some(person)) => Person::read(person),
            (Some(status), _) => {
                Err(status.words.fault(http(self.http_status_code, status.code), Asked::Other, None))
            }
            (None, None) if self.http_status_code == 404 => Err(Fault::NotFound),
            (None, None) => Err(Fault::Malformed("a person without an answer")),
        }
    }
}

// Where only the code of an RPC is told.
fn http(status: u16, code: u16) -> u16 {
    match (status, code) {
        (400.., _) => status,
        (_, 5) => 404,
        (_, 6 | 10) => 409,
        (_, 7) => 403,
        (_, 8) => 429,
        (_, 2 | 4 | 13..=15) => 503,
        _ => 400,
    }
}

impl People {
    /// People as they are now, by their names, 200 at most; whoever is not answered for is not in it.
    ///
    /// # Errors
    /// Where there is no answer at all: see [`Fault`].
    pub async fn get_many(
        &self,
        account: AccountId,
        people: &[String],
    ) -> Result<BTreeMap<String, Outcome>, Fault> {
        if people.len() > BATCH {
            return Err(Fault::Invalid("too many people"));
        }
        let mut call = self
            .call("get_many", Method::Get, &["people:batchGet"])?
            .with("personFields", FIELDS)
            .with(SOURCES.0, SOURCES.1);
        for person in people {
            name::person(person)?;
            call = call.with("resourceNames", person);
        }
        let call = call.costs(units(people.len())).at_most(LIST);
        let answers: Read = read(&self.ask(account, call).await?, "no people")?;
        let named = |answer: Answer| Some((answer.requested_resource_name.clone()?, answer.outcome()));
        Ok(answers.responses.into_iter().filter_map(named).collect())
    }

    /// Makes people, 200 at most, and tells what became of each, in their order. Where nothing is
    /// answered, any of them may have been made.
    ///
    /// # Errors
    /// Where there is no answer at all, or none for each: see [`Fault`].
    pub async fn create_many(
        &self,
        account: AccountId,
        people: &[Map<String, Value>],
    ) -> Result<Vec<Outcome>, Fault> {
        if people.len() > BATCH {
            return Err(Fault::Invalid("too many people"));
        }
        let contacts: Vec<_> = people.iter().map(|person| json!({ "contactPerson": person })).collect();
        let call = self.call("create_many", Method::Post, &["people:batchCreateContacts"])?;
        let call = written(call, "contacts", json!(contacts), None)?.costs(units(people.len()));
        let answers: Created = read(&self.ask(account, call).await?, "no people")?;
        // They have no names yet: only their order tells whose answer it is.
        if answers.created_people.len() != people.len() {
            return Err(Fault::Malformed("not as many answers as people"));
        }
        Ok(answers.created_people.into_iter().map(Answer::outcome).collect())
    }

    /// Replaces the fields of `mask` in people, 200 at most, each with its etag; whoever is not
    /// answered for is not in it.
    ///
    /// # Errors
    /// Where there is no answer at all: see [`Fault`].
    pub async fn update_many(
        &self,
        account: AccountId,
        mask: &str,
        people: &BTreeMap<String, Map<String, Value>>,
    ) -> Result<BTreeMap<String, Outcome>, Fault> {
        if people.len() > BATCH || mask.is_empty() {
            return Err(Fault::Invalid("too many people, or no fields"));
        }
        for (person, body) in people {
            name::person(person)?;
            if !body.get("etag").is_some_and(Value::is_string) {
                return Err(Fault::Invalid("an update without an etag"));
            }
        }
        let call = self.call("update_many", Method::Post, &["people:batchUpdateContacts"])?;
        let call = written(call, "contacts", json!(people), Some(mask))?.costs(units(people.len()));
        let answers: Updated = read(&self.ask(account, call).await?, "no people")?;
        let outcomes = answers.update_result.into_iter();
        Ok(outcomes.map(|(person, answer)| (person, answer.outcome())).collect())
    }

    /// Deletes people, 500 at most, all or none. Google takes no etags for it: look first.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn delete_many(&self, account: AccountId, people: &[String]) -> Result<(), Fault> {
        if people.len() > DELETED {
            return Err(Fault::Invalid("too many people"));
        }
        for person in people {
            name::person(person)?;
        }
        let body = object(json!({ "resourceNames": people }));
        let call = self.call("delete_many", Method::Post, &["people:batchDeleteContacts"])?.body(&body)?;
        self.ask(account, call.costs(units(people.len()))).await.map(drop)
    }
}

fn written(call: Call, key: &str, people: Value, mask: Option<&str>) -> Result<Call, Fault> {
    let mut body = object(json!({ "readMask": FIELDS, "sources": [SOURCES.1] }));
    body.insert(key.to_owned(), people);
    if let Some(mask) = mask {
        body.insert("updateMask".to_owned(), json!(mask));
    }
    Ok(call.body(&body)?.at_most(LIST))
}

fn units(people: usize) -> u32 {
    u32::try_from(people.max(1)).unwrap_or(u32::MAX)
}
