-- The second factor of an admin. A secret without totp_at was shown and not confirmed yet;
-- totp_step is the last step whose code was taken, so that a code works once.
ALTER TABLE admins ADD COLUMN totp_sealed BLOB;
ALTER TABLE admins ADD COLUMN totp_at INTEGER;
ALTER TABLE admins ADD COLUMN totp_step INTEGER;

-- How an admin wants the pages; the browser's language and UTC without.
ALTER TABLE admins ADD COLUMN lang TEXT;
ALTER TABLE admins ADD COLUMN zone TEXT;

-- Recovery codes; a used one is gone.
CREATE TABLE admin_codes (
    hash     BLOB PRIMARY KEY,
    admin_id BLOB NOT NULL REFERENCES admins (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX admin_codes_admin ON admin_codes (admin_id);
