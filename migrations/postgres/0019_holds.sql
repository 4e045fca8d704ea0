-- What waits for a person's word, and what could not be done. Content of other
-- people stands sealed.

-- The writes of one class in one calendar that wait for a person's word.
CREATE TABLE holds (
    id             UUID PRIMARY KEY,
    calendar_id    UUID NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    account_id     UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    class          TEXT NOT NULL,
    count          BIGINT NOT NULL,
    status         TEXT NOT NULL,
    opened_at      BIGINT NOT NULL,
    decided_at     BIGINT,
    decided_by     TEXT,
    spent_at       BIGINT,
    content_sealed BYTEA NOT NULL
);
CREATE UNIQUE INDEX holds_pending ON holds (calendar_id, class) WHERE status = 'pending';
CREATE INDEX holds_calendar ON holds (calendar_id, opened_at);
CREATE INDEX holds_account ON holds (account_id);

-- What could not be done, one row for each event or record of a calendar.
CREATE TABLE dead_letters (
    id            UUID PRIMARY KEY,
    calendar_id   UUID NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    account_id    UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    key           TEXT NOT NULL,
    side          TEXT NOT NULL,
    reason        TEXT NOT NULL,
    attempts      BIGINT NOT NULL,
    first_at      BIGINT NOT NULL,
    last_at       BIGINT NOT NULL,
    detail_sealed BYTEA NOT NULL,
    UNIQUE (calendar_id, key)
);
CREATE INDEX dead_letters_account ON dead_letters (account_id);
