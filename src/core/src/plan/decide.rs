//! The decision table: what becomes of a link, by what was seen of its sides.
//!
//! Nothing is deleted but by a tombstone that is proven on the other side. What
//! was let go creates nothing again. Every cell has a rule; the table has no
//! empty one.

use super::dialect::Dialect;
use super::link::{Base, Link, Side, State};
use super::merge::{Merge, Sides};
use super::policy::{Endings, Policy};
use super::record::{Field, Record};
use super::rule::Rule;
use super::seen::{CrmSide, GoogleSide, Seen, Standing};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Nothing, now.
    Rest,
    /// Write and remember fields.
    Merge(Merge),
    /// Delete the thing on that side.
    Delete(Side),
    /// Set the record of the CRM to "Not Held".
    SetNotHeld,
    /// Make the event again, under the next generation of its identity.
    Recreate,
    /// Let both live on by themselves.
    Detach,
    /// Leave the survivor alone for good.
    Ignore,
    /// Both are gone: only the memory of the link stays.
    Close,
}

/// A decision and its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// By which rule.
    pub rule: Rule,
    /// What is to be done.
    pub act: Act,
}

impl Verdict {
    fn new(rule: Rule, act: Act) -> Self {
        Self { rule, act }
    }
}

/// Decides what becomes of an owner link.
#[must_use]
pub fn decide(
    link: &Link,
    google: &Seen<GoogleSide>,
    crm: &Seen<CrmSide>,
    policy: &Policy,
    dialect: &impl Dialect,
) -> Verdict {
    match link.state {
        State::Active => {}
        State::Frozen | State::Dormant | State::Quarantined => {
            return Verdict::new(Rule::Withheld, Act::Rest);
        }
        State::Detached | State::Ignored => return Verdict::new(Rule::LetGo, Act::Rest),
    }
    match (google, crm) {
        (Seen::Unproven, _) | (_, Seen::Unproven) => Verdict::new(Rule::Unproven, Act::Rest),
        (Seen::Gone, Seen::Gone) => Verdict::new(Rule::BothGone, Act::Close),
        // Nobody can tell whether the one that is left was edited since.
        (Seen::Gone, Seen::Live(_)) if link.base.is_forgotten() => Verdict::new(Rule::Forgotten, Act::Detach),
        (Seen::Live(_), Seen::Gone) if link.base.is_forgotten() => Verdict::new(Rule::Forgotten, Act::Ignore),
        (Seen::Gone, Seen::Live(crm)) => match policy.endings {
            Endings::Appointments { .. } => tombstone(link, crm, policy, dialect),
            Endings::People { deletes_records, .. } => person_gone(link, crm, policy, deletes_records),
        },
        (Seen::Live(google), Seen::Gone) => match policy.endings {
            Endings::Appointments { removes, .. } => removal(link, google, policy, removes),
            Endings::People { deletes_persons, .. } => record_gone(link, google, policy, deletes_persons),
        },
        (Seen::Live(google), Seen::Live(crm)) => living(link, google, crm, policy, dialect),
    }
}

// Google's event is gone.
fn tombstone(link: &Link, crm: &CrmSide, policy: &Policy, dialect: &impl Dialect) -> Verdict {
    // What Google may not be told is not made there again.
    let title = crm.record.get(Field::Title);
    let tellable = title.is_none_or(|title| dialect.to_google(Field::Title, title, None).is_some());
    let edited = changed(&crm.record, &link.base.crm);
    // A pair that has agreed on nothing is one that somebody has taken up again.
    if link.base == Base::default() && policy.direction.writes() {
        return Verdict::new(Rule::AskedAgain, Act::Recreate);
    }
    if !policy.direction.reads() {
        return Verdict::new(Rule::TombstoneMasked, Act::Detach);
    }
    match (crm.standing, crm.over, link.origin) {
        (Standing::Held | Standing::NotHeld, _, _) | (Standing::Planned, true, _) => {
            Verdict::new(Rule::TombstoneOfThePast, Act::Detach)
        }
        (Standing::Planned, false, Side::Crm) if edited && tellable && policy.direction.writes() => {
            Verdict::new(Rule::EditBeatsTombstone, Act::Recreate)
        }
        (Standing::Planned, false, Side::Crm) => Verdict::new(Rule::TombstoneNotHeld, Act::SetNotHeld),
        (Standing::Planned, false, Side::Google) => {
            let rule = if edited { Rule::TombstoneBeatsEdit } else { Rule::TombstoneDeletes };
            Verdict::new(rule, Act::Delete(Side::Crm))
        }
    }
}

