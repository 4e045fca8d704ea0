-- The mail sessions that are open, each of the process whose incarnation it
-- names. Rows of a process that is dead do not count.
CREATE TABLE mail_sessions (
    id            UUID PRIMARY KEY,
    account_id    UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_id      UUID NOT NULL,
    protocol      TEXT NOT NULL,
    peer          TEXT NOT NULL,
    node          TEXT NOT NULL,
    began_at      BIGINT NOT NULL,
    end_requested BIGINT
);
CREATE INDEX mail_sessions_account ON mail_sessions (account_id, protocol);
CREATE INDEX mail_sessions_node ON mail_sessions (node);
