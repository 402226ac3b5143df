-- Who tries a delivery, and by how manieth work: what an earlier try found must not undo a later one. Units as in 0001.

ALTER TABLE delivery ADD COLUMN claimed_until BIGINT NOT NULL DEFAULT 0; -- ms, nobody else takes it before; changes
ALTER TABLE delivery ADD COLUMN works BIGINT NOT NULL DEFAULT 1; -- how many works were sent for it; grows
CREATE INDEX delivery_by_end ON delivery (ends_at) WHERE due_at IS NULL;
