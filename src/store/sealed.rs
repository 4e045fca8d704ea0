//! The register of sealed columns. Key rotation and the loss of a key work
//! through it; a test compares it with the migrated schema.

/// Every column that holds a sealed value, as (table, column).
pub const COLUMNS: &[(&str, &str)] = &[
    ("access_tokens", "token_sealed"),
    ("address_books", "cursor_sealed"),
    ("admins", "totp_sealed"),
    ("api_keys", "hmac_sealed"),
    ("calendars", "cursor_sealed"),
    ("calendars", "name_sealed"),
    ("cards_seen", "content_sealed"),
    ("clients", "secret_sealed"),
    ("consent_states", "verifier_sealed"),
    ("contact_groups", "name_sealed"),
    ("contact_reviews", "content_sealed"),
    ("crm_hooks", "secret_sealed"),
    ("crm_seen", "content_sealed"),
    ("dead_letters", "detail_sealed"),
    ("google_seen", "content_sealed"),
    ("grants", "refresh_sealed"),
    ("holds", "content_sealed"),
    ("intents", "body_sealed"),
    ("links", "base_sealed"),
    ("people_intents", "body_sealed"),
    ("people_links", "base_sealed"),
    ("people_seen", "content_sealed"),
    ("service_accounts", "key_sealed"),
    ("sync_journal", "content_sealed"),
    ("undos", "content_sealed"),
];
