-- Mailboxes that a key is limited to, by their identities with blanks between. One that is gone
-- stays in the list: a key of one mailbox must not become a key of all.
ALTER TABLE api_keys ADD COLUMN accounts TEXT NOT NULL DEFAULT '';

-- The CRM user that a program names for a mailbox, until an admin decides.
ALTER TABLE accounts ADD COLUMN proposed_crm_user TEXT;
-- True: a program registered it and no admin has approved it, so no service account opens it.
ALTER TABLE accounts ADD COLUMN unapproved BOOLEAN NOT NULL DEFAULT FALSE;
-- True: disabled by a program, which may enable it again; what an admin disables an admin enables.
ALTER TABLE accounts ADD COLUMN program_disabled BOOLEAN NOT NULL DEFAULT FALSE;
