-- Keys by which programs use the REST API; domains are separated by blanks, none means all.
CREATE TABLE api_keys (
    id         BLOB PRIMARY KEY,
    name       TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    scopes     TEXT NOT NULL,
    domains    TEXT NOT NULL,
    per_minute INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    used_at    INTEGER
) STRICT;

-- What a key created under which Idempotency-Key: the hash of the request and the identity of
-- what was made, never a secret.
CREATE TABLE idempotency (
    key_id  BLOB NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    word    TEXT NOT NULL,
    request BLOB NOT NULL,
    status  INTEGER NOT NULL,
    made    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (key_id, word)
) STRICT;
CREATE INDEX idempotency_at ON idempotency (at);
