-- The synchronisation of calendars. What it sees and agrees on is other people's
-- data and stands sealed; see docs/reference.md.

-- A calendar at Google, once however many users see it, and how its runs stand.
CREATE TABLE calendars (
    id            BLOB PRIMARY KEY,
    google_id     TEXT NOT NULL UNIQUE,
    name_sealed   BLOB NOT NULL,
    zone          TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    modified_at   INTEGER NOT NULL,
    status        TEXT NOT NULL,
    fault         TEXT,
    failures      INTEGER NOT NULL DEFAULT 0,
    next_at       INTEGER NOT NULL,
    last_run_at   INTEGER,
    last_ok_at    INTEGER,
    -- Counts the full lists; what the last one did not show is asked for by name.
    epoch         INTEGER NOT NULL DEFAULT 0,
    cursor_sealed BLOB,
    full_at       INTEGER,
    covered       INTEGER NOT NULL DEFAULT 0,
    planned_at    INTEGER
) STRICT;
CREATE INDEX calendars_due ON calendars (next_at);

-- Which user sees which calendar, and what for.
CREATE TABLE calendar_users (
    id          BLOB PRIMARY KEY,
    account_id  BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    calendar_id BLOB NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL,
    role        TEXT NOT NULL,
    active      INTEGER NOT NULL,
    last_sync   INTEGER,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    UNIQUE (account_id, calendar_id)
) STRICT;
CREATE UNIQUE INDEX calendar_users_main ON calendar_users (account_id) WHERE kind = 'main';
CREATE INDEX calendar_users_calendar ON calendar_users (calendar_id);

-- What a user has chosen.
CREATE TABLE calendar_choices (
    account_id BLOB PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    content    TEXT NOT NULL,
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL
) STRICT;

-- Up to where each kind of record of the CRM was read.
CREATE TABLE crm_cursors (
    entity     TEXT PRIMARY KEY,
    watermark  TEXT,
    epoch      INTEGER NOT NULL DEFAULT 0,
    covered    INTEGER NOT NULL DEFAULT 0,
    read_at    INTEGER,
    swept_at   INTEGER
) STRICT;

-- What was last seen of an event.
CREATE TABLE google_seen (
    calendar_id    BLOB NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    event_id       TEXT NOT NULL,
    etag           TEXT NOT NULL,
    live           INTEGER NOT NULL,
    epoch          INTEGER NOT NULL,
    hash           BLOB NOT NULL,
    dirty          INTEGER NOT NULL,
    seen_at        INTEGER NOT NULL,
    content_sealed BLOB,
    PRIMARY KEY (calendar_id, event_id)
) STRICT;
CREATE INDEX google_seen_dirty ON google_seen (calendar_id) WHERE dirty = 1;

-- What was last seen of a record.
CREATE TABLE crm_seen (
    id             BLOB PRIMARY KEY,
    entity         TEXT NOT NULL,
    record_id      TEXT NOT NULL,
    live           INTEGER NOT NULL,
    user_id        TEXT,
    epoch          INTEGER NOT NULL,
    hash           BLOB NOT NULL,
    dirty          INTEGER NOT NULL,
    seen_at        INTEGER NOT NULL,
    content_sealed BLOB,
    UNIQUE (entity, record_id)
) STRICT;
CREATE INDEX crm_seen_dirty ON crm_seen (user_id) WHERE dirty = 1;

-- A pair of an event and a record, and what both showed when they last agreed.
CREATE TABLE links (
    id          BLOB PRIMARY KEY,
    account_id  BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    calendar_id BLOB NOT NULL REFERENCES calendars (id),
    event_id    TEXT,
    -- Identity over all calendars: one event is one record, whoever sees it.
    ical_uid    TEXT,
    entity      TEXT NOT NULL,
    record_id   TEXT,
    origin      TEXT NOT NULL,
    role        TEXT NOT NULL,
    state       TEXT NOT NULL,
    generation  INTEGER NOT NULL,
    churn_at    INTEGER NOT NULL,
    churn       INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    base_sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX links_event ON links (calendar_id, event_id) WHERE event_id IS NOT NULL;
CREATE UNIQUE INDEX links_uid ON links (ical_uid) WHERE role = 'owner' AND ical_uid IS NOT NULL;
CREATE UNIQUE INDEX links_record ON links (entity, record_id) WHERE role = 'owner' AND record_id IS NOT NULL;
CREATE INDEX links_account ON links (account_id);

-- What is to be done: written before it is done, gone when it is known what came of it.
CREATE TABLE intents (
    id          BLOB PRIMARY KEY,
    link_id     BLOB NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    calendar_id BLOB NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    run_id      BLOB NOT NULL,
    kind        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    body_sealed BLOB NOT NULL,
    UNIQUE (link_id)
) STRICT;
CREATE INDEX intents_calendar ON intents (calendar_id);

-- A run of a calendar.
CREATE TABLE sync_runs (
    id          BLOB PRIMARY KEY,
    calendar_id BLOB NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    status      TEXT NOT NULL,
    node        TEXT NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    seen        INTEGER NOT NULL DEFAULT 0,
    made        INTEGER NOT NULL DEFAULT 0,
    written     INTEGER NOT NULL DEFAULT 0,
    removed     INTEGER NOT NULL DEFAULT 0,
    held        INTEGER NOT NULL DEFAULT 0,
    failed      INTEGER NOT NULL DEFAULT 0,
    fault       TEXT
) STRICT;
CREATE INDEX sync_runs_calendar ON sync_runs (calendar_id, started_at);

-- Every change that was made, by which rule.
CREATE TABLE sync_journal (
    id             BLOB PRIMARY KEY,
    at             INTEGER NOT NULL,
    run_id         BLOB NOT NULL,
    calendar_id    BLOB NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    account_id     BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    link_id        BLOB NOT NULL,
    kind           TEXT NOT NULL,
    rule           TEXT NOT NULL,
    content_sealed BLOB
) STRICT;
CREATE INDEX sync_journal_link ON sync_journal (link_id, at);
CREATE INDEX sync_journal_account ON sync_journal (account_id, at);
CREATE INDEX sync_journal_calendar ON sync_journal (calendar_id, at);
