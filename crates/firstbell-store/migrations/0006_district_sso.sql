-- An application has one or two secrets: two while it goes over to a new one.
CREATE TABLE application_secrets (
    application_id {blob} NOT NULL REFERENCES applications (id),
    hash {blob} NOT NULL,
    -- NULL in the current one.
    until {bigint},
    PRIMARY KEY (application_id, hash)
) {clustered};

INSERT INTO application_secrets (application_id, hash) SELECT id, secret_hash FROM applications;

ALTER TABLE applications DROP COLUMN secret_hash;
ALTER TABLE applications ADD COLUMN developer {text};
ALTER TABLE applications ADD COLUMN website {text};
ALTER TABLE applications ADD COLUMN initiate_login_uri {text};
ALTER TABLE applications ADD COLUMN id_token_algorithm {text} NOT NULL DEFAULT 'RS256';
ALTER TABLE applications ADD COLUMN disabled {bigint};

CREATE TABLE application_switches (
    application_id {blob} NOT NULL REFERENCES applications (id),
    switch {text} NOT NULL,
    PRIMARY KEY (application_id, switch)
) {clustered};

-- Whom a district shares: rules, and the parts of each. A part has a row without value beside those
-- with one, so that a part that names nobody is not taken for one that is not there.
ALTER TABLE connections ADD COLUMN state {text} NOT NULL DEFAULT 'active';
ALTER TABLE connections ADD COLUMN all_staff {bigint} NOT NULL DEFAULT 0;

CREATE TABLE connection_rules (
    application_id {blob} NOT NULL,
    district_id {blob} NOT NULL,
    position {bigint} NOT NULL,
    PRIMARY KEY (application_id, district_id, position),
    FOREIGN KEY (application_id, district_id) REFERENCES connections (application_id, district_id)
) {clustered};

CREATE TABLE connection_rule_parts (
    number {serial},
    application_id {blob} NOT NULL,
    district_id {blob} NOT NULL,
    position {bigint} NOT NULL,
    part {text} NOT NULL,
    id {blob},
    word {text}
) {strict};

INSERT INTO connection_rules (application_id, district_id, position)
    SELECT application_id, district_id, 1 FROM connections;
INSERT INTO connection_rule_parts (application_id, district_id, position, part)
    SELECT application_id, district_id, 1, 'school' FROM connections WHERE scope = 'schools';
INSERT INTO connection_rule_parts (application_id, district_id, position, part, id)
    SELECT application_id, district_id, 1, 'school', school_id FROM connection_schools;

DROP TABLE connection_schools;
ALTER TABLE connections DROP COLUMN scope;

ALTER TABLE districts ADD COLUMN classroom {text} NOT NULL DEFAULT 'allowed';
-- Kinds of role with blanks between, the first one first.
ALTER TABLE districts ADD COLUMN role_order {text} NOT NULL DEFAULT '';

CREATE TABLE district_session_limits (
    district_id {blob} NOT NULL REFERENCES districts (id),
    band {text} NOT NULL,
    idle {bigint} NOT NULL,
    longest {bigint} NOT NULL,
    PRIMARY KEY (district_id, band)
) {clustered};

-- What teachers let in where their district has not.
CREATE TABLE teacher_links (
    application_id {blob} NOT NULL REFERENCES applications (id),
    district_id {blob} NOT NULL REFERENCES districts (id),
    teacher_id {blob} NOT NULL,
    since {bigint} NOT NULL,
    PRIMARY KEY (application_id, district_id, teacher_id)
) {clustered};

CREATE TABLE teacher_link_sections (
    district_id {blob} NOT NULL,
    section_id {blob} NOT NULL,
    application_id {blob} NOT NULL,
    teacher_id {blob} NOT NULL,
    PRIMARY KEY (district_id, section_id, application_id, teacher_id)
) {clustered};

CREATE INDEX teacher_links_of ON teacher_links (district_id, teacher_id);

-- The sections of a person.
CREATE INDEX enrollments_by_student ON enrollments (district_id, student_id);
CREATE INDEX section_teachers_by_role ON section_teachers (district_id, role_id);

-- An administrator who acts as somebody else.
ALTER TABLE sessions ADD COLUMN impersonator_id {blob};
ALTER TABLE sessions ADD COLUMN impersonator_role_id {blob};
ALTER TABLE sessions ADD COLUMN impersonated_until {bigint};
ALTER TABLE codes ADD COLUMN impersonator_id {blob};
ALTER TABLE codes ADD COLUMN impersonator_role_id {blob};
ALTER TABLE codes ADD COLUMN impersonated_until {bigint};
ALTER TABLE tokens ADD COLUMN impersonator_id {blob};
ALTER TABLE tokens ADD COLUMN impersonator_role_id {blob};
ALTER TABLE tokens ADD COLUMN impersonated_until {bigint};

ALTER TABLE codes ADD COLUMN challenge {blob};
ALTER TABLE codes ADD COLUMN nonce {text};
ALTER TABLE codes ADD COLUMN authenticated {bigint} NOT NULL DEFAULT 0;

ALTER TABLE pending_logins ADD COLUMN unasked {bigint} NOT NULL DEFAULT 0;
ALTER TABLE pending_logins ADD COLUMN response {text} NOT NULL DEFAULT 'code';
ALTER TABLE pending_logins ADD COLUMN confirm {bigint} NOT NULL DEFAULT 0;
ALTER TABLE pending_logins ADD COLUMN return_unshared {bigint} NOT NULL DEFAULT 0;
ALTER TABLE pending_logins ADD COLUMN nonce {text};
ALTER TABLE pending_logins ADD COLUMN challenge {blob};
ALTER TABLE pending_logins ADD COLUMN fresh_since {bigint};
ALTER TABLE pending_logins ADD COLUMN hinted_id {blob};
ALTER TABLE pending_logins ADD COLUMN vouched {blob};
ALTER TABLE pending_logins ADD COLUMN present {blob};

-- What a support code finds: the hops of logins that wait, and the whole of those that were refused.
CREATE TABLE login_hops (
    number {serial},
    login {blob} NOT NULL,
    at {bigint} NOT NULL,
    hop {text} NOT NULL
) {strict};

CREATE INDEX login_hops_of ON login_hops (login);

CREATE TABLE traces (
    number {serial},
    support_code {text} NOT NULL UNIQUE,
    at {bigint} NOT NULL,
    hops {text} NOT NULL
) {strict};

-- What administrators did, and what was done in somebody's name. Rows are added and read, and
-- neither changed nor taken away.
CREATE TABLE audit (
    number {serial},
    district_id {blob} NOT NULL,
    at {bigint} NOT NULL,
    action {text} NOT NULL,
    actor_id {blob},
    subject_id {blob},
    application_id {blob},
    detail {text} NOT NULL
) {strict};

CREATE INDEX audit_of ON audit (district_id, number);
