-- Work that goes on behind a page, and how far it is. Nothing here is needed
-- once the page was looked at: it is removed after a day.
CREATE TABLE progress (
    id          BLOB PRIMARY KEY,
    kind        TEXT NOT NULL,
    total       INTEGER NOT NULL,
    began_at    INTEGER NOT NULL,
    beat_at     INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;

-- One row for each line that is done: its mailbox, or why there is none.
CREATE TABLE progress_lines (
    progress_id BLOB NOT NULL REFERENCES progress (id) ON DELETE CASCADE,
    line        INTEGER NOT NULL,
    account_id  BLOB REFERENCES accounts (id) ON DELETE CASCADE,
    why         TEXT,
    PRIMARY KEY (progress_id, line)
) STRICT;
CREATE INDEX progress_lines_account ON progress_lines (account_id);
