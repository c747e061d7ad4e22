CREATE TABLE credentials (
    district_id {blob} NOT NULL REFERENCES districts (id),
    login_name {text} NOT NULL,
    role_id {blob} NOT NULL,
    -- 'provisioned' with salt and mac, or 'argon2id' with phc.
    verifier {text} NOT NULL,
    salt {blob},
    mac {blob},
    phc {text},
    set_at {bigint} NOT NULL,
    -- When the purge first missed the role in the roster.
    role_left_at {bigint},
    PRIMARY KEY (district_id, login_name),
    CHECK ((verifier = 'provisioned' AND salt IS NOT NULL AND mac IS NOT NULL AND phc IS NULL)
        OR (verifier = 'argon2id' AND salt IS NULL AND mac IS NULL AND phc IS NOT NULL))
) {clustered};

CREATE INDEX credentials_left ON credentials (role_left_at) WHERE role_left_at IS NOT NULL;

-- `subject` is the hash of a login name, whether anybody has it or not.
CREATE TABLE tries (
    district_id {blob} NOT NULL,
    subject {blob} NOT NULL,
    browser {blob} NOT NULL,
    tries {bigint} NOT NULL,
    last_try {bigint} NOT NULL,
    PRIMARY KEY (district_id, subject, browser)
) {clustered};

CREATE INDEX tries_by_age ON tries (last_try);

CREATE TABLE strangers_tries (
    district_id {blob} NOT NULL,
    subject {blob} NOT NULL,
    tries {bigint} NOT NULL,
    last_try {bigint} NOT NULL,
    PRIMARY KEY (district_id, subject)
) {clustered};

CREATE INDEX strangers_tries_by_age ON strangers_tries (last_try);

CREATE TABLE known_browsers (
    district_id {blob} NOT NULL,
    subject {blob} NOT NULL,
    browser {blob} NOT NULL,
    last_login {bigint} NOT NULL,
    PRIMARY KEY (district_id, subject, browser)
) {clustered};

CREATE INDEX known_browsers_by_age ON known_browsers (last_login);

CREATE TABLE suspensions (
    district_id {blob} NOT NULL REFERENCES districts (id),
    user_id {blob} NOT NULL,
    since {bigint} NOT NULL,
    -- When the purge first missed the person in the roster.
    user_left_at {bigint},
    PRIMARY KEY (district_id, user_id)
) {clustered};

CREATE INDEX suspensions_left ON suspensions (user_left_at) WHERE user_left_at IS NOT NULL;
