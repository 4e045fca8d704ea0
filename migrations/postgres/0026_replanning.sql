-- A row that has to be planned for again without showing anything new, since somebody has chosen otherwise, has dirty = 2.
CREATE INDEX google_seen_unplanned ON google_seen (calendar_id) WHERE dirty <> 0;
CREATE INDEX crm_seen_unplanned ON crm_seen (user_id) WHERE dirty <> 0;
