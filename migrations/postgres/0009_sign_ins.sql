-- An owner on the way through Google's sign-in: ten minutes, taken once.
CREATE TABLE sign_ins (
    hash        BYTEA PRIMARY KEY,
    cookie_hash BYTEA NOT NULL,
    nonce       TEXT NOT NULL,
    expires_at  BIGINT NOT NULL
);
