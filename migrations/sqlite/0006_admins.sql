-- The people who run the installation, and who is signed in at the pages.
CREATE TABLE admins (
    id           BLOB PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    role         TEXT NOT NULL,
    password     TEXT,
    disabled_at  INTEGER,
    created_at   INTEGER NOT NULL,
    signed_in_at INTEGER
) STRICT;

-- One-time links by which an admin sets a password.
CREATE TABLE admin_links (
    hash       BLOB PRIMARY KEY,
    admin_id   BLOB NOT NULL REFERENCES admins (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX admin_links_admin ON admin_links (admin_id);

-- A session belongs to an admin or to the owner of one mailbox.
CREATE TABLE web_sessions (
    hash       BLOB PRIMARY KEY,
    id         BLOB NOT NULL UNIQUE,
    admin_id   BLOB REFERENCES admins (id) ON DELETE CASCADE,
    account_id BLOB REFERENCES accounts (id) ON DELETE CASCADE,
    peer       TEXT NOT NULL,
    agent      TEXT NOT NULL,
    began_at   INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    fresh_at   INTEGER NOT NULL,
    CHECK ((admin_id IS NULL) <> (account_id IS NULL))
) STRICT;
CREATE INDEX web_sessions_admin ON web_sessions (admin_id);
CREATE INDEX web_sessions_account ON web_sessions (account_id);
