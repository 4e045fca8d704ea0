-- The Gmail panel in a page of the CRM: first a ticket, then whoever exchanged it. No account: the
-- mailbox was not registered. expires_at is the end of the one that stands, ticket or bearer.
CREATE TABLE panels (
    id            BLOB PRIMARY KEY,
    key_id        BLOB NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    account_id    BLOB REFERENCES accounts (id) ON DELETE CASCADE,
    crm_user      TEXT NOT NULL,
    record        TEXT NOT NULL,
    host          TEXT NOT NULL,
    smtp_host     TEXT NOT NULL,
    ticket_hash   BLOB UNIQUE,
    bearer_hash   BLOB UNIQUE,
    expires_at    INTEGER NOT NULL,
    connect_hash  BLOB UNIQUE,
    connect_until INTEGER NOT NULL
) STRICT;
CREATE INDEX panels_account ON panels (account_id);
CREATE INDEX panels_key ON panels (key_id);
CREATE INDEX panels_expires ON panels (expires_at);
