-- Removing everything that was made for a mailbox: an undo that is of no run.
ALTER TABLE undos ALTER COLUMN run_id DROP NOT NULL;

-- Who we are in the CRM, and whether it mails of what is assigned, as it told last.
ALTER TABLE crm_cursors ADD COLUMN own_user TEXT;
ALTER TABLE crm_cursors ADD COLUMN mails BIGINT;
