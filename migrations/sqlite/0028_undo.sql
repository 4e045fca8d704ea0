-- Taking back what a run did: what a person has asked for and confirmed, until the
-- calendar's next run has done it.
CREATE TABLE undos (
    id             BLOB PRIMARY KEY,
    calendar_id    BLOB NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    account_id     BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    run_id         BLOB NOT NULL,
    state          TEXT NOT NULL,
    asked_by       TEXT NOT NULL,
    asked_at       INTEGER NOT NULL,
    ended_at       INTEGER,
    acts           INTEGER NOT NULL,
    done           INTEGER NOT NULL DEFAULT 0,
    failed         INTEGER NOT NULL DEFAULT 0,
    -- What was confirmed, by the hash of each act.
    content_sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX undos_waiting ON undos (calendar_id) WHERE state = 'waiting';
CREATE INDEX undos_run ON undos (run_id, asked_at);
CREATE INDEX undos_account ON undos (account_id, asked_at);

CREATE INDEX sync_journal_run ON sync_journal (run_id, at);
