-- The last consent that was started for a mailbox, and how it came back: not at
-- all, accepted, or with a fault.
CREATE TABLE onboarding (
    account_id  UUID PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    started_at  BIGINT NOT NULL,
    returned_at BIGINT,
    fault       TEXT
);

-- Products that the owner of a mailbox has switched off here. The grant at
-- Google stays.
CREATE TABLE switched_off (
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    product    TEXT NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (account_id, product)
);
