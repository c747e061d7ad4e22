-- Up to where the events of a district are told to an application that follows it.
CREATE TABLE event_cursors (
    application_id {blob} NOT NULL,
    district_id {blob} NOT NULL,
    -- What the application saw there: this version of the roster, shared like this. No sharing where
    -- nobody follows any longer; the row stays, so that ids and fences go on where they were.
    version {bigint} NOT NULL,
    sharing {text},
    -- Raised by every change of the sharing.
    epoch {bigint} NOT NULL,
    -- Told are the events after the one and up to the other.
    begins_after {blob} NOT NULL,
    told_up_to {blob} NOT NULL,
    fence {bigint} NOT NULL,
    held_until {bigint} NOT NULL,
    -- Whether events up to begins_after may still be there.
    unswept {bigint} NOT NULL,
    PRIMARY KEY (application_id, district_id),
    FOREIGN KEY (application_id, district_id) REFERENCES connections (application_id, district_id)
) {clustered};

CREATE INDEX event_cursors_by_district ON event_cursors (district_id);

-- How the sharing has changed since, in order, and which version of the roster was current then.
CREATE TABLE event_sharings (
    application_id {blob} NOT NULL,
    district_id {blob} NOT NULL,
    number {bigint} NOT NULL,
    version {bigint} NOT NULL,
    sharing {text} NOT NULL,
    PRIMARY KEY (application_id, district_id, number),
    FOREIGN KEY (application_id, district_id)
        REFERENCES event_cursors (application_id, district_id)
) {clustered};

CREATE TABLE events (
    application_id {blob} NOT NULL,
    district_id {blob} NOT NULL,
    id {blob} NOT NULL,
    kind {text} NOT NULL,
    verb {text} NOT NULL,
    object_id {blob} NOT NULL,
    -- The version before, where the object was seen there under the same sharing.
    from_version {bigint},
    to_version {bigint} NOT NULL,
    epoch {bigint} NOT NULL,
    made {bigint} NOT NULL,
    PRIMARY KEY (application_id, district_id, id)
) {clustered};

CREATE INDEX events_by_made ON events (made);
