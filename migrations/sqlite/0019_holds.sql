-- What waits for a person's word, and what could not be done. Content of other
-- people stands sealed.

-- The writes of one class in one calendar that wait for a person's word.
CREATE TABLE holds (
    id             BLOB PRIMARY KEY,
    calendar_id    BLOB NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    account_id     BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    class          TEXT NOT NULL,
    count          INTEGER NOT NULL,
    status         TEXT NOT NULL,
    opened_at      INTEGER NOT NULL,
    decided_at     INTEGER,
    decided_by     TEXT,
    spent_at       INTEGER,
    content_sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX holds_pending ON holds (calendar_id, class) WHERE status = 'pending';
CREATE INDEX holds_calendar ON holds (calendar_id, opened_at);
CREATE INDEX holds_account ON holds (account_id);

-- What could not be done, one row for each event or record of a calendar.
CREATE TABLE dead_letters (
    id            BLOB PRIMARY KEY,
    calendar_id   BLOB NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    account_id    BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    key           TEXT NOT NULL,
    side          TEXT NOT NULL,
    reason        TEXT NOT NULL,
    attempts      INTEGER NOT NULL,
    first_at      INTEGER NOT NULL,
    last_at       INTEGER NOT NULL,
    detail_sealed BLOB NOT NULL,
    UNIQUE (calendar_id, key)
) STRICT;
CREATE INDEX dead_letters_account ON dead_letters (account_id);
