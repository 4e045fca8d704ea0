//! Removing everybody who was made for a mailbox, at Google and in the CRM: what that would do, and
//! having it done.
//!
//! It is an undo that is of no run. A confirmation lets the mailbox's group go first, so that nobody is
//! made meanwhile; the address book is run for that alone, until it is done. Whoever chooses a group
//! again before that wants what is left of it.

use std::collections::BTreeSet;

use postern_core::model::account::State;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::scope::Product;
use postern_core::plan::contacts::choices::Choices;

use super::{ContactsFault, open};
use crate::actions::By;
use crate::actions::undoing::{ASKED, NotUndone, Preview, What};
use crate::store::accounts::Account;
use crate::store::contacts::books::{self, Book};
use crate::store::contacts::links::Link;
use crate::store::contacts::removal;
use crate::store::sync::taken_back::MOST;
use crate::store::sync::undos;
use crate::store::{Act, Source, Store, accounts, switched_off};

/// What removing everybody would do now: at most [`MOST`] acts, then the rest can be asked for.
///
/// # Errors
/// When the mailbox is not connected.
pub async fn preview(store: &Store, account: AccountId) -> Result<Preview, ContactsFault> {
    let on = &mut store.read().await?;
    let account = accounts::by_id(on, account).await?.ok_or(ContactsFault::NoAccount)?;
    connected(on, &account).await?;
    let asked = undos::of_everything(store, on, account.id, (true, ASKED)).await?;
    let (product, what) = (Product::Contacts, What::Everything);
    let mut preview = Preview { product, what, parts: Vec::new(), asked, more: false, mails: 0 };
    let Some(book) = books::of(store, on, account.id).await? else { return Ok(preview) };
    let (most, mut acts) = (usize::try_from(MOST).unwrap_or(usize::MAX), 0);
    // One more tells that there is more.
    for part in removal::of_book(store, on, &book, most + 1).await? {
        acts += part.acts.len();
        if acts > most {
            preview.more = true;
            break;
        }
        preview.parts.push(part.of(|link: Link| link.book.into()));
    }
    Ok(preview)
}

/// Has everybody removed as it was shown, by the next runs, which begin within seconds. How much is to
/// be removed.
///
/// # Errors
/// When it is not as it was shown any more, there is nobody to remove, something waits already, or the
/// mailbox is not connected.
pub async fn remove(store: &Store, by: &By, account: AccountId, mark: &str) -> Result<usize, ContactsFault> {
    // The run looks at each act once more, so what changes from here on stays.
    let preview = preview(store, account).await?;
    let mut act = by.open(store).await?;
    let account = open(&mut act, account).await?;
    connected(&mut act, &account).await?;
    preview.confirmed(mark, NotUndone::NothingToRemove)?;
    let book = books::of(store, &mut act, account.id).await?.ok_or(NotUndone::NothingToRemove)?;
    let now = store.clock().now();
    let whose = (book.id.into(), account.id, None);
    let added = undos::add(&mut act, whose, &preview.hashes(), (&by.actor, now)).await?;
    added.ok_or(NotUndone::Undoing)?;
    let id = book.id;
    if let Some(chosen) = let_go(&mut act, by, &account, book).await? {
        act.also(chosen);
    }
    books::leave(&mut act, id).await?;
    books::wake(&mut act, id, now).await?;
    let (account, address, count) = (account.id, account.address, preview.acts());
    let told = i64::try_from(count).unwrap_or(i64::MAX);
    act.commit(Event::ContactsRemovalAsked { account, address, count: told }).await?;
    Ok(count)
}

// Nothing can be removed where nobody may be asked.
async fn connected(on: &mut impl Source, account: &Account) -> Result<(), ContactsFault> {
    let off = switched_off::of(on, account.id).await?.contains(&Product::Contacts);
    if account.state == State::Active && !off {
        return Ok(());
    }
    Err(NotUndone::NotConnected(Product::Contacts).into())
}

// Choices that are open on a page somewhere were made on the sight of others.
async fn let_go(
    act: &mut Act,
    by: &By,
    account: &Account,
    book: Book,
) -> Result<Option<Event>, ContactsFault> {
    let (account, address, version) = (account.id, account.address.clone(), book.version);
    let used = book.choices.group.is_some();
    let beside = !book.choices.monitored.is_empty();
    let choices = Choices { group: None, monitored: BTreeSet::new(), ..book.choices };
    if !books::choose(act, account, &choices, version, &by.actor).await? {
        return Err(ContactsFault::Stale { by: None });
    }
    let changed = std::iter::once("group").chain(beside.then_some("monitored")).map(str::to_owned).collect();
    Ok(used.then_some(Event::ContactChoicesSet { account, address, version: version + 1, changed }))
}
