//! How many there are of what an admin watches: one look at each, for figures.

use super::error::StoreError;
use super::sql::{Source, fetch_all, fetch_one, statements};
use crate::clock::Micros;

statements! {
    // Calendars that somebody uses, and books with a group; of whoever is connected and there.
    CALENDARS = "SELECT c.status, count(*) FROM calendars c WHERE EXISTS (SELECT 1 FROM calendar_users u \
                 JOIN accounts a ON a.id = u.account_id AND a.state = 'active' WHERE u.calendar_id = c.id \
                 AND u.active = 1 AND u.kind IN ('main', 'monitored') \
                 AND NOT EXISTS (SELECT 1 FROM crm_absent n WHERE n.account_id = a.id) \
                 AND NOT EXISTS (SELECT 1 FROM switched_off s WHERE s.account_id = a.id AND s.product = 'calendar')) \
                 GROUP BY c.status";
    BOOKS = "SELECT b.status, count(*) FROM address_books b JOIN accounts a ON a.id = b.account_id AND a.state = 'active' \
             WHERE b.group_name IS NOT NULL AND NOT EXISTS (SELECT 1 FROM crm_absent n WHERE n.account_id = a.id) \
             AND NOT EXISTS (SELECT 1 FROM switched_off s WHERE s.account_id = a.id AND s.product = 'contacts') \
             GROUP BY b.status";
    CALENDAR_DUE = "SELECT MIN(c.next_at) FROM calendars c WHERE EXISTS (SELECT 1 FROM calendar_users u \
                    JOIN accounts a ON a.id = u.account_id AND a.state = 'active' WHERE u.calendar_id = c.id \
                    AND u.active = 1 AND u.kind IN ('main', 'monitored'))";
    BOOK_DUE = "SELECT MIN(b.next_at) FROM address_books b JOIN accounts a ON a.id = b.account_id AND a.state = 'active' \
                WHERE b.group_name IS NOT NULL";
    HOLDS = "SELECT count(*) FROM holds WHERE status = 'pending'";
    LETTERS = "SELECT count(*) FROM dead_letters";
    QUESTIONS = "SELECT count(*) FROM contact_reviews WHERE decision IS NULL";
    FAILED_JOBS = "SELECT count(*) FROM jobs WHERE status = 'failed'";
}

/// What is kept in step, of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Synced {
    /// How many stand in each status: `new`, `ok`, `failing`.
    pub statuses: Vec<(String, i64)>,
    /// When the first of them is due.
    pub due: Option<Micros>,
}

/// What waits for somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Writes that want a word.
    pub holds: i64,
    /// What could not be done.
    pub letters: i64,
    /// Questions about who somebody is.
    pub questions: i64,
    /// Jobs whose last run failed.
    pub failed_jobs: i64,
}

/// Calendars that are kept in step.
///
/// # Errors
/// When the database does not answer.
pub async fn calendars(on: &mut impl Source) -> Result<Synced, StoreError> {
    let statuses = fetch_all!(on, (String, i64), CALENDARS)?;
    let due: Option<(Option<i64>,)> = fetch_one!(on, (Option<i64>,), CALENDAR_DUE)?;
    Ok(Synced { statuses, due: due.and_then(|(at,)| at) })
}

/// Address books that are kept in step.
///
/// # Errors
/// When the database does not answer.
pub async fn books(on: &mut impl Source) -> Result<Synced, StoreError> {
    let statuses = fetch_all!(on, (String, i64), BOOKS)?;
    let due: Option<(Option<i64>,)> = fetch_one!(on, (Option<i64>,), BOOK_DUE)?;
    Ok(Synced { statuses, due: due.and_then(|(at,)| at) })
}

/// What waits for somebody.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(on: &mut impl Source) -> Result<Waiting, StoreError> {
    let mut counts = [0; 4];
    for (count, text) in counts.iter_mut().zip([HOLDS, LETTERS, QUESTIONS, FAILED_JOBS]) {
        *count = fetch_one!(on, (i64,), text)?.map_or(0, |(count,)| count);
    }
    let [holds, letters, questions, failed_jobs] = counts;
    Ok(Waiting { holds, letters, questions, failed_jobs })
}
