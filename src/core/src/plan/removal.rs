//! What it takes to remove what we made for an account.
//!
//! Of a pair one side was there first, the other one we have made. That one goes,
//! as long as it only repeats the first: as soon as it shows more, others use it,
//! or it is all that is left, it stays. Why it does is told like what an undo leaves.

use super::link::{Base, Side};
use super::seen::Seen;
use super::undo::{Act, Left, Shown, Undoing, Why};

/// What is known of the side that we have made, beside what it shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether somebody else has another use for it: in a calendar or by an event that is shared.
    pub shared: bool,
    /// Whether somebody else has changed it last, or invited people.
    pub touched: bool,
    /// Whether it is a record of what has been.
    pub over: bool,
}

/// What becomes of a pair whose side opposite of `origin` we have made; nothing when that is gone.
#[must_use]
pub fn remove(
    origin: Side,
    base: &Base,
    (google, crm): (&Seen<Shown>, &Seen<Shown>),
    facts: Facts,
) -> Undoing {
    let (side, (first, made)) = match origin {
        Side::Google => (Side::Crm, (google, crm)),
        Side::Crm => (Side::Google, (crm, google)),
    };
    match made {
        Seen::Gone => Undoing::default(),
        Seen::Unproven => stays(side, Why::Unseen),
        Seen::Live(shown) => match reason(side, base, first, shown, facts) {
            Some(why) => stays(side, why),
            None => {
                Undoing { acts: vec![Act::Remove { side, shows: shown.record.clone() }], left: Vec::new() }
            }
        },
    }
}

fn stays(side: Side, why: Why) -> Undoing {
    Undoing { acts: Vec::new(), left: vec![Left { side, field: None, why }] }
}

fn reason(side: Side, base: &Base, first: &Seen<Shown>, shown: &Shown, facts: Facts) -> Option<Why> {
    let agreed = match side {
        Side::Google => &base.google,
        Side::Crm => &base.crm,
    };
    let same = agreed.iter().all(|(field, value)| shown.record.get(field) == Some(value));
    match first {
        Seen::Unproven => return Some(Why::Unseen),
        Seen::Gone => return Some(Why::Last),
        Seen::Live(_) => {}
    }
    if facts.shared || shown.shared {
        Some(Why::Shared)
    } else if shown.guests {
        Some(Why::Guests)
    } else if agreed.is_empty() || !same || facts.touched || shown.touched {
        Some(Why::Changed)
    } else {
        facts.over.then_some(Why::Over)
    }
}

#[cfg(test)]
mod tests {
    use super::{Facts, remove};
    use crate::plan::link::{Base, Side};
    use crate::plan::record::{Field, Record, Value};
    use crate::plan::seen::Seen;
    use crate::plan::undo::{Act, Shown, Why};

    fn words(title: &str) -> Record {
        Record::new().with(Field::Title, Value::text(title))
    }

    fn shows(title: &str) -> Seen<Shown> {
        Seen::Live(Shown { record: words(title), ..Shown::default() })
    }

    fn base() -> Base {
        Base { google: words("A"), crm: words("A") }
    }

    fn why(origin: Side, sides: (&Seen<Shown>, &Seen<Shown>), facts: Facts) -> Option<Why> {
        let undoing = remove(origin, &base(), sides, facts);
        assert!(undoing.acts.is_empty());
        undoing.left.first().map(|left| left.why)
    }

    #[test]
    fn the_side_that_we_made_goes_and_never_the_first_one() {
        for (origin, made) in [(Side::Google, Side::Crm), (Side::Crm, Side::Google)] {
            let undoing = remove(origin, &base(), (&shows("A"), &shows("A")), Facts::default());
            assert_eq!(undoing.acts, [Act::Remove { side: made, shows: words("A") }]);
            assert!(undoing.left.is_empty());
        }
    }

    #[test]
    fn what_is_more_than_a_copy_stays() {
        let (here, other, gone, unseen) = (shows("A"), shows("B"), Seen::Gone, Seen::Unproven);
        let none = Facts::default();
        for origin in Side::ALL {
            let at = |first, made| match origin {
                Side::Google => (first, made),
                Side::Crm => (made, first),
            };
            assert_eq!(why(origin, at(&here, &gone), none), None, "nothing is told of what is gone");
            assert_eq!(why(origin, at(&here, &unseen), none), Some(Why::Unseen));
            assert_eq!(why(origin, at(&unseen, &here), none), Some(Why::Unseen));
            assert_eq!(why(origin, at(&gone, &here), none), Some(Why::Last));
            assert_eq!(why(origin, at(&here, &other), none), Some(Why::Changed));
            let facts = |shared, touched, over| Facts { shared, touched, over };
            for (facts, reason) in [
                (facts(true, false, false), Why::Shared),
                (facts(false, true, false), Why::Changed),
                (facts(false, false, true), Why::Over),
            ] {
                assert_eq!(why(origin, at(&here, &here), facts), Some(reason));
            }
        }
        let invited = Seen::Live(Shown { record: words("A"), guests: true, ..Shown::default() });
        assert_eq!(why(Side::Crm, (&invited, &here), none), Some(Why::Guests));
        let undecided = remove(Side::Google, &Base::default(), (&here, &here), none);
        assert!(undecided.acts.is_empty(), "what was never agreed on is no copy");
    }
}
