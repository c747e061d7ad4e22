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

CREATE TABLE pending_logins (
    hash {blob} PRIMARY KEY,
    destination {text} NOT NULL,
    application_id {blob},
    redirect_uri {text},
    state {text},
    district_id {blob},
    browser {blob} NOT NULL,
    began {bigint} NOT NULL
) {clustered};

CREATE INDEX pending_logins_by_age ON pending_logins (began);

CREATE TABLE codes (
    hash {blob} PRIMARY KEY,
    application_id {blob} NOT NULL,
    district_id {blob} NOT NULL,
    user_id {blob} NOT NULL,
    role_id {blob} NOT NULL,
    redirect_uri {text} NOT NULL,
    issued {bigint} NOT NULL,
    redeemed_at {bigint},
    -- NULL in a code that was burned: it bought nothing.
    token_hash {blob}
) {clustered};

CREATE INDEX codes_by_age ON codes (issued);

CREATE TABLE tokens (
    hash {blob} PRIMARY KEY,
    application_id {blob} NOT NULL,
    district_id {blob} NOT NULL,
    user_id {blob} NOT NULL,
    role_id {blob} NOT NULL,
    issued {bigint} NOT NULL,
    revoked_at {bigint}
) {clustered};

CREATE INDEX tokens_by_age ON tokens (issued);
