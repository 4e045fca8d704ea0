-- How often a link was to be planned for again: what came while a run planned is not taken for planned.
ALTER TABLE people_links ADD COLUMN soils INTEGER NOT NULL DEFAULT 0;
-- When it was stored, counted in questions to the CRM: an answer that is older does not replace it.
ALTER TABLE cards_seen ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
