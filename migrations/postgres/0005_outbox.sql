-- What people are to be told, one row an audience. A row is claimed before it
-- is sent; who claimed it marks it done under the word of the claim.
CREATE TABLE outbox (
    id            UUID PRIMARY KEY,
    audience      TEXT NOT NULL,
    kind          TEXT NOT NULL,
    account_id    UUID REFERENCES accounts (id) ON DELETE CASCADE,
    client        UUID,
    detail        TEXT NOT NULL,
    at            BIGINT NOT NULL,
    claim         TEXT,
    claimed_until BIGINT NOT NULL,
    attempts      BIGINT NOT NULL,
    tried_at      BIGINT,
    done_at       BIGINT,
    outcome       TEXT
);
CREATE INDEX outbox_account ON outbox (account_id, audience);
CREATE INDEX outbox_done ON outbox (audience, done_at);
CREATE INDEX outbox_waiting ON outbox (audience, at) WHERE done_at IS NULL;
