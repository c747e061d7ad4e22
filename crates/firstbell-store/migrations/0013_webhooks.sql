-- Where an application wants to be told that there are new events. Secrets are sealed under a key
-- that is not in the database.
CREATE TABLE webhooks (
    application_id {blob} PRIMARY KEY REFERENCES applications (id),
    url {text} NOT NULL,
    sealed_secret {blob} NOT NULL,
    -- The secret before, which signs too until then.
    old_sealed_secret {blob},
    old_until {bigint},
    since {bigint} NOT NULL,
    -- The receiver said that it is there no more.
    turned_off {bigint},
    failing_since {bigint},
    -- The receiver asked to be left alone.
    quiet_until {bigint} NOT NULL,
    CHECK ((old_sealed_secret IS NULL) = (old_until IS NULL))
) {clustered};

-- Messages to webhooks. They hold no more than that there is something new in a district.
CREATE TABLE webhook_deliveries (
    id {blob} PRIMARY KEY,
    application_id {blob} NOT NULL REFERENCES webhooks (application_id),
    district_id {blob} NOT NULL REFERENCES districts (id),
    made {bigint} NOT NULL,
    state {text} NOT NULL,
    due {bigint} NOT NULL,
    -- How often it was tried; who tries asks for this number when it tells what came of it.
    tries {bigint} NOT NULL,
    -- How often since it was made or brought back: the place in the schedule.
    place {bigint} NOT NULL,
    held_until {bigint} NOT NULL,
    ended {bigint},
    last_try {bigint},
    last_answer {text},
    CHECK ((state = 'waiting') = (ended IS NULL))
) {clustered};

-- News that come before a message was tried are told by that message.
CREATE UNIQUE INDEX webhook_deliveries_untried ON webhook_deliveries (application_id, district_id)
    WHERE state = 'waiting' AND tries = 0;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_by_application ON webhook_deliveries (application_id, made);
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended) WHERE ended IS NOT NULL;
