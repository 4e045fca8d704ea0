//! What it takes to take a run back.
//!
//! The journal tells what the run has done to each side of a pair; that is
//! folded into what the run has come to, and compared with what the side shows
//! now. Only what still shows what the run has left there is taken back; the rest
//! is left, with the reason. What is taken back is nobody's agreement: it counts
//! as an edit of that side, which the next plan carries over like any other.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::link::{Base, Side};
use super::record::{Field, Record, Value, fingerprint};
use super::rule::Rule;
use super::seen::Seen;

/// What a run did to one side of a pair, as it was written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// What it was, a word: `make-record`, `write-event`, `make-person` and so on.
    pub kind: String,
    /// None when what was there is not kept any more.
    content: Option<Content>,
    /// Whether it only changed who takes part, or what they answered.
    people: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Content {
    before: Option<Before>,
    written: Record,
    lost: Vec<Lost>,
    status: Option<Turn>,
    /// To whom a record was assigned.
    user: Option<String>,
}

/// Of a write both sides are kept, of a removal the one that went.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Before {
    Both(Base),
    One(Record),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Lost {
    field: Field,
    side: Side,
    value: Value,
}

/// A status of the CRM, in its own words, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// What it was; none of a record that was made.
    pub from: Option<String>,
    /// What it became.
    pub to: String,
}

impl Effect {
    /// Reads it.
    #[must_use]
    pub fn read(kind: &str, rule: &str, content: Option<&str>) -> Self {
        let people = [Rule::GuestsChanged, Rule::Answered].iter().any(|of| of.name() == rule);
        let content = content.and_then(|text| serde_json::from_str(text).ok());
        Self { kind: kind.to_owned(), content, people }
    }

    /// The side that was written.
    #[must_use]
    pub fn side(&self) -> Side {
        match self.kind.as_str() {
            "make-event" | "write-event" | "delete-event" | "make-person" | "write-person"
            | "delete-person" | "remove-twin" => Side::Google,
            _ => Side::Crm,
        }
    }

    /// How what it was about is called; empty when that is not kept.
    #[must_use]
    pub fn title(&self) -> String {
        let Some(content) = &self.content else { return String::new() };
        let before = match &content.before {
            Some(Before::Both(base)) => &base.crm,
            Some(Before::One(record)) => record,
            None => &content.written,
        };
        [&content.written, before]
            .map(Record::called)
            .into_iter()
            .find(|it| !it.is_empty())
            .unwrap_or_default()
    }

    // What the side showed of a field before it was written.
    fn before(content: &Content, side: Side, field: Field) -> Option<Value> {
        let lost = content.lost.iter().find(|lost| lost.field == field && lost.side == side);
        if let Some(lost) = lost {
            return Some(lost.value.clone());
        }
        match (&content.before, side) {
            (Some(Before::Both(base)), Side::Google) => base.google.get(field).cloned(),
            (Some(Before::Both(base)), Side::Crm) => base.crm.get(field).cloned(),
            (Some(Before::One(record)), _) => record.get(field).cloned(),
            (None, _) => None,
        }
    }
}

/// What a side of a pair shows, as far as taking back needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The fields.
    pub record: Record,
    /// The CRM's word for how a record stands.
    pub status: Option<String>,
    /// Whether anybody else is invited to an event.
    pub guests: bool,
    /// Whether others use a record of somebody, too.
    pub shared: bool,
    /// Whether somebody else has changed it last, be it only in what is not kept in step.
    pub touched: bool,
}

/// What is to be done to one side of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Fields that show one thing show another again.
    Restore {
        /// On which side.
        side: Side,
        /// What they have to show.
        shows: Record,
        /// What they showed.
        to: Record,
    },
    /// What was made goes.
    Remove {
        /// On which side.
        side: Side,
        /// What it has to show.
        shows: Record,
    },
    /// What was deleted comes back.
    Bring {
        /// On which side.
        side: Side,
        /// What it showed.
        record: Record,
        /// To whom a record was assigned; none where that was not written down.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
    },
    /// A record has the status again that it had.
    Turn {
        /// The one that it has to have.
        from: String,
        /// The one that it had.
        to: String,
    },
}

impl Act {
    /// The side that is written.
    #[must_use]
    pub fn side(&self) -> Side {
        match self {
            Self::Restore { side, .. } | Self::Remove { side, .. } | Self::Bring { side, .. } => *side,
            Self::Turn { .. } => Side::Crm,
        }
    }

