-- The second factor of an admin. A secret without totp_at was shown and not confirmed yet;
-- totp_step is the last step whose code was taken, so that a code works once.
ALTER TABLE admins ADD COLUMN totp_sealed BYTEA;
ALTER TABLE admins ADD COLUMN totp_at BIGINT;
ALTER TABLE admins ADD COLUMN totp_step BIGINT;

-- How an admin wants the pages; the browser's language and UTC without.
ALTER TABLE admins ADD COLUMN lang TEXT;
ALTER TABLE admins ADD COLUMN zone TEXT;

-- Recovery codes; a used one is gone.
CREATE TABLE admin_codes (
    hash     BYTEA PRIMARY KEY,
    admin_id UUID NOT NULL REFERENCES admins (id) ON DELETE CASCADE
);
CREATE INDEX admin_codes_admin ON admin_codes (admin_id);
