-- The private part is sealed under a key that is not in the database, and erased when the key's
-- time is over. What was published stays, so that an old token can be told from a forged one.
CREATE TABLE signing_keys (
    id {text} PRIMARY KEY,
    algorithm {text} NOT NULL,
    public_key {blob} NOT NULL,
    sealed_key {blob},
    made {bigint} NOT NULL,
    stage {text} NOT NULL,
    current_from {bigint},
    retiring_from {bigint},
    gone_from {bigint},
    CHECK ((stage IN ('gone', 'compromised')) = (sealed_key IS NULL)),
    CHECK ((stage IN ('gone', 'compromised')) = (gone_from IS NOT NULL)),
    CHECK (stage <> 'current' OR current_from IS NOT NULL),
    CHECK (stage <> 'retiring' OR retiring_from IS NOT NULL)
) {strict};

-- Two nodes that make a key at the same moment end with one.
CREATE UNIQUE INDEX signing_keys_current ON signing_keys (algorithm) WHERE stage = 'current';
CREATE UNIQUE INDEX signing_keys_next ON signing_keys (algorithm) WHERE stage = 'next';

-- The tokens themselves are derived from a key that is not in the database.
CREATE TABLE district_tokens (
    id {blob} PRIMARY KEY,
    application_id {blob} NOT NULL REFERENCES applications (id),
    district_id {blob} NOT NULL REFERENCES districts (id),
    generation {bigint} NOT NULL,
    hash {blob} NOT NULL UNIQUE,
    created {bigint} NOT NULL,
    revoked_at {bigint},
    UNIQUE (application_id, district_id, generation)
) {clustered};

CREATE UNIQUE INDEX district_tokens_in_force ON district_tokens (application_id, district_id)
    WHERE revoked_at IS NULL;
