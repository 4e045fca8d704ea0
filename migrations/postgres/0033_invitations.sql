-- Guests that are written to events.

-- Of who takes part in the record, where that was told; 1 until it is known what it means for the
-- guests of its event. Nothing was told before.
ALTER TABLE crm_seen ADD COLUMN people_hash BYTEA;
ALTER TABLE crm_seen ADD COLUMN people BIGINT NOT NULL DEFAULT 0;
CREATE INDEX crm_seen_people ON crm_seen (entity, record_id) WHERE people = 1;
