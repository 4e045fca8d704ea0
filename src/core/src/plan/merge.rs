//! Two living sides, field by field, against what each showed when both last
//! agreed.
//!
//! A side has changed a field when it shows another value than it showed then.
//! What only one side changed goes to the other; what both changed alike is
//! agreed; what both changed differently is decided by the policy, and the
//! loser's value is kept in the result for the journal. Direction, records that
//! are held or not held, and missing rights are masks: what they keep from the other side
//! stays where it is and is neither reverted nor forgotten, so it goes over when
//! the mask falls.

use super::dialect::{Cell, Dialect, Joined};
use super::link::{Base, Side};
use super::policy::{Direction, Policy, Winner};
use super::record::{Field, Record, Value};
use super::rule::Rule;
use super::seen::{CrmSide, GoogleSide, Standing};

/// The CRM counts whole seconds, and clocks differ: closer than this, in
/// seconds, nobody was later.
const TOO_CLOSE: i64 = 120;

/// What a field comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The field.
    pub field: Field,
    /// By which rule.
    pub rule: Rule,
    /// The value that was overwritten, and the side that had it.
    pub lost: Option<(Side, Value)>,
}

/// What is to be written where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merge {
    /// Fields to write at Google, in its words.
    pub to_google: Record,
    /// Fields to write in the CRM, in its words.
    pub to_crm: Record,
    /// What both sides show now of every field that is agreed without a write, or will be by one.
    pub agreed: Base,
    /// Fields about which there is something to tell.
    pub fields: Vec<Outcome>,
}

impl Merge {
    /// Whether nothing has to be written or remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.to_google.is_empty() && self.to_crm.is_empty() && self.agreed == Base::default()
    }
}

/// What is done of a merge by itself, so that each effect is remembered by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Both sides agree already.
    Remember(Base),
    /// Fields are written at Google; then both sides show this.
    WriteGoogle(Record, Base),
    /// Fields are written in the CRM; then both sides show this.
    WriteCrm(Record, Base),
}

impl Merge {
    /// Its parts, one for each side; a write of the field `apart` at Google stands alone.
    #[must_use]
    pub fn parts(self, apart: Option<Field>) -> Vec<(Part, Vec<Outcome>)> {
        let Self { to_google, to_crm, agreed, fields } = self;
        let of = |has: &dyn Fn(Field) -> bool| Base::of(agreed.google.picked(has), agreed.crm.picked(has));
        let about = |has: &dyn Fn(Field) -> bool| {
            fields.iter().filter(|outcome| has(outcome.field)).cloned().collect::<Vec<_>>()
        };
        let in_google = |field| to_google.get(field).is_some();
        let in_crm = |field| to_crm.get(field).is_some();
        let neither = |field| !in_google(field) && !in_crm(field);
        let quietly = |field| in_google(field) && apart != Some(field);
        let noticed = |field| in_google(field) && apart == Some(field);
        let mut parts = Vec::new();
        let kept = of(&neither);
        if kept != Base::default() {
            parts.push((Part::Remember(kept), about(&neither)));
        }
        for has in [&quietly as &dyn Fn(Field) -> bool, &noticed] {
            let changes = to_google.picked(has);
            if !changes.is_empty() {
                parts.push((Part::WriteGoogle(changes, of(has)), about(has)));
            }
        }
        if !to_crm.is_empty() {
            parts.push((Part::WriteCrm(to_crm.clone(), of(&in_crm)), about(&in_crm)));
        }
        parts
    }
}

/// The two sides and what masks them.
pub struct Sides<'a, D> {
    /// Google.
    pub google: &'a GoogleSide,
    /// The CRM.
    pub crm: &'a CrmSide,
    /// What was last agreed.
    pub base: &'a Base,
    /// The choices.
    pub policy: &'a Policy,
    /// The way from one to the other.
    pub dialect: &'a D,
}

