//! Which of the linked records the user may see, asked now and then: a user who leaves a team
//! changes no record. What is out of sight is frozen by the next plan; what is back in sight is
//! kept in step again.

use std::collections::BTreeSet;
use std::time::Duration;

use postern_core::plan::contacts::card::Entity;
use postern_core::plan::link::State;

use super::ledger::put_card;
use super::run::Run;
use crate::clock::micros;
use crate::crm::query::Filter;
use crate::store::contacts::links::{self, Link};
use crate::store::contacts::{books, cards};
use crate::sync::missed::Missed;

/// Time between two questions.
const BEAT: Duration = Duration::from_secs(6 * 3_600);

impl Run<'_> {
    /// Asks, when it is time.
    pub(super) async fn sight(&mut self) -> Result<(), Missed> {
        let now = self.store.clock().now();
        if self.book.swept_at.is_some_and(|at| now - at < micros(BEAT)) {
            return Ok(());
        }
        let all =
            async { links::of_book(self.store, &mut self.store.read().await?, self.book.id, true).await };
        let all = all.await?;
        for entity in Entity::ALL {
            let of: Vec<&Link> = all.iter().filter(|link| link.entity == entity).collect();
            for links_of in of.chunks(Filter::MOST_VALUES) {
                self.tell().await?;
                let ids: Vec<String> = links_of.iter().filter_map(|link| link.record.clone()).collect();
                let seen = self.crm.client.visible(entity, self.crm.sight, &ids).await?;
                let back =
                    links_of.iter().filter(|link| !link.visible).filter_map(|link| link.record.clone());
                let back: Vec<_> = back.filter(|id| seen.contains(id)).map(|id| (entity, id)).collect();
                let told = self.told(&back).await?;
                let gone = self.gone(links_of, &seen).await?;
                let mut batch = self.ledger().batch().await?;
                for link in links_of {
                    let Some(record) = &link.record else { continue };
                    if gone.contains(record) {
                        cards::gone(&mut batch, (entity, record), None).await?;
                    } else if let Some(link) = looked(link, seen.contains(record)) {
                        links::put(&mut batch, &link).await?;
                        links::soil(&mut batch, link.id).await?;
                    }
                }
                // What it said meanwhile, nobody was told.
                for told in &told {
                    put_card(&mut batch, told, None).await?;
                }
                batch.commit().await?;
            }
        }
        let mut batch = self.ledger().batch().await?;
        books::swept(&mut batch, self.book.id).await?;
        Ok(batch.commit().await?)
    }
}

impl Run<'_> {
    // Of whom the list does not show those that are proven gone: to be gone is not to be out of sight.
    async fn gone(&self, links: &[&Link], seen: &BTreeSet<String>) -> Result<BTreeSet<String>, Missed> {
        let kept = links.iter().filter(|link| link.visible && link.state == State::Active);
        let missing = kept.filter_map(|link| Some((link.entity, link.record.as_deref()?)));
        let mut gone = BTreeSet::new();
        for (entity, record) in missing.filter(|(_, record)| !seen.contains(*record)) {
            match self.crm.get(entity, record).await {
                Err(Missed::Gone) => gone.insert(record.to_owned()),
                Ok(_) | Err(Missed::Barred) => false,
                Err(other) => return Err(other),
            };
        }
        Ok(gone)
    }
}

// One that was frozen while it was in sight was frozen by a person: coming back into sight does not
// bring it back in step.
fn looked(link: &Link, seen: bool) -> Option<Link> {
    if link.visible == seen {
        return None;
    }
    let state = match (link.state, seen) {
        (State::Frozen, true) => State::Active,
        (State::Frozen, false) => State::Detached,
        (state, _) => state,
    };
    Some(Link { visible: seen, state, ..link.clone() })
}
