-- Guests of events and their answers.

-- 1 until it is known what the event's guests and the answer of its calendar's owner
-- mean for the people of its record. What was seen before is looked at when it changes.
ALTER TABLE google_seen ADD COLUMN people BIGINT NOT NULL DEFAULT 0;
CREATE INDEX google_seen_people ON google_seen (calendar_id, event_id) WHERE people = 1;
