-- How many items an account has, deleted ones with them: the bound of what a device reads. Units as in 0001.

ALTER TABLE account ADD COLUMN vault_rows BIGINT NOT NULL DEFAULT 0; -- rows of vault_item; grows, follows it

UPDATE account SET vault_rows = (SELECT count(*) FROM vault_item WHERE account_id = account.id);
