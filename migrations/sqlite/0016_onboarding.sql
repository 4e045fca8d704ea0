-- The last consent that was started for a mailbox, and how it came back: not at
-- all, accepted, or with a fault.
CREATE TABLE onboarding (
    account_id  BLOB PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    started_at  INTEGER NOT NULL,
    returned_at INTEGER,
    fault       TEXT
) STRICT;

-- Products that the owner of a mailbox has switched off here. The grant at
-- Google stays.
CREATE TABLE switched_off (
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    product    TEXT NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (account_id, product)
) STRICT;
