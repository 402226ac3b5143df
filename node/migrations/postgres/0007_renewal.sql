-- Sessions end by age and are renewed by the account's key; devices have names. Units as in 0001.
-- A row is a device: it stays for 90 days without use, so that its session may be renewed. What the
-- user ended is deleted, and cannot. Of what was there before, sessions of more than 30 days, or
-- not used for one, are over now and are renewed by their devices.

DROP INDEX session_by_expiry;
ALTER TABLE session DROP COLUMN expires_at; -- it follows from created_at and last_used_at

ALTER TABLE session ADD COLUMN renewed_with BYTEA CHECK (length(renewed_with) = 32); -- SHA-256 of the token that was shown at the last renewal, good for another one only: the answer may have been lost; NULL where there was none; changes with each
ALTER TABLE session ADD COLUMN name BYTEA CHECK (length(name) = 256); -- what the user calls the device, sealed, NULL where nothing; changes
ALTER TABLE session ADD COLUMN name_key_number BIGINT; -- address key whose vault key seals name; changes with name
CREATE UNIQUE INDEX session_by_renewal ON session (renewed_with);
CREATE INDEX session_by_use ON session (last_used_at);
