//! What is kept of other people's words: events, records, people, what was agreed on them, and what
//! was written about them. Read page by page, of one account or of all, for somebody who asks what is
//! known of them; and taken away for somebody who wants to be forgotten.
//!
//! Tokens, cursors and keys are nobody's words and are not read here.

use postern_core::model::id::AccountId;
use uuid::Uuid;

use super::act::Act;
use super::contacts::{self, cards, reviews};
use super::error::StoreError;
use super::open::Store;
use super::sql::{Source, execute, fetch_all, statements};
use super::sync::{crm_seen, dead_letters, google_seen, holds, intents, links, sync_journal, undos};
use crate::seal::Place;

/// The next values of a column, of all accounts or of one.
macro_rules! words {
    ($table:literal, $id:literal, $part:literal, $column:literal, $of:literal) => {
        concat!(
            "SELECT t.",
            $id,
            ", ",
            $part,
            ", t.",
            $column,
            " FROM ",
            $table,
            " t WHERE (t.",
            $id,
            ", ",
            $part,
            ") > ($1, CAST($2 AS TEXT)) AND t.",
            $column,
            " IS NOT NULL AND ($3 = 0 OR ",
            $of,
            ") ORDER BY 1, 2 LIMIT 200"
        )
    };
    ($table:literal, $column:literal, $of:literal) => {
        words!($table, "id", "CAST('' AS TEXT)", $column, $of)
    };
    ($table:literal, $column:literal) => {
        words!($table, $column, "t.account_id = $4")
    };
}

statements! {
    CARDS = words!("cards_seen", "content_sealed", "EXISTS (SELECT 1 FROM people_links l WHERE l.entity = t.entity \
        AND l.record_id = t.record_id AND l.account_id = $4)");
    REVIEWS = words!("contact_reviews", "content_sealed");
    RECORDS = words!("crm_seen", "content_sealed", "EXISTS (SELECT 1 FROM links l WHERE l.entity = t.entity \
        AND l.record_id = t.record_id AND l.account_id = $4)");
    LETTERS = words!("dead_letters", "detail_sealed");
    EVENTS = words!("google_seen", "calendar_id", "t.event_id", "content_sealed", "EXISTS (SELECT 1 FROM calendar_users u \
        WHERE u.calendar_id = t.calendar_id AND u.account_id = $4 AND u.kind <> 'offered' \
        AND (u.kind = 'main' OR u.role = 'owner'))");
    HOLDS = words!("holds", "content_sealed");
    INTENTS = words!("intents", "body_sealed", "EXISTS (SELECT 1 FROM links l WHERE l.id = t.link_id AND l.account_id = $4)");
    LINKS = words!("links", "base_sealed");
    PEOPLE_INTENTS = words!("people_intents", "body_sealed", "EXISTS (SELECT 1 FROM people_links l WHERE l.id = t.link_id \
        AND l.account_id = $4)");
    PEOPLE_LINKS = words!("people_links", "base_sealed");
    PEOPLE = words!("people_seen", "book_id", "t.resource", "content_sealed", "EXISTS (SELECT 1 FROM address_books b \
        WHERE b.id = t.book_id AND b.account_id = $4)");
    JOURNAL = words!("sync_journal", "content_sealed");
    UNDOS = words!("undos", "content_sealed");
    FORGET_JOURNAL = "UPDATE sync_journal SET content_sealed = NULL WHERE id = $1";
    // Not kept in step any more, and gone on both sides: nothing will ask for it again.
    FORGET_LINK = "DELETE FROM links WHERE id = $1 AND state NOT IN ('active', 'dormant') AND NOT EXISTS (SELECT 1 \
                   FROM google_seen g WHERE g.calendar_id = links.calendar_id AND g.event_id = links.event_id AND g.live = 1) \
                   AND NOT EXISTS (SELECT 1 FROM crm_seen c WHERE c.entity = links.entity AND c.record_id = links.record_id \
                   AND c.live = 1)";
    FORGET_LETTER = "DELETE FROM dead_letters WHERE id = $1";
    // What waits for a word is about what stands at its source.
    FORGET_HOLD = "DELETE FROM holds WHERE id = $1 AND status <> 'pending'";
    FORGET_UNDO = "DELETE FROM undos WHERE id = $1 AND state <> 'waiting'";
    NAMES = "SELECT pseudonym FROM audit_people WHERE lower(name) = $1 ORDER BY pseudonym LIMIT 100";
    FORGET_NAMES = "DELETE FROM audit_people WHERE lower(name) = $1";
}

