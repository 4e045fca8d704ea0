//! Records that come to Google, and people of the groups who come to the CRM.
//!
//! Whoever comes looks first for who it is on the other side. A record that was pushed and is
//! somebody there already fills what that one lacks, and overwrites nothing; a person of the
//! group who is a record already is only remembered. Only who is nobody is made.

use std::collections::BTreeSet;

use super::card::{Card, Entity, Stage};
use super::compose::{Candidate, Group, Is, Pair, Scene, Settled, of_pair};
use super::matching::{By, Likeness, Named, Pool, Verdict, matched};
use super::operation::{Adoption, Left, Operation, Plan, Subject, What};
use super::person::Person;
use super::several::Several;
use super::words::Words;
use crate::plan::dialect::Dialect as _;
use crate::plan::link::{Base, State};
use crate::plan::record::{Record, Value};
use crate::plan::rule::Rule;
use crate::plan::seen::Seen;

impl<'a> Scene<'a> {
    /// Takes up what was pushed; says which records were.
    pub(super) fn pushes(&self, settled: &mut Settled<'a>, plan: &mut Plan) -> BTreeSet<Named> {
        let paired = self.paired_records();
        let (mut asking, mut seen) = (Vec::new(), BTreeSet::new());
        for pushed in self.pushed {
            let card = &pushed.card;
            // Whoever is pushed twice at once is pushed once.
            if !seen.insert(named(card)) {
                continue;
            }
            match (self.refused(pushed), paired.get(&(card.entity, card.id.as_str()))) {
                (Some(left), _) => plan.left.push((subject(card), left)),
                // What the filter shows again and again was let go by somebody.
                (None, Some(_)) if !pushed.asked => {}
                // Its person was just found under another name: what is missing is seen next.
                (None, Some(pair)) if settled.links.contains(&pair.id) => {
                    plan.left.push((subject(card), Left::Unseen));
                }
                (None, Some(pair)) => match self.pushed_again(pair, pushed) {
                    Ok(what) => {
                        settled.links.insert(pair.id);
                        plan.operations.push(of_pair(pair, Rule::Pushed, what));
                    }
                    Err(left) => plan.left.push((subject(card), left)),
                },
                (None, None) => asking.push((named(card), self.likeness_of(card))),
            }
        }
        for (name, verdict) in matched(&asking, &self.pool_of_people(settled)) {
            let pushed = self.pushed.iter().find(|pushed| named(&pushed.card) == name);
            if let Some(pushed) = pushed {
                self.push(pushed, verdict, settled, plan);
            }
        }
        seen
    }

    fn refused(&self, pushed: &Candidate) -> Option<Left> {
        match &pushed.card.stage {
            _ if !pushed.visible => Some(Left::NoAccess),
            _ if matches!(self.group, Group::Gone(_)) => Some(Left::NoGroup),
            _ if !self.choices.kinds.contains(&pushed.card.entity) => Some(Left::OtherKind),
            _ if !self.choices.direction.writes() => Some(Left::Direction),
            Stage::Deleted => Some(Left::Gone),
            Stage::Converted(_) => Some(Left::Converted),
            Stage::Kept => None,
        }
    }

    // What it takes to keep a link in step again, if that takes anything.
    fn pushed_again(&self, pair: &Pair, pushed: &Candidate) -> Result<What, Left> {
        match &pair.google {
            Seen::Live(person) if pair.link.state == State::Active && self.joined(person) => {
                Err(Left::Already)
            }
            Seen::Live(_) => Ok(What::Rejoin),
            Seen::Gone => {
                let shows = self.shown(&pushed.card.record, pushed.shared);
                Ok(What::Recreate(self.words(pair.entity, &Record::new()).new_person(&shows)))
            }
            // It may be there: made a moment ago, and not told yet.
            Seen::Unproven => Err(Left::Unseen),
        }
    }

