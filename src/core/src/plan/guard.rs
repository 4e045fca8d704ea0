//! What a run may do without asking.
//!
//! Operations above a cap are held, as a whole class: the safe ones go on. A
//! class that touches people outside is always held. The counts are those of
//! the run and of the day so far, so that planning again evades nothing.
//!
//! In a small calendar ten deletions can be most of what there is, and many that
//! are gone are only let go, which no cap counts. So where more than half of the
//! pairs is gone from one side, what follows from it waits, however little it is.

use std::collections::BTreeMap;

/// What an operation does, as far as the caps count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It only writes our own memory: a link, a base.
    Memory,
    /// It changes what is there.
    Update,
    /// It makes something.
    Create,
    /// It makes something, of which the CRM mails a person.
    Mailed,
    /// It puts guests on an event, or takes them off.
    Invited,
    /// It deletes something, or calls it off.
    Delete,
    /// It deletes or moves what guests outside have in their calendars.
    Guests,
    /// Nobody has changed anything: somebody has chosen otherwise.
    Replan,
    /// It follows from a long absence of the account.
    Returned,
    /// It follows from what is gone, where a side shows less than half of the pairs.
    Halved,
}

impl Class {
    /// Every class, in the order of execution.
    pub const ALL: [Self; 10] = [
        Self::Memory,
        Self::Update,
        Self::Create,
        Self::Mailed,
        Self::Invited,
        Self::Delete,
        Self::Guests,
        Self::Replan,
        Self::Returned,
        Self::Halved,
    ];

    /// The word in the store and the REST API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Update => "update",
            Self::Create => "create",
            Self::Mailed => "mailed",
            Self::Invited => "invited",
            Self::Delete => "delete",
            Self::Guests => "guests",
            Self::Replan => "replan",
            Self::Returned => "returned",
            Self::Halved => "halved",
        }
    }
}

/// What was done already and what there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Active links of the calendar.
    pub links: usize,
    /// Of these, how many are gone from the side from which more are.
    pub gone: usize,
    /// Whether this is the first run of the calendar.
    pub first: bool,
    /// Updates of this run so far.
    pub updates: usize,
    /// Creations of this run so far.
    pub creates: usize,
    /// Creations of this run so far of which the CRM has mailed somebody.
    pub mailed: usize,
    /// Events of this run so far that have got other guests.
    pub invited: usize,
    /// Writes of this run so far that only follow from other choices.
    pub replans: usize,
    /// Deletions of this run so far.
    pub deletes: usize,
    /// Deletions of the last 24 hours, without this run's.
    pub deletes_today: usize,
    /// Creations of the first run that are allowed unasked.
    pub first_creates: usize,
}

/// Deletions that are always allowed in a run, writes that only follow from other choices, mails of
/// the CRM, and events that get other guests; fewer that are gone are nobody's accident.
const FEW: usize = 10;
/// Updates, or creations, of a run after the first.
const MANY: usize = 200;

impl Tally {
    /// Deletions that a run may do: 10, or a tenth of the links.
    #[must_use]
    pub fn delete_cap(&self) -> usize {
        FEW.max(self.links / 10)
    }

    /// Deletions of a day: a quarter of the links, but never fewer than a run may do.
    #[must_use]
    pub fn day_cap(&self) -> usize {
        self.delete_cap().max(self.links / 4)
    }

    /// Whether more than half of what both sides agreed upon is gone from one of them. What is
    /// gone is counted until it is dealt with, and the most that a run has met counts to its end.
    #[must_use]
    pub fn halved(&self) -> bool {
        self.gone >= FEW && self.gone * 2 > self.links
    }

    fn allows(&self, class: Class, count: usize) -> bool {
        match class {
            Class::Memory => true,
            Class::Update => self.updates + count <= MANY,
            Class::Create if self.first => self.creates + count <= self.first_creates,
            Class::Create => self.creates + count <= MANY,
            Class::Delete => {
                let run = self.deletes + count;
                run <= self.delete_cap() && self.deletes_today + run <= self.day_cap()
            }
            Class::Guests | Class::Returned | Class::Halved => count == 0,
            Class::Replan => self.replans + count <= FEW,
            Class::Mailed => self.mailed + count <= FEW,
            Class::Invited => self.invited + count <= FEW,
        }
    }