/// A column that holds people's words.
struct Column {
    table: &'static str,
    text: &'static str,
    place: fn(Uuid, &str) -> Place,
}

const COLUMNS: [Column; 13] = [
    Column { table: "people_seen", text: PEOPLE, place: contacts::seen::place },
    Column { table: "cards_seen", text: CARDS, place: |id, _| cards::place(id) },
    Column { table: "people_links", text: PEOPLE_LINKS, place: |id, _| contacts::links::place(id) },
    Column { table: "people_intents", text: PEOPLE_INTENTS, place: |id, _| contacts::intents::place(id) },
    Column { table: "contact_reviews", text: REVIEWS, place: |id, _| reviews::place(id) },
    Column { table: "google_seen", text: EVENTS, place: google_seen::place },
    Column { table: "crm_seen", text: RECORDS, place: |id, _| crm_seen::place(id) },
    Column { table: "links", text: LINKS, place: |id, _| links::place(id) },
    Column { table: "intents", text: INTENTS, place: |id, _| intents::place(id) },
    Column { table: "sync_journal", text: JOURNAL, place: |id, _| sync_journal::place(id) },
    Column { table: "dead_letters", text: LETTERS, place: |id, _| dead_letters::place(id) },
    Column { table: "holds", text: HOLDS, place: |id, _| holds::place(id) },
    Column { table: "undos", text: UNDOS, place: |id, _| undos::place(id) },
];

/// Words of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The table that they stand in.
    pub table: &'static str,
    /// The row.
    pub id: Uuid,
    /// The rest of its identity, as Google calls it; empty for most.
    pub part: String,
    /// The words, JSON for most.
    pub text: String,
}

/// How far it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    column: usize,
    after: (Uuid, String),
}

/// The next page of what is kept of one account, or of all; none at the end. What opens with no key
/// is left out.
///
/// # Errors
/// When the database does not answer.
pub async fn page(
    store: &Store,
    on: &mut impl Source,
    of: Option<AccountId>,
    progress: &mut Progress,
) -> Result<Option<Vec<Kept>>, StoreError> {
    type Row = (Uuid, String, Vec<u8>);
    let (one, account) = of.map_or((0_i64, Uuid::nil()), |account| (1, account.0));
    while let Some(column) = COLUMNS.get(progress.column) {
        let (id, part) = &progress.after;
        let rows: Vec<Row> = fetch_all!(on, Row, column.text, id, part, one, account)?;
        let Some((id, part, _)) = rows.last() else {
            *progress = Progress { column: progress.column + 1, ..Progress::default() };
            continue;
        };
        progress.after = (*id, part.clone());
        let opened = |(id, part, sealed): Row| {
            let text = store.ring().open(&(column.place)(id, &part), &sealed).ok()?.reveal().to_owned();
            Some(Kept { table: column.table, id, part, text })
        };
        return Ok(Some(rows.into_iter().filter_map(opened).collect()));
    }
    Ok(None)
}

/// Takes the words away where nothing depends on them; false where they stand for something that is at
/// its source still.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(on: &mut Act, kept: &Kept) -> Result<bool, StoreError> {
    let text = match kept.table {
        "sync_journal" => FORGET_JOURNAL,
        "links" => FORGET_LINK,
        "dead_letters" => FORGET_LETTER,
        "holds" => FORGET_HOLD,
        "undos" => FORGET_UNDO,
        _ => return Ok(false),
    };
    Ok(execute!(on, text, kept.id)? == 1)
}

/// The pseudonyms by which the journal knows an address, however it was written.
///
/// # Errors
/// When the database does not answer.
pub async fn pseudonyms(on: &mut impl Source, address: &str) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = fetch_all!(on, (String,), NAMES, address.to_lowercase())?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

/// Nobody can say any more whom these pseudonyms stood for. How many there were.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_names(on: &mut Act, address: &str) -> Result<u64, StoreError> {
    execute!(on, FORGET_NAMES, address.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::COLUMNS;
    use crate::store::sealed;

    /// Sealed, and nobody's words: secrets, places in lists, names of calendars and groups.
    const NOBODYS: [&str; 11] = [
        "access_tokens",
        "address_books",
        "admins",
        "api_keys",
        "calendars",
        "clients",
        "consent_states",
        "contact_groups",
        "crm_hooks",
        "grants",
        "service_accounts",
    ];

    #[test]
    fn whatever_is_sealed_is_read_or_nobodys_words() {
        for (table, column) in sealed::COLUMNS {
            let read = COLUMNS.iter().any(|it| it.table == *table && it.text.contains(column));
            assert!(read || NOBODYS.contains(table), "{table}.{column}");
        }
    }
}
