-- A roster is read for a day: enrolments and roles with dates count on it or do not. Of a held run
-- that was shown before this was recorded nobody knows the day: it is planned and shown anew.
ALTER TABLE sync_runs ADD COLUMN as_of {bigint};

-- The share of login names that may go to somebody else, in hundredths of a percent.
ALTER TABLE sync_limits ADD COLUMN login_names {bigint} NOT NULL DEFAULT 200;
