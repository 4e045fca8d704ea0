//! One contact or lead: read whole, made, changed, removed.

use postern_core::plan::contacts::card::{Card, Entity};
use serde_json::{Map, Value};

use super::Told;
use crate::crm::client::Client;
use crate::crm::fault::Fault;
use crate::crm::records::{Lookup, Making, Record, RecordId};

/// What became of one record that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Looked<T> {
    /// It is there, or it was done.
    Found(T),
    /// It is proven gone.
    Gone,
    /// Our user may not do that with it, or it is locked.
    NoAccess,
}

/// What became of a record that was to be made.
#[derive(Debug, Clone, PartialEq)]
pub enum Made {
    /// It was made.
    Made(Box<Told>),
    /// Nothing was made: these look the same, by name or by address. They are whoever the CRM has,
    /// whether somebody may see them or not, and they do not tell their teams: [`Client::visible`]
    /// says of whom one may hear.
    Duplicate(Vec<Card>),
}

impl Client {
    /// A record with all its attributes. An admin is shown what is deleted too.
    ///
    /// # Errors
    /// When the CRM does not say what became of it.
    pub async fn get_card(&self, entity: Entity, id: &RecordId) -> Result<Looked<Told>, Fault> {
        Ok(match self.get(entity.name(), id).await? {
            Lookup::Found(record) => Looked::Found(told(entity, record)?),
            Lookup::Gone => Looked::Gone,
            Lookup::NoAccess => Looked::NoAccess,
        })
    }

    /// Makes a record, unless the CRM has one that looks the same: that is never made light of.
    ///
    /// # Errors
    /// When the CRM does not say that it was made; [`Fault::effect`] tells whether it may have been.
    pub async fn create_card(&self, entity: Entity, body: &Map<String, Value>) -> Result<Made, Fault> {
        Ok(match self.create_unless_alike(entity.name(), body).await? {
            Making::Made(record) => Made::Made(Box::new(told(entity, record)?)),
            Making::Alike(records) => {
                let all = records.into_iter().filter_map(|record| Told::read(entity, record));
                Made::Duplicate(all.map(|told| told.card).collect())
            }
        })
    }

    /// Changes the attributes of a record that are given; how it is then.
    ///
    /// # Errors
    /// When the CRM does not say that it was changed; [`Fault::effect`] tells whether it may have been.
    pub async fn update_card(
        &self,
        entity: Entity,
        id: &RecordId,
        body: &Map<String, Value>,
    ) -> Result<Looked<Told>, Fault> {
        match looked(self.update(entity.name(), id, body).await)? {
            Looked::Found(record) => Ok(Looked::Found(told(entity, record)?)),
            Looked::Gone => Ok(Looked::Gone),
            Looked::NoAccess => Ok(Looked::NoAccess),
        }
    }

    /// Removes a record.
    ///
    /// # Errors
    /// When the CRM does not say that it was removed; [`Fault::effect`] tells whether it may have been.
    pub async fn delete_card(&self, entity: Entity, id: &RecordId) -> Result<Looked<()>, Fault> {
        looked(self.delete(entity.name(), id).await)
    }
}

fn told(entity: Entity, record: Record) -> Result<Told, Fault> {
    Told::read(entity, record).ok_or(Fault::Malformed("no record"))
}

fn looked<T>(answer: Result<T, Fault>) -> Result<Looked<T>, Fault> {
    match answer {
        Ok(found) => Ok(Looked::Found(found)),
        Err(Fault::NotFound) => Ok(Looked::Gone),
        Err(Fault::NoAccess { .. }) => Ok(Looked::NoAccess),
        Err(fault) => Err(fault),
    }
}
