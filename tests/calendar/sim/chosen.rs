//! What people chose for their calendars, and what that allows.

use postern_core::plan::calendar::admit::Private;
use postern_core::plan::calendar::choices::Choices;
use postern_core::plan::policy::{Direction, Winner};

use super::books::{Books, Thing};
use super::dice::Dice;
use super::history::Who;

/// What one of them chose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Chosen {
    pub direction: Direction,
    pub winner: Winner,
    pub removes: bool,
    pub removes_not_held: bool,
    pub private: Private,
    pub writes_guests: bool,
    pub takes_part: bool,
}

impl Chosen {
    /// As often as not, what is chosen when nobody chooses.
    pub fn thrown(dice: &mut Dice) -> Self {
        if dice.chance(50) {
            return Self::default();
        }
        Self {
            direction: dice.pick(&[Direction::Both, Direction::Both, Direction::ToCrm, Direction::ToGoogle]),
            winner: dice.pick(&[Winner::Newest, Winner::Google, Winner::Crm]),
            removes: dice.chance(50),
            removes_not_held: dice.chance(50),
            private: dice.pick(&[Private::Skip, Private::Busy, Private::Full]),
            writes_guests: dice.chance(50),
            takes_part: dice.chance(70),
        }
    }

    /// Enters it where the gateway reads it.
    pub fn enter(self, choices: &mut Choices) {
        choices.direction = self.direction;
        choices.winner = self.winner;
        choices.removes = self.removes;
        choices.removes_not_held = self.removes_not_held;
        choices.private = self.private;
        choices.writes_guests = self.writes_guests;
        choices.takes_part = self.takes_part;
    }
}

/// Which way a thing goes, as far as that is sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Sure(Direction),
    /// It depends on whose account reads the calendar.
    Open,
}

impl Books {
    /// What somebody chose.
    pub fn of(&self, who: Who) -> Chosen {
        match who {
            Who::Anna => self.chosen[0],
            Who::Ben => self.chosen[1],
            Who::Cara => Chosen::default(),
        }
    }

    /// Whether one of those whose choices may count for a thing chose so.
    pub fn may(&self, thing: &Thing, so: impl Fn(Chosen) -> bool) -> bool {
        thing.ruled.iter().any(|who| so(self.of(*who)))
    }

    /// Whether anybody has guests written.
    pub fn invites(&self) -> bool {
        self.chosen.iter().any(|chosen| chosen.writes_guests)
    }

    /// Whether somebody has copies made of what they take part in.
    pub fn copies(&self, who: Who) -> bool {
        let chosen = self.of(who);
        chosen.takes_part && chosen.direction.writes()
    }

    /// Which way a thing goes.
    pub fn way(&self, thing: &Thing) -> Way {
        let mut ways = thing.ruled.iter().map(|who| self.of(*who).direction);
        match ways.next() {
            Some(first) if ways.all(|way| way == first) => Way::Sure(first),
            _ => Way::Open,
        }
    }
}
