-- Units as in 0001.

CREATE TABLE recovery (
    account_id BYTEA PRIMARY KEY NOT NULL REFERENCES account (id) ON DELETE CASCADE, -- owner; fixed
    login_hash BYTEA NOT NULL CHECK (length(login_hash) = 32), -- SHA-256 of the recovery login key; changes with the words
    key_number BIGINT NOT NULL, -- address key whose vault key seals sealed_key; changes with the words
    sealed_key BYTEA NOT NULL CHECK (length(sealed_key) = 61), -- the recovery key, sealed by the client; changes with the words
    confirmed_at BIGINT NOT NULL -- ms; changes with the words
);

CREATE TABLE recovery_key (
    account_id BYTEA NOT NULL REFERENCES recovery (account_id) ON DELETE CASCADE, -- owner; fixed
    number BIGINT NOT NULL, -- address_key.number; fixed
    sealed_private_key BYTEA NOT NULL CHECK (length(sealed_private_key) = 61), -- sealed by the client under the recovery key; changes with the words
    PRIMARY KEY (account_id, number)
);
