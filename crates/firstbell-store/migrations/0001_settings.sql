-- The version is raised by every change of what the server keeps as a snapshot in memory.
CREATE TABLE settings (
    one {bigint} PRIMARY KEY CHECK (one = 1),
    version {bigint} NOT NULL
) {strict};

INSERT INTO settings (one, version) VALUES (1, 1);

CREATE TABLE districts (
    id {blob} PRIMARY KEY,
    shortname {text} NOT NULL UNIQUE,
    name {text} NOT NULL,
    place {text},
    -- The roster that readers see: rows with since <= roster_version < until.
    roster_version {bigint} NOT NULL DEFAULT 0,
    -- The roster version after which the purge has tidied up.
    swept_version {bigint} NOT NULL DEFAULT 0,
    created {bigint} NOT NULL
) {clustered};

CREATE TABLE applications (
    id {blob} PRIMARY KEY,
    client_id {text} NOT NULL UNIQUE,
    secret_hash {blob} NOT NULL,
    name {text} NOT NULL,
    stage {text} NOT NULL,
    tier {text} NOT NULL,
    created {bigint} NOT NULL
) {clustered};

CREATE TABLE application_redirect_uris (
    application_id {blob} NOT NULL REFERENCES applications (id),
    position {bigint} NOT NULL,
    uri {text} NOT NULL,
    PRIMARY KEY (application_id, position)
) {clustered};

CREATE TABLE application_user_types (
    application_id {blob} NOT NULL REFERENCES applications (id),
    kind {text} NOT NULL,
    PRIMARY KEY (application_id, kind)
) {clustered};

CREATE TABLE connections (
    application_id {blob} NOT NULL REFERENCES applications (id),
    district_id {blob} NOT NULL REFERENCES districts (id),
    scope {text} NOT NULL,
    since {bigint} NOT NULL,
    PRIMARY KEY (application_id, district_id)
) {clustered};

CREATE TABLE connection_schools (
    application_id {blob} NOT NULL,
    district_id {blob} NOT NULL,
    school_id {blob} NOT NULL,
    PRIMARY KEY (application_id, district_id, school_id),
    FOREIGN KEY (application_id, district_id) REFERENCES connections (application_id, district_id)
) {clustered};
