-- Domains whose accounts are kept here for somebody else, and the codes that their administrators give out. Units as in 0001.

CREATE TABLE domain (
    name TEXT PRIMARY KEY NOT NULL, -- lower case, matched exactly; fixed
    admin_id BYTEA REFERENCES account (id) ON DELETE SET NULL, -- who claimed it last, NULL: nobody, or an account that is gone; changes with each claim
    public_key BYTEA CHECK (length(public_key) = 33), -- P-256, compressed SEC1, that proved the claim, NULL where none was wanted; changes with each claim
    claimed_at BIGINT, -- ms, NULL: never, it is one of the node's configuration; changes with each claim
    away_since BIGINT, -- ms, since when its file has named another server, NULL: it names this one; changes with what the file says
    registration_open BIGINT NOT NULL CHECK (registration_open IN (0, 1)) -- whether anybody may register; changes
);
CREATE INDEX domain_by_admin ON domain (admin_id);

CREATE TABLE one_time_code (
    code_hash BYTEA PRIMARY KEY NOT NULL CHECK (length(code_hash) = 32), -- SHA-256 of a label and the code; fixed
    address TEXT NOT NULL, -- whom it is for; fixed
    purpose BIGINT NOT NULL CHECK (purpose IN (0, 1)), -- 0 makes an account, 1 sets a new password; fixed
    made_by BYTEA REFERENCES account (id) ON DELETE CASCADE, -- the administrator who gave it out, NULL: the node's operator; fixed
    expires_at BIGINT NOT NULL, -- ms, when it ends and the row may go; fixed
    UNIQUE (address, purpose)
);
CREATE INDEX one_time_code_by_maker ON one_time_code (made_by);
CREATE INDEX one_time_code_by_expiry ON one_time_code (expires_at);

CREATE INDEX account_by_domain ON account (split_part(address, '@', 2), address COLLATE "C");
