//! What Google and the CRM have been asked of contacts, and who is there.

use crate::between::sides::Sides;

/// What was asked of both.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    /// Requests to Google's People API.
    pub google: usize,
    /// Of these, lists of people.
    pub lists: usize,
    /// Of these, batches of people who are made.
    pub batches: usize,
    /// Of these, all that changed something.
    pub google_writes: usize,
    /// Of these, refused as too many.
    pub refused: usize,
    /// Requests to the CRM.
    pub crm: usize,
    /// Of these, all but reads.
    pub crm_writes: usize,
}

impl Spent {
    /// So far.
    pub fn so_far(sides: &mut Sides) -> anyhow::Result<Self> {
        let [google, lists, batches, google_writes, refused, crm, crm_writes] = sides.count("spent")?;
        Ok(Self { google, lists, batches, google_writes, refused, crm, crm_writes })
    }

    /// Since then.
    pub fn since(before: &Self, sides: &mut Sides) -> anyhow::Result<Self> {
        let now = Self::so_far(sides)?;
        Ok(Self {
            google: now.google - before.google,
            lists: now.lists - before.lists,
            batches: now.batches - before.batches,
            google_writes: now.google_writes - before.google_writes,
            refused: now.refused - before.refused,
            crm: now.crm - before.crm,
            crm_writes: now.crm_writes - before.crm_writes,
        })
    }
}

/// Who is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct There {
    /// People at Google.
    people: usize,
    /// Members of the group.
    members: usize,
    /// People with an address that nobody else has.
    people_apart: usize,
    /// Contacts of the CRM.
    contacts: usize,
    /// Of these, the user's.
    own: usize,
    /// Contacts with an address that no other has.
    contacts_apart: usize,
}

impl There {
    /// Fails unless so many are there on both sides, all in the group, and nobody twice.
    pub fn each_once(sides: &mut Sides, many: usize) -> anyhow::Result<()> {
        let [people, members, people_apart, contacts, own, contacts_apart] = sides.count("there")?;
        let there = Self { people, members, people_apart, contacts, own, contacts_apart };
        let wanted = Self {
            people: many,
            members: many,
            people_apart: many,
            contacts: many,
            own: many,
            contacts_apart: many,
        };
        anyhow::ensure!(there == wanted, "{there:?}, and of each there should be {many}");
        let refused = Spent::so_far(sides)?.refused;
        anyhow::ensure!(refused == 0, "Google refused {refused} requests as too many");
        Ok(())
    }
}
