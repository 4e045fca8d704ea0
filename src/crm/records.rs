//! Records of the CRM as it tells them, and what may be done with them.
//!
//! Nothing here knows a kind of record. What lacks an identity is no record.

use postern_core::plan::calendar::moment::Instant;
use serde_json::{Map, Value};

use super::client::{Client, Question};
use super::fault::Fault;
pub use super::id::Id as RecordId;
use super::query::Query;
use crate::net::exchange::Method;

/// Longest list that is read, in octets.
const LONGEST_LIST: usize = 8 * 1024 * 1024;
/// Most records that look the same.
const MOST_ALIKE: usize = 20;
/// Longest record that is read or sent, in octets.
const LONGEST_RECORD: usize = 1024 * 1024;

/// A record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    id: RecordId,
    attributes: Map<String, Value>,
}

impl Record {
    /// Reads a record; none when it is no object with an identity.
    #[must_use]
    pub fn read(value: Value) -> Option<Self> {
        let Value::Object(attributes) = value else { return None };
        let id = RecordId::parse(attributes.get("id")?.as_str()?)?;
        Some(Self { id, attributes })
    }

    /// Its identity.
    #[must_use]
    pub fn id(&self) -> &RecordId {
        &self.id
    }

    /// Its last change, to the second; none when that was not told or cannot be.
    #[must_use]
    pub fn modified_at(&self) -> Option<Instant> {
        let text = self.text("modifiedAt").filter(|text| text.len() == "YYYY-MM-DD HH:MM:SS".len())?;
        Instant::parse_crm(text).ok()
    }

    /// The text of an attribute.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.as_str()
    }

    /// The identities in an attribute like `usersIds`; what is none is left out.
    #[must_use]
    pub fn ids(&self, name: &str) -> Vec<RecordId> {
        let list = self.attributes.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(|id| RecordId::parse(id.as_str()?)).collect()
    }

    /// Every attribute.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.attributes
    }

    /// Every attribute.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.attributes
    }
}

/// What became of looking for one record.
#[derive(Debug, Clone, PartialEq)]
pub enum Lookup {
    /// Here it is.
    Found(Record),
    /// It is proven gone.
    Gone,
    /// It is there and the API user may not read it.
    NoAccess,
}

/// What became of a record that was to be made.
#[derive(Debug, Clone, PartialEq)]
pub enum Making {
    /// Here it is.
    Made(Record),
    /// Nothing was made: these look the same.
    Alike(Vec<Record>),
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The records, in the order that was asked for.
    pub records: Vec<Record>,
    /// Whether others follow. Never true of a page without records.
    pub more: bool,
}

impl Client {
    /// A part of the records of a kind.
    ///
    /// # Errors
    /// When the CRM does not tell, or the question is too large to be asked.
    pub async fn list(&self, entity: &str, query: &Query) -> Result<Page, Fault> {
        let path = [kind(entity)?];
        let mut question = Question::new(Method::Get, &path, LONGEST_LIST);
        question.query = query.render()?;
        question.without_total = query.is_without_total();
        page(self.ask(question).await?, query)
    }

    /// One record with all its attributes.
    ///
    /// # Errors
    /// When the CRM does not say what became of it.
    pub async fn get(&self, entity: &str, id: &RecordId) -> Result<Lookup, Fault> {
        let path = [kind(entity)?, id.as_str()];
        match self.ask(Question::new(Method::Get, &path, LONGEST_RECORD)).await {
            Ok(value) => Ok(Lookup::Found(same(value, id)?)),
            Err(Fault::NotFound) => Ok(Lookup::Gone),
            Err(Fault::NoAccess { .. }) => Ok(Lookup::NoAccess),
            Err(fault) => Err(fault),
        }
    }

    /// Makes a record.
    ///
    /// # Errors
    /// [`Fault::Duplicate`] when the CRM has one that looks the same.
    pub async fn create(&self, entity: &str, body: &Map<String, Value>) -> Result<Record, Fault> {
        self.make(entity, body, false).await
    }

    /// Makes a record though others look the same.
    ///
    /// # Errors
    /// When the CRM does not say that it was made.
    pub async fn create_another(&self, entity: &str, body: &Map<String, Value>) -> Result<Record, Fault> {
        self.make(entity, body, true).await
    }

