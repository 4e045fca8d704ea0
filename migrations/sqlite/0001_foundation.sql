-- Times are microseconds since 1970; columns that end in _sealed are encrypted
-- with their place as associated data; hashes are SHA-256.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- One row: bumped last in every transaction that other processes must notice.
CREATE TABLE change_seq (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL
) STRICT;
INSERT INTO change_seq (one, seq) VALUES (1, 0);

CREATE TABLE changes (
    seq     INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT;

CREATE TABLE clients (
    id            BLOB PRIMARY KEY,
    client_id     TEXT NOT NULL UNIQUE,
    secret_sealed BLOB NOT NULL,
    current       INTEGER NOT NULL,
    fault         TEXT,
    set_at        INTEGER NOT NULL
) STRICT;

CREATE TABLE service_accounts (
    id         BLOB PRIMARY KEY,
    email      TEXT NOT NULL UNIQUE,
    key_sealed BLOB NOT NULL,
    domains    TEXT NOT NULL,
    fault      TEXT,
    set_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE accounts (
    id               BLOB PRIMARY KEY,
    address          TEXT NOT NULL UNIQUE,
    crm_user         TEXT,
    state            TEXT NOT NULL,
    sub              TEXT UNIQUE,
    proposed_address TEXT,
    noted            TEXT,
    throttled_until  INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    changed_at       INTEGER NOT NULL
) STRICT;

CREATE TABLE aliases (
    address    TEXT PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX aliases_account ON aliases (account_id);

CREATE TABLE grants (
    account_id     BLOB PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    id             BLOB NOT NULL UNIQUE,
    client         BLOB NOT NULL REFERENCES clients (id),
    scopes         TEXT NOT NULL,
    refresh_sealed BLOB NOT NULL,
    granted_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE access_tokens (
    account_id   BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    scopes       TEXT NOT NULL,
    token_sealed BLOB NOT NULL,
    expires_at   INTEGER NOT NULL,
    PRIMARY KEY (account_id, scopes)
) STRICT;

CREATE TABLE leases (
    name       TEXT PRIMARY KEY,
    holder     TEXT NOT NULL,
    fence      INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE crm_tokens (
    id         BLOB PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    hash       BLOB NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    protocols  TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX crm_tokens_account ON crm_tokens (account_id);

CREATE TABLE token_peers (
    token_id BLOB NOT NULL REFERENCES crm_tokens (id) ON DELETE CASCADE,
    peer     TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    PRIMARY KEY (token_id, peer)
) STRICT;

CREATE TABLE login_counts (
    token_id BLOB NOT NULL REFERENCES crm_tokens (id) ON DELETE CASCADE,
    hour     INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (token_id, hour)
) STRICT;

CREATE TABLE consent_links (
    id         BLOB PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    hash       BLOB NOT NULL UNIQUE,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;
CREATE INDEX consent_links_account ON consent_links (account_id);

CREATE TABLE consent_states (
    hash            BLOB PRIMARY KEY,
    account_id      BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    link_id         BLOB REFERENCES consent_links (id) ON DELETE CASCADE,
    cookie_hash     BLOB NOT NULL,
    verifier_sealed BLOB NOT NULL,
    nonce           TEXT NOT NULL,
    expires_at      INTEGER NOT NULL
) STRICT;

-- What /r/<ref> shows: the refusal behind a reference.
CREATE TABLE help_refs (
    ref        TEXT PRIMARY KEY,
    account_id BLOB REFERENCES accounts (id) ON DELETE CASCADE,
    cause      TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    node    TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    event   TEXT NOT NULL,
    detail  TEXT NOT NULL,
    request TEXT NOT NULL,
    mac     BLOB NOT NULL,
    PRIMARY KEY (node, seq)
) STRICT;
CREATE INDEX audit_at ON audit (at);

CREATE TABLE audit_heads (
    node TEXT PRIMARY KEY,
    seq  INTEGER NOT NULL,
    mac  BLOB NOT NULL
) STRICT;

CREATE TABLE audit_people (
    name      TEXT PRIMARY KEY,
    pseudonym TEXT NOT NULL UNIQUE
) STRICT;

-- The oldest schema a binary must know to run on this one.
INSERT INTO meta (name, value) VALUES ('schema_min', '1');
