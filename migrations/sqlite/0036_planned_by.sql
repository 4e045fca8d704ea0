-- By which choices a calendar was last planned for: by others, what is there is planned for anew.
ALTER TABLE calendars ADD COLUMN planned_by TEXT;
CREATE INDEX crm_seen_user ON crm_seen (user_id);
