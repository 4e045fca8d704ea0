//! A client of the People API.

use std::error::Error;

use postern_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::{ANNA, Page};
pub use crate::rest::{Api, encoded};

pub const SCOPE: &str = "https://www.googleapis.com/auth/contacts";

/// What most tests read of a person.
pub const FIELDS: &str = "names,emailAddresses,phoneNumbers,memberships,clientData,metadata";
pub const LIST: &str = "people/me/connections";

type Found<T> = Result<T, Box<dyn Error>>;

pub fn with(sandbox: &Sandbox, user: &str, scopes: &[&str]) -> Api {
    let token = sandbox.google().issue_access_token_for(user, scopes).unwrap_or_default();
    Api::at(sandbox.contacts_url(), token)
}

pub fn anna(sandbox: &Sandbox) -> Api {
    with(sandbox, ANNA, &[SCOPE])
}

/// A person of this name.
pub fn named(given: &str) -> Value {
    json!({"names": [{"givenName": given}]})
}

/// The resource name of a person or a group.
pub fn name(of: &Value) -> String {
    of["resourceName"].as_str().unwrap_or_default().to_owned()
}

pub fn names(of: &[Value]) -> Vec<String> {
    of.iter().map(name).collect()
}

/// What of a refusal programs branch on: the number, the word and the reason.
pub fn refused(page: &Page, code: u16, status: &str, reason: &str) {
    let error = page.json().unwrap_or_default()["error"].clone();
    let found = error["details"][0]["reason"].as_str().unwrap_or_default();
    let told = (page.status, error["code"].clone(), error["status"].as_str().unwrap_or_default(), found);
    assert_eq!(told, (code, json!(code), status, reason), "{}", page.body);
}

/// As [`refused`], when the sentence is what matters.
pub fn says(page: &Page, code: u16, sentence: &str) {
    assert_eq!(page.status, code, "{}", page.body);
    assert!(page.body.contains(sentence), "{}", page.body);
}

impl Api {
    /// Makes a contact; what Google answers.
    pub async fn contact(&self, person: Value) -> Found<Value> {
        let made = self.post("people:createContact", person).await?;
        assert_eq!(made.status, 200, "{}", made.body);
        made.json()
    }

    /// Makes a group; its resource name.
    pub async fn group(&self, title: &str) -> Found<String> {
        let made = self.post("contactGroups", json!({"contactGroup": {"name": title}})).await?;
        assert_eq!(made.status, 200, "{}", made.body);
        Ok(name(&made.json()?))
    }

    /// Updates fields of a person whose latest state is known; what Google answers.
    pub async fn update(&self, known: &Value, mask: &str, fields: Value) -> Found<Page> {
        let mut person = fields;
        person["etag"] = known["etag"].clone();
        self.patch(&format!("{}:updateContact?updatePersonFields={mask}", name(known)), person).await
    }

    /// A person, read by name.
    pub async fn read(&self, name: &str) -> Found<Page> {
        self.get(&format!("{name}?personFields={FIELDS}")).await
    }

    /// Follows a list of people to its last page: all of them, and that page.
    pub async fn connections(&self, query: &str) -> Found<(Vec<Value>, Value)> {
        let (mut people, mut page) = (Vec::new(), String::new());
        loop {
            let answer = self.get(&format!("{LIST}?personFields={FIELDS}&{query}{page}")).await?;
            assert_eq!(answer.status, 200, "{}", answer.body);
            let body = answer.json()?;
            people.extend(body["connections"].as_array().cloned().unwrap_or_default());
            let Some(next) = body["nextPageToken"].as_str() else {
                return Ok((people, body));
            };
            assert!(body["nextSyncToken"].is_null(), "a sync token before the last page");
            page = format!("&pageToken={}", encoded(next));
        }
    }

    /// The sync token at the end of a whole list.
    pub async fn full_sync(&self) -> Found<String> {
        let (_, last) = self.connections("requestSyncToken=true").await?;
        Ok(last["nextSyncToken"].as_str().ok_or("no sync token")?.to_owned())
    }

    /// Who has changed since, and the next sync token.
    pub async fn changed(&self, token: &str) -> Found<(Vec<Value>, String)> {
        let (people, last) = self.connections(&format!("syncToken={}", encoded(token))).await?;
        Ok((people, last["nextSyncToken"].as_str().ok_or("no sync token")?.to_owned()))
    }
}
