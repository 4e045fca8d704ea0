-- Taking back what a run did: what a person has asked for and confirmed, until the
-- calendar's next run has done it.
CREATE TABLE undos (
    id             UUID PRIMARY KEY,
    calendar_id    UUID NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    account_id     UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    run_id         UUID NOT NULL,
    state          TEXT NOT NULL,
    asked_by       TEXT NOT NULL,
    asked_at       BIGINT NOT NULL,
    ended_at       BIGINT,
    acts           BIGINT NOT NULL,
    done           BIGINT NOT NULL DEFAULT 0,
    failed         BIGINT NOT NULL DEFAULT 0,
    -- What was confirmed, by the hash of each act.
    content_sealed BYTEA NOT NULL
);
CREATE UNIQUE INDEX undos_waiting ON undos (calendar_id) WHERE state = 'waiting';
CREATE INDEX undos_run ON undos (run_id, asked_at);
CREATE INDEX undos_account ON undos (account_id, asked_at);

CREATE INDEX sync_journal_run ON sync_journal (run_id, at);
