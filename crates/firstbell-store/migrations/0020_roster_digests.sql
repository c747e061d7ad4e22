-- What the records of a kind came to when a version was made, in words of whoever planned it. It holds for
-- that version alone: where another is the present one (an undo made it, or a program that knows of no
-- digests), nobody asks for it.
CREATE TABLE roster_digests (
    district_id {blob} NOT NULL REFERENCES districts (id),
    kind {text} NOT NULL,
    version {bigint} NOT NULL,
    digests {blob} NOT NULL,
    PRIMARY KEY (district_id, kind)
) {strict};
