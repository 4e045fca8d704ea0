-- Since when nobody who uses a calendar is connected, and since when somebody is again after
-- so long that what the next plan does is shown first.
ALTER TABLE calendars ADD COLUMN asleep_at BIGINT;
ALTER TABLE calendars ADD COLUMN returned_at BIGINT;