    /// The word in the REST API.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Restore { .. } => "restore",
            Self::Remove { .. } => "remove",
            Self::Bring { .. } => "bring-back",
            Self::Turn { .. } => "status",
        }
    }

    /// Field by field what it shows and what it will show; nothing of a status, nor of what is empty in
    /// somebody who goes or comes.
    #[must_use]
    pub fn fields(&self) -> Vec<(Field, Option<&Value>, Option<&Value>)> {
        let filled = |(_, value): &(Field, &Value)| !value.is_empty();
        match self {
            Self::Restore { shows, to, .. } => {
                to.iter().map(|(field, value)| (field, shows.get(field), Some(value))).collect()
            }
            Self::Remove { shows, .. } => {
                shows.iter().filter(filled).map(|(field, value)| (field, Some(value), None)).collect()
            }
            Self::Bring { record, .. } => {
                record.iter().filter(filled).map(|(field, value)| (field, None, Some(value))).collect()
            }
            Self::Turn { .. } => Vec::new(),
        }
    }

    /// Of what is done to which pair: a confirmation is good for the same only.
    #[must_use]
    pub fn fingerprint(&self, pair: Uuid) -> String {
        hex(&(pair, self))
    }
}

/// Stands for many acts, by the fingerprints of all.
#[must_use]
pub fn mark(fingerprints: &[String]) -> String {
    hex(&fingerprints)
}

fn hex(of: &impl Serialize) -> String {
    fingerprint(of).iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Why something is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Somebody has changed it since.
    Changed,
    /// It is not there any more.
    Gone,
    /// It is there again already.
    There,
    /// It was not seen lately.
    Unseen,
    /// What was there before is not kept any more.
    Faded,
    /// Others are invited to it.
    Guests,
    /// The pair is not known any more, or another calendar keeps it now.
    Unknown,
    /// What it was made of is gone: it is all that is left.
    Last,
    /// Others use it too.
    Shared,
    /// It tells of what has been.
    Over,
    /// Who takes part is not taken back.
    People,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 11] = [
        Self::Changed,
        Self::Gone,
        Self::There,
        Self::Unseen,
        Self::Faded,
        Self::Guests,
        Self::Unknown,
        Self::Last,
        Self::Shared,
        Self::Over,
        Self::People,
    ];

    /// The word in the REST API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Gone => "gone",
            Self::There => "there",
            Self::Unseen => "unseen",
            Self::Faded => "faded",
            Self::Guests => "guests",
            Self::Unknown => "unknown",
            Self::Last => "last",
            Self::Shared => "shared",
            Self::Over => "over",
            Self::People => "people",
        }
    }
}

/// What is left of a side, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// The side.
    pub side: Side,
    /// The field, where it is one.
    pub field: Option<Field>,
    /// The reason.
    pub why: Why,
}

/// What becomes of a pair.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Undoing {
    /// What is to be done.
    pub acts: Vec<Act>,
    /// What is left.
    pub left: Vec<Left>,
}

/// Takes back what a run did to a pair, given in the order in which it was done.
#[must_use]
pub fn undo(effects: &[Effect], google: &Seen<Shown>, crm: &Seen<Shown>) -> Undoing {
    let mut undoing = Undoing::default();
    for (side, seen) in [(Side::Google, google), (Side::Crm, crm)] {
        let net = Net::of(side, effects.iter().filter(|effect| effect.side() == side));
        net.undo(side, seen, &mut undoing);
    }
    undoing
}

/// What a run has come to on one side.
#[derive(Debug, Default)]
struct Net {
    made: bool,
    removed: bool,
    faded: bool,
    /// What the first write of each field found.
    before: Record,
    /// What the last one left.
    shows: Record,
    status: Option<Turn>,
    user: Option<String>,
    people: bool,
}

