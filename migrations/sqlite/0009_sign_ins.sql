-- An owner on the way through Google's sign-in: ten minutes, taken once.
CREATE TABLE sign_ins (
    hash        BLOB PRIMARY KEY,
    cookie_hash BLOB NOT NULL,
    nonce       TEXT NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
