-- What the two sides tell of their changes: only hints to look soon. Nothing of
-- what they say is kept.

-- Who has to be read soon: a calendar, or the CRM under the nil identity.
CREATE TABLE hints (
    about      UUID PRIMARY KEY,
    pending    BIGINT NOT NULL,
    -- A hint begins no reading before; so many hints are one reading.
    not_before BIGINT NOT NULL
);

-- Records that a webhook named since they were last read.
ALTER TABLE crm_seen ADD COLUMN named_at BIGINT;
CREATE INDEX crm_seen_named ON crm_seen (entity, named_at) WHERE named_at IS NOT NULL;

-- The webhooks that the gateway has made in the CRM.
CREATE TABLE crm_hooks (
    id            UUID PRIMARY KEY,
    event         TEXT NOT NULL UNIQUE,
    hook_id       TEXT NOT NULL UNIQUE,
    url           TEXT NOT NULL,
    made_at       BIGINT NOT NULL,
    secret_sealed BYTEA NOT NULL
);

-- The channels on which Google calls. One that is being opened has no resource yet.
CREATE TABLE channels (
    id          UUID PRIMARY KEY,
    calendar_id UUID NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    account_id  UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    resource_id TEXT,
    token_hash  BYTEA NOT NULL,
    address     TEXT NOT NULL,
    opened_at   BIGINT NOT NULL,
    renew_at    BIGINT NOT NULL,
    ends_at     BIGINT NOT NULL
);
CREATE INDEX channels_calendar ON channels (calendar_id);
CREATE INDEX channels_account ON channels (account_id);

-- No channel is asked for before.
ALTER TABLE calendars ADD COLUMN watch_at BIGINT NOT NULL DEFAULT 0;