impl<D: Dialect> Sides<'_, D> {
    /// Merges every field that both sides show.
    #[must_use]
    pub fn merge(&self) -> Merge {
        let mut merge = Merge::default();
        for field in Field::ALL {
            let (Some(google), Some(crm)) = (self.google.record.get(field), self.crm.record.get(field))
            else {
                continue;
            };
            let before = (self.base.google.get(field), self.base.crm.get(field));
            let (Some(google_before), Some(crm_before)) = before else {
                merge.agree(field, (google, crm), Rule::FirstSight);
                continue;
            };
            self.field(&Cell { field, google, crm, google_before, crm_before }, &mut merge);
        }
        merge
    }

    fn field(&self, cell: &Cell<'_>, merge: &mut Merge) {
        match (cell.google != cell.google_before, cell.crm != cell.crm_before) {
            (false, false) => {}
            _ if self.dialect.same(cell.field, cell.google, cell.crm) => merge.agreed(cell),
            (true, false) => self.take_google(cell, Rule::FromGoogle, merge),
            (false, true) => self.take_crm(cell, Rule::FromCrm, merge),
            (true, true) => match self.dialect.joined(cell, self.winner()) {
                Some(joined) => self.join(cell, &joined, merge),
                None => self.conflict(cell, merge),
            },
        }
    }

    fn take_google(&self, cell: &Cell<'_>, rule: Rule, merge: &mut Merge) {
        if !self.policy.direction.reads() {
            return merge.tell(cell.field, Rule::Masked);
        }
        let Some(value) = self.dialect.carried_to_crm(cell) else {
            return merge.tell(cell.field, Rule::CannotShow);
        };
        if value == *cell.crm {
            return merge.agreed(cell);
        }
        merge.write_crm(cell, value, rule);
    }

    fn take_crm(&self, cell: &Cell<'_>, rule: Rule, merge: &mut Merge) {
        if let Some(mask) = self.google_mask() {
            return merge.tell(cell.field, mask);
        }
        let Some(value) = self.dialect.carried_to_google(cell) else {
            return merge.tell(cell.field, Rule::CannotShow);
        };
        if value == *cell.google {
            return merge.agreed(cell);
        }
        merge.write_google(cell, value, rule);
    }

    // Why the CRM's change does not go to Google, if it does not.
    fn google_mask(&self) -> Option<Rule> {
        if !self.policy.direction.writes() {
            Some(Rule::Masked)
        } else if !self.google.editable {
            Some(Rule::NotEditable)
        } else if self.crm.standing != Standing::Planned {
            Some(Rule::HeldKeeps)
        } else {
            None
        }
    }

    // What one side may not be told is not agreed on: it goes over when the mask falls.
    fn join(&self, cell: &Cell<'_>, joined: &Joined, merge: &mut Merge) {
        match (self.google_mask(), self.policy.direction.reads()) {
            (None, true) => {
                merge.put_google(cell, &joined.google);
                merge.put_crm(cell, &joined.crm);
            }
            (None, false) => {
                let Some(google) = self.dialect.carried_to_google(cell) else {
                    return merge.tell(cell.field, Rule::CannotShow);
                };
                let alone = Cell { google: cell.google_before, ..*cell };
                let agreed = self.dialect.carried_to_google(&alone).unwrap_or_else(|| google.clone());
                merge.put_google(cell, &google);
                merge.agreed.google.set(cell.field, agreed);
                merge.agreed.crm.set(cell.field, cell.crm.clone());
            }
            (Some(_), true) => {
                let Some(crm) = self.dialect.carried_to_crm(cell) else {
                    return merge.tell(cell.field, Rule::CannotShow);
                };
                let alone = Cell { crm: cell.crm_before, ..*cell };
                let agreed = self.dialect.carried_to_crm(&alone).unwrap_or_else(|| crm.clone());
                merge.put_crm(cell, &crm);
                merge.agreed.google.set(cell.field, cell.google.clone());
                merge.agreed.crm.set(cell.field, agreed);
            }
            (Some(mask), false) => return merge.tell(cell.field, mask),
        }
        merge.tell(cell.field, Rule::Joined);
    }

    fn conflict(&self, cell: &Cell<'_>, merge: &mut Merge) {
        let told = merge.fields.len();
        // What Google keeps from the CRM does not stay there under another name.
        let one_way = self.policy.direction.reads() && self.dialect.carried_to_google(cell).is_none();
        let decided = if one_way { (Side::Google, None) } else { (self.winner(), self.google_mask()) };
        match decided {
            // A record that is over and done keeps what its people wrote.
            (_, Some(Rule::HeldKeeps)) => merge.tell(cell.field, Rule::HeldKeeps),
            // Here the CRM's value can only lose; where the event is organized it may win.
            (Side::Google, Some(Rule::NotEditable)) if self.google.elsewhere => {
                merge.tell(cell.field, Rule::NotEditable);
            }
            (Side::Google, _) => {
                let rule = match self.policy.direction {
                    Direction::ToCrm => Rule::MaskedOverwritten,
                    Direction::Both | Direction::ToGoogle => Rule::ConflictGoogle,
                };
                self.take_google(cell, rule, merge);
                merge.lose(told, Side::Crm, cell.crm);
            }
            (Side::Crm, Some(mask)) => merge.tell(cell.field, mask),
            (Side::Crm, None) => {
                let rule = match self.policy.direction {
                    Direction::ToGoogle => Rule::MaskedOverwritten,
                    Direction::Both | Direction::ToCrm => Rule::ConflictCrm,
                };
                self.take_crm(cell, rule, merge);
                merge.lose(told, Side::Google, cell.google);
            }
        }
    }

    fn winner(&self) -> Side {
        match (self.policy.direction, self.policy.winner) {
            (Direction::ToCrm, _) => Side::Google,
            (Direction::ToGoogle, _) => Side::Crm,
            // The CRM's value cannot go anywhere.
            _ if !self.google.editable => Side::Google,
            (Direction::Both, Winner::Google) => Side::Google,
            (Direction::Both, Winner::Crm) => Side::Crm,
            (Direction::Both, Winner::Newest) => {
                if self.google.updated.saturating_sub(self.crm.modified) > TOO_CLOSE {
                    Side::Google
                } else {
                    Side::Crm
                }
            }
        }
    }
}

