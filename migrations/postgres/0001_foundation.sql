-- Times are microseconds since 1970; columns that end in _sealed are encrypted
-- with their place as associated data; hashes are SHA-256.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row: bumped last in every transaction that other processes must notice.
CREATE TABLE change_seq (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    seq BIGINT NOT NULL
);
INSERT INTO change_seq (one, seq) VALUES (1, 0);

CREATE TABLE changes (
    seq     BIGINT PRIMARY KEY,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,
    at      BIGINT NOT NULL
);

CREATE TABLE clients (
    id            UUID PRIMARY KEY,
    client_id     TEXT NOT NULL UNIQUE,
    secret_sealed BYTEA NOT NULL,
    current       BOOLEAN NOT NULL,
    fault         TEXT,
    set_at        BIGINT NOT NULL
);

CREATE TABLE service_accounts (
    id         UUID PRIMARY KEY,
    email      TEXT NOT NULL UNIQUE,
    key_sealed BYTEA NOT NULL,
    domains    TEXT NOT NULL,
    fault      TEXT,
    set_at     BIGINT NOT NULL
);

CREATE TABLE accounts (
    id               UUID PRIMARY KEY,
    address          TEXT NOT NULL UNIQUE,
    crm_user         TEXT,
    state            TEXT NOT NULL,
    sub              TEXT UNIQUE,
    proposed_address TEXT,
    noted            TEXT,
    throttled_until  BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    changed_at       BIGINT NOT NULL
);

CREATE TABLE aliases (
    address    TEXT PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX aliases_account ON aliases (account_id);

CREATE TABLE grants (
    account_id     UUID PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    id             UUID NOT NULL UNIQUE,
    client         UUID NOT NULL REFERENCES clients (id),
    scopes         TEXT NOT NULL,
    refresh_sealed BYTEA NOT NULL,
    granted_at     BIGINT NOT NULL
);

CREATE TABLE access_tokens (
    account_id   UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    scopes       TEXT NOT NULL,
    token_sealed BYTEA NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (account_id, scopes)
);

CREATE TABLE leases (
    name       TEXT PRIMARY KEY,
    holder     TEXT NOT NULL,
    fence      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE crm_tokens (
    id         UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    hash       BYTEA NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    protocols  TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX crm_tokens_account ON crm_tokens (account_id);

CREATE TABLE token_peers (
    token_id UUID NOT NULL REFERENCES crm_tokens (id) ON DELETE CASCADE,
    peer     TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    PRIMARY KEY (token_id, peer)
);

CREATE TABLE login_counts (
    token_id UUID NOT NULL REFERENCES crm_tokens (id) ON DELETE CASCADE,
    hour     BIGINT NOT NULL,
    count    BIGINT NOT NULL,
    PRIMARY KEY (token_id, hour)
);

CREATE TABLE consent_links (
    id         UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    hash       BYTEA NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX consent_links_account ON consent_links (account_id);

CREATE TABLE consent_states (
    hash            BYTEA PRIMARY KEY,
    account_id      UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    link_id         UUID REFERENCES consent_links (id) ON DELETE CASCADE,
    cookie_hash     BYTEA NOT NULL,
    verifier_sealed BYTEA NOT NULL,
    nonce           TEXT NOT NULL,
    expires_at      BIGINT NOT NULL
);

-- What /r/<ref> shows: the refusal behind a reference.
CREATE TABLE help_refs (
    ref        TEXT PRIMARY KEY,
    account_id UUID REFERENCES accounts (id) ON DELETE CASCADE,
    cause      TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE audit (
    node    TEXT NOT NULL,
    seq     BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    event   TEXT NOT NULL,
    detail  TEXT NOT NULL,
    request TEXT NOT NULL,
    mac     BYTEA NOT NULL,
    PRIMARY KEY (node, seq)
);
CREATE INDEX audit_at ON audit (at);

CREATE TABLE audit_heads (
    node TEXT PRIMARY KEY,
    seq  BIGINT NOT NULL,
    mac  BYTEA NOT NULL
);

CREATE TABLE audit_people (
    name      TEXT PRIMARY KEY,
    pseudonym TEXT NOT NULL UNIQUE
);

-- The oldest schema a binary must know to run on this one.
INSERT INTO meta (name, value) VALUES ('schema_min', '1');
