-- Mailboxes whose owner has left: closed since then. What was linked with them is kept for a while.
CREATE TABLE offboarded (
    account_id BLOB PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    at         INTEGER NOT NULL
) STRICT;

-- A pair that its leaver owned: whoever is given the record gets an event of it.
ALTER TABLE links ADD COLUMN released INTEGER NOT NULL DEFAULT 0;

-- Mailboxes whose user the CRM has no more, or lets in no more, as it last said.
CREATE TABLE crm_absent (
    account_id BLOB PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    why        TEXT NOT NULL,
    since      INTEGER NOT NULL
) STRICT;
