//! Taking a run of an address book back: what that would do, and having it done.

use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, BookId, RunId};
use postern_core::model::scope::Product;

use super::{ContactsFault, open};
use crate::actions::By;
use crate::actions::undoing::{ASKED, Changed, NotUndone, Preview, Runs, What};
use crate::store::contacts::books::{self, Book};
use crate::store::contacts::links::Link;
use crate::store::contacts::taken_back;
use crate::store::sync::taken_back::MOST;
use crate::store::sync::{sync_journal, undos};
use crate::store::{Source, Store};

/// The runs that have changed something for the mailbox, as long as what was there is kept.
///
/// # Errors
/// When the database does not answer, or something sealed does not open.
pub async fn changed(
    store: &Store,
    account: AccountId,
    (most, offset): (i64, i64),
) -> Result<Runs, ContactsFault> {
    let on = &mut store.read().await?;
    let Some(book) = books::of(store, on, account).await? else {
        return Ok(Runs { product: Product::Contacts, list: Vec::new(), offset, total: 0 });
    };
    let since = store.clock().now() - sync_journal::KEPT;
    let mut list = Vec::new();
    for run in sync_journal::book_runs(on, (book.id, since), (most, offset)).await? {
        let asked = undos::of_run(store, on, RunId(run.run_id), account, 1).await?.pop();
        list.push(Changed { run, calendar_name: String::new(), asked });
    }
    let total = sync_journal::book_run_count(on, book.id, since).await?;
    Ok(Runs { product: Product::Contacts, list, offset, total })
}

/// For whose account a run of contacts has changed something; none where it was one of a calendar, or
/// has changed nothing that is still known.
///
/// # Errors
/// When the database does not answer, or a value does not open.
pub async fn account_of(store: &Store, run: RunId) -> Result<Option<AccountId>, ContactsFault> {
    let on = &mut store.read().await?;
    Ok(book_of(store, on, run).await?.map(|book| book.account))
}

async fn book_of(store: &Store, on: &mut impl Source, run: RunId) -> Result<Option<Book>, ContactsFault> {
    let Some((synced, _)) = sync_journal::whose(on, run).await? else { return Ok(None) };
    Ok(books::get(store, on, BookId(synced.0)).await?)
}

/// What taking a run back would do now.
///
/// # Errors
/// When the run has changed nothing for the mailbox that is still known, or too much; or when no group
/// of the mailbox is kept in step.
pub async fn preview(store: &Store, account: AccountId, run: RunId) -> Result<Preview, ContactsFault> {
    let on = &mut store.read().await?;
    let book = book_of(store, on, run).await?.filter(|book| book.account == account);
    let book = book.ok_or(ContactsFault::NotThere)?;
    if book.choices.group.is_none() {
        return Err(ContactsFault::NoGroup);
    }
    let parts = taken_back::of_run(store, on, (book.id, account, run)).await?;
    let parts = parts.ok_or(NotUndone::TooMuch(MOST))?;
    let parts = parts.into_iter().map(|part| part.of(|link: Link| link.book.into())).collect();
    let asked = undos::of_run(store, on, run, account, ASKED).await?;
    let (product, what) = (Product::Contacts, What::Run(run, book.id.into()));
    Ok(Preview { product, what, parts, asked, more: false, mails: 0 })
}

/// Has a run taken back as it was shown, by the next run, which begins within seconds. How much is to
/// be done.
///
/// # Errors
/// When it is not as it was shown any more, nothing can be done, or something waits already.
pub async fn undo(
    store: &Store,
    by: &By,
    account: AccountId,
    run: RunId,
    mark: &str,
) -> Result<usize, ContactsFault> {
    // The run looks at each act once more, so what changes from here on is not taken back.
    let preview = preview(store, account, run).await?;
    let mut act = by.open(store).await?;
    let account = open(&mut act, account).await?;
    preview.confirmed(mark, NotUndone::NothingToUndo)?;
    let What::Run(run, synced) = preview.what else { return Err(ContactsFault::NotThere) };
    let (whose, now) = ((synced, account.id, Some(run)), store.clock().now());
    let added = undos::add(&mut act, whose, &preview.hashes(), (&by.actor, now)).await?;
    added.ok_or(NotUndone::Undoing)?;
    books::wake(&mut act, BookId(synced.0), now).await?;
    let count = preview.acts();
    let event = Event::ContactsUndoAsked {
        run,
        account: account.id,
        address: account.address,
        count: i64::try_from(count).unwrap_or(i64::MAX),
    };
    act.commit(event).await?;
    Ok(count)
}
