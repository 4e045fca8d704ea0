-- Removing everything that was made for a mailbox: an undo that is of no run.
CREATE TABLE undos_of_anything (
    id             BLOB PRIMARY KEY,
    calendar_id    BLOB NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    account_id     BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- None when it is of everything.
    run_id         BLOB,
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
INSERT INTO undos_of_anything (id, calendar_id, account_id, run_id, state, asked_by, asked_at, ended_at, acts, done, failed, content_sealed)
    SELECT id, calendar_id, account_id, run_id, state, asked_by, asked_at, ended_at, acts, done, failed, content_sealed FROM undos;
DROP TABLE undos;
ALTER TABLE undos_of_anything RENAME TO undos;
CREATE UNIQUE INDEX undos_waiting ON undos (calendar_id) WHERE state = 'waiting';
CREATE INDEX undos_run ON undos (run_id, asked_at);
CREATE INDEX undos_account ON undos (account_id, asked_at);

-- Who we are in the CRM, and whether it mails of what is assigned, as it told last.
ALTER TABLE crm_cursors ADD COLUMN own_user TEXT;
ALTER TABLE crm_cursors ADD COLUMN mails INTEGER;
