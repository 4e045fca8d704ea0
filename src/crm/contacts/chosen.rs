//! Records that somebody has chosen by what they are, and not by name.

use std::collections::BTreeSet;

use postern_core::plan::contacts::card::Entity;

use super::{Sight, WHOSE, cards};
use crate::crm::client::Client;
use crate::crm::condition::{Conditions, SavedFilter};
use crate::crm::fault::Fault;
use crate::crm::query::{Filter, MOST, Order, Query};

/// Most records that are chosen at once.
pub const MOST_CHOSEN: usize = 2_000;
/// Pages that are looked through for them.
const PAGES: usize = 50;

/// Records that were chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Their identities, in the order in which they were made; at most [`MOST_CHOSEN`].
    pub ids: Vec<String>,
    /// Whether there may be others.
    pub more: bool,
}

impl Client {
    /// Records of a kind of which the conditions hold, of those that are in sight.
    ///
    /// # Errors
    /// [`Fault::Invalid`] or [`Fault::NoAccess`] when a condition is about what the CRM does not have
    /// or our user may not read.
    pub async fn by_where(
        &self,
        entity: Entity,
        sight: Sight<'_>,
        conditions: &Conditions,
    ) -> Result<Chosen, Fault> {
        let Some(limit) = sight.filter() else {
            return self.chosen(entity, sight, conditions, None).await;
        };
        match self.chosen(entity, sight, conditions, Some(limit)).await {
            // Our user may not read one of the teams, or they do not fit in the address: it takes more
            // pages, and shows the same.
            Err(Fault::NoAccess { .. } | Fault::TooMany) if !sight.teams.is_empty() => {
                self.chosen(entity, sight, conditions, None).await
            }
            told => told,
        }
    }

    /// Records of a kind that a filter of the CRM's own shows, of those that are in sight. A filter
    /// that asks who looks takes our own user for that.
    ///
    /// # Errors
    /// [`Fault::Invalid`] when the kind has no such filter.
    pub async fn by_filter(
        &self,
        entity: Entity,
        sight: Sight<'_>,
        filter: &SavedFilter,
    ) -> Result<Chosen, Fault> {
        self.by_where(entity, sight, &filter.clone().into()).await
    }

    async fn chosen(
        &self,
        entity: Entity,
        sight: Sight<'_>,
        conditions: &Conditions,
        limit: Option<Filter>,
    ) -> Result<Chosen, Fault> {
        let query = limit.into_iter().fold(question(conditions, sight), Query::filter);
        let (mut chosen, mut known) = (Chosen::default(), BTreeSet::new());
        for page in 0..PAGES {
            let page = self.list(entity.name(), &query.clone().page(page * MOST, MOST)).await?;
            let page = cards(entity, page);
            let shown = page.all.into_iter().filter(|told| sight.shows(&told.card));
            for id in shown.map(|told| told.card.id).filter(|id| known.insert(id.clone())) {
                if chosen.ids.len() >= MOST_CHOSEN {
                    return Ok(Chosen { more: true, ..chosen });
                }
                chosen.ids.push(id);
            }
            if !page.more {
                return Ok(chosen);
            }
        }
        Ok(Chosen { more: true, ..chosen })
    }
}

fn question(conditions: &Conditions, sight: Sight<'_>) -> Query {
    let own = conditions.own.then(|| Filter::equals("assignedUserId", sight.user));
    let given = conditions.items.iter().cloned().map(Filter::Given).chain(own);
    let mut query = Query::new().select(&WHOSE).order("createdAt", Order::Asc).without_total();
    query = given.fold(query, Query::filter);
    if let Some(filter) = &conditions.saved {
        query = query.saved(filter.as_str());
    }
    if let Some(text) = &conditions.search {
        query = query.search(text);
    }
    query
}
