//! Histories: what people, clocks, wires and workers do, one step after another,
//! all of it thrown from one seed.
//!
//! A step names its thing by the number of the step that made it, and carries the
//! number that its own words and times are made of. So a history stays one when
//! steps are taken out of it.

use postern_sandbox::{EventField, Version};

use super::chosen::Chosen;
use super::dice::Dice;

/// A side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    Google,
    Crm,
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Anna,
    Ben,
    /// In the CRM only, until she joins.
    Cara,
}

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    Own,
    /// Anna's, and Ben writes it too.
    Team,
    /// Zoe's, whom nobody here knows; Anna reads it.
    Holidays,
}

/// Whom an event invites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guests {
    Nobody,
    /// Another one who is connected.
    Inside,
    Outside,
}

/// What an edit changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Title,
    Text,
    Place,
    When,
}

/// What goes wrong on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The process ends before the request is sent.
    EndBefore,
    /// The process ends when it is answered.
    EndAfter,
    /// It is done, and the answer is lost.
    LoseAnswer,
    /// It is not done, and the connection closes.
    Close,
    /// This answer, and nothing is done.
    Status(u16),
    /// The calendar wants to be read anew.
    Expired,
    /// Somebody edits a thing on a side just before.
    Meanwhile(usize, Side, Field),
}

/// The request at which it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Twist {
    pub trouble: Trouble,
    /// Counted among writes only.
    pub write: bool,
    /// Which one, from 0.
    pub at: u64,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    NewEvent {
        who: Who,
        at: Where,
        guests: Guests,
        days: bool,
        private: bool,
        call: bool,
    },
    NewRecord {
        who: Who,
        /// Who takes part from the beginning.
        with: Option<Who>,
        days: bool,
        call: bool,
    },
    Edit {
        thing: usize,
        side: Side,
        field: Field,
    },
    Delete {
        thing: usize,
        side: Side,
    },
    /// Somebody makes a copy of the record and gives it a title of its own.
    Copy {
        thing: usize,
    },
    Assign {
        thing: usize,
        to: Who,
    },
    /// A user comes to what a record is about, or leaves it.
    TakePart {
        thing: usize,
        who: Who,
        comes: bool,
    },
    /// A user deletes the copy of what he takes part in.
    DropCopy {
        thing: usize,
        who: Who,
    },
    Status {
        thing: usize,
        word: &'static str,
    },
    Private {
        thing: usize,
        private: bool,
    },
    /// The owner of a calendar answers an invitation.
    Respond {
        thing: usize,
        who: Who,
        word: &'static str,
    },
    /// A user answers in the CRM.
    Answer {
        thing: usize,
        who: Who,
        word: &'static str,
    },
    Forward {
        minutes: u64,
    },
    Run {
        worker: usize,
        twist: Option<Twist>,
    },
    /// Both workers at the same time.
    Both,
    Revoke {
        who: Who,
    },
    Reconnect {
        who: Who,
    },
    Join,
    ExpireTokens {
        who: Who,
    },
}

/// A deed and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub number: usize,
    pub deed: Deed,
}

/// A history.
#[derive(Debug, Clone)]
pub struct History {
    pub version: Version,
    pub field: EventField,
    pub short_pages: bool,
    /// What Anna and Ben chose.
    pub chosen: [Chosen; 2],
    /// Whether the gateway keeps what it knows in PostgreSQL, where there is one.
    pub postgres: bool,
    pub steps: Vec<Step>,
}

const CONNECTED: [Who; 2] = [Who::Anna, Who::Ben];
const FIELDS: [Field; 4] = [Field::Title, Field::Text, Field::Place, Field::When];
const SIDES: [Side; 2] = [Side::Google, Side::Crm];

impl History {
    /// The history of a seed.
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let version = dice.pick(&[Version::V9_2_7, Version::V9_3_10, Version::V10_0_0]);
        let field = dice.pick(&[EventField::Absent, EventField::Module, EventField::Custom]);
        let short_pages = dice.chance(25);
        let chosen = [Chosen::thrown(&mut dice), Chosen::thrown(&mut dice)];
        let postgres = dice.chance(25);
        let mut steps: Vec<Step> = Vec::new();
        let mut things = Vec::new();
        for number in 0..usize::try_from(12 + dice.below(24)).unwrap() {
            let deed = deed(&mut dice, &things);
            if matches!(deed, Deed::NewEvent { .. } | Deed::NewRecord { .. } | Deed::Copy { .. }) {
                things.push(number);
            }
            steps.push(Step { number, deed });
        }
        Self { version, field, short_pages, chosen, postgres, steps }
    }
}

