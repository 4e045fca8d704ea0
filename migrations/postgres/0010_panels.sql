-- The Gmail panel in a page of the CRM: first a ticket, then whoever exchanged it. No account: the
-- mailbox was not registered. expires_at is the end of the one that stands, ticket or bearer.
CREATE TABLE panels (
    id            UUID PRIMARY KEY,
    key_id        UUID NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    account_id    UUID REFERENCES accounts (id) ON DELETE CASCADE,
    crm_user      TEXT NOT NULL,
    record        TEXT NOT NULL,
    host          TEXT NOT NULL,
    smtp_host     TEXT NOT NULL,
    ticket_hash   BYTEA UNIQUE,
    bearer_hash   BYTEA UNIQUE,
    expires_at    BIGINT NOT NULL,
    connect_hash  BYTEA UNIQUE,
    connect_until BIGINT NOT NULL
);
CREATE INDEX panels_account ON panels (account_id);
CREATE INDEX panels_key ON panels (key_id);
CREATE INDEX panels_expires ON panels (expires_at);
