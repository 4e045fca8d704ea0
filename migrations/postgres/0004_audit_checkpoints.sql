-- Where a chain of audit rows begins once the retention has removed its first
-- rows: the last of them, under a code of the ring's audit key.
CREATE TABLE audit_checkpoints (
    node TEXT PRIMARY KEY,
    seq  BIGINT NOT NULL,
    mac  BYTEA NOT NULL,
    at   BIGINT NOT NULL,
    code BYTEA NOT NULL
);
