-- Work that goes on behind a page, and how far it is. Nothing here is needed
-- once the page was looked at: it is removed after a day.
CREATE TABLE progress (
    id          UUID PRIMARY KEY,
    kind        TEXT NOT NULL,
    total       BIGINT NOT NULL,
    began_at    BIGINT NOT NULL,
    beat_at     BIGINT NOT NULL,
    finished_at BIGINT
);

-- One row for each line that is done: its mailbox, or why there is none.
CREATE TABLE progress_lines (
    progress_id UUID NOT NULL REFERENCES progress (id) ON DELETE CASCADE,
    line        BIGINT NOT NULL,
    account_id  UUID REFERENCES accounts (id) ON DELETE CASCADE,
    why         TEXT,
    PRIMARY KEY (progress_id, line)
);
CREATE INDEX progress_lines_account ON progress_lines (account_id);