    /// Counts what was done.
    pub fn count(&mut self, class: Class) {
        match class {
            Class::Memory => {}
            Class::Update => self.updates += 1,
            Class::Create => self.creates += 1,
            Class::Delete | Class::Guests | Class::Halved => self.deletes += 1,
            Class::Replan => self.replans += 1,
            Class::Mailed => self.mailed += 1,
            Class::Invited => self.invited += 1,
            // Only what a person has approved is done.
            Class::Returned => {}
        }
    }
}

/// What goes on and what waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarded<T> {
    /// In the order of execution: memory, updates, creations, deletions last.
    pub go: Vec<T>,
    /// By class, what a person has to approve.
    pub held: BTreeMap<Class, Vec<T>>,
}

/// Holds the classes that are above their cap. `approved` names operations that
/// a person has approved as they are.
pub fn guard<T>(
    operations: Vec<T>,
    tally: &Tally,
    class: impl Fn(&T) -> Class,
    approved: impl Fn(&T) -> bool,
) -> Guarded<T> {
    let mut by_class: BTreeMap<Class, Vec<T>> = BTreeMap::new();
    let mut go = Vec::new();
    for operation in operations {
        if approved(&operation) {
            go.push(operation);
        } else {
            by_class.entry(class(&operation)).or_default().push(operation);
        }
    }
    let mut held = BTreeMap::new();
    for (kind, operations) in by_class {
        if tally.allows(kind, operations.len()) {
            go.extend(operations);
        } else {
            held.insert(kind, operations);
        }
    }
    go.sort_by_key(|operation| class(operation));
    Guarded { go, held }
}

#[cfg(test)]
mod tests {
    use super::{Class, Guarded, Tally, guard};

    fn run(count: usize, class: Class, tally: Tally) -> Guarded<(Class, usize)> {
        guard((0..count).map(|n| (class, n)).collect(), &tally, |it| it.0, |_| false)
    }

    #[test]
    fn rule_6_1_deletes_above_ten_or_a_tenth_wait_and_the_rest_goes_on() {
        let of = |links| Tally { links, ..Tally::default() };
        assert_eq!(run(10, Class::Delete, of(20)).go.len(), 10);
        assert_eq!(
            run(11, Class::Delete, of(20)).held[&Class::Delete].len(),
            11,
            "the class, not the surplus"
        );
        assert_eq!(run(30, Class::Delete, of(300)).go.len(), 30);
        assert!(run(31, Class::Delete, of(300)).go.is_empty());
        let mixed = (0..11).map(|n| (Class::Delete, n)).chain([(Class::Update, 0), (Class::Memory, 0)]);
        let guarded = guard(mixed.collect(), &of(20), |it| it.0, |_| false);
        assert_eq!(guarded.go, [(Class::Memory, 0), (Class::Update, 0)]);
    }

    #[test]
    fn rule_6_1_a_day_has_its_own_cap_and_planning_again_evades_none() {
        let tally = Tally { links: 400, deletes_today: 90, ..Tally::default() };
        assert_eq!(run(10, Class::Delete, tally).go.len(), 10);
        assert!(run(11, Class::Delete, tally).go.is_empty());
        let mut again = Tally { links: 20, ..Tally::default() };
        for _ in 0..10 {
            again.count(Class::Delete);
        }
        assert!(run(1, Class::Delete, again).go.is_empty());
    }

