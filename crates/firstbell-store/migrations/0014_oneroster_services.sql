-- The OneRoster service of a district, from which its roster is fetched.
CREATE TABLE oneroster_services (
    district_id {blob} PRIMARY KEY REFERENCES districts (id),
    version {text} NOT NULL,
    root {text} NOT NULL,
    token_url {text} NOT NULL,
    client_id {text} NOT NULL,
    -- Sealed under the master key.
    sealed_secret {blob} NOT NULL,
    filter {text},
    -- In milliseconds.
    every {bigint}
) {clustered};
