//! Questions to the owner of an address book: of whom only a person can say who they are.

use std::collections::BTreeSet;

use postern_core::plan::contacts::card::Card;
use postern_core::plan::contacts::operation::{Left, Plan, Subject};
use serde_json::{Value as Json, json};

use super::cast::{called, key, subject};
use super::run::Run;
use super::stage::Stage;
use crate::store::contacts::reviews::{self, Review};
use crate::store::contacts::seen;
use crate::sync::missed::Missed;

/// The CRM has somebody of the same name or address.
pub(super) const DUPLICATE: &str = "duplicate";

impl Run<'_> {
    /// Asks what the plan leaves to a person, and does not ask any more what it does not.
    pub(super) async fn ask(&mut self, stage: &Stage, plan: &Plan) -> Result<(), Missed> {
        let waits =
            |subject: &Subject| plan.left.iter().find(|(about, left)| about == subject && left.waits());
        let pushed = stage.pushed.iter().map(|of| Subject::Card(of.card.entity, of.card.id.clone()));
        let fresh = stage.fresh.iter().map(|resource| Subject::Person(resource.clone()));
        let mut batch = self.ledger().batch().await?;
        for subject in pushed.chain(fresh) {
            let Some(key) = key(&subject) else { continue };
            let leave = |of: &&Review| of.key == key && of.decision.as_deref() == Some("leave");
            match waits(&subject).filter(|_| !stage.answers.iter().any(|of| leave(&of))) {
                Some((_, left)) => {
                    let content = self.question(stage, &subject, left).to_string();
                    let whose = (self.book.account, self.book.id);
                    reviews::ask(&mut batch, whose, (&key, left.name()), &content).await?;
                }
                None => reviews::close(&mut batch, self.book.id, &key).await?,
            }
        }
        Ok(batch.commit().await?)
    }

    /// The answers were used, but of whom is still to be done: what is still open is asked anew.
    pub(super) async fn used(&self, stage: &Stage, later: &BTreeSet<Subject>) -> Result<(), Missed> {
        if stage.answers.is_empty() {
            return Ok(());
        }
        let mut batch = self.ledger().batch().await?;
        let done = |of: &&Review| subject(&of.key).is_none_or(|about| !later.contains(&about));
        for review in stage.answers.iter().filter(done) {
            reviews::forget(&mut batch, review.id).await?;
            // Whoever is left alone is left alone until they change.
            if review.decision.as_deref() == Some("leave")
                && let Some(row) = stage.rows.get(&review.key)
            {
                seen::clean(&mut batch, self.book.id, row).await?;
            }
        }
        Ok(batch.commit().await?)
    }

    /// Asks who of these a person is, of whom the CRM will not make a record.
    pub(super) async fn ask_duplicate(&self, about: &str, look: &str, alike: &[Card]) -> Result<(), Missed> {
        let others: Vec<_> = alike.iter().map(other_card).collect();
        let content = json!({ "about": look, "others": others }).to_string();
        let mut batch = self.ledger().batch().await?;
        let whose = (self.book.account, self.book.id);
        reviews::ask(&mut batch, whose, (about, DUPLICATE), &content).await?;
        Ok(batch.commit().await?)
    }

    fn question(&self, stage: &Stage, subject: &Subject, left: &Left) -> Json {
        let others: Vec<&Subject> = match left {
            Left::Ambiguous(all) => all.iter().collect(),
            Left::Taken(other, _) | Left::Second(other) => vec![other],
            Left::Rivals(other, all) => std::iter::once(other).chain(all).collect(),
            _ => Vec::new(),
        };
        let others: Vec<Json> =
            others.into_iter().filter_map(|other| Some(json!([key(other)?, look(stage, other)]))).collect();
        json!({ "about": look(stage, subject), "others": others })
    }
}

fn other_card(card: &Card) -> Json {
    json!([format!("{}/{}", card.entity.name(), card.id), called(Some(card), &card.record)])
}

fn look(stage: &Stage, subject: &Subject) -> String {
    match subject {
        Subject::Card(entity, id) => {
            let linked = || {
                let of = |pair: &&postern_core::plan::contacts::compose::Pair| {
                    pair.entity == *entity && pair.record == *id
                };
                stage.pairs.iter().find(of).and_then(|pair| pair.crm.live())
            };
            let card = stage.card(*entity, id).map(|of| &of.card).or_else(linked);
            card.map(|card| called(Some(card), &card.record)).unwrap_or_default()
        }
        Subject::Person(resource) => {
            let linked = || {
                let living = stage.pairs.iter().filter_map(|pair| pair.google.live());
                living.into_iter().find(|person| person.resource == *resource)
            };
            let person = stage.person(resource).or_else(linked);
            person.map(|person| called(None, &person.record)).unwrap_or_default()
        }
        Subject::Link(_) | Subject::Group(_) => String::new(),
    }
}
