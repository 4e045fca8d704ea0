//! Forgetting a person.

use std::collections::BTreeMap;

use postern_core::model::address::Address;
use postern_core::model::event::Event;

use super::names;
use crate::actions::account::named;
use crate::actions::account::remove::{AtGoogle, remove};
use crate::actions::{ActError, By, Reach};
use crate::store::kept::{self, Progress};
use crate::store::{Store, aliases};

/// What was forgotten, and what stands.
#[derive(Debug, Clone)]
pub struct Erased {
    /// What became of the mailbox's grant; none where there was no mailbox.
    pub mailbox: Option<AtGoogle>,
    /// Pseudonyms of the journal that stand for nobody now.
    pub names: u64,
    /// Things written down about the person that are gone.
    pub words: u64,
    /// Where the address stands still, and how often: it does so in Google or in the CRM, too.
    pub remains: Remains,
}

/// How often an address stands in what each table keeps.
pub type Remains = BTreeMap<&'static str, u64>;

/// Forgets a person: the mailbox, if it is one's, what was written down, and the name in the journal.
///
/// # Errors
/// When Google does not confirm the end of the grant (and `force` is not set), the address is only another mailbox's
/// alias, or the database does not answer. What was done until then is done.
pub async fn erase(
    store: &Store,
    by: &By,
    reach: &Reach<'_>,
    person: &Address,
    force: bool,
) -> Result<Erased, ActError> {
    let (registered, addresses) = theirs(store, person).await?;
    let mailbox = match registered {
        true => Some(remove(store, by, reach, person, force).await?),
        false => None,
    };
    let (words, remains) = forgotten(store, by, person).await?;
    // Last, as whatever is written until now names the person.
    let mut act = by.open(store).await?;
    let (mut pseudonyms, mut names) = (Vec::new(), 0);
    for address in &addresses {
        pseudonyms.extend(kept::pseudonyms(&mut act, address).await?);
        names += kept::forget_names(&mut act, address).await?;
    }
    act.commit(Event::PersonErased { pseudonyms: pseudonyms.join(" "), words }).await?;
    Ok(Erased { mailbox, names, words, remains })
}

// Whether a mailbox is theirs, and by which addresses the journal may know them.
async fn theirs(store: &Store, person: &Address) -> Result<(bool, Vec<String>), ActError> {
    let mut read = store.read().await?;
    let mut addresses = vec![person.to_string()];
    let account = match named(&mut read, person).await {
        Ok(account) => account,
        Err(ActError::NoAccount(_)) => return Ok((false, addresses)),
        Err(error) => return Err(error),
    };
    // Also those that were the mailbox's before it was renamed.
    addresses.extend(aliases::of(&mut read, account.id).await?.iter().map(ToString::to_string));
    addresses.extend(account.proposed_address.iter().map(ToString::to_string));
    Ok((true, addresses))
}

async fn forgotten(store: &Store, by: &By, person: &Address) -> Result<(u64, Remains), ActError> {
    let (mut progress, mut words, mut remains) = (Progress::default(), 0, Remains::new());
    loop {
        let page = kept::page(store, &mut store.read().await?, None, &mut progress).await?;
        let Some(page) = page else { return Ok((words, remains)) };
        let found: Vec<_> = page.into_iter().filter(|kept| names(kept, person)).collect();
        if found.is_empty() {
            continue;
        }
        let mut act = by.open(store).await?;
        let mut here = 0;
        for kept in &found {
            if kept::forget(&mut act, kept).await? {
                here += 1;
            } else {
                *remains.entry(kept.table).or_default() += 1;
            }
        }
        if here > 0 {
            words += here;
            act.commit(Event::PersonErased { pseudonyms: String::new(), words: here }).await?;
        }
    }
}
