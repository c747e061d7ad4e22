-- A feed is read kind by kind: most readers are told of the kinds of one family of dialects alone, and
-- an import brings a million events of the other family in a row. With the verb all that is asked of an
-- event before it is read stands in the index.
CREATE INDEX events_by_kind ON events (application_id, district_id, kind, id, verb);
