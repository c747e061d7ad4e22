-- That everything a person had until then counts no more: sessions that began and codes and tokens
-- that were issued. One row says so, where the tables of the hot path would have to be searched.
CREATE TABLE signed_out (
    district_id {blob} NOT NULL,
    user_id {blob} NOT NULL,
    until {bigint} NOT NULL,
    PRIMARY KEY (district_id, user_id)
) {clustered};