// The CRM's record is gone.
fn removal(link: &Link, google: &GoogleSide, policy: &Policy, removes: bool) -> Verdict {
    if !policy.direction.writes() {
        return Verdict::new(Rule::RemovalMasked, Act::Ignore);
    }
    let edited = changed(&google.record, &link.base.google);
    let rule = match (link.origin, removes, edited) {
        (Side::Crm, _, _) => Rule::RemovalDeletes,
        (Side::Google, _, true) => return Verdict::new(Rule::EditBeatsRemoval, Act::Ignore),
        (Side::Google, true, false) => Rule::RemovalAsked,
        (Side::Google, false, false) => return Verdict::new(Rule::RemovalLeaves, Act::Ignore),
    };
    if google.editable {
        Verdict::new(rule, Act::Delete(Side::Google))
    } else {
        Verdict::new(Rule::RemovalNotEditable, Act::Ignore)
    }
}

// Google's person is gone.
fn person_gone(link: &Link, crm: &CrmSide, policy: &Policy, deletes: bool) -> Verdict {
    if link.base == Base::default() && policy.direction.writes() {
        return Verdict::new(Rule::AskedAgain, Act::Recreate);
    }
    if !policy.direction.reads() {
        return Verdict::new(Rule::TombstoneMasked, Act::Detach);
    }
    match (link.origin, deletes && !changed(&crm.record, &link.base.crm)) {
        (Side::Google, true) => Verdict::new(Rule::TombstoneDeletes, Act::Delete(Side::Crm)),
        (Side::Google, false) | (Side::Crm, _) => Verdict::new(Rule::TombstoneKeeps, Act::Detach),
    }
}

// The CRM's record of a person is gone.
fn record_gone(link: &Link, google: &GoogleSide, policy: &Policy, deletes: bool) -> Verdict {
    if !policy.direction.writes() {
        return Verdict::new(Rule::RemovalMasked, Act::Ignore);
    }
    let edited = changed(&google.record, &link.base.google);
    match (link.origin, deletes, edited) {
        (Side::Google, _, _) => Verdict::new(Rule::RemovalLeaves, Act::Ignore),
        (Side::Crm, false, _) => Verdict::new(Rule::RemovalKeeps, Act::Ignore),
        (Side::Crm, true, true) => Verdict::new(Rule::EditBeatsRemoval, Act::Ignore),
        (Side::Crm, true, false) if !google.editable => Verdict::new(Rule::RemovalNotEditable, Act::Ignore),
        (Side::Crm, true, false) => Verdict::new(Rule::RemovalDeletes, Act::Delete(Side::Google)),
    }
}

fn living(
    link: &Link,
    google: &GoogleSide,
    crm: &CrmSide,
    policy: &Policy,
    dialect: &impl Dialect,
) -> Verdict {
    let not_held = crm.standing == Standing::NotHeld;
    let asked = matches!(policy.endings, Endings::Appointments { removes_not_held: true, .. });
    if not_held && asked && policy.direction.writes() && google.editable {
        return Verdict::new(Rule::NotHeldDeletes, Act::Delete(Side::Google));
    }
    let merge = Sides { google, crm, base: &link.base, policy, dialect }.merge();
    let rule = merge.fields.first().map_or(Rule::AtRest, |outcome| outcome.rule);
    if merge.is_empty() { Verdict::new(rule, Act::Rest) } else { Verdict::new(rule, Act::Merge(merge)) }
}

// A field that is unknown now, or was then, says nothing.
fn changed(now: &Record, before: &Record) -> bool {
    now.iter().any(|(field, value)| before.get(field).is_some_and(|known| known != value))
}

#[cfg(test)]
mod tests;
