-- Units: times are milliseconds since 1970-01-01T00:00:00Z; lengths are bytes; identifiers are the
-- 16 bytes of a UUID, big-endian. "Fixed" columns never change after the row was written. The same
-- tables, columns and names as in ../sqlite.

CREATE TABLE account (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7; fixed
    address TEXT COLLATE "C" NOT NULL UNIQUE, -- name@domain in lower case; fixed
    login_key_hash BYTEA NOT NULL CHECK (length(login_key_hash) = 32), -- third KDF tier of the current password; changes with the password
    vault_revision BIGINT NOT NULL DEFAULT 0, -- position of the newest vault write, 0 before the first; grows by one with each
    vault_items BIGINT NOT NULL DEFAULT 0, -- live items; follows vault_item
    vault_bytes BIGINT NOT NULL DEFAULT 0, -- ciphertext of all items plus 128 for each row, bytes; follows vault_item
    created_at BIGINT NOT NULL -- ms; fixed
) WITH (fillfactor = 80); -- each vault write changes a row: room to do so in its page

CREATE TABLE retired_address (
    address_hash BYTEA PRIMARY KEY CHECK (length(address_hash) = 32), -- SHA-256 of the address of a deleted account; fixed
    retired_at BIGINT NOT NULL -- ms; fixed
);

CREATE TABLE address_key (
    account_id BYTEA NOT NULL REFERENCES account (id) ON DELETE CASCADE, -- owner; fixed
    number BIGINT NOT NULL, -- 1 for the first, one more for each; fixed
    public_key BYTEA NOT NULL CHECK (length(public_key) = 33), -- P-256, compressed SEC1; fixed
    sealed_private_key BYTEA NOT NULL CHECK (length(sealed_private_key) = 61), -- sealed by the client; changes with the password
    login_key_hash BYTEA NOT NULL CHECK (length(login_key_hash) = 32), -- account.login_key_hash of the password that sealed it; changes with sealed_private_key
    created_at BIGINT NOT NULL, -- ms; fixed
    PRIMARY KEY (account_id, number)
);

CREATE TABLE session (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7; fixed
    account_id BYTEA NOT NULL REFERENCES account (id) ON DELETE CASCADE, -- owner; fixed
    device_id BYTEA NOT NULL CHECK (length(device_id) = 16), -- made by the client; fixed
    description TEXT NOT NULL, -- what the device calls itself, at most 100 characters; fixed
    token_hash BYTEA NOT NULL UNIQUE CHECK (length(token_hash) = 32), -- SHA-256 of the token; fixed
    created_at BIGINT NOT NULL, -- ms; fixed
    last_used_at BIGINT NOT NULL, -- ms, at most one minute behind; grows
    expires_at BIGINT NOT NULL, -- ms; last_used_at plus 90 days
    UNIQUE (account_id, device_id)
);
CREATE INDEX session_by_expiry ON session (expires_at);

CREATE TABLE vault_item (
    account_id BYTEA NOT NULL REFERENCES account (id) ON DELETE CASCADE, -- owner; fixed
    item_id BYTEA NOT NULL CHECK (length(item_id) = 16), -- made by the client; fixed
    version BIGINT NOT NULL, -- 1 for the first write; grows by one with each
    revision BIGINT NOT NULL, -- account.vault_revision of that write; grows
    key_number BIGINT NOT NULL, -- address key whose vault key seals it; changes
    overview BYTEA, -- sealed, at most 16 KiB, NULL in a tombstone; changes
    secrets BYTEA, -- sealed, at most 64 KiB, NULL in a tombstone; changes
    tombstone BYTEA CHECK (length(tombstone) = 37), -- sealed, NULL in a live item; changes
    written_at BIGINT NOT NULL, -- ms; changes
    UNIQUE (account_id, item_id),
    UNIQUE (account_id, revision),
    CHECK ((overview IS NULL) = (secrets IS NULL) AND (overview IS NULL) <> (tombstone IS NULL))
);
-- Ciphertext does not shrink: trying to would only cost time.
ALTER TABLE vault_item ALTER COLUMN overview SET STORAGE EXTERNAL;
ALTER TABLE vault_item ALTER COLUMN secrets SET STORAGE EXTERNAL;

CREATE TABLE spent_challenge (
    challenge BYTEA PRIMARY KEY CHECK (length(challenge) = 32), -- second half of the header; fixed
    expires_at BIGINT NOT NULL -- ms, when the challenge itself ends and the row may go; fixed
);
CREATE INDEX spent_challenge_by_expiry ON spent_challenge (expires_at);