    fn pool_of_people(&self, settled: &Settled<'a>) -> Pool<&'a str> {
        let mut pool = Pool::default();
        // What kind of record it is does not decide how a person looks.
        let like =
            |person: &Person| Likeness::of_person(person, &self.words(Entity::Contact, &person.record));
        for person in self.living().filter(|person| !settled.people.contains(person.resource.as_str())) {
            pool.add(&person.resource.as_str(), &like(person), None);
        }
        for pair in self.pairs {
            if let Seen::Live(person) = &pair.google {
                pool.add(&person.resource.as_str(), &like(person), Some(pair.id));
            }
        }
        pool
    }

    fn push(
        &self,
        pushed: &Candidate,
        verdict: Verdict<Named, &'a str>,
        settled: &mut Settled<'a>,
        plan: &mut Plan,
    ) {
        let card = &pushed.card;
        let person = |name: &str| Subject::Person(name.to_owned());
        let rule = if pushed.asked { Rule::Pushed } else { Rule::Filtered };
        let verdict = match self.word_about(&subject(card)) {
            Some(Is::New(_)) => Verdict::New,
            Some(Is::Same(Subject::Person(name))) => {
                let free = self.living().find(|person| person.resource == *name);
                free.map_or(verdict, |person| Verdict::Same(&person.resource, By::Mark))
            }
            Some(Is::Same(_)) | None => verdict,
        };
        let left = match verdict {
            Verdict::New => {
                let shows = self.shown(&card.record, pushed.shared);
                let what = What::MakePerson(self.words(card.entity, &Record::new()).new_person(&shows));
                return plan.operations.push(on_card(card, rule, what));
            }
            Verdict::Same(name, _) => {
                let found = self.living().find(|person| person.resource == name);
                settled.people.extend(found.map(|person| person.resource.as_str()));
                return plan.operations.extend(found.map(|person| {
                    let adoption = self.adoption(person, pushed, true);
                    on_card(card, rule, What::Adopt(adoption))
                }));
            }
            Verdict::Several(names) => Left::Ambiguous(names.into_iter().map(person).collect()),
            Verdict::Taken(name, pair) => Left::Taken(person(name), pair),
            Verdict::Rivals(name, others) => {
                Left::Rivals(person(name), others.into_iter().map(card_named).collect())
            }
            Verdict::Second(first) => Left::Second(card_named(first)),
        };
        plan.left.push((subject(card), left));
    }

    fn adoption(&self, person: &Person, of: &Candidate, pushed: bool) -> Adoption {
        let (google, crm) = (self.shown(&person.record, of.shared), self.shown(&of.card.record, of.shared));
        let words = self.words(of.card.entity, &person.record);
        let base = if pushed { filling(&google, &crm, &words) } else { Base::of(google, crm) };
        Adoption {
            person: person.resource.clone(),
            entity: of.card.entity,
            record: of.card.id.clone(),
            base,
            joins: pushed && !self.joined(person),
        }
    }

    /// Takes up people of the groups whom no link has.
    pub(super) fn strangers(&self, pushed: &BTreeSet<Named>, settled: &Settled<'a>, plan: &mut Plan) {
        let free =
            |person: &&Person| self.belongs(person) && !settled.people.contains(person.resource.as_str());
        let like = |person: &'a Person| {
            let words = self.words(Entity::Contact, &person.record);
            (person.resource.as_str(), Likeness::of_person(person, &words))
        };
        if matches!(self.group, Group::Gone(_)) {
            return;
        }
        let asking: Vec<_> = self.living().filter(free).map(like).collect();
        for (name, verdict) in matched(&asking, &self.pool_of_records(pushed)) {
            let Some(person) = self.living().find(|person| person.resource == name) else { continue };
            match self.stranger(person, verdict) {
                Ok(operation) => plan.operations.push(operation),
                Err(left) => plan.left.push((Subject::Person(name.to_owned()), left)),
            }
        }
    }

