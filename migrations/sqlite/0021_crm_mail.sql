-- What was written into the mail accounts of the CRM, so that it can be repeated
-- and taken back. No row holds a password.

CREATE TABLE crm_mail (
    account_id    BLOB PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    -- The CRM's word for the kind of record.
    entity        TEXT,
    record_id     TEXT,
    -- Whether the record is our own making; else what it held before is below.
    made          INTEGER NOT NULL DEFAULT 0,
    replaced      TEXT NOT NULL DEFAULT '{}',
    state         TEXT NOT NULL,
    word          TEXT,
    detail        TEXT,
    written_at    INTEGER,
    changed_at    INTEGER NOT NULL,
    changed_by    TEXT NOT NULL,
    claimed_until INTEGER NOT NULL
) STRICT;

-- CRM tokens that may stand in a record; all but one are to be revoked.
CREATE TABLE crm_mail_tokens (
    token_id   BLOB PRIMARY KEY REFERENCES crm_tokens (id) ON DELETE CASCADE,
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX crm_mail_tokens_account ON crm_mail_tokens (account_id);
