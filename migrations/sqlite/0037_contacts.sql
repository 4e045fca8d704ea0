-- The synchronisation of contacts. What it sees and agrees on is other people's data and stands
-- sealed; see docs/reference.md.

-- The people of an account at Google: what their owner has chosen, and how their runs stand.
CREATE TABLE address_books (
    id            BLOB PRIMARY KEY,
    account_id    BLOB NOT NULL UNIQUE REFERENCES accounts (id) ON DELETE CASCADE,
    -- Choices, as JSON.
    content       TEXT NOT NULL,
    version       INTEGER NOT NULL,
    changed_at    INTEGER NOT NULL,
    changed_by    TEXT NOT NULL,
    -- The group that is kept in step; none while nobody has chosen one.
    group_name    TEXT,
    created_at    INTEGER NOT NULL,
    status        TEXT NOT NULL,
    fault         TEXT,
    failures      INTEGER NOT NULL DEFAULT 0,
    next_at       INTEGER NOT NULL,
    last_run_at   INTEGER,
    last_ok_at    INTEGER,
    -- Counts the full lists; what the last one did not show is asked for by name.
    epoch         INTEGER NOT NULL DEFAULT 0,
    cursor_sealed BLOB,
    -- When the last full list began, and when the next one is due though its token still holds.
    full_began_at INTEGER,
    full_due_at   INTEGER,
    covered       INTEGER NOT NULL DEFAULT 0,
    planned_at    INTEGER,
    planned_by    TEXT,
    -- When it was last asked which of the linked records the user may see.
    swept_at      INTEGER,
    -- When the groups were last listed.
    groups_at     INTEGER,
    -- People of one batch; fewer after Google has found them too many.
    batch         INTEGER NOT NULL DEFAULT 200
) STRICT;
CREATE INDEX address_books_due ON address_books (next_at) WHERE group_name IS NOT NULL;

-- The groups that Google lists for an account.
CREATE TABLE contact_groups (
    id          BLOB PRIMARY KEY,
    account_id  BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    resource    TEXT NOT NULL,
    name_sealed BLOB NOT NULL,
    own         INTEGER NOT NULL,
    members     INTEGER NOT NULL,
    active      INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    UNIQUE (account_id, resource)
) STRICT;

-- What was last seen of a person. Of whom no link has and who is not in the group only that is
-- kept by which they are known again.
CREATE TABLE people_seen (
    book_id        BLOB NOT NULL REFERENCES address_books (id) ON DELETE CASCADE,
    resource       TEXT NOT NULL,
    live           INTEGER NOT NULL,
    whole          INTEGER NOT NULL,
    epoch          INTEGER NOT NULL,
    hash           BLOB NOT NULL,
    dirty          INTEGER NOT NULL,
    seen_at        INTEGER NOT NULL,
    -- When it was last changed, as Google says.
    changed_at     INTEGER NOT NULL,
    content_sealed BLOB,
    PRIMARY KEY (book_id, resource)
) STRICT;
CREATE INDEX people_seen_dirty ON people_seen (book_id) WHERE dirty <> 0;

-- What was last seen of a Contact or Lead that a link has.
CREATE TABLE cards_seen (
    id             BLOB PRIMARY KEY,
    entity         TEXT NOT NULL,
    record_id      TEXT NOT NULL,
    live           INTEGER NOT NULL,
    hash           BLOB NOT NULL,
    seen_at        INTEGER NOT NULL,
    content_sealed BLOB,
    UNIQUE (entity, record_id)
) STRICT;

