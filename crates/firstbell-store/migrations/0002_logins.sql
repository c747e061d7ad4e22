-- Everything here has a lifetime and is found by the hash of a secret. No foreign keys: these are
-- the tables of the hot path, and the purge leaves no orphan.
CREATE TABLE sessions (
    hash {blob} PRIMARY KEY,
    district_id {blob} NOT NULL,
    user_id {blob} NOT NULL,
    role_id {blob} NOT NULL,
    began {bigint} NOT NULL,
    last_seen {bigint} NOT NULL
) {clustered};

CREATE INDEX sessions_by_use ON sessions (last_seen);

-- The three below are written by every login. Rows stand in the order in which they came, so that
-- a group of logins shares the page it writes to, and the oldest are the first; only the narrow
-- index of hashes is written all over.
CREATE TABLE pending_logins (
    number {serial},
    hash {blob} NOT NULL UNIQUE,
    destination {text} NOT NULL,
    application_id {blob},
    redirect_uri {text},
    state {text},
    district_id {blob},
    browser {blob} NOT NULL,
    began {bigint} NOT NULL
) {strict};

CREATE TABLE codes (
    number {serial},
    hash {blob} NOT NULL UNIQUE,
    application_id {blob} NOT NULL,
    district_id {blob} NOT NULL,
    user_id {blob} NOT NULL,
    role_id {blob} NOT NULL,
    redirect_uri {text} NOT NULL,
    issued {bigint} NOT NULL,
    redeemed_at {bigint},
    -- NULL in a code that was burned: it bought nothing.
    token_hash {blob}
) {strict};

CREATE TABLE tokens (
    number {serial},
    hash {blob} NOT NULL UNIQUE,
    application_id {blob} NOT NULL,
    district_id {blob} NOT NULL,
    user_id {blob} NOT NULL,
    role_id {blob} NOT NULL,
    issued {bigint} NOT NULL,
    revoked_at {bigint}
) {strict};