    #[test]
    fn rule_6_1_two_hundred_writes_a_run_and_a_first_run_as_allowed() {
        for class in [Class::Create, Class::Update] {
            assert_eq!(run(200, class, Tally::default()).go.len(), 200);
            assert!(run(201, class, Tally::default()).go.is_empty());
        }
        let first = Tally { first: true, first_creates: 5_000, ..Tally::default() };
        assert_eq!(run(5_000, Class::Create, first).go.len(), 5_000);
        assert!(run(5_001, Class::Create, first).go.is_empty());
    }

    #[test]
    fn a_run_counts_what_it_did_and_classes_have_words() {
        for class in [Class::Create, Class::Update] {
            let mut tally = Tally::default();
            for _ in 0..200 {
                tally.count(class);
            }
            assert!(run(1, class, tally).go.is_empty(), "{class:?}");
            assert_eq!(run(1, Class::Delete, tally).go.len(), 1);
        }
        let words = [
            "memory", "update", "create", "mailed", "invited", "delete", "guests", "replan", "returned",
            "halved",
        ];
        assert_eq!(Class::ALL.map(Class::name), words);
    }

    #[test]
    fn rule_2_3_what_guests_outside_have_is_never_deleted_unasked() {
        assert!(run(1, Class::Guests, Tally { links: 1_000, ..Tally::default() }).go.is_empty());
    }

    #[test]
    fn rule_6_1_what_was_approved_goes_on_and_nothing_else() {
        let all: Vec<_> = (0..12).map(|n| (Class::Delete, n)).collect();
        let guarded = guard(all, &Tally::default(), |it| it.0, |it| it.1 == 7);
        assert_eq!(guarded.go.first(), Some(&(Class::Delete, 7)));
        assert_eq!(guarded.held[&Class::Delete].len(), 11);
    }

    #[test]
    fn rule_2_5_what_the_crm_mails_people_of_waits_above_ten_also_in_a_first_run() {
        let first = Tally { first: true, first_creates: 5_000, ..Tally::default() };
        assert_eq!(run(10, Class::Mailed, first).go.len(), 10);
        assert_eq!(run(11, Class::Mailed, first).held[&Class::Mailed].len(), 11);
        let mut again = first;
        (0..10).for_each(|_| again.count(Class::Mailed));
        assert!(run(1, Class::Mailed, again).go.is_empty());
        assert_eq!(run(200, Class::Create, again).go.len(), 200, "what nobody is mailed of goes on");
    }

    #[test]
    fn rule_2_3_guests_of_more_than_ten_events_wait_and_planning_again_evades_none() {
        assert_eq!(run(10, Class::Invited, Tally::default()).go.len(), 10);
        assert_eq!(run(11, Class::Invited, Tally::default()).held[&Class::Invited].len(), 11);
        let mut again = Tally::default();
        (0..10).for_each(|_| again.count(Class::Invited));
        assert!(run(1, Class::Invited, again).go.is_empty());
    }

    #[test]
    fn rule_4_other_choices_that_would_rewrite_much_wait_for_a_person() {
        assert_eq!(run(10, Class::Replan, Tally::default()).go.len(), 10);
        assert_eq!(run(11, Class::Replan, Tally::default()).held[&Class::Replan].len(), 11);
        let mut again = Tally::default();
        (0..10).for_each(|_| again.count(Class::Replan));
        assert!(run(1, Class::Replan, again).go.is_empty(), "planning again evades none");
    }

    #[test]
    fn rule_6_1_a_side_from_which_more_than_half_is_gone_is_believed_by_a_person_only() {
        let of = |links, gone| Tally { links, gone, ..Tally::default() }.halved();
        assert!(of(10, 10) && of(19, 10) && of(40, 21));
        assert!(!of(20, 10) && !of(40, 20), "a half is not more than half");
        assert!(!of(9, 9), "fewer than ten are nobody's accident");
        assert!(!of(0, 0));
        // A cap of deletions alone lets these go on.
        assert_eq!(run(10, Class::Delete, Tally { links: 15, gone: 10, ..Tally::default() }).go.len(), 10);
        assert_eq!(run(1, Class::Halved, Tally::default()).held[&Class::Halved].len(), 1);
    }
}
