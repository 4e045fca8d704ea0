-- By which choices a calendar was last planned for: by others, what is there is planned for anew.
ALTER TABLE calendars ADD COLUMN planned_by TEXT;
CREATE INDEX crm_seen_user ON crm_seen (user_id);
-- Which other calendars show an event, and whether it is a copy.
CREATE INDEX links_view_uid ON links (ical_uid) WHERE role = 'view';
CREATE INDEX links_copy_uid ON links (ical_uid) WHERE role = 'copy';
-- How often somebody wanted a kind read from the beginning, or asked about: a reading that began before is not it.
ALTER TABLE crm_cursors ADD COLUMN restarts INTEGER NOT NULL DEFAULT 0;
