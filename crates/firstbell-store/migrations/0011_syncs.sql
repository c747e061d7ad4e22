-- Sync runs: how rosters came in. A run that is running holds its district: no two at a time.
CREATE TABLE sync_runs (
    number {serial},
    id {blob} NOT NULL UNIQUE,
    district_id {blob} NOT NULL REFERENCES districts (id),
    source {text} NOT NULL,
    -- The version that an undo goes back to.
    undo_to {bigint},
    state {text} NOT NULL,
    -- While it runs: when it will be taken for dead.
    held_until {bigint},
    began {bigint} NOT NULL,
    ended {bigint},
    planned_on {bigint},
    fingerprint {blob},
    -- The version that it made. In a run that is still running: only passwords are missing.
    version {bigint},
    why {text},
    -- What it found, as the server writes it; gone after a time, because it names people.
    report {text}
) {strict};

CREATE INDEX sync_runs_by_district ON sync_runs (district_id, number);
CREATE UNIQUE INDEX sync_runs_running ON sync_runs (district_id) WHERE state = 'running';
CREATE INDEX sync_runs_open ON sync_runs (state) WHERE state IN ('running', 'held');
CREATE INDEX sync_runs_reports ON sync_runs (ended) WHERE report IS NOT NULL;

-- Why a run is, or was, held.
CREATE TABLE sync_holds (
    run_id {blob} NOT NULL,
    position {bigint} NOT NULL,
    what {text} NOT NULL,
    part {bigint} NOT NULL,
    whole {bigint} NOT NULL,
    -- In hundredths of a percent.
    share_limit {bigint} NOT NULL,
    PRIMARY KEY (run_id, position)
) {clustered};

-- What a district lets pass unasked, in hundredths of a percent; without a row, the defaults.
CREATE TABLE sync_limits (
    district_id {blob} PRIMARY KEY REFERENCES districts (id),
    removals {bigint} NOT NULL,
    renames {bigint} NOT NULL
) {clustered};

-- The key with which a district's systems send rosters: its SHA-256.
CREATE TABLE sync_keys (
    district_id {blob} PRIMARY KEY REFERENCES districts (id),
    hash {blob} NOT NULL UNIQUE,
    created {bigint} NOT NULL
) {clustered};
