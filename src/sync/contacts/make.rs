//! People who are made of records, many at a time, each remembered by itself.
//!
//! A person has no identity of ours before it is made: who makes one again makes two. So a link is
//! there first, with what is meant; each person carries its link's mark; and where Google does not
//! say what came of one, nobody makes it again before a list has proven that it is not there.
//!
//! A batch that Google finds too large for its pace is halved, and that is kept; one that it refuses
//! as a whole is tried in halves, until it is known who is refused.

use postern_core::plan::contacts::apply::fresh;
use postern_core::plan::contacts::card::Card;
use postern_core::plan::contacts::operation::{Operation, Subject, What};
use postern_core::plan::contacts::person::Mark;
use postern_core::plan::link::{Base, Side as Origin, State};
use postern_core::plan::record::Record;
use serde_json::json;

use super::google::read;
use super::ledger::{Answered, Side, put_asked};
use super::pushed::{MADE, REFUSED};
use super::run::Run;
use super::stage::Stage;
use crate::crm::contacts::Told;
use crate::google::effect::Effect;
use crate::google::people::batch::Outcome;
use crate::google::people::fault::Fault;
use crate::google::people::limits::BATCH;
use crate::store::contacts::books;
use crate::store::contacts::intents;
use crate::store::contacts::links::{self, Link};
use crate::sync::missed::Missed;

/// The kind of an intent to make a person.
pub(super) const MAKE_PERSON: &str = "make-person";
/// Google's group of everybody whom its own pages show.
pub(super) const MY_CONTACTS: &str = "contactGroups/myContacts";

/// Who is to be made.
pub(super) struct Making {
    card: Card,
    /// As the CRM told it, and when it was asked.
    told: Option<(Told, i64)>,
    /// What Google is to show.
    shows: Record,
    /// The link, where there is one already.
    link: Option<Link>,
}

impl Making {
    /// Of an operation that makes a person; none of another.
    pub fn of(stage: &Stage, operation: &Operation) -> Option<Self> {
        match (&operation.subject, &operation.what) {
            (Subject::Card(entity, id), What::MakePerson(shows)) => Some(Self {
                card: stage.card(*entity, id)?.card.clone(),
                told: stage.told(*entity, id),
                shows: shows.clone(),
                link: None,
            }),
            (Subject::Link(id), What::Recreate(shows)) => {
                let (link, pair) = stage.pair(*id)?;
                let card = pair.crm.live()?.clone();
                Some(Self { card, told: None, shows: shows.clone(), link: Some(link.clone()) })
            }
            _ => None,
        }
    }
}

/// One that is meant.
struct Meant {
    link: Link,
    making: Making,
    operation: Operation,
}