    /// Makes a record, unless the CRM has others that look the same: those it shows, as a list would.
    ///
    /// # Errors
    /// When the CRM does not say that it was made.
    pub async fn create_unless_alike(
        &self,
        entity: &str,
        body: &Map<String, Value>,
    ) -> Result<Making, Fault> {
        let path = [kind(entity)?];
        let mut question = Question::new(Method::Post, &path, LONGEST_LIST);
        question.body = Some(octets(body)?);
        let answer = self.send(question).await?;
        if matches!(answer.status, 200 | 201) {
            let made: Option<Value> = serde_json::from_slice(&answer.body).ok();
            return made.and_then(Record::read).map(Making::Made).ok_or(Fault::Malformed("no record"));
        }
        match Fault::of(&answer) {
            Fault::Duplicate(_) => {
                let told: Vec<Value> = serde_json::from_slice(&answer.body).unwrap_or_default();
                Ok(Making::Alike(told.into_iter().filter_map(Record::read).take(MOST_ALIKE).collect()))
            }
            fault => Err(fault),
        }
    }

    async fn make(&self, entity: &str, body: &Map<String, Value>, another: bool) -> Result<Record, Fault> {
        let path = [kind(entity)?];
        let mut question = Question::new(Method::Post, &path, LONGEST_RECORD);
        question.body = Some(octets(body)?);
        question.skip_duplicate_check = another;
        Record::read(self.ask(question).await?).ok_or(Fault::Malformed("no record"))
    }

    /// Changes the attributes of a record that are given.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when it is gone.
    pub async fn update(
        &self,
        entity: &str,
        id: &RecordId,
        body: &Map<String, Value>,
    ) -> Result<Record, Fault> {
        let path = [kind(entity)?, id.as_str()];
        let mut question = Question::new(Method::Put, &path, LONGEST_RECORD);
        question.body = Some(octets(body)?);
        same(self.ask(question).await?, id)
    }

    /// Removes a record.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when it is gone already.
    pub async fn delete(&self, entity: &str, id: &RecordId) -> Result<(), Fault> {
        let path = [kind(entity)?, id.as_str()];
        match self.ask(Question::new(Method::Delete, &path, LONGEST_RECORD)).await? {
            Value::Bool(true) => Ok(()),
            _ => Err(Fault::Malformed("no word that the record was removed")),
        }
    }
}

/// A kind stands in a path: letters and digits, a letter first.
fn kind(entity: &str) -> Result<&str, Fault> {
    let plain = entity.bytes().all(|octet| octet.is_ascii_alphanumeric());
    let starts = entity.bytes().next().is_some_and(|octet| octet.is_ascii_alphabetic());
    if plain && starts && entity.len() <= 100 { Ok(entity) } else { Err(Fault::NoSuchEntity) }
}

fn octets(body: &Map<String, Value>) -> Result<Vec<u8>, Fault> {
    let octets = serde_json::to_vec(body).map_err(|_| Fault::TooMany)?;
    if octets.len() <= LONGEST_RECORD { Ok(octets) } else { Err(Fault::TooMany) }
}

// A database that folds letters would answer for another identity.
fn same(value: Value, id: &RecordId) -> Result<Record, Fault> {
    let record = Record::read(value).ok_or(Fault::Malformed("no record"))?;
    if record.id() == id { Ok(record) } else { Err(Fault::Malformed("another record")) }
}

fn page(value: Value, query: &Query) -> Result<Page, Fault> {
    let Value::Object(mut answer) = value else { return Err(Fault::Malformed("no list")) };
    let Some(Value::Array(list)) = answer.remove("list") else { return Err(Fault::Malformed("no list")) };
    let (offset, size) = query.span();
    if list.len() > size {
        return Err(Fault::Malformed("a list longer than what was asked for"));
    }
    let records: Option<Vec<Record>> = list.into_iter().map(Record::read).collect();
    let records = records.ok_or(Fault::Malformed("a list of what is no record"))?;
    let more = match answer.get("total").and_then(Value::as_i64) {
        Some(-1) => true,
        Some(-2) => false,
        Some(total) => usize::try_from(total).is_ok_and(|total| total > offset.saturating_add(records.len())),
        None => records.len() == size,
    };
    Ok(Page { more: more && !records.is_empty(), records })
}
