//! Histories: what people, clocks and wires do, one step after another, all of it thrown from one
//! seed. A step names its thing by the number of the step that made it, so that a history stays one
//! when steps are taken out of it.

use postern_core::plan::contacts::choices::Strangers;
use postern_core::plan::policy::Direction;

use crate::calendar::sim::dice::Dice;

/// A side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    Google,
    Crm,
}

impl Side {
    pub const ALL: [Self; 2] = [Self::Google, Self::Crm];
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Anna,
    Ben,
}

impl Who {
    pub const ALL: [Self; 2] = [Self::Anna, Self::Ben];

    pub fn at(self) -> usize {
        match self {
            Self::Anna => 0,
            Self::Ben => 1,
        }
    }
}

/// What an edit changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Given,
    Note,
    Email,
    Phone,
}

impl Field {
    pub const ALL: [Self; 4] = [Self::Given, Self::Note, Self::Email, Self::Phone];
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The process ends before the write is sent.
    EndBefore(u64),
    /// The process ends when the write is done.
    EndAfter(u64),
    /// Google does the next write, and its answer is lost.
    LoseGoogle,
    /// The CRM does the next write, and its answer is lost.
    LoseCrm { making: bool },
    /// Google answers this, and does nothing.
    Google(u16),
    /// The CRM answers this, and does nothing.
    Crm(u16),
}

/// A group of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Into {
    /// The one that takes people.
    Main,
    /// The one that is monitored, where one is.
    Further,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    NewRecord { who: Who, lead: bool },
    NewPerson { who: Who, joins: Option<Into>, like: Option<usize> },
    Push { who: Who, thing: usize },
    Edit { thing: usize, side: Side, field: Field, who: Who },
    Delete { thing: usize, side: Side, who: Who },
    Leave { who: Who, thing: usize, of: Into },
    Join { who: Who, thing: usize, into: Into },
    Assign { thing: usize, to: Who },
    Convert { thing: usize },
    Phantom { who: Who, thing: usize },
    Rename { who: Who, thing: usize },
    Expire { who: Who },
    Answer { who: Who, with: u8 },
    Forward { minutes: u64 },
    Run { trouble: Option<Trouble> },
}

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub number: usize,
    pub deed: Deed,
}

/// What somebody has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    pub direction: Direction,
    pub strangers: Strangers,
    pub monitors: bool,
    pub deletes_persons: bool,
    pub deletes_records: bool,
}

/// A history.
#[derive(Debug, Clone)]
pub struct History {
    pub chosen: [Chosen; 2],
    /// The longest time, in minutes, before Google's lists show a write.
    pub delay: u64,
    pub seed: u64,
    pub steps: Vec<Step>,
}

impl History {
    /// The history of a seed.
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let chosen = [chosen(&mut dice), chosen(&mut dice)];
        let delay = dice.pick(&[0, 0, 5, 20]);
        let most = 12 + dice.below(24);
        let (mut steps, mut things) = (Vec::new(), Vec::new());
        for number in 0..usize::try_from(most).unwrap() {
            let deed = deed(&mut dice, &things);
            if matches!(deed, Deed::NewRecord { .. } | Deed::NewPerson { like: None, .. }) {
                things.push(number);
            }
            steps.push(Step { number, deed });
        }
        Self { chosen, delay, seed, steps }
    }
}

fn chosen(dice: &mut Dice) -> Chosen {
    let usual = dice.chance(30);
    Chosen {
        direction: match usual {
            true => Direction::ToGoogle,
            false => dice.pick(&[Direction::Both, Direction::Both, Direction::ToCrm, Direction::ToGoogle]),
        },
        strangers: match usual {
            true => Strangers::Ignore,
            false => dice.pick(&[Strangers::Contact, Strangers::Lead, Strangers::Review, Strangers::Ignore]),
        },
        monitors: !usual && dice.chance(40),
        deletes_persons: !usual && dice.chance(30),
        deletes_records: !usual && dice.chance(30),
    }
}

fn deed(dice: &mut Dice, things: &[usize]) -> Deed {
    let who = dice.pick(&Who::ALL);
    if things.is_empty() || dice.chance(15) {
        return match dice.chance(60) {
            true => Deed::NewRecord { who, lead: dice.chance(30) },
            false => Deed::NewPerson { who, joins: dice.chance(70).then(|| group(dice)), like: None },
        };
    }
    let thing = dice.pick(things);
    let side = dice.pick(&[Side::Google, Side::Crm]);
    match dice.below(100) {
        0..=27 => Deed::Run { trouble: dice.chance(35).then(|| trouble(dice)) },
        28..=45 => Deed::Push { who, thing },
        46..=67 => Deed::Edit { thing, side, field: dice.pick(&Field::ALL), who },
        68..=71 => Deed::Delete { thing, side, who },
        72..=74 => Deed::Leave { who, thing, of: group(dice) },
        75..=76 => Deed::Join { who, thing, into: group(dice) },
        77..=80 => Deed::Assign { thing, to: who },
        81..=82 => Deed::Convert { thing },
        83..=84 => Deed::Phantom { who, thing },
        85..=86 => Deed::Rename { who, thing },
        87 => Deed::Expire { who },
        88..=90 => Deed::Answer { who, with: u8::try_from(dice.below(3)).unwrap() },
        91..=93 => Deed::NewPerson { who, joins: dice.chance(60).then(|| group(dice)), like: Some(thing) },
        _ => Deed::Forward { minutes: dice.pick(&[1, 10, 30, 400, 12_000]) },
    }
}

fn group(dice: &mut Dice) -> Into {
    if dice.chance(30) { Into::Further } else { Into::Main }
}

fn trouble(dice: &mut Dice) -> Trouble {
    match dice.below(8) {
        0 | 1 => Trouble::EndBefore(dice.below(4)),
        2 | 3 => Trouble::EndAfter(dice.below(4)),
        4 => Trouble::LoseGoogle,
        5 => Trouble::LoseCrm { making: dice.chance(50) },
        6 => Trouble::Google(dice.pick(&[429, 500, 503])),
        _ => Trouble::Crm(dice.pick(&[500, 503])),
    }
}

#[test]
fn a_seed_is_one_history_of_contacts() {
    assert_eq!(History::of(5).steps, History::of(5).steps);
    assert_ne!(History::of(5).steps, History::of(6).steps);
}