fn deed(dice: &mut Dice, things: &[usize]) -> Deed {
    if things.is_empty() {
        return new(dice);
    }
    let thing = dice.pick(things);
    match dice.below(100) {
        0..14 => new(dice),
        14..37 => Deed::Edit { thing, side: dice.pick(&SIDES), field: dice.pick(&FIELDS) },
        37..42 => Deed::Delete { thing, side: dice.pick(&SIDES) },
        42..44 => Deed::Copy { thing },
        44..47 => Deed::Assign { thing, to: dice.pick(&[Who::Anna, Who::Ben, Who::Cara]) },
        47..50 => Deed::Status { thing, word: dice.pick(&["Held", "Not Held", "Planned"]) },
        50..53 => Deed::Private { thing, private: dice.chance(60) },
        53..55 => {
            let word = dice.pick(&["accepted", "declined", "tentative"]);
            Deed::Respond { thing, who: dice.pick(&CONNECTED), word }
        }
        55..57 => {
            let word = dice.pick(&["Accepted", "Declined", "Tentative"]);
            Deed::Answer { thing, who: dice.pick(&CONNECTED), word }
        }
        57..64 => {
            let who = dice.pick(&[Who::Anna, Who::Ben, Who::Cara]);
            Deed::TakePart { thing, who, comes: dice.chance(65) }
        }
        64..66 => Deed::DropCopy { thing, who: dice.pick(&CONNECTED) },
        66..70 => Deed::Forward { minutes: dice.pick(&[5, 20, 90, 1_500]) },
        70..80 => Deed::Run { worker: dice.pick(&[0, 1]), twist: None },
        80..93 => Deed::Run { worker: dice.pick(&[0, 1]), twist: Some(twist(dice, thing)) },
        93..96 => Deed::Both,
        96 => Deed::Revoke { who: dice.pick(&CONNECTED) },
        97 => Deed::Reconnect { who: dice.pick(&CONNECTED) },
        98 => Deed::Join,
        _ => Deed::ExpireTokens { who: dice.pick(&CONNECTED) },
    }
}

fn new(dice: &mut Dice) -> Deed {
    let (days, call) = match dice.below(10) {
        0 | 1 => (true, false),
        2 => (false, true),
        _ => (false, false),
    };
    if dice.chance(50) {
        let who = dice.pick(&[Who::Anna, Who::Anna, Who::Ben, Who::Cara]);
        let with = dice.pick(&[None, None, Some(Who::Anna), Some(Who::Ben)]).filter(|with| *with != who);
        return Deed::NewRecord { who, with, days, call };
    }
    let at = dice.pick(&[Where::Own, Where::Own, Where::Own, Where::Team, Where::Holidays]);
    let guests = dice.pick(&[Guests::Nobody, Guests::Nobody, Guests::Inside, Guests::Outside]);
    Deed::NewEvent { who: dice.pick(&CONNECTED), at, guests, days, private: dice.chance(10), call }
}

fn twist(dice: &mut Dice, thing: usize) -> Twist {
    let trouble = match dice.below(10) {
        0 | 1 => Trouble::EndBefore,
        2 | 3 => Trouble::EndAfter,
        4 => Trouble::LoseAnswer,
        5 => Trouble::Close,
        6 => Trouble::Status(dice.pick(&[500, 503, 429, 403])),
        7 => Trouble::Expired,
        _ => Trouble::Meanwhile(thing, dice.pick(&SIDES), dice.pick(&FIELDS)),
    };
    let write = dice.chance(60);
    Twist { trouble, write, at: dice.below(if write { 3 } else { 12 }) }
}

#[test]
fn a_seed_is_one_history() {
    assert_eq!(History::of(3).steps, History::of(3).steps);
    assert_ne!(History::of(3).steps, History::of(4).steps);
}