-- A person and a record that are one, and what both showed when they last agreed.
CREATE TABLE people_links (
    id          BLOB PRIMARY KEY,
    account_id  BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    book_id     BLOB NOT NULL REFERENCES address_books (id) ON DELETE CASCADE,
    -- Google's name of the person, which may change; none before it was made.
    resource    TEXT,
    -- Its identity in the address book, which stays.
    source      TEXT,
    entity      TEXT NOT NULL,
    record_id   TEXT,
    origin      TEXT NOT NULL,
    state       TEXT NOT NULL,
    -- Whether the user may see the record.
    visible     INTEGER NOT NULL,
    -- 1 until it is planned for what its sides show.
    dirty       INTEGER NOT NULL,
    churn_at    INTEGER NOT NULL,
    churn       INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    base_sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX people_links_person ON people_links (book_id, resource) WHERE resource IS NOT NULL;
CREATE UNIQUE INDEX people_links_record ON people_links (book_id, entity, record_id) WHERE record_id IS NOT NULL;
CREATE INDEX people_links_of_record ON people_links (entity, record_id);
CREATE INDEX people_links_account ON people_links (account_id);
CREATE INDEX people_links_dirty ON people_links (book_id) WHERE dirty = 1;

-- What is to be done: written before it is done, gone when it is known what came of it.
CREATE TABLE people_intents (
    id          BLOB PRIMARY KEY,
    link_id     BLOB NOT NULL UNIQUE REFERENCES people_links (id) ON DELETE CASCADE,
    book_id     BLOB NOT NULL REFERENCES address_books (id) ON DELETE CASCADE,
    run_id      BLOB NOT NULL,
    kind        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    body_sealed BLOB NOT NULL
) STRICT;
CREATE INDEX people_intents_book ON people_intents (book_id);

-- Records that somebody has pushed into a group, and what came of each. Removed after 30 days.
CREATE TABLE pushes (
    id         BLOB PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    asked_by   TEXT NOT NULL,
    asked_at   INTEGER NOT NULL,
    -- Whether the CRM has vouched that the user may see the records.
    vouched    INTEGER NOT NULL,
    total      INTEGER NOT NULL,
    ended_at   INTEGER
) STRICT;
CREATE INDEX pushes_account ON pushes (account_id, asked_at);
CREATE TABLE push_lines (
    push_id   BLOB NOT NULL REFERENCES pushes (id) ON DELETE CASCADE,
    line      INTEGER NOT NULL,
    entity    TEXT NOT NULL,
    record_id TEXT NOT NULL,
    -- None while it waits.
    word      TEXT,
    ended_at  INTEGER,
    PRIMARY KEY (push_id, line)
) STRICT;
CREATE INDEX push_lines_waiting ON push_lines (push_id) WHERE word IS NULL;
CREATE INDEX push_lines_record ON push_lines (entity, record_id) WHERE word IS NULL;

-- People and records of which a person has to say who they are.
CREATE TABLE contact_reviews (
    id             BLOB PRIMARY KEY,
    account_id     BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    book_id        BLOB NOT NULL REFERENCES address_books (id) ON DELETE CASCADE,
    -- What it is about: `people/…`, or `Contact/…`.
    key            TEXT NOT NULL,
    word           TEXT NOT NULL,
    opened_at      INTEGER NOT NULL,
    -- `same`, `new` or `leave`, and with whom.
    decision       TEXT,
    other          TEXT,
    decided_at     INTEGER,
    decided_by     TEXT,
    content_sealed BLOB NOT NULL,
    UNIQUE (book_id, key)
) STRICT;
CREATE INDEX contact_reviews_account ON contact_reviews (account_id);

-- Runs, changes, holds and dead letters are of a calendar or of an address book now: they name
-- either in calendar_id.
CREATE TABLE sync_runs_of_both (
    id          BLOB PRIMARY KEY,
    calendar_id BLOB NOT NULL,
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
    fault       TEXT,
    planned     INTEGER NOT NULL DEFAULT 0,
    done        INTEGER NOT NULL DEFAULT 0,
    planned_at  INTEGER,
    beat_at     INTEGER
) STRICT;
INSERT INTO sync_runs_of_both (id, calendar_id, status, node, started_at, ended_at, seen, made, written, removed, held, failed, fault, planned, done, planned_at, beat_at)
    SELECT id, calendar_id, status, node, started_at, ended_at, seen, made, written, removed, held, failed, fault, planned, done, planned_at, beat_at FROM sync_runs;
DROP TABLE sync_runs;
ALTER TABLE sync_runs_of_both RENAME TO sync_runs;
CREATE INDEX sync_runs_calendar ON sync_runs (calendar_id, started_at);

CREATE TABLE sync_journal_of_both (
    id             BLOB PRIMARY KEY,
    at             INTEGER NOT NULL,
    run_id         BLOB NOT NULL,
    calendar_id    BLOB NOT NULL,
    account_id     BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    link_id        BLOB NOT NULL,
    kind           TEXT NOT NULL,
    rule           TEXT NOT NULL,
    content_sealed BLOB
) STRICT;
INSERT INTO sync_journal_of_both (id, at, run_id, calendar_id, account_id, link_id, kind, rule, content_sealed)
    SELECT id, at, run_id, calendar_id, account_id, link_id, kind, rule, content_sealed FROM sync_journal;
DROP TABLE sync_journal;
ALTER TABLE sync_journal_of_both RENAME TO sync_journal;
CREATE INDEX sync_journal_link ON sync_journal (link_id, at);
CREATE INDEX sync_journal_account ON sync_journal (account_id, at);
CREATE INDEX sync_journal_calendar ON sync_journal (calendar_id, at);
CREATE INDEX sync_journal_run ON sync_journal (run_id, at);

CREATE TABLE holds_of_both (
    id             BLOB PRIMARY KEY,
    calendar_id    BLOB NOT NULL,
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
INSERT INTO holds_of_both (id, calendar_id, account_id, class, count, status, opened_at, decided_at, decided_by, spent_at, content_sealed)
    SELECT id, calendar_id, account_id, class, count, status, opened_at, decided_at, decided_by, spent_at, content_sealed FROM holds;
DROP TABLE holds;
ALTER TABLE holds_of_both RENAME TO holds;
CREATE UNIQUE INDEX holds_pending ON holds (calendar_id, class) WHERE status = 'pending';
CREATE INDEX holds_calendar ON holds (calendar_id, opened_at);
CREATE INDEX holds_account ON holds (account_id);

CREATE TABLE dead_letters_of_both (
    id            BLOB PRIMARY KEY,
    calendar_id   BLOB NOT NULL,
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
INSERT INTO dead_letters_of_both (id, calendar_id, account_id, key, side, reason, attempts, first_at, last_at, detail_sealed)
    SELECT id, calendar_id, account_id, key, side, reason, attempts, first_at, last_at, detail_sealed FROM dead_letters;
DROP TABLE dead_letters;
ALTER TABLE dead_letters_of_both RENAME TO dead_letters;
CREATE INDEX dead_letters_account ON dead_letters (account_id);
