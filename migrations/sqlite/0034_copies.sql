-- Copies of records for users who only take part in them.

CREATE UNIQUE INDEX links_copy ON links (entity, record_id, account_id) WHERE role = 'copy';

-- Users who want copies and take part in a record, or did.
CREATE TABLE crm_takers (
    entity       TEXT NOT NULL,
    record_id    TEXT NOT NULL,
    user_id      TEXT NOT NULL,
    -- 1 who is among its people and has not declined.
    takes        INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    -- What was planned for last; none while nothing was.
    planned      INTEGER,
    planned_hash BLOB,
    PRIMARY KEY (entity, record_id, user_id)
) STRICT;
CREATE INDEX crm_takers_user ON crm_takers (user_id);
