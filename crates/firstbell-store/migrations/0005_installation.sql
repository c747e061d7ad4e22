-- What tells whether the master key is the one that this database was set up with. The key itself
-- is not in the database.
CREATE TABLE installation (
    one {bigint} PRIMARY KEY CHECK (one = 1),
    key_check {blob} NOT NULL
) {strict};
