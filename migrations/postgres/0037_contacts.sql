-- The synchronisation of contacts. What it sees and agrees on is other people's data and stands
-- sealed; see docs/reference.md.

-- The people of an account at Google: what their owner has chosen, and how their runs stand.
CREATE TABLE address_books (
    id            UUID PRIMARY KEY,
    account_id    UUID NOT NULL UNIQUE REFERENCES accounts (id) ON DELETE CASCADE,
    -- Choices, as JSON.
    content       TEXT NOT NULL,
    version       BIGINT NOT NULL,
    changed_at    BIGINT NOT NULL,
    changed_by    TEXT NOT NULL,
    -- The group that is kept in step; none while nobody has chosen one.
    group_name    TEXT,
    created_at    BIGINT NOT NULL,
    status        TEXT NOT NULL,
    fault         TEXT,
    failures      BIGINT NOT NULL DEFAULT 0,
    next_at       BIGINT NOT NULL,
    last_run_at   BIGINT,
    last_ok_at    BIGINT,
    -- Counts the full lists; what the last one did not show is asked for by name.
    epoch         BIGINT NOT NULL DEFAULT 0,
    cursor_sealed BYTEA,
    -- When the last full list began, and when the next one is due though its token still holds.
    full_began_at BIGINT,
    full_due_at   BIGINT,
    covered       BIGINT NOT NULL DEFAULT 0,
    planned_at    BIGINT,
    planned_by    TEXT,
    -- When it was last asked which of the linked records the user may see.
    swept_at      BIGINT,
    -- When the groups were last listed.
    groups_at     BIGINT,
    -- People of one batch; fewer after Google has found them too many.
    batch         BIGINT NOT NULL DEFAULT 200
);
CREATE INDEX address_books_due ON address_books (next_at) WHERE group_name IS NOT NULL;

-- The groups that Google lists for an account.
CREATE TABLE contact_groups (
    id          UUID PRIMARY KEY,
    account_id  UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    resource    TEXT NOT NULL,
    name_sealed BYTEA NOT NULL,
    own         BIGINT NOT NULL,
    members     BIGINT NOT NULL,
    active      BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    UNIQUE (account_id, resource)
);

-- What was last seen of a person. Of whom no link has and who is not in the group only that is
-- kept by which they are known again.
CREATE TABLE people_seen (
    book_id        UUID NOT NULL REFERENCES address_books (id) ON DELETE CASCADE,
    resource       TEXT NOT NULL,
    live           BIGINT NOT NULL,
    whole          BIGINT NOT NULL,
    epoch          BIGINT NOT NULL,
    hash           BYTEA NOT NULL,
    dirty          BIGINT NOT NULL,
    seen_at        BIGINT NOT NULL,
    -- When it was last changed, as Google says.
    changed_at     BIGINT NOT NULL,
    content_sealed BYTEA,
    PRIMARY KEY (book_id, resource)
);
CREATE INDEX people_seen_dirty ON people_seen (book_id) WHERE dirty <> 0;

-- What was last seen of a Contact or Lead that a link has.
CREATE TABLE cards_seen (
    id             UUID PRIMARY KEY,
    entity         TEXT NOT NULL,
    record_id      TEXT NOT NULL,
    live           BIGINT NOT NULL,
    hash           BYTEA NOT NULL,
    seen_at        BIGINT NOT NULL,
    content_sealed BYTEA,
    UNIQUE (entity, record_id)
);

-- A person and a record that are one, and what both showed when they last agreed.
CREATE TABLE people_links (
    id          UUID PRIMARY KEY,
    account_id  UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    book_id     UUID NOT NULL REFERENCES address_books (id) ON DELETE CASCADE,
    -- Google's name of the person, which may change; none before it was made.
    resource    TEXT,
    -- Its identity in the address book, which stays.
    source      TEXT,
    entity      TEXT NOT NULL,
    record_id   TEXT,
    origin      TEXT NOT NULL,
    state       TEXT NOT NULL,
    -- Whether the user may see the record.
    visible     BIGINT NOT NULL,
    -- 1 until it is planned for what its sides show.
    dirty       BIGINT NOT NULL,
    churn_at    BIGINT NOT NULL,
    churn       BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    base_sealed BYTEA NOT NULL
);
CREATE UNIQUE INDEX people_links_person ON people_links (book_id, resource) WHERE resource IS NOT NULL;
CREATE UNIQUE INDEX people_links_record ON people_links (book_id, entity, record_id) WHERE record_id IS NOT NULL;
CREATE INDEX people_links_of_record ON people_links (entity, record_id);
CREATE INDEX people_links_account ON people_links (account_id);
CREATE INDEX people_links_dirty ON people_links (book_id) WHERE dirty = 1;

-- What is to be done: written before it is done, gone when it is known what came of it.
CREATE TABLE people_intents (
    id          UUID PRIMARY KEY,
    link_id     UUID NOT NULL UNIQUE REFERENCES people_links (id) ON DELETE CASCADE,
    book_id     UUID NOT NULL REFERENCES address_books (id) ON DELETE CASCADE,
    run_id      UUID NOT NULL,
    kind        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    body_sealed BYTEA NOT NULL
);
CREATE INDEX people_intents_book ON people_intents (book_id);

-- Records that somebody has pushed into a group, and what came of each. Removed after 30 days.
CREATE TABLE pushes (
    id         UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    asked_by   TEXT NOT NULL,
    asked_at   BIGINT NOT NULL,
    -- Whether the CRM has vouched that the user may see the records.
    vouched    BIGINT NOT NULL,
    total      BIGINT NOT NULL,
    ended_at   BIGINT
);
CREATE INDEX pushes_account ON pushes (account_id, asked_at);
CREATE TABLE push_lines (
    push_id   UUID NOT NULL REFERENCES pushes (id) ON DELETE CASCADE,
    line      BIGINT NOT NULL,
    entity    TEXT NOT NULL,
    record_id TEXT NOT NULL,
    -- None while it waits.
    word      TEXT,
    ended_at  BIGINT,
    PRIMARY KEY (push_id, line)
);
CREATE INDEX push_lines_waiting ON push_lines (push_id) WHERE word IS NULL;
CREATE INDEX push_lines_record ON push_lines (entity, record_id) WHERE word IS NULL;

-- People and records of which a person has to say who they are.
CREATE TABLE contact_reviews (
    id             UUID PRIMARY KEY,
    account_id     UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    book_id        UUID NOT NULL REFERENCES address_books (id) ON DELETE CASCADE,
    -- What it is about: `people/…`, or `Contact/…`.
    key            TEXT NOT NULL,
    word           TEXT NOT NULL,
    opened_at      BIGINT NOT NULL,
    -- `same`, `new` or `leave`, and with whom.
    decision       TEXT,
    other          TEXT,
    decided_at     BIGINT,
    decided_by     TEXT,
    content_sealed BYTEA NOT NULL,
    UNIQUE (book_id, key)
);
CREATE INDEX contact_reviews_account ON contact_reviews (account_id);

-- Runs, changes, holds and dead letters are of a calendar or of an address book now: they name
-- either in calendar_id.
ALTER TABLE sync_runs DROP CONSTRAINT sync_runs_calendar_id_fkey;
ALTER TABLE sync_journal DROP CONSTRAINT sync_journal_calendar_id_fkey;
ALTER TABLE holds DROP CONSTRAINT holds_calendar_id_fkey;
ALTER TABLE dead_letters DROP CONSTRAINT dead_letters_calendar_id_fkey;
