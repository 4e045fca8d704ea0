-- The mail sessions that are open, each of the process whose incarnation it
-- names. Rows of a process that is dead do not count.
CREATE TABLE mail_sessions (
    id            BLOB PRIMARY KEY,
    account_id    BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_id      BLOB NOT NULL,
    protocol      TEXT NOT NULL,
    peer          TEXT NOT NULL,
    node          TEXT NOT NULL,
    began_at      INTEGER NOT NULL,
    end_requested INTEGER
) STRICT;
CREATE INDEX mail_sessions_account ON mail_sessions (account_id, protocol);
CREATE INDEX mail_sessions_node ON mail_sessions (node);
