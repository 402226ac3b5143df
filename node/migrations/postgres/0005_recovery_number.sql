-- Which of an account's recovery words they are. Units as in 0001.

ALTER TABLE recovery ADD COLUMN number BIGINT NOT NULL DEFAULT 0; -- counted by the client, bound to sealed_key; 0: of before it was counted; changes with the words