    // A record that the user may not see is nobody, and one that is pushed has looked for itself.
    fn offered(&self, pushed: &BTreeSet<Named>) -> impl Iterator<Item = &'a Candidate> {
        let kept = |of: &&Candidate| {
            of.visible && of.card.stage == Stage::Kept && self.choices.kinds.contains(&of.card.entity)
        };
        self.records.iter().filter(kept).filter(|of| !pushed.contains(&named(&of.card)))
    }

    fn pool_of_records(&self, pushed: &BTreeSet<Named>) -> Pool<Named> {
        let mut pool = Pool::default();
        for of in self.offered(pushed) {
            pool.add(&named(&of.card), &self.likeness_of(&of.card), None);
        }
        for pair in self.pairs {
            if let Seen::Live(card) = &pair.crm {
                pool.add(&named(card), &self.likeness_of(card), Some(pair.id));
            }
        }
        pool
    }

    fn stranger(&self, person: &Person, verdict: Verdict<&str, Named>) -> Result<Operation, Left> {
        let made = |rule, what| {
            let basis = vec![person.fingerprint()];
            Operation { basis, ..Operation::new(Subject::Person(person.resource.clone()), rule, what) }
        };
        let other = |name: &str| Subject::Person(name.to_owned());
        let word = self.word_about(&Subject::Person(person.resource.clone()));
        let verdict = match word {
            Some(Is::New(_)) => Verdict::New,
            Some(Is::Same(Subject::Card(entity, id))) => {
                let named = (*entity, id.clone());
                let free = self.records.iter().any(|of| of.visible && self::named(&of.card) == named);
                if free { Verdict::Same(named, By::Mark) } else { verdict }
            }
            Some(Is::Same(_)) | None => verdict,
        };
        match verdict {
            Verdict::New => {
                let wanted = match word {
                    Some(Is::New(entity)) => Some(*entity),
                    Some(Is::Same(_)) | None => None,
                };
                let entity = wanted.or_else(|| self.choices.strangers.makes());
                match (entity, self.choices.direction.reads()) {
                    (Some(entity), true) => {
                        let shows = self.shown(&person.record, false);
                        let record = self.words(entity, &person.record).new_record(&shows);
                        Ok(made(Rule::NewFromGoogle, What::MakeRecord(entity, record)))
                    }
                    (Some(_), false) => Err(Left::Direction),
                    (None, _) if self.choices.strangers == super::choices::Strangers::Review => {
                        Err(Left::Undecided)
                    }
                    (None, _) => Err(Left::Stranger),
                }
            }
            Verdict::Same(name, _) => {
                let found = self.records.iter().find(|of| named(&of.card) == name);
                let adoption = found.map(|of| self.adoption(person, of, false)).ok_or(Left::Stranger)?;
                Ok(made(Rule::Adopted, What::Adopt(adoption)))
            }
            Verdict::Several(names) => Err(Left::Ambiguous(names.into_iter().map(card_named).collect())),
            Verdict::Taken(name, pair) => Err(Left::Taken(card_named(name), pair)),
            Verdict::Rivals(name, others) => {
                Err(Left::Rivals(card_named(name), others.into_iter().map(other).collect()))
            }
            Verdict::Second(first) => Err(Left::Second(other(first))),
        }
    }
}

/// What is taken as agreed of two that become one: where one side has nothing, that nobody has; of
/// several things those that both have. So what one has and the other lacks counts as new.
fn filling(google: &Record, crm: &Record, words: &Words<'_>) -> Base {
    let mut base = Base::default();
    for (field, shown) in google.iter() {
        let Some(held) = crm.get(field) else { continue };
        let (one, other) = match (shown, held) {
            _ if words.same(field, shown, held) => (shown.clone(), held.clone()),
            (Value::Several(shown), Value::Several(held)) => {
                let keys = |all: &Several| {
                    all.iter().map(|item| words.key(field, &item.text)).collect::<BTreeSet<_>>()
                };
                let both: BTreeSet<_> = keys(shown).intersection(&keys(held)).cloned().collect();
                let of = |all: &Several| {
                    Several(
                        all.iter()
                            .filter(|item| both.contains(&words.key(field, &item.text)))
                            .cloned()
                            .collect(),
                    )
                };
                (Value::Several(of(shown)), Value::Several(of(held)))
            }
            _ if empty(shown) => (shown.clone(), shown.clone()),
            _ if empty(held) => (held.clone(), held.clone()),
            _ => (shown.clone(), held.clone()),
        };
        base.google.set(field, one);
        base.crm.set(field, other);
    }
    base
}

fn empty(value: &Value) -> bool {
    match value {
        Value::Text(words) => words.trim().is_empty(),
        Value::Postal(postal) => postal.is_empty(),
        Value::Several(several) => several.0.is_empty(),
        Value::Times(_) => false,
    }
}

fn named(card: &Card) -> Named {
    (card.entity, card.id.clone())
}

fn card_named((entity, id): Named) -> Subject {
    Subject::Card(entity, id)
}

fn subject(card: &Card) -> Subject {
    Subject::Card(card.entity, card.id.clone())
}

fn on_card(card: &Card, rule: Rule, what: What) -> Operation {
    Operation { basis: vec![card.fingerprint()], ..Operation::new(subject(card), rule, what) }
}
