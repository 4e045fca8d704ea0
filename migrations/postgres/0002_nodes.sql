-- The processes that serve, each under its own name. Times are the database's.
CREATE TABLE nodes (
    name         TEXT PRIMARY KEY,
    incarnation  TEXT NOT NULL,
    host         TEXT NOT NULL,
    version      TEXT NOT NULL,
    schema_known BIGINT NOT NULL,
    keys         TEXT NOT NULL,
    started_at   BIGINT NOT NULL,
    beat_at      BIGINT NOT NULL
);

-- When the mailbox was last logged in to, exact to the hour.
ALTER TABLE accounts ADD COLUMN used_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX accounts_used ON accounts (used_at);
