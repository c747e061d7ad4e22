-- What a district's roster holds beside people and classes.
CREATE TABLE contacts (
    district_id {blob} NOT NULL,
    id {blob} NOT NULL,
    since {bigint} NOT NULL,
    until {bigint} NOT NULL,
    role_id {blob} NOT NULL,
    sis_id {text},
    first_name {text} NOT NULL,
    middle_name {text},
    last_name {text} NOT NULL,
    email {text},
    details {text} NOT NULL,
    created {bigint} NOT NULL,
    last_modified {bigint} NOT NULL,
    PRIMARY KEY (district_id, id, since)
) {strict};

CREATE INDEX contacts_by_role ON contacts (district_id, role_id);
CREATE INDEX contacts_closed ON contacts (district_id, until) WHERE until < 9223372036854775807;

CREATE TABLE contact_students (
    district_id {blob} NOT NULL,
    contact_id {blob} NOT NULL,
    student_id {blob} NOT NULL,
    since {bigint} NOT NULL,
    until {bigint} NOT NULL,
    relationship {text},
    kind {text},
    PRIMARY KEY (district_id, contact_id, student_id, since)
) {clustered};

CREATE INDEX contact_students_by_student ON contact_students (district_id, student_id);
CREATE INDEX contact_students_closed ON contact_students (district_id, until)
    WHERE until < 9223372036854775807;

CREATE TABLE resources (
    district_id {blob} NOT NULL,
    id {blob} NOT NULL,
    since {bigint} NOT NULL,
    until {bigint} NOT NULL,
    sis_id {text} NOT NULL,
    title {text} NOT NULL,
    -- Kinds of role with blanks between.
    roles {text} NOT NULL,
    created {bigint} NOT NULL,
    last_modified {bigint} NOT NULL,
    PRIMARY KEY (district_id, id, since)
) {clustered};

CREATE INDEX resources_closed ON resources (district_id, until) WHERE until < 9223372036854775807;

CREATE TABLE resource_courses (
    district_id {blob} NOT NULL,
    resource_id {blob} NOT NULL,
    course_id {blob} NOT NULL,
    since {bigint} NOT NULL,
    until {bigint} NOT NULL,
    PRIMARY KEY (district_id, resource_id, course_id, since)
) {clustered};

CREATE INDEX resource_courses_by_course ON resource_courses (district_id, course_id);
CREATE INDEX resource_courses_closed ON resource_courses (district_id, until)
    WHERE until < 9223372036854775807;

-- When records other than people came and changed; of those that are there nobody knows better.
ALTER TABLE schools ADD COLUMN created {bigint} NOT NULL DEFAULT 0;
ALTER TABLE schools ADD COLUMN last_modified {bigint} NOT NULL DEFAULT 0;
UPDATE schools SET created = (SELECT d.created FROM districts d WHERE d.id = schools.district_id);
UPDATE schools SET last_modified = created;
ALTER TABLE sections ADD COLUMN created {bigint} NOT NULL DEFAULT 0;
ALTER TABLE sections ADD COLUMN last_modified {bigint} NOT NULL DEFAULT 0;
UPDATE sections SET created = (SELECT d.created FROM districts d WHERE d.id = sections.district_id);
UPDATE sections SET last_modified = created;

-- Of the schools of a role the primary one is the first.
ALTER TABLE role_schools ADD COLUMN position {bigint} NOT NULL DEFAULT 0;

-- Lists of the Data API: who is at a school, the sections of a school, the people of a kind that is
-- rare (students are found among all), and whose role it is without a look at the row.
CREATE INDEX role_schools_by_school ON role_schools (district_id, school_id, user_id);
CREATE INDEX sections_by_school ON sections (district_id, school_id, id);
CREATE INDEX user_roles_rare ON user_roles (district_id, kind, role_id) WHERE kind <> 'student';
DROP INDEX user_roles_by_role;
CREATE INDEX user_roles_by_role ON user_roles (district_id, role_id, since, until, user_id);

-- When each version of a roster was made. Rows that held in one of the versions that are kept are
-- kept with it; trimmed_version is the one before which they have been deleted.
CREATE TABLE roster_versions (
    district_id {blob} NOT NULL REFERENCES districts (id),
    version {bigint} NOT NULL,
    made {bigint} NOT NULL,
    PRIMARY KEY (district_id, version)
) {clustered};

INSERT INTO roster_versions (district_id, version, made)
    SELECT id, roster_version, created FROM districts WHERE roster_version > 0;

ALTER TABLE districts ADD COLUMN trimmed_version {bigint} NOT NULL DEFAULT 0;
UPDATE districts SET trimmed_version = swept_version;

-- What a district shares of its people beside the roster itself.
CREATE TABLE connection_groups (
    application_id {blob} NOT NULL,
    district_id {blob} NOT NULL,
    data_group {text} NOT NULL,
    PRIMARY KEY (application_id, district_id, data_group),
    FOREIGN KEY (application_id, district_id) REFERENCES connections (application_id, district_id)
) {clustered};
