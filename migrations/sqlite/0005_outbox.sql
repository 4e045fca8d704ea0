-- What people are to be told, one row an audience. A row is claimed before it
-- is sent; who claimed it marks it done under the word of the claim.
CREATE TABLE outbox (
    id            BLOB PRIMARY KEY,
    audience      TEXT NOT NULL,
    kind          TEXT NOT NULL,
    account_id    BLOB REFERENCES accounts (id) ON DELETE CASCADE,
    client        BLOB,
    detail        TEXT NOT NULL,
    at            INTEGER NOT NULL,
    claim         TEXT,
    claimed_until INTEGER NOT NULL,
    attempts      INTEGER NOT NULL,
    tried_at      INTEGER,
    done_at       INTEGER,
    outcome       TEXT
) STRICT;
CREATE INDEX outbox_account ON outbox (account_id, audience);
CREATE INDEX outbox_done ON outbox (audience, done_at);
CREATE INDEX outbox_waiting ON outbox (audience, at) WHERE done_at IS NULL;
