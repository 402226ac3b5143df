-- Messages, their delivery to other servers, and who may write to whom. Units as in 0001.

ALTER TABLE account ADD COLUMN message_position BIGINT NOT NULL DEFAULT 0; -- position of the newest change of message or correspondent, 0 before the first; grows by one with each
ALTER TABLE account ADD COLUMN message_bytes BIGINT NOT NULL DEFAULT 0; -- ciphertext of all messages plus 256 for each, bytes; follows message
ALTER TABLE account ADD COLUMN first_difficulty BIGINT; -- average tries that a first message to it costs, NULL: the node's; changes
ALTER TABLE account ADD COLUMN later_difficulty BIGINT; -- the same for later ones; changes

CREATE TABLE correspondent (
    account_id BYTEA NOT NULL REFERENCES account (id) ON DELETE CASCADE, -- owner; fixed
    address TEXT NOT NULL, -- name@domain of somebody else, lower case, matched exactly; fixed
    standing BIGINT NOT NULL CHECK (standing IN (0, 1, 2)), -- 0 wants to be let in, 1 let in, 2 blocked; changes
    position BIGINT NOT NULL, -- account.message_position of its newest change; grows
    cleared BIGINT NOT NULL DEFAULT 0, -- messages up to this position were deleted by the owner; grows
    changed_at BIGINT NOT NULL, -- ms; changes
    UNIQUE (account_id, address),
    UNIQUE (account_id, position)
);

CREATE TABLE message (
    account_id BYTEA NOT NULL REFERENCES account (id) ON DELETE CASCADE, -- owner; fixed
    message_id BYTEA NOT NULL CHECK (length(message_id) = 16), -- UUIDv7: of the client where it was sent, of the node where it was received; fixed
    position BIGINT NOT NULL, -- account.message_position of its newest change; grows
    address TEXT NOT NULL, -- whom it is from or to; fixed
    is_sent BIGINT NOT NULL CHECK (is_sent IN (0, 1)), -- fixed
    suite BIGINT NOT NULL, -- 1: KeyPears v1; fixed
    content BYTEA NOT NULL, -- sealed by the sender, at most 25 000 bytes in suite 1; fixed
    content_hash BYTEA NOT NULL CHECK (length(content_hash) = 32), -- SHA-256 of content: the same twice is one message; fixed
    sender_key BYTEA NOT NULL CHECK (length(sender_key) = 33), -- P-256, compressed SEC1; fixed
    recipient_key BYTEA NOT NULL CHECK (length(recipient_key) = 33), -- P-256, compressed SEC1; fixed
    key_standing BIGINT CHECK (key_standing IN (0, 1, 2)), -- sender_key of what was received: 0 the active one by its domain, 1 one that was before, 2 neither; fixed
    state BIGINT CHECK (state IN (0, 1, 2, 3)), -- of what was sent: 0 under way, 1 delivered, 2 failed, 3 wants new work; changes
    reason TEXT, -- why it failed or is not there yet, at most 300 characters of the other server or of this one; changes
    written_at BIGINT NOT NULL, -- ms, when this node took it; fixed
    UNIQUE (account_id, message_id),
    UNIQUE (account_id, position),
    UNIQUE (account_id, address, is_sent, content_hash),
    CHECK ((is_sent = 1) = (state IS NOT NULL) AND (is_sent = 0) = (key_standing IS NOT NULL))
);

CREATE TABLE delivery (
    account_id BYTEA NOT NULL, -- fixed
    message_id BYTEA NOT NULL, -- fixed
    domain TEXT NOT NULL, -- of the recipient; fixed
    token BYTEA NOT NULL CHECK (length(token) = 32), -- what the recipient's server pulls with, in hex; fixed
    token_hash BYTEA NOT NULL UNIQUE CHECK (length(token_hash) = 32), -- SHA-256 of the token's 64 hex digits; fixed
    solved_header BYTEA CHECK (length(solved_header) = 64), -- the work, NULL once it is burnt or over; changes
    target BYTEA CHECK (length(target) = 32), -- as above
    work_expires_at BIGINT, -- ms; as above
    work_signature BYTEA CHECK (length(work_signature) = 32), -- as above
    tries BIGINT NOT NULL DEFAULT 0, -- grows
    due_at BIGINT, -- ms, when it is tried next, NULL: not before there is new work; changes
    ends_at BIGINT NOT NULL, -- ms, when it is given up: 30 days after it was begun; fixed
    PRIMARY KEY (account_id, message_id),
    FOREIGN KEY (account_id, message_id) REFERENCES message (account_id, message_id) ON DELETE CASCADE
);
CREATE INDEX delivery_by_due ON delivery (due_at);
CREATE INDEX delivery_by_domain ON delivery (domain);

CREATE TABLE taken_work (
    challenge BYTEA PRIMARY KEY NOT NULL CHECK (length(challenge) = 32), -- second half of the header; fixed
    token_hash BYTEA NOT NULL CHECK (length(token_hash) = 32), -- of the message that it pays for: no other is pulled for it; fixed
    tries BIGINT NOT NULL, -- how often the message was to be pulled; grows
    is_done BIGINT NOT NULL DEFAULT 0 CHECK (is_done IN (0, 1)), -- whether the message is here; changes
    expires_at BIGINT NOT NULL -- ms, when the challenge itself ends and the row may go; fixed
);
CREATE INDEX taken_work_by_expiry ON taken_work (expires_at);

CREATE TABLE seen_key (
    address TEXT NOT NULL, -- of another domain; fixed
    public_key BYTEA NOT NULL CHECK (length(public_key) = 33), -- one that its domain has named as active; fixed
    seen_at BIGINT NOT NULL, -- ms, when it was named last; grows
    PRIMARY KEY (address, public_key)
);
CREATE INDEX seen_key_by_age ON seen_key (seen_at);
