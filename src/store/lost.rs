//! What becomes of the store when its key is lost: whatever was sealed is gone for good.
//!
//! Accounts, choices, links and CRM tokens stay. Of a link nobody can read any more what both sides
//! agreed on; an empty base says so. What was observed is read again from the beginning, and what
//! waited for somebody's word is asked again. A test compares this with the register of sealed columns.

use uuid::Uuid;

use super::act::Act;
use super::contacts::books;
use super::error::StoreError;
use super::keys::Sealer;
use super::sql::{Write as _, execute, fetch_all, statements};
use super::sync::{calendars, crm_cursors};

statements! {
    ACCESS_TOKENS = "DELETE FROM access_tokens";
    GRANTS = "DELETE FROM grants";
    CLIENTS = "DELETE FROM clients";
    SERVICE_ACCOUNTS = "DELETE FROM service_accounts";
    CONSENTS = "DELETE FROM consent_states";
    // Whoever had a second factor would come in without it: they choose a password anew.
    ADMINS = "UPDATE admins SET password = NULL, totp_sealed = NULL, totp_at = NULL, totp_step = NULL \
              WHERE totp_sealed IS NOT NULL";
    CODES = "DELETE FROM admin_codes";
    WEB_SESSIONS = "DELETE FROM web_sessions";
    API_KEYS = "UPDATE api_keys SET hmac_sealed = NULL, revoked_at = COALESCE(revoked_at, $1) \
                WHERE hmac_sealed IS NOT NULL";
    HOOKS = "DELETE FROM crm_hooks";
    CHANNELS = "DELETE FROM channels";
    CALENDARS = "SELECT id, google_id FROM calendars ORDER BY id";
    CALENDAR = "UPDATE calendars SET name_sealed = $2, cursor_sealed = NULL, covered = 0, full_at = NULL, \
                unfolded = NULL WHERE id = $1";
    GROUPS = "DELETE FROM contact_groups";
    // Lists tell again what they show, and what no list shows is asked for by name. A pair is planned for
    // then; whatever else is as it was is new to nobody.
    GOOGLE_SEEN = "UPDATE google_seen SET content_sealed = NULL, dirty = 0, hash = CASE WHEN EXISTS (SELECT 1 FROM links l \
                   WHERE l.calendar_id = google_seen.calendar_id AND l.event_id = google_seen.event_id \
                   AND l.state = 'active') THEN $1 ELSE hash END";
    COMPUTED = "DELETE FROM google_seen WHERE computed = 1";
    PEOPLE_SEEN = "UPDATE people_seen SET content_sealed = NULL, dirty = 0";
    CRM_SEEN = "UPDATE crm_seen SET content_sealed = NULL, dirty = 0, hash = CASE WHEN EXISTS (SELECT 1 FROM links l \
                WHERE l.entity = crm_seen.entity AND l.record_id = crm_seen.record_id \
                AND l.state = 'active') THEN $1 ELSE hash END";
    CARDS_SEEN = "UPDATE cards_seen SET content_sealed = NULL";
    LINKS = "UPDATE links SET base_sealed = $1";
    PEOPLE_LINKS = "UPDATE people_links SET base_sealed = $1, dirty = 1, soils = soils + 1";
    // Nobody knows any more what was to be made: both sides find each other anew.
    HALF_LINKS = "DELETE FROM links WHERE role <> 'view' AND (event_id IS NULL OR record_id IS NULL)";
    HALF_PEOPLE = "DELETE FROM people_links WHERE resource IS NULL OR record_id IS NULL";
    INTENTS = "DELETE FROM intents";
    PEOPLE_INTENTS = "DELETE FROM people_intents";
    HOLDS = "DELETE FROM holds";
    DEAD_LETTERS = "DELETE FROM dead_letters";
    REVIEWS = "DELETE FROM contact_reviews";
    UNDOS = "DELETE FROM undos";
    JOURNAL = "UPDATE sync_journal SET content_sealed = NULL";
}

/// What is emptied as a whole.
const EMPTIED: [&str; 19] = [
    ACCESS_TOKENS,
    GRANTS,
    CLIENTS,
    SERVICE_ACCOUNTS,
    CONSENTS,
    CODES,
    WEB_SESSIONS,
    HOOKS,
    CHANNELS,
    GROUPS,
    COMPUTED,
    HALF_LINKS,
    HALF_PEOPLE,
    INTENTS,
    PEOPLE_INTENTS,
    HOLDS,
    DEAD_LETTERS,
    REVIEWS,
    UNDOS,
];
/// What stays without what was sealed in it.
const CLEARED: [&str; 3] = [JOURNAL, PEOPLE_SEEN, CARDS_SEEN];

/// What has to be entered anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lost {
    /// OAuth clients.
    pub clients: u64,
    /// Service accounts.
    pub service_accounts: u64,
    /// Admins who have to choose a password anew, since their second factor is gone.
    pub admins: u64,
    /// API keys that sign their requests, which are revoked.
    pub api_keys: u64,
    /// Webhooks of the CRM.
    pub hooks: u64,
    /// Links of which it is forgotten what was agreed.
    pub links: u64,
}

/// Removes everything that is sealed. What is to stay readable is sealed with the key that is active in
/// this act.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(act: &mut Act) -> Result<Lost, StoreError> {
    let (mut lost, now) = (Lost::default(), act.store().clock().now());
    for text in EMPTIED {
        let rows = execute!(act, text)?;
        match text {
            CLIENTS => lost.clients = rows,
            SERVICE_ACCOUNTS => lost.service_accounts = rows,
            HOOKS => lost.hooks = rows,
            _ => {}
        }
    }
    for text in CLEARED {
        execute!(act, text)?;
    }
    books::anew(act).await?;
    crm_cursors::anew(act).await?;
    lost.admins = execute!(act, ADMINS)?;
    lost.api_keys = execute!(act, API_KEYS, now)?;
    let nothing: &[u8] = &[];
    for text in [LINKS, PEOPLE_LINKS] {
        lost.links += execute!(act, text, nothing)?;
    }
    for text in [GOOGLE_SEEN, CRM_SEEN] {
        execute!(act, text, nothing)?;
    }
    rename(act).await?;
    Ok(lost)
}

// Until Google tells their names again, they are called what Google calls them by.
async fn rename(act: &mut Act) -> Result<(), StoreError> {
    type Row = (Uuid, String);
    let (rows, sealer): (Vec<Row>, _) = (fetch_all!(act, Row, CALENDARS)?, Sealer::new(act).await?);
    for (id, google_id) in rows {
        execute!(act, CALENDAR, id, sealer.seal(&calendars::name_place(id), &google_id)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::STATEMENTS;
    use crate::store::{contacts, sealed};

    #[test]
    fn nothing_sealed_is_left_out() {
        for (table, column) in sealed::COLUMNS {
            let gone = |text: &str| {
                text == format!("DELETE FROM {table}")
                    || (text.starts_with(&format!("UPDATE {table} SET "))
                        && text.contains(&format!("{column} = ")))
            };
            let of_books = contacts::STATEMENTS.concat();
            let mut all = STATEMENTS.iter().chain(&of_books);
            assert!(all.any(|(_, text)| gone(text)), "{table}.{column} stays");
        }
    }
}