impl Run<'_> {
    /// Makes them, in batches.
    pub(super) async fn make_all(&mut self, making: Vec<(Making, Operation)>) -> Result<(), Missed> {
        let mut waiting = making.into_iter().peekable();
        while waiting.peek().is_some() {
            self.tell().await?;
            let batch: Vec<_> = waiting.by_ref().take(self.book.batch.clamp(1, BATCH)).collect();
            let meant = self.mean_all(batch).await?;
            Box::pin(self.make(meant)).await?;
        }
        Ok(())
    }

    async fn mean_all(&self, batch_of: Vec<(Making, Operation)>) -> Result<Vec<Meant>, Missed> {
        let mut all = Vec::new();
        let mut batch = self.ledger().batch().await?;
        for (making, operation) in batch_of {
            let body = json!({
                "record": making.shows, "crm": making.card.record, "rule": operation.rule.name(),
            });
            let begun = match &making.link {
                Some(known) => {
                    let link = Link { resource: None, source: None, state: State::Active, ..known.clone() };
                    links::put(&mut batch, &link).await?;
                    let text = body.to_string();
                    intents::add(&mut batch, (self.book.id, self.id), link.id, MAKE_PERSON, &text)
                        .await?
                        .then_some(link)
                }
                None => {
                    let link = Link {
                        record: Some(making.card.id.clone()),
                        dirty: false,
                        ..self.link(making.card.entity, Origin::Crm)?
                    };
                    self.ledger().begin(&mut batch, &link, MAKE_PERSON, &body).await?.then_some(link)
                }
            };
            // A record that has become another link's since is not made.
            all.extend(begun.map(|link| Meant { link, making, operation }));
        }
        batch.commit().await?;
        Ok(all)
    }

    async fn make(&mut self, mut meant: Vec<Meant>) -> Result<(), Missed> {
        if meant.is_empty() {
            return Ok(());
        }
        let groups = [MY_CONTACTS.to_owned(), self.group.clone()];
        let bodies: Vec<_> = meant
            .iter()
            .map(|one| {
                let mark = Mark {
                    pair: one.link.id.0,
                    entity: one.making.card.entity,
                    record: one.making.card.id.clone(),
                };
                fresh(&one.making.shows, &groups, &mark)
            })
            .collect();
        match self.writer.create_many(self.book.account, &bodies).await {
            Ok(outcomes) => {
                for (one, outcome) in meant.into_iter().zip(outcomes) {
                    self.made(one, outcome).await?;
                }
                Ok(())
            }
            Err(fault) if fault.effect() == Effect::Unknown => {
                self.counts.failed += i64::try_from(meant.len()).unwrap_or(0);
                let why = fault.to_string();
                tracing::warn!(book.id = %self.book.id, why, "nobody knows whether people were made, a later run looks");
                Err(Missed::from(fault).stopped("made_unknown"))
            }
            Err(Fault::Invalid(_)) if meant.len() > 1 => {
                let rest = meant.split_off(meant.len() / 2);
                Box::pin(self.make(meant)).await?;
                Box::pin(self.make(rest)).await
            }
            Err(fault) => {
                if matches!(fault, Fault::RateLimited { .. }) && meant.len() > 1 {
                    self.slower(meant.len() / 2).await?;
                }
                let refused = matches!(Missed::from(fault.clone()), Missed::Refused(_));
                for one in meant {
                    self.not_made(one, refused.then(|| fault.to_string())).await?;
                }
                if refused { Ok(()) } else { Err(fault.into()) }
            }
        }
    }

    async fn slower(&mut self, size: usize) -> Result<(), Missed> {
        (self.book.batch, self.slowed) = (size.max(1), true);
        let mut batch = self.ledger().batch().await?;
        books::batch_of(&mut batch, self.book.id, self.book.batch).await?;
        Ok(batch.commit().await?)
    }

    async fn made(&mut self, meant: Meant, outcome: Outcome) -> Result<(), Missed> {
        self.counts.done += 1;
        match outcome.map_err(|fault| (fault.effect(), fault)).map(read) {
            Ok(Ok(answered)) => self.remembered(meant, &answered).await,
            // What cannot be read may be there.
            Ok(Err(_)) | Err((Effect::Unknown, _)) => {
                tracing::warn!(link.id = %meant.link.id, "nobody knows whether a person was made, a later run looks");
                self.counts.failed += 1;
                Ok(())
            }
            Err((Effect::None, fault)) => {
                let refused = matches!(Missed::from(fault.clone()), Missed::Refused(_));
                self.not_made(meant, refused.then(|| fault.to_string())).await
            }
        }
    }

    async fn remembered(&mut self, meant: Meant, answered: &Answered) -> Result<(), Missed> {
        let Meant { mut link, making, operation } = meant;
        link.resource = Some(answered.person.resource.clone());
        link.source.clone_from(&answered.person.source);
        link.base = Base::of(answered.person.record.clone(), making.card.record.clone());
        self.counts.made += 1;
        let content = json!({ "written": answered.person.record });
        let mut batch = self.ledger().batch().await?;
        let side = Side::Person(answered);
        self.ledger().done(&mut batch, &link, &side, (&operation, MAKE_PERSON, &content)).await?;
        let newest = match &making.told {
            Some((told, asked)) => put_asked(&mut batch, told, Some(link.id), *asked).await?,
            None => true,
        };
        // It was made of what the record showed before: what that shows now is planned for.
        if newest {
            links::clean(&mut batch, &link).await?;
        } else {
            links::soil(&mut batch, link.id).await?;
        }
        self.end(&mut batch, (making.card.entity, &making.card.id), MADE).await?;
        Ok(batch.commit().await?)
    }

    // Nothing was made, for certain. What is refused is told; the rest is tried again.
    async fn not_made(&mut self, meant: Meant, refused: Option<String>) -> Result<(), Missed> {
        let (entity, record) = (meant.making.card.entity, meant.making.card.id.clone());
        let mut batch = self.ledger().batch().await?;
        match &meant.making.link {
            Some(before) => {
                links::put(&mut batch, before).await?;
                intents::done(&mut batch, before.id).await?;
            }
            None => links::remove(&mut batch, meant.link.id).await?,
        }
        if refused.is_some() {
            self.end(&mut batch, (entity, &record), REFUSED).await?;
        }
        batch.commit().await?;
        if let Some(why) = refused {
            self.counts.failed += 1;
            self.bury(&format!("{}/{record}", entity.name()), Origin::Google, &why).await?;
        }
        Ok(())
    }
}
