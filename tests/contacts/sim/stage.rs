//! One world of a simulation: Anna and Ben, both sides, and a worker that may end anywhere.

use std::time::Duration;

use postern::store::contacts::reviews;
use postern_core::model::actor::Actor;
use postern_core::plan::contacts::card::Entity;
use postern_sandbox::{ContactsFault, ContactsTrouble, CrmTrouble};

use super::history::{Chosen, Deed, History, Step, Trouble, Who};
use super::people::{Books, records_of};
use crate::contacts::wire::End;
use crate::contacts::world::{Owner, World};

/// The world.
pub struct Stage {
    pub world: World,
    pub owners: [Owner; 2],
    pub books: Books,
    pub chosen: [Chosen; 2],
}

impl Stage {
    /// Nobody has done anything yet.
    pub async fn new(history: &History) -> Self {
        let world = World::new().await;
        let mut owners = [world.anna().await, world.ben().await];
        for (owner, chosen) in owners.iter_mut().zip(history.chosen) {
            world
                .choose(owner, |choices| {
                    choices.direction = chosen.direction;
                    choices.strangers = chosen.strangers;
                    choices.deletes_persons = chosen.deletes_persons;
                    choices.deletes_records = chosen.deletes_records;
                })
                .await;
            if chosen.monitors {
                world.monitor(owner).await;
            }
        }
        let (delay, seed) = (Duration::from_secs(history.delay * 60), history.seed);
        world.google().set_contacts_policy(|policy| {
            (policy.most_delay, policy.seed) = (delay, seed);
            policy.shuffled = seed % 3 == 0;
            policy.short_pages = seed % 5 == 0;
        });
        Self { world, owners, books: Books::default(), chosen: history.chosen }
    }

    /// One step of a history.
    pub async fn step(&mut self, step: &Step) {
        match step.deed {
            Deed::Push { who, thing } => self.push(who, thing).await,
            Deed::Answer { who, with } => self.answer(who, with).await,
            Deed::Forward { minutes } => self.world.pass(Duration::from_secs(minutes * 60)),
            Deed::Run { trouble } => self.run(trouble).await,
            ref deed => self.books.act(&self.world, &self.owners, step.number, deed),
        }
        self.books.learn(&self.world, &self.owners);
        for owner in &self.owners {
            for link in self.world.links(owner).await {
                self.books.linked.entry(link.id.to_string()).or_insert(step.number);
            }
        }
    }

    async fn push(&self, who: Who, thing: usize) {
        let records: Vec<_> = records_of(&self.world, thing)
            .into_iter()
            .filter_map(|(entity, record)| Some((Entity::parse(entity)?, record["id"].as_str()?.to_owned())))
            .collect();
        if !records.is_empty() {
            self.world.push_records(&self.owners[who.at()], &records, false).await;
        }
    }

    async fn answer(&self, who: Who, with: u8) {
        let owner = &self.owners[who.at()];
        for review in self.world.reviews(owner).await {
            let content: serde_json::Value = serde_json::from_str(&review.content).unwrap();
            let of_google = review.key.starts_with("people/");
            let others = content["others"].as_array().cloned().unwrap_or_default();
            let other = others
                .iter()
                .filter_map(|other| other[0].as_str())
                .find(|key| key.starts_with("people/") != of_google);
            let (decision, other) = match (with, other) {
                (0, Some(other)) => ("same", Some(other)),
                // Of whom the CRM says that they are there, no second one is made.
                (1, _) if review.word == "undecided" => ("new", Some("Contact")),
                _ => ("leave", None),
            };
            let mut act = self.world.act().await;
            reviews::decide(&mut act, &review, decision, other, &Actor::Gateway).await.unwrap();
            self.world.commit(act, owner).await;
        }
    }

    async fn run(&mut self, trouble: Option<Trouble>) {
        let google = |trouble: ContactsTrouble| {
            self.world.google().contacts_faults().next(ContactsFault::on("POST", "", trouble));
        };
        match trouble {
            Some(Trouble::EndBefore(at)) => drop(self.world.cut_off(End::Before(at)).await),
            Some(Trouble::EndAfter(at)) => drop(self.world.cut_off(End::After(at)).await),
            other => {
                match other {
                    Some(Trouble::LoseGoogle) => google(ContactsTrouble::LoseAnswer),
                    Some(Trouble::LoseCrm { making }) => {
                        let method = if making { "POST" } else { "PUT" };
                        self.world.crm.faults().next(CrmTrouble::LoseAnswer.at(method, ""));
                    }
                    Some(Trouble::Google(429)) => google(ContactsTrouble::too_many(30)),
                    Some(Trouble::Google(status)) => google(ContactsTrouble::server_error(status)),
                    Some(Trouble::Crm(status)) => {
                        self.world.crm.faults().next(CrmTrouble::Answer(status).into());
                    }
                    _ => {}
                }
                self.world.try_run().await;
            }
        }
        self.world.google().contacts_faults().clear();
        self.world.crm.faults().clear();
    }

    /// Everybody's run, once, when nothing waits for Google's lists or for a pause any more.
    pub async fn calm(&self) {
        self.world.pass(Duration::from_secs(7 * 3_600));
        self.world.try_run().await;
    }
}