impl Net {
    fn of<'a>(side: Side, effects: impl Iterator<Item = &'a Effect>) -> Self {
        let mut net = Self::default();
        for effect in effects {
            if effect.people {
                net.people = true;
                continue;
            }
            let Some(content) = &effect.content else {
                net.faded = true;
                continue;
            };
            if let Some(turn) = &content.status {
                let from = net.status.take().map_or_else(|| turn.from.clone(), |first| first.from);
                net.status = Some(Turn { from, to: turn.to.clone() });
            }
            match effect.kind.as_str() {
                "make-event" | "make-person" | "make-record" => {
                    (net.made, net.removed) = (true, false);
                    net.shows = content.written.clone();
                }
                "write-event" | "write-person" | "write-record" => net.write(side, content),
                "delete-event" | "delete-person" | "remove-twin" | "delete-record" => net.remove(content),
                // It was only found out who somebody is.
                "adopt" | "keep" | "rename" | "relink" => {}
                // Nothing but the status.
                _ => net.faded |= content.status.is_none(),
            }
        }
        net
    }

    fn write(&mut self, side: Side, content: &Content) {
        for (field, written) in content.written.iter() {
            self.shows.set(field, written.clone());
            if self.made || self.before.get(field).is_some() {
                continue;
            }
            match Effect::before(content, side, field) {
                Some(before) => self.before.set(field, before),
                None => self.faded = true,
            }
        }
    }

    fn remove(&mut self, content: &Content) {
        // What was made and removed was never there.
        self.removed = !self.made;
        self.made = false;
        self.user.clone_from(&content.user);
        if let Some(Before::One(record)) = &content.before {
            let mut all = record.clone();
            all.extend(&self.before);
            self.before = all;
        }
    }

    fn undo(self, side: Side, seen: &Seen<Shown>, to: &mut Undoing) {
        let touched = self.made || self.removed || !self.shows.is_empty() || self.status.is_some();
        // They went with the record, or go with it.
        if self.people && !self.made && !self.removed {
            to.left.push(Left { side, field: None, why: Why::People });
        }
        if !touched && !self.faded {
            return;
        }
        let mut leave = |field, why| to.left.push(Left { side, field, why });
        match seen {
            Seen::Unproven => leave(None, Why::Unseen),
            Seen::Gone if self.removed && self.whole() => {
                to.acts.push(Act::Bring { side, record: self.before, user: self.user });
            }
            Seen::Gone if self.removed => leave(None, Why::Faded),
            Seen::Gone => leave(None, Why::Gone),
            Seen::Live(_) if self.removed => leave(None, Why::There),
            Seen::Live(shown) if self.made => match self.unmade(shown) {
                Ok(()) => to.acts.push(Act::Remove { side, shows: self.shows }),
                Err(why) => leave(None, why),
            },
            Seen::Live(shown) => self.restore(side, shown, to),
        }
    }

    // Whether enough of it is kept to make it again.
    fn whole(&self) -> bool {
        self.before.times().is_some() || Field::PERSON.iter().any(|field| self.before.get(*field).is_some())
    }

    // Whether what was made is still only that.
    fn unmade(&self, shown: &Shown) -> Result<(), Why> {
        if self.shows.is_empty() {
            return Err(Why::Faded);
        }
        let same = self.shows.iter().all(|(field, value)| shown.record.get(field) == Some(value));
        let stands = match (&self.status, &shown.status) {
            (Some(turn), Some(now)) => turn.to == *now,
            _ => true,
        };
        match (same && stands, shown.guests, shown.shared) {
            (false, ..) => Err(Why::Changed),
            _ if shown.touched => Err(Why::Changed),
            (true, true, _) => Err(Why::Guests),
            (true, false, true) => Err(Why::Shared),
            (true, false, false) => Ok(()),
        }
    }

    fn restore(self, side: Side, shown: &Shown, to: &mut Undoing) {
        let (mut shows, mut back) = (Record::new(), Record::new());
        for (field, written) in self.shows.iter() {
            let why = match self.before.get(field) {
                None => Why::Faded,
                Some(before) if shown.record.get(field) == Some(before) => Why::There,
                Some(_) if shown.record.get(field) != Some(written) => Why::Changed,
                // They would not be told that it moves.
                Some(_) if side == Side::Google && field == Field::When && shown.guests => Why::Guests,
                Some(before) => {
                    shows.set(field, written.clone());
                    back.set(field, before.clone());
                    continue;
                }
            };
            to.left.push(Left { side, field: Some(field), why });
        }
        if self.shows.is_empty() && self.status.is_none() {
            to.left.push(Left { side, field: None, why: Why::Faded });
        }
        if !back.is_empty() {
            to.acts.push(Act::Restore { side, shows, to: back });
        }
        match self.status {
            Some(Turn { from: Some(from), to: now }) if shown.status.as_ref() == Some(&now) => {
                to.acts.push(Act::Turn { from: now, to: from });
            }
            Some(Turn { from: Some(_), .. }) => to.left.push(Left { side, field: None, why: Why::Changed }),
            Some(Turn { from: None, .. }) | None => {}
        }
    }
}

#[cfg(test)]
mod tests;
