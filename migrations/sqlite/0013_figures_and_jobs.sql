-- What each process counted in each hour; the sum over processes is drawn.
CREATE TABLE hourly (
    hour    INTEGER NOT NULL,
    name    TEXT NOT NULL,
    process TEXT NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (name, hour, process)
) STRICT;

-- Recurring work of the installation. Whoever runs it holds the claim and renews it; a claim
-- that ended is anybody's. `wanted_at` asks for a run before it is due.
CREATE TABLE jobs (
    id            BLOB PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    beat          INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER,
    next_at       INTEGER NOT NULL,
    wanted_at     INTEGER,
    wanted_by     TEXT,
    run_id        BLOB,
    claimed_until INTEGER NOT NULL,
    status        TEXT NOT NULL,
    started_at    INTEGER,
    ended_at      INTEGER
) STRICT;

-- The last runs of each; `count` is what the job says it did.
CREATE TABLE job_runs (
    id         BLOB PRIMARY KEY,
    job_id     BLOB NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    status     TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER,
    count      INTEGER,
    fault      TEXT,
    node       TEXT NOT NULL,
    asked_by   TEXT
) STRICT;
CREATE INDEX job_runs_job ON job_runs (job_id, started_at);
