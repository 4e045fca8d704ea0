-- The secret by which a key of the REST API signs requests; most keys have none.
ALTER TABLE api_keys ADD COLUMN hmac_sealed BYTEA;

-- Words of signed requests until their time is over: each request is taken once.
CREATE TABLE api_nonces (
    key_id     UUID NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    nonce      TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (key_id, nonce)
);
CREATE INDEX api_nonces_expires ON api_nonces (expires_at);
