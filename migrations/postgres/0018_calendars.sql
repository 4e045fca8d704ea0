-- The synchronisation of calendars. What it sees and agrees on is other people's
-- data and stands sealed; see docs/reference.md.

-- A calendar at Google, once however many users see it, and how its runs stand.
CREATE TABLE calendars (
    id            UUID PRIMARY KEY,
    google_id     TEXT NOT NULL UNIQUE,
    name_sealed   BYTEA NOT NULL,
    zone          TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    modified_at   BIGINT NOT NULL,
    status        TEXT NOT NULL,
    fault         TEXT,
    failures      BIGINT NOT NULL DEFAULT 0,
    next_at       BIGINT NOT NULL,
    last_run_at   BIGINT,
    last_ok_at    BIGINT,
    -- Counts the full lists; what the last one did not show is asked for by name.
    epoch         BIGINT NOT NULL DEFAULT 0,
    cursor_sealed BYTEA,
    full_at       BIGINT,
    covered       BIGINT NOT NULL DEFAULT 0,
    planned_at    BIGINT
);
CREATE INDEX calendars_due ON calendars (next_at);

-- Which user sees which calendar, and what for.
CREATE TABLE calendar_users (
    id          UUID PRIMARY KEY,
    account_id  UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    calendar_id UUID NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL,
    role        TEXT NOT NULL,
    active      BIGINT NOT NULL,
    last_sync   BIGINT,
    created_at  BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    UNIQUE (account_id, calendar_id)
);
CREATE UNIQUE INDEX calendar_users_main ON calendar_users (account_id) WHERE kind = 'main';
CREATE INDEX calendar_users_calendar ON calendar_users (calendar_id);

-- What a user has chosen.
CREATE TABLE calendar_choices (
    account_id UUID PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    content    TEXT NOT NULL,
    version    BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL
);

-- Up to where each kind of record of the CRM was read.
CREATE TABLE crm_cursors (
    entity     TEXT PRIMARY KEY,
    watermark  TEXT,
    epoch      BIGINT NOT NULL DEFAULT 0,
    covered    BIGINT NOT NULL DEFAULT 0,
    read_at    BIGINT,
    swept_at   BIGINT
);

-- What was last seen of an event.
CREATE TABLE google_seen (
    calendar_id    UUID NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    event_id       TEXT NOT NULL,
    etag           TEXT NOT NULL,
    live           BIGINT NOT NULL,
    epoch          BIGINT NOT NULL,
    hash           BYTEA NOT NULL,
    dirty          BIGINT NOT NULL,
    seen_at        BIGINT NOT NULL,
    content_sealed BYTEA,
    PRIMARY KEY (calendar_id, event_id)
);
CREATE INDEX google_seen_dirty ON google_seen (calendar_id) WHERE dirty = 1;

-- What was last seen of a record.
CREATE TABLE crm_seen (
    id             UUID PRIMARY KEY,
    entity         TEXT NOT NULL,
    record_id      TEXT NOT NULL,
    live           BIGINT NOT NULL,
    user_id        TEXT,
    epoch          BIGINT NOT NULL,
    hash           BYTEA NOT NULL,
    dirty          BIGINT NOT NULL,
    seen_at        BIGINT NOT NULL,
    content_sealed BYTEA,
    UNIQUE (entity, record_id)
);
CREATE INDEX crm_seen_dirty ON crm_seen (user_id) WHERE dirty = 1;

-- A pair of an event and a record, and what both showed when they last agreed.
CREATE TABLE links (
    id          UUID PRIMARY KEY,
    account_id  UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    calendar_id UUID NOT NULL REFERENCES calendars (id),
    event_id    TEXT,
    -- Identity over all calendars: one event is one record, whoever sees it.
    ical_uid    TEXT,
    entity      TEXT NOT NULL,
    record_id   TEXT,
    origin      TEXT NOT NULL,
    role        TEXT NOT NULL,
    state       TEXT NOT NULL,
    generation  BIGINT NOT NULL,
    churn_at    BIGINT NOT NULL,
    churn       BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    base_sealed BYTEA NOT NULL
);
CREATE UNIQUE INDEX links_event ON links (calendar_id, event_id) WHERE event_id IS NOT NULL;
CREATE UNIQUE INDEX links_uid ON links (ical_uid) WHERE role = 'owner' AND ical_uid IS NOT NULL;
CREATE UNIQUE INDEX links_record ON links (entity, record_id) WHERE role = 'owner' AND record_id IS NOT NULL;
CREATE INDEX links_account ON links (account_id);

-- What is to be done: written before it is done, gone when it is known what came of it.
CREATE TABLE intents (
    id          UUID PRIMARY KEY,
    link_id     UUID NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    calendar_id UUID NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    run_id      UUID NOT NULL,
    kind        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    body_sealed BYTEA NOT NULL,
    UNIQUE (link_id)
);
CREATE INDEX intents_calendar ON intents (calendar_id);

-- A run of a calendar.
CREATE TABLE sync_runs (
    id          UUID PRIMARY KEY,
    calendar_id UUID NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    status      TEXT NOT NULL,
    node        TEXT NOT NULL,
    started_at  BIGINT NOT NULL,
    ended_at    BIGINT,
    seen        BIGINT NOT NULL DEFAULT 0,
    made        BIGINT NOT NULL DEFAULT 0,
    written     BIGINT NOT NULL DEFAULT 0,
    removed     BIGINT NOT NULL DEFAULT 0,
    held        BIGINT NOT NULL DEFAULT 0,
    failed      BIGINT NOT NULL DEFAULT 0,
    fault       TEXT
);
CREATE INDEX sync_runs_calendar ON sync_runs (calendar_id, started_at);

-- Every change that was made, by which rule.
CREATE TABLE sync_journal (
    id             UUID PRIMARY KEY,
    at             BIGINT NOT NULL,
    run_id         UUID NOT NULL,
    calendar_id    UUID NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    account_id     UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    link_id        UUID NOT NULL,
    kind           TEXT NOT NULL,
    rule           TEXT NOT NULL,
    content_sealed BYTEA
);
CREATE INDEX sync_journal_link ON sync_journal (link_id, at);
CREATE INDEX sync_journal_account ON sync_journal (account_id, at);
CREATE INDEX sync_journal_calendar ON sync_journal (calendar_id, at);
