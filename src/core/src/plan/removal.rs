//! What it takes to remove what we made for an account.
//!
//! Of a pair one side was there first, the other one we have made. That one goes,
//! as long as it only repeats the first: as soon as it shows more, others use it,
//! or it is all that is left, it stays. Why it does is told like what an undo leaves.

use super::link::{Base, Side};
use super::seen::Seen;
use super::undo::{Act, Left, Shown, Undoing, Why};

/// What becomes of a pair whose side opposite of `origin` we have made; nothing when that is gone.
/// `over` tells whether that is a record of what has been.
#[must_use]
pub fn remove(origin: Side, base: &Base, (google, crm): (&Seen<Shown>, &Seen<Shown>), over: bool) -> Undoing {
    let (side, (first, made)) = match origin {
        Side::Google => (Side::Crm, (google, crm)),
        Side::Crm => (Side::Google, (crm, google)),
    };
    match made {
        Seen::Gone => Undoing::default(),
        Seen::Unproven => stays(side, Why::Unseen),
        Seen::Live(shown) => match reason(side, base, first, shown, over) {
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

fn reason(side: Side, base: &Base, first: &Seen<Shown>, shown: &Shown, over: bool) -> Option<Why> {
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
    if shown.shared {
        Some(Why::Shared)
    } else if shown.guests {
        Some(Why::Guests)
    } else if agreed.is_empty() || !same || shown.touched {
        Some(Why::Changed)
    } else {
        over.then_some(Why::Over)
    }
}

#[cfg(test)]
mod tests {
    use super::remove;
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
        Base::of(words("A"), words("A"))
    }

    fn why(origin: Side, sides: (&Seen<Shown>, &Seen<Shown>), over: bool) -> Option<Why> {
        let undoing = remove(origin, &base(), sides, over);
        assert!(undoing.acts.is_empty());
        undoing.left.first().map(|left| left.why)
    }

    fn sides<'a>(
        origin: Side,
        first: &'a Seen<Shown>,
        made: &'a Seen<Shown>,
    ) -> (&'a Seen<Shown>, &'a Seen<Shown>) {
        match origin {
            Side::Google => (first, made),
            Side::Crm => (made, first),
        }
    }

    #[test]
    fn the_side_that_we_made_goes_and_never_the_first_one() {
        for (origin, made) in [(Side::Google, Side::Crm), (Side::Crm, Side::Google)] {
            let undoing = remove(origin, &base(), (&shows("A"), &shows("A")), false);
            assert_eq!(undoing.acts, [Act::Remove { side: made, shows: words("A") }]);
            assert!(undoing.left.is_empty());
        }
    }

    #[test]
    fn what_is_more_than_a_copy_stays() {
        let (here, other, gone, unseen) = (shows("A"), shows("B"), Seen::Gone, Seen::Unproven);
        for origin in Side::ALL {
            let at = |first, made| sides(origin, first, made);
            assert_eq!(why(origin, at(&here, &gone), false), None, "nothing is told of what is gone");
            assert_eq!(why(origin, at(&here, &unseen), false), Some(Why::Unseen));
            assert_eq!(why(origin, at(&unseen, &here), false), Some(Why::Unseen));
            assert_eq!(why(origin, at(&gone, &here), false), Some(Why::Last));
            assert_eq!(why(origin, at(&here, &other), false), Some(Why::Changed));
            let known = |shared, touched| {
                Seen::Live(Shown { record: words("A"), shared, touched, ..Shown::default() })
            };
            for (made, over, reason) in [
                (known(true, false), false, Why::Shared),
                (known(false, true), false, Why::Changed),
                (here.clone(), true, Why::Over),
            ] {
                assert_eq!(why(origin, sides(origin, &here, &made), over), Some(reason));
            }
        }
        let invited = Seen::Live(Shown { record: words("A"), guests: true, ..Shown::default() });
        assert_eq!(why(Side::Crm, (&invited, &here), false), Some(Why::Guests));
        let undecided = remove(Side::Google, &Base::default(), (&here, &here), false);
        assert!(undecided.acts.is_empty(), "what was never agreed on is no copy");
    }
}
