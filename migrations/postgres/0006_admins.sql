-- The people who run the installation, and who is signed in at the pages.
CREATE TABLE admins (
    id           UUID PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    role         TEXT NOT NULL,
    password     TEXT,
    disabled_at  BIGINT,
    created_at   BIGINT NOT NULL,
    signed_in_at BIGINT
);

-- One-time links by which an admin sets a password.
CREATE TABLE admin_links (
    hash       BYTEA PRIMARY KEY,
    admin_id   UUID NOT NULL REFERENCES admins (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);
CREATE INDEX admin_links_admin ON admin_links (admin_id);

-- A session belongs to an admin or to the owner of one mailbox.
CREATE TABLE web_sessions (
    hash       BYTEA PRIMARY KEY,
    id         UUID NOT NULL UNIQUE,
    admin_id   UUID REFERENCES admins (id) ON DELETE CASCADE,
    account_id UUID REFERENCES accounts (id) ON DELETE CASCADE,
    peer       TEXT NOT NULL,
    agent      TEXT NOT NULL,
    began_at   BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    fresh_at   BIGINT NOT NULL,
    CHECK ((admin_id IS NULL) <> (account_id IS NULL))
);
CREATE INDEX web_sessions_admin ON web_sessions (admin_id);
CREATE INDEX web_sessions_account ON web_sessions (account_id);
