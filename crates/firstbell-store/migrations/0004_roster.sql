-- Roster rows are never changed in place: `since` and `until` are the versions between which a
-- row holds (since <= version < until), and 9223372036854775807 stands for "still". The partial
-- indexes hold closed rows only, so that they cost the living nothing.

-- Who imports into the district. `fence` tells one import from the next; `staged` is 1 while
-- rows of a version that nobody sees yet may lie about.
CREATE TABLE roster_leases (
    district_id {blob} PRIMARY KEY REFERENCES districts (id),
    fence {bigint} NOT NULL,
    held_until {bigint} NOT NULL,
    staged {bigint} NOT NULL
) {clustered};

-- For ever: a record that leaves and comes back keeps its id.
CREATE TABLE bindings (
    district_id {blob} NOT NULL,
    kind {text} NOT NULL,
    sis_id {text} NOT NULL,
    id {blob} NOT NULL,
    user_id {blob},
    since {bigint} NOT NULL,
    PRIMARY KEY (district_id, kind, sis_id)
) {clustered};

CREATE TABLE schools (
    district_id {blob} NOT NULL,
    id {blob} NOT NULL,
    since {bigint} NOT NULL,
    until {bigint} NOT NULL,
    sis_id {text} NOT NULL,
    name {text} NOT NULL,
    number {text} NOT NULL,
    details {text} NOT NULL,
    PRIMARY KEY (district_id, id, since)
) {strict};

CREATE INDEX schools_closed ON schools (district_id, until) WHERE until < 9223372036854775807;

CREATE TABLE terms (
    district_id {blob} NOT NULL,
    id {blob} NOT NULL,
    since {bigint} NOT NULL,
    until {bigint} NOT NULL,
    name {text} NOT NULL,
    start_date {text},
    end_date {text},
    PRIMARY KEY (district_id, id, since)
) {clustered};

CREATE INDEX terms_closed ON terms (district_id, until) WHERE until < 9223372036854775807;

CREATE TABLE courses (
    district_id {blob} NOT NULL,
    id {blob} NOT NULL,
    since {bigint} NOT NULL,
    until {bigint} NOT NULL,
    name {text} NOT NULL,
    number {text} NOT NULL,
    PRIMARY KEY (district_id, id, since)
) {clustered};

CREATE INDEX courses_closed ON courses (district_id, until) WHERE until < 9223372036854775807;

CREATE TABLE sections (
    district_id {blob} NOT NULL,
    id {blob} NOT NULL,
    since {bigint} NOT NULL,
    until {bigint} NOT NULL,
    school_id {blob} NOT NULL,
    sis_id {text} NOT NULL,
    name {text} NOT NULL,
    course_id {blob},
    term_id {blob},
    details {text} NOT NULL,
    PRIMARY KEY (district_id, id, since)
) {strict};

CREATE INDEX sections_closed ON sections (district_id, until) WHERE until < 9223372036854775807;

CREATE TABLE section_teachers (
    district_id {blob} NOT NULL,
    section_id {blob} NOT NULL,
    position {bigint} NOT NULL,
    since {bigint} NOT NULL,
    until {bigint} NOT NULL,
    role_id {blob} NOT NULL,
    PRIMARY KEY (district_id, section_id, position, since)
) {clustered};

CREATE INDEX section_teachers_closed ON section_teachers (district_id, until)
    WHERE until < 9223372036854775807;

CREATE TABLE users (
    district_id {blob} NOT NULL,
    id {blob} NOT NULL,
    since {bigint} NOT NULL,
    until {bigint} NOT NULL,
    email {text},
    first_name {text} NOT NULL,
    middle_name {text},
    last_name {text} NOT NULL,
    created {bigint} NOT NULL,
    last_modified {bigint} NOT NULL,
    PRIMARY KEY (district_id, id, since)
) {clustered};

CREATE INDEX users_closed ON users (district_id, until) WHERE until < 9223372036854775807;

-- Rows are wide here, and a clustered table of wide rows is a deep one.
CREATE TABLE user_roles (
    district_id {blob} NOT NULL,
    user_id {blob} NOT NULL,
    role_id {blob} NOT NULL,
    since {bigint} NOT NULL,
    until {bigint} NOT NULL,
    kind {text} NOT NULL,
    sis_id {text} NOT NULL,
    details {text} NOT NULL,
    PRIMARY KEY (district_id, user_id, role_id, since)
) {strict};

CREATE INDEX user_roles_by_role ON user_roles (district_id, role_id);
CREATE INDEX user_roles_closed ON user_roles (district_id, until) WHERE until < 9223372036854775807;

CREATE TABLE role_schools (
    district_id {blob} NOT NULL,
    user_id {blob} NOT NULL,
    role_id {blob} NOT NULL,
    school_id {blob} NOT NULL,
    since {bigint} NOT NULL,
    until {bigint} NOT NULL,
    PRIMARY KEY (district_id, user_id, role_id, school_id, since)
) {clustered};

CREATE INDEX role_schools_closed ON role_schools (district_id, until)
    WHERE until < 9223372036854775807;

CREATE TABLE enrollments (
    district_id {blob} NOT NULL,
    section_id {blob} NOT NULL,
    student_id {blob} NOT NULL,
    since {bigint} NOT NULL,
    until {bigint} NOT NULL,
    PRIMARY KEY (district_id, section_id, student_id, since)
) {clustered};

CREATE INDEX enrollments_closed ON enrollments (district_id, until)
    WHERE until < 9223372036854775807;
