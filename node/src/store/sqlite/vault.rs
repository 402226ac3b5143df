//! The vault: each item's newest version, in the order of a log without gaps.

use proto::{
    api::vault::{VaultContent, VaultPage, WriteAccepted},
    ids::{AccountId, Revision},
};

use super::{
    super::{
        ItemWrite, Latest, StoreError, VaultQuota,
        codec::{self, integer, number, optional_record},
        rules::{self, PAGE_BYTES, Totals},
    },
    history,
    sql::{Connection, query},
    writer::Operation,
};

/// Writes one version of an item.
pub(super) struct Write {
    pub(super) write: ItemWrite,
    pub(super) quota: VaultQuota,
}

impl Operation for Write {
    type Output = WriteAccepted;

    fn run(&mut self, connection: &Connection) -> Result<WriteAccepted, StoreError> {
        let write = &self.write;
        let row = query(
            "SELECT a.vault_items, a.vault_rows, a.vault_bytes, \
             i.item_id, i.version, i.revision, i.key_number, i.overview, i.secrets, \
             i.tombstone FROM account a LEFT JOIN vault_item i ON i.account_id = a.id AND i.item_id = ? \
             WHERE a.id = ?",
        )
        .bind(write.item.as_bytes().as_slice())
        .bind(write.account.as_bytes().as_slice())
        .fetch_optional(connection)?
        .ok_or(StoreError::AccountMissing)?;
        let newest = optional_record(&row)?;
        if let Some(accepted) = history::accepted_before(connection, write)? {
            return Ok(accepted);
        }
        let vault = Totals {
            items: number(&row, "vault_items")?,
            rows: number(&row, "vault_rows")?,
            bytes: number(&row, "vault_bytes")?,
        };
        let totals = rules::totals_after(vault, newest.as_ref(), write, self.quota)?;
        if let Some(newest) = &newest {
            history::keep(connection, write, newest, self.quota.bytes)?;
        }
        let revision = advance(connection, write.account, totals)?;
        put(connection, write, revision)?;
        Ok(WriteAccepted {
            version: write.version,
            revision,
        })
    }
}

/// Takes the account's next place in the log. The writer is alone in its transaction, and a write
/// that fails later gives the place back by its rollback: no gaps.
fn advance(
    connection: &Connection,
    account: AccountId,
    totals: Totals,
) -> Result<Revision, StoreError> {
    let row = query(
        "UPDATE account SET vault_revision = vault_revision + 1, vault_items = ?, vault_rows = ?, \
         vault_bytes = ? WHERE id = ? RETURNING vault_revision",
    )
    .bind(integer(totals.items))
    .bind(integer(totals.rows))
    .bind(integer(totals.bytes))
    .bind(account.as_bytes().as_slice())
    .fetch_one(connection)?;
    number(&row, "vault_revision").map(Revision)
}

fn put(connection: &Connection, write: &ItemWrite, revision: Revision) -> Result<(), StoreError> {
    let (key, item, tombstone) = match &write.content {
        VaultContent::Item(item) => (item.key_number, Some(item), None),
        VaultContent::Tombstone(end) => (end.key_number, None, Some(end.sealed.0.as_slice())),
    };
    query(
        "INSERT INTO vault_item (account_id, item_id, version, revision, key_number, overview, \
         secrets, tombstone, written_at, update_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (account_id, item_id) DO UPDATE SET version = excluded.version, \
         revision = excluded.revision, key_number = excluded.key_number, \
         overview = excluded.overview, secrets = excluded.secrets, tombstone = excluded.tombstone, \
         written_at = excluded.written_at, update_id = excluded.update_id",
    )
    .bind(write.account.as_bytes().as_slice())
    .bind(write.item.as_bytes().as_slice())
    .bind(integer(write.version.0))
    .bind(integer(revision.0))
    .bind(key.0)
    .bind(item.map(|item| item.overview.0.as_slice()))
    .bind(item.map(|item| item.secrets.0.as_slice()))
    .bind(tombstone)
    .bind(integer(write.written_at.0))
    .bind(write.update.as_bytes().as_slice())
    .execute(connection)?;
    Ok(())
}

pub(super) fn latest(reader: &Connection, account: AccountId) -> Result<Latest, StoreError> {
    let row = query("SELECT vault_revision, message_position FROM account WHERE id = ?")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(reader)?
        .ok_or(StoreError::AccountMissing)?;
    codec::latest(&row)
}

pub(super) fn latest_of(
    reader: &Connection,
    accounts: &[AccountId],
) -> Result<Vec<(AccountId, Latest)>, StoreError> {
    let mut found = Vec::with_capacity(accounts.len());
    for account in accounts {
        match latest(reader, *account) {
            Ok(latest) => found.push((*account, latest)),
            Err(StoreError::AccountMissing) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

pub(super) fn page(
    reader: &Connection,
    account: AccountId,
    since: Revision,
    limit: u32,
) -> Result<VaultPage, StoreError> {
    // One statement sees one state: `latest` and the records belong together. The page is cut by
    // lengths alone, which lie in the rows' heads; only what is in it is read.
    let rows = query(
        "WITH sized AS ( \
           SELECT revision, COALESCE(LENGTH(overview) + LENGTH(secrets), 0) AS bytes \
           FROM vault_item WHERE account_id = ?1 AND revision > ?2 \
           ORDER BY revision LIMIT ?3 + 1), \
         summed AS ( \
           SELECT revision, SUM(bytes) OVER (ORDER BY revision) - bytes AS before FROM sized) \
         SELECT a.vault_revision, i.item_id, i.version, i.revision, i.key_number, i.overview, \
         i.secrets, i.tombstone FROM account a \
         LEFT JOIN summed s ON s.before <= ?4 \
         LEFT JOIN vault_item i ON i.account_id = ?1 AND i.revision = s.revision \
         WHERE a.id = ?1 ORDER BY i.revision",
    )
    .bind(account.as_bytes().as_slice())
    .bind(integer(since.0))
    .bind(limit)
    .bind(integer(PAGE_BYTES))
    .fetch_all(reader)?;
    let latest = rows.first().ok_or(StoreError::AccountMissing)?;
    let latest = Revision(number(latest, "vault_revision")?);
    let records = rows
        .iter()
        .filter_map(|row| optional_record(row).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    Ok(rules::page(records, latest, limit))
}
