-- What somebody wants taken back is of a calendar or of an address book now: either is named in
-- calendar_id.
ALTER TABLE undos DROP CONSTRAINT undos_calendar_id_fkey;

-- An address book that its owner does not use any more is run until what was made in it is removed.
ALTER TABLE address_books ADD COLUMN leaving BIGINT NOT NULL DEFAULT 0;
