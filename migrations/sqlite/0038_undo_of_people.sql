-- What somebody wants taken back is of a calendar or of an address book now: either is named in
-- calendar_id.
CREATE TABLE undos_of_both (
    id             BLOB PRIMARY KEY,
    calendar_id    BLOB NOT NULL,
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
INSERT INTO undos_of_both (id, calendar_id, account_id, run_id, state, asked_by, asked_at, ended_at, acts, done, failed, content_sealed)
    SELECT id, calendar_id, account_id, run_id, state, asked_by, asked_at, ended_at, acts, done, failed, content_sealed FROM undos;
DROP TABLE undos;
ALTER TABLE undos_of_both RENAME TO undos;
CREATE UNIQUE INDEX undos_waiting ON undos (calendar_id) WHERE state = 'waiting';
CREATE INDEX undos_run ON undos (run_id, asked_at);
CREATE INDEX undos_account ON undos (account_id, asked_at);

-- An address book that its owner does not use any more is run until what was made in it is removed.
ALTER TABLE address_books ADD COLUMN leaving INTEGER NOT NULL DEFAULT 0;
