-- What ended with a suspension or a sign-out is told by counting instead of by clocks: what was
-- recorded has the generation that its person had, and counts while that is the person's still.
-- The suspensions and the generations are one table, so that the hot path looks at one row.
-- Renamed first: from here on nobody else suspends anybody in a table that is about to go.
ALTER TABLE suspensions RENAME TO suspensions_before;
ALTER TABLE signed_out RENAME TO signed_out_before;

DELETE FROM sessions WHERE EXISTS (SELECT 1 FROM signed_out_before o
    WHERE o.district_id = sessions.district_id AND o.until >= sessions.began
    AND o.user_id IN (sessions.user_id, sessions.impersonator_id));
UPDATE tokens SET revoked_at = issued WHERE revoked_at IS NULL AND EXISTS (SELECT 1 FROM signed_out_before o
    WHERE o.district_id = tokens.district_id AND o.until >= tokens.issued
    AND o.user_id IN (tokens.user_id, tokens.impersonator_id));
UPDATE codes SET redeemed_at = issued WHERE redeemed_at IS NULL AND EXISTS (SELECT 1 FROM signed_out_before o
    WHERE o.district_id = codes.district_id AND o.until >= codes.issued
    AND o.user_id IN (codes.user_id, codes.impersonator_id));
DROP TABLE signed_out_before;

-- A person without a row is not suspended and of generation 0.
CREATE TABLE standings (
    district_id {blob} NOT NULL REFERENCES districts (id),
    user_id {blob} NOT NULL,
    suspended_since {bigint},
    generation {bigint} NOT NULL,
    -- When the purge first missed the person in the roster.
    user_left_at {bigint},
    PRIMARY KEY (district_id, user_id)
) {clustered};

-- What a suspended person has is of generation 0 and has ended.
INSERT INTO standings (district_id, user_id, suspended_since, generation, user_left_at)
    SELECT district_id, user_id, since, 1, user_left_at FROM suspensions_before;
DROP TABLE suspensions_before;
CREATE INDEX standings_left ON standings (user_left_at) WHERE user_left_at IS NOT NULL;

ALTER TABLE sessions ADD COLUMN generation {bigint} NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN impersonator_generation {bigint};
UPDATE sessions SET impersonator_generation = 0 WHERE impersonator_id IS NOT NULL;
ALTER TABLE codes ADD COLUMN generation {bigint} NOT NULL DEFAULT 0;
ALTER TABLE codes ADD COLUMN impersonator_generation {bigint};
UPDATE codes SET impersonator_generation = 0 WHERE impersonator_id IS NOT NULL;
ALTER TABLE tokens ADD COLUMN generation {bigint} NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN impersonator_generation {bigint};
UPDATE tokens SET impersonator_generation = 0 WHERE impersonator_id IS NOT NULL;
