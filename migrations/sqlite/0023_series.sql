-- Series: Google tells one resource, its occurrences are computed.

-- The series that a resource or an occurrence belongs to; the series itself belongs to itself.
ALTER TABLE google_seen ADD COLUMN series TEXT;
-- 1 for an occurrence that has no resource of its own.
ALTER TABLE google_seen ADD COLUMN computed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX google_seen_series ON google_seen (calendar_id, series) WHERE series IS NOT NULL;

-- The day, counted from 1970, whose horizon the occurrences were last computed for.
ALTER TABLE calendars ADD COLUMN unfolded INTEGER;
