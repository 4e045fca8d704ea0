-- What people see of the synchronisation: how far a run is, what was asked of
-- Google, and the pair of an event wherever it is shown.

-- How many operations a run has planned, how many it is done with, since when it
-- does them, and when it said so last.
ALTER TABLE sync_runs ADD COLUMN planned BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sync_runs ADD COLUMN done BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sync_runs ADD COLUMN planned_at BIGINT;
ALTER TABLE sync_runs ADD COLUMN beat_at BIGINT;

-- Requests to the Calendar API by day as Google counts it, account and job; all
-- processes add to the same rows. `busiest` is the most of one minute of one process.
CREATE TABLE calendar_requests (
    day        BIGINT NOT NULL,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    job        TEXT NOT NULL,
    count      BIGINT NOT NULL,
    busiest    BIGINT NOT NULL,
    PRIMARY KEY (account_id, day, job)
);
CREATE INDEX calendar_requests_day ON calendar_requests (day);

CREATE INDEX links_of_event ON links (event_id);
CREATE INDEX links_of_record ON links (entity, record_id);
