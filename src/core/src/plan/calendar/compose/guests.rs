//! What becomes of the guests of a pair's event.

use super::{Pair, Scene};
use crate::plan::calendar::admit::over;
use crate::plan::calendar::entry::Entry;
use crate::plan::calendar::event::Event;
use crate::plan::calendar::operation::What;
use crate::plan::link::State;
use crate::plan::record::Record;
use crate::plan::seen::{Seen, Standing};

impl Scene<'_> {
    // A record that does not tell who takes part says nothing. `shown` is whether the event may be
    // written, and shows all that it is.
    pub(super) fn invite(&self, pair: &Pair, shown: bool) -> Option<What> {
        let (Seen::Live(event), Seen::Live(entry)) = (&pair.google, &pair.crm) else { return None };
        if pair.link.state != State::Active {
            return None;
        }
        if !self.inviting.on {
            return pair.people.forgotten().map(What::Invite);
        }
        let now = entry.people.as_ref()?;
        let open = shown && self.policy.direction.writes() && self.invites(event, entry);
        pair.people.invite(event, now, self.inviting, open).map(What::Invite)
    }

    // Nobody is invited to what is over or called off, nor by anybody but who organizes it.
    fn invites(&self, event: &Event, entry: &Entry) -> bool {
        let past = |record: &Record| record.times().is_none_or(|times| over(times, self.now));
        let coming = entry.standing == Standing::Planned && !past(&event.record) && !past(&entry.record);
        coming && event.organizes && event.tells_guests
    }
}

#[cfg(test)]
mod tests;
