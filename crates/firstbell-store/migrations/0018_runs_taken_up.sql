-- Raised whenever a process takes a held run up again: what the one before it still says of the run is
-- not heard. A program of before raises and asks for nothing; between two of those it is as it was.
ALTER TABLE sync_runs ADD COLUMN fence {bigint} NOT NULL DEFAULT 0;

-- When the version was made that an undo goes back to. Whoever says an undo again that was cut off
-- needs it, also when the version itself is not kept any longer.
ALTER TABLE sync_runs ADD COLUMN undo_to_made {bigint};
