-- Versions of items that another one came after. Units as in 0001.

ALTER TABLE account ADD COLUMN history_bytes BIGINT NOT NULL DEFAULT 0; -- ciphertext of all rows of vault_version plus 128 for each, bytes; follows vault_version

ALTER TABLE vault_item ADD COLUMN update_id BYTEA CHECK (length(update_id) = 16); -- what the client calls the write of this version, NULL where it was written before writes had names; changes
CREATE UNIQUE INDEX vault_item_by_update ON vault_item (account_id, update_id);

CREATE TABLE vault_version (
    account_id BYTEA NOT NULL REFERENCES account (id) ON DELETE CASCADE, -- owner; fixed
    item_id BYTEA NOT NULL CHECK (length(item_id) = 16), -- made by the client; fixed
    version BIGINT NOT NULL, -- below that of vault_item; fixed
    revision BIGINT NOT NULL, -- account.vault_revision of that write; fixed
    update_id BYTEA CHECK (length(update_id) = 16), -- as in vault_item; fixed
    key_number BIGINT NOT NULL, -- address key whose vault key seals it; fixed
    overview BYTEA, -- sealed, at most 16 KiB, NULL in a tombstone; fixed
    secrets BYTEA, -- sealed, at most 64 KiB, NULL in a tombstone; fixed
    tombstone BYTEA CHECK (length(tombstone) = 37), -- sealed, NULL in an item; fixed
    written_at BIGINT NOT NULL, -- ms; fixed
    replaced_at BIGINT NOT NULL, -- ms, when the next version was written; fixed
    UNIQUE (account_id, item_id, version),
    UNIQUE (account_id, revision),
    CHECK ((overview IS NULL) = (secrets IS NULL) AND (overview IS NULL) <> (tombstone IS NULL))
);
-- Ciphertext does not shrink: trying to would only cost time.
ALTER TABLE vault_version ALTER COLUMN overview SET STORAGE EXTERNAL;
ALTER TABLE vault_version ALTER COLUMN secrets SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX vault_version_by_update ON vault_version (account_id, update_id);
CREATE INDEX vault_version_by_age ON vault_version (replaced_at);
CREATE INDEX vault_item_deleted ON vault_item (written_at) WHERE tombstone IS NOT NULL;
