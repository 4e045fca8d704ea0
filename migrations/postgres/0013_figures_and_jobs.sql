-- What each process counted in each hour; the sum over processes is drawn.
CREATE TABLE hourly (
    hour    BIGINT NOT NULL,
    name    TEXT NOT NULL,
    process TEXT NOT NULL,
    count   BIGINT NOT NULL,
    PRIMARY KEY (name, hour, process)
);

-- Recurring work of the installation. Whoever runs it holds the claim and renews it; a claim
-- that ended is anybody's. `wanted_at` asks for a run before it is due.
CREATE TABLE jobs (
    id            UUID PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    beat          BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    disabled_at   BIGINT,
    next_at       BIGINT NOT NULL,
    wanted_at     BIGINT,
    wanted_by     TEXT,
    run_id        UUID,
    claimed_until BIGINT NOT NULL,
    status        TEXT NOT NULL,
    started_at    BIGINT,
    ended_at      BIGINT
);

-- The last runs of each; `count` is what the job says it did.
CREATE TABLE job_runs (
    id         UUID PRIMARY KEY,
    job_id     UUID NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    status     TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at   BIGINT,
    count      BIGINT,
    fault      TEXT,
    node       TEXT NOT NULL,
    asked_by   TEXT
);
CREATE INDEX job_runs_job ON job_runs (job_id, started_at);
