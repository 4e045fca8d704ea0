-- Mailboxes whose owner has left: closed since then. What was linked with them is kept for a while.
CREATE TABLE offboarded (
    account_id UUID PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    at         BIGINT NOT NULL
);

-- Mailboxes whose user the CRM has no more, or lets in no more, as it last said.
CREATE TABLE crm_absent (
    account_id UUID PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    why        TEXT NOT NULL,
    since      BIGINT NOT NULL
);
