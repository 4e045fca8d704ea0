-- Keys by which programs use the REST API; domains are separated by blanks, none means all.
CREATE TABLE api_keys (
    id         UUID PRIMARY KEY,
    name       TEXT NOT NULL,
    hash       BYTEA NOT NULL UNIQUE,
    scopes     TEXT NOT NULL,
    domains    TEXT NOT NULL,
    per_minute BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    used_at    BIGINT
);

-- What a key created under which Idempotency-Key: the hash of the request and the identity of
-- what was made, never a secret.
CREATE TABLE idempotency (
    key_id  UUID NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    word    TEXT NOT NULL,
    request BYTEA NOT NULL,
    status  BIGINT NOT NULL,
    made    TEXT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (key_id, word)
);
CREATE INDEX idempotency_at ON idempotency (at);
