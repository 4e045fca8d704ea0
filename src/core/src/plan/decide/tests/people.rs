//! The same table for people: no state, direction or origin deletes anybody unasked.

use super::{Act, Link, Loud, Rule, Seen, Side, State, crm, crms, googles, link, record};
use crate::plan::decide::{Verdict, decide};
use crate::plan::link::Base;
use crate::plan::policy::{Direction, Endings, Policy, Winner};
use crate::plan::seen::{CrmSide, GoogleSide};

fn each(mut see: impl FnMut(&Link, &Seen<GoogleSide>, &Seen<CrmSide>, &Policy, &Verdict)) {
    let asked = [(false, false), (true, false), (false, true), (true, true)];
    for state in State::ALL {
        for origin in Side::ALL {
            for (direction, (deletes_persons, deletes_records)) in
                Direction::ALL.into_iter().flat_map(|of| asked.map(|it| (of, it)))
            {
                let endings = Endings::People { deletes_persons, deletes_records };
                let policy = Policy { direction, winner: Winner::Newest, endings };
                let link = link(state, origin);
                for google in googles() {
                    for crm in crms() {
                        see(&link, &google, &crm, &policy, &decide(&link, &google, &crm, &policy, &Loud));
                    }
                }
            }
        }
    }
}

#[test]
fn nobody_is_deleted_unless_that_is_wanted_and_it_is_a_copy_that_nobody_has_touched() {
    each(|link, google, crm, policy, verdict| {
        let cell = format!("{link:?} {google:?} {crm:?} {policy:?} {verdict:?}");
        let Endings::People { deletes_persons, deletes_records } = policy.endings else {
            unreachable!("{cell}")
        };
        match &verdict.act {
            Act::Delete(Side::Google) => {
                assert!(deletes_persons && policy.direction.writes() && *crm == Seen::Gone, "{cell}");
                let copy = google.live().is_some_and(|it| it.editable && it.record == record("PLAN", "A"));
                assert!(copy && link.origin == Side::Crm && link.state == State::Active, "{cell}");
            }
            Act::Delete(Side::Crm) => {
                assert!(deletes_records && policy.direction.reads() && *google == Seen::Gone, "{cell}");
                let copy = crm.live().is_some_and(|it| it.record == record("plan", "a"));
                assert!(copy && link.origin == Side::Google && link.state == State::Active, "{cell}");
            }
            Act::Merge(merge) => {
                assert!(policy.direction.writes() || merge.to_google.is_empty(), "{cell}");
                assert!(policy.direction.reads() || merge.to_crm.is_empty(), "{cell}");
            }
            Act::SetNotHeld | Act::Recreate => panic!("{cell}"),
            Act::Rest | Act::Detach | Act::Ignore | Act::Close => {}
        }
        if link.state != State::Active || *google == Seen::Unproven || *crm == Seen::Unproven {
            assert_eq!(verdict.act, Act::Rest, "{cell}");
        }
    });
}

#[test]
fn who_was_taken_up_again_is_made_again_where_google_is_written() {
    for direction in Direction::ALL {
        let endings = Endings::People { deletes_persons: false, deletes_records: false };
        let policy = Policy { direction, winner: Winner::Newest, endings };
        let link = Link { base: Base::default(), ..link(State::Active, Side::Crm) };
        let verdict = decide(&link, &Seen::Gone, &Seen::Live(crm("plan", "a")), &policy, &Loud);
        let again = Verdict { rule: Rule::AskedAgain, act: Act::Recreate };
        assert_eq!(verdict == again, direction.writes(), "{verdict:?}");
    }
}
