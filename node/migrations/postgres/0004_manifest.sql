-- What the devices of an account have signed of its vault. Units as in 0001. The node cannot make such a row, and reads none of it.

CREATE TABLE vault_manifest (
    account_id BYTEA NOT NULL REFERENCES account (id) ON DELETE CASCADE, -- owner; fixed
    number BIGINT NOT NULL, -- 1 for the first, one more for each; fixed
    previous BYTEA NOT NULL CHECK (length(previous) = 32), -- SHA-256 of the one before; fixed
    revision BIGINT NOT NULL, -- position in the log that it describes; fixed
    items BIGINT NOT NULL, -- rows of vault_item then; fixed
    digest BYTEA NOT NULL CHECK (length(digest) = 32), -- SHA-256 over all of them; fixed
    signed_at BIGINT NOT NULL, -- ms, by the device's clock; fixed
    key_number BIGINT NOT NULL, -- address key that signed it; fixed
    signature BYTEA NOT NULL CHECK (length(signature) = 64), -- ECDSA P-256; fixed
    PRIMARY KEY (account_id, number)
);
