//! The register of tables by what they hold about people; a test compares it
//! with the migrated schema, so that a new table cannot forget the question.

/// What happens to a table's rows when a person is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Holds nothing about a person.
    Nothing,
    /// Goes with the account.
    Erase,
    /// Stays: people are pseudonyms in it.
    Keep,
}

/// Every table.
pub const TABLES: &[(&str, Fate)] = &[
    ("access_tokens", Fate::Erase),
    ("accounts", Fate::Erase),
    ("address_books", Fate::Erase),
    ("admin_codes", Fate::Nothing),
    ("admin_links", Fate::Nothing),
    ("admins", Fate::Nothing),
    ("aliases", Fate::Erase),
    ("api_keys", Fate::Nothing),
    ("api_nonces", Fate::Nothing),
    ("audit", Fate::Keep),
    ("audit_checkpoints", Fate::Nothing),
    ("audit_heads", Fate::Nothing),
    ("audit_people", Fate::Erase),
    ("calendar_choices", Fate::Erase),
    ("calendar_defaults", Fate::Nothing),
    ("calendar_requests", Fate::Erase),
    ("calendar_users", Fate::Erase),
    // Goes with the last one who uses it.
    ("calendars", Fate::Erase),
    // Goes with the last link that has the record.
    ("cards_seen", Fate::Erase),
    ("change_seq", Fate::Nothing),
    ("changes", Fate::Nothing),
    ("channels", Fate::Erase),
    ("clients", Fate::Nothing),
    ("consent_links", Fate::Erase),
    ("consent_states", Fate::Erase),
    ("contact_groups", Fate::Erase),
    ("contact_reviews", Fate::Erase),
    ("crm_absent", Fate::Erase),
    ("crm_cursors", Fate::Nothing),
    ("crm_hooks", Fate::Nothing),
    ("crm_mail", Fate::Erase),
    ("crm_mail_tokens", Fate::Erase),
    ("crm_seen", Fate::Erase),
    ("crm_takers", Fate::Erase),
    ("crm_tokens", Fate::Erase),
    ("dead_letters", Fate::Erase),
    ("google_seen", Fate::Erase),
    ("grants", Fate::Erase),
    ("help_refs", Fate::Erase),
    ("hints", Fate::Nothing),
    ("holds", Fate::Erase),
    ("hourly", Fate::Nothing),
    // Holds identities of what was made, no names; gone after a day.
    ("idempotency", Fate::Nothing),
    ("intents", Fate::Erase),
    ("job_runs", Fate::Nothing),
    ("jobs", Fate::Nothing),
    ("leases", Fate::Nothing),
    ("links", Fate::Erase),
    ("login_counts", Fate::Erase),
    ("mail_sessions", Fate::Erase),
    ("meta", Fate::Nothing),
    ("monitored_groups", Fate::Erase),
    ("nodes", Fate::Nothing),
    ("offboarded", Fate::Erase),
    ("onboarding", Fate::Erase),
    ("outbox", Fate::Erase),
    ("panels", Fate::Erase),
    ("people_intents", Fate::Erase),
    ("people_links", Fate::Erase),
    ("people_seen", Fate::Erase),
    ("progress", Fate::Nothing),
    // A reason may name an address; gone after a day.
    ("progress_lines", Fate::Erase),
    ("push_lines", Fate::Erase),
    ("pushes", Fate::Erase),
    ("service_accounts", Fate::Nothing),
    // Admins who are to be told, as they set it themselves.
    ("settings", Fate::Nothing),
    ("sign_ins", Fate::Nothing),
    ("switched_off", Fate::Erase),
    ("sync_journal", Fate::Erase),
    ("sync_runs", Fate::Nothing),
    ("token_peers", Fate::Erase),
    ("undos", Fate::Erase),
    ("web_sessions", Fate::Erase),
];