impl Merge {
    fn agree(&mut self, field: Field, (google, crm): (&Value, &Value), rule: Rule) {
        self.agreed.google.set(field, google.clone());
        self.agreed.crm.set(field, crm.clone());
        self.tell(field, rule);
    }

    fn agreed(&mut self, cell: &Cell<'_>) {
        self.agree(cell.field, (cell.google, cell.crm), Rule::Agreed);
    }

    fn write_crm(&mut self, cell: &Cell<'_>, value: Value, rule: Rule) {
        self.agree(cell.field, (cell.google, &value), rule);
        self.to_crm.set(cell.field, value);
    }

    fn write_google(&mut self, cell: &Cell<'_>, value: Value, rule: Rule) {
        self.agree(cell.field, (&value, cell.crm), rule);
        self.to_google.set(cell.field, value);
    }

    fn put_google(&mut self, cell: &Cell<'_>, value: &Value) {
        self.agreed.google.set(cell.field, value.clone());
        if value != cell.google {
            self.to_google.set(cell.field, value.clone());
        }
    }

    fn put_crm(&mut self, cell: &Cell<'_>, value: &Value) {
        self.agreed.crm.set(cell.field, value.clone());
        if value != cell.crm {
            self.to_crm.set(cell.field, value.clone());
        }
    }

    fn tell(&mut self, field: Field, rule: Rule) {
        self.fields.push(Outcome { field, rule, lost: None });
    }

    // Only what was overwritten is lost.
    fn lose(&mut self, told: usize, side: Side, value: &Value) {
        let Some(outcome) = self.fields.get_mut(told) else { return };
        if matches!(outcome.rule, Rule::ConflictGoogle | Rule::ConflictCrm | Rule::MaskedOverwritten) {
            outcome.lost = Some((side, value.clone()));
        }
    }
}
