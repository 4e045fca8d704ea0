-- What the two sides tell of their changes: only hints to look soon. Nothing of
-- what they say is kept.

-- Who has to be read soon: a calendar, or the CRM under the nil identity.
CREATE TABLE hints (
    about      BLOB PRIMARY KEY,
    pending    INTEGER NOT NULL,
    -- A hint begins no reading before; so many hints are one reading.
    not_before INTEGER NOT NULL
) STRICT;

-- Records that a webhook named since they were last read.
ALTER TABLE crm_seen ADD COLUMN named_at INTEGER;
CREATE INDEX crm_seen_named ON crm_seen (entity, named_at) WHERE named_at IS NOT NULL;

-- The webhooks that the gateway has made in the CRM.
CREATE TABLE crm_hooks (
    id            BLOB PRIMARY KEY,
    event         TEXT NOT NULL UNIQUE,
    hook_id       TEXT NOT NULL UNIQUE,
    url           TEXT NOT NULL,
    made_at       INTEGER NOT NULL,
    secret_sealed BLOB NOT NULL
) STRICT;

-- The channels on which Google calls. One that is being opened has no resource yet.
CREATE TABLE channels (
    id          BLOB PRIMARY KEY,
    calendar_id BLOB NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    account_id  BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    resource_id TEXT,
    token_hash  BLOB NOT NULL,
    address     TEXT NOT NULL,
    opened_at   INTEGER NOT NULL,
    renew_at    INTEGER NOT NULL,
    ends_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX channels_calendar ON channels (calendar_id);
CREATE INDEX channels_account ON channels (account_id);

-- No channel is asked for before.
ALTER TABLE calendars ADD COLUMN watch_at INTEGER NOT NULL DEFAULT 0;
