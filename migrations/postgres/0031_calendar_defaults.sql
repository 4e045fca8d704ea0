-- What an admin has chosen for everybody's calendars; one row.
CREATE TABLE calendar_defaults (
    id         BIGINT PRIMARY KEY CHECK (id = 1),
    content    TEXT NOT NULL,
    version    BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL
);
