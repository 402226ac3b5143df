//! The vault: each item's newest version, in the order of a log without gaps.

use async_trait::async_trait;
use proto::{
    api::vault::{VaultContent, VaultPage, WriteAccepted},
    ids::{AccountId, Revision},
};
use sqlx::{PgConnection, PgPool};

use super::{
    super::{
        ItemWrite, Latest, StoreError, VaultQuota,
        codec::{self, bytes, integer, number, optional_record, record},
        rules::{self, PAGE_BYTES, Totals},
    },
    Operation, failed, history, lock_account,
};

/// Writes one version of an item.
pub(super) struct Write {
    pub(super) write: ItemWrite,
    pub(super) quota: VaultQuota,
}

#[async_trait]
impl Operation for Write {
    type Output = WriteAccepted;

    fn account(&self) -> Option<AccountId> {
        Some(self.write.account)
    }

    async fn run(&mut self, connection: &mut PgConnection) -> Result<WriteAccepted, StoreError> {
        let write = &self.write;
        // First the lock, then a statement of its own: one that waits for a lock would read the item
        // as it was before.
        let account = lock_account(connection, write.account).await?;
        let row = sqlx::query(
            "SELECT item_id, version, revision, key_number, overview, secrets, tombstone \
             FROM vault_item WHERE account_id = $1 AND item_id = $2",
        )
        .bind(write.account.as_bytes().as_slice())
        .bind(write.item.as_bytes().as_slice())
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed)?;
        let newest = row.as_ref().map(record).transpose()?;
        if let Some(accepted) = history::accepted_before(connection, write).await? {
            return Ok(accepted);
        }
        let vault = Totals {
            items: number(&account, "vault_items")?,
            rows: number(&account, "vault_rows")?,
            bytes: number(&account, "vault_bytes")?,
        };
        let totals = rules::totals_after(vault, newest.as_ref(), write, self.quota)?;
        if let Some(newest) = &newest {
            history::keep(connection, write, newest, self.quota.bytes).await?;
        }
        let revision = advance(connection, write.account, totals).await?;
        put(connection, write, revision).await?;
        Ok(WriteAccepted {
            version: write.version,
            revision,
        })
    }
}

/// Takes the account's next place in the log. Its row is locked until the commit, so that places
/// are seen in their order; a write that fails later gives its place back by its rollback: no gaps.
async fn advance(
    connection: &mut PgConnection,
    account: AccountId,
    totals: Totals,
) -> Result<Revision, StoreError> {
    let row = sqlx::query(
        "UPDATE account SET vault_revision = vault_revision + 1, vault_items = $1, vault_rows = $2, \
         vault_bytes = $3 WHERE id = $4 RETURNING vault_revision",
    )
    .bind(integer(totals.items))
    .bind(integer(totals.rows))
    .bind(integer(totals.bytes))
    .bind(account.as_bytes().as_slice())
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    number(&row, "vault_revision").map(Revision)
}

async fn put(
    connection: &mut PgConnection,
    write: &ItemWrite,
    revision: Revision,
) -> Result<(), StoreError> {
    let (key, item, tombstone) = match &write.content {
        VaultContent::Item(item) => (item.key_number, Some(item), None),
        VaultContent::Tombstone(end) => (end.key_number, None, Some(end.sealed.0.as_slice())),
    };
    sqlx::query(
        "INSERT INTO vault_item (account_id, item_id, version, revision, key_number, overview, \
         secrets, tombstone, written_at, update_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (account_id, item_id) DO UPDATE SET version = excluded.version, \
         revision = excluded.revision, key_number = excluded.key_number, \
         overview = excluded.overview, secrets = excluded.secrets, tombstone = excluded.tombstone, \
         written_at = excluded.written_at, update_id = excluded.update_id",
    )
    .bind(write.account.as_bytes().as_slice())
    .bind(write.item.as_bytes().as_slice())
    .bind(integer(write.version.0))
    .bind(integer(revision.0))
    .bind(i64::from(key.0))
    .bind(item.map(|item| item.overview.0.as_slice()))
    .bind(item.map(|item| item.secrets.0.as_slice()))
    .bind(tombstone)
    .bind(integer(write.written_at.0))
    .bind(write.update.as_bytes().as_slice())
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

pub(super) async fn latest(pool: &PgPool, account: AccountId) -> Result<Revision, StoreError> {
    let row = sqlx::query("SELECT vault_revision FROM account WHERE id = $1")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(pool)
        .await
        .map_err(failed)?
        .ok_or(StoreError::AccountMissing)?;
    number(&row, "vault_revision").map(Revision)
}

pub(super) async fn latest_of(
    pool: &PgPool,
    accounts: &[AccountId],
) -> Result<Vec<(AccountId, Latest)>, StoreError> {
    let ids: Vec<&[u8]> = accounts
        .iter()
        .map(|account| account.as_bytes().as_slice())
        .collect();
    sqlx::query("SELECT id, vault_revision, message_position FROM account WHERE id = ANY($1)")
        .bind(ids)
        .fetch_all(pool)
        .await
        .map_err(failed)?
        .iter()
        .map(|row| {
            let account = AccountId::from_bytes(bytes(row, "id")?);
            Ok((account, codec::latest(row)?))
        })
        .collect()
}

pub(super) async fn page(
    pool: &PgPool,
    account: AccountId,
    since: Revision,
    limit: u32,
) -> Result<VaultPage, StoreError> {
    // One statement sees one state: `latest` and the records belong together. The page is cut by
    // lengths alone, which lie in the rows' heads; only what is in it is read.
    let rows = sqlx::query(
        "WITH sized AS ( \
           SELECT revision, COALESCE(LENGTH(overview) + LENGTH(secrets), 0) AS bytes \
           FROM vault_item WHERE account_id = $1 AND revision > $2 \
           ORDER BY revision LIMIT $3 + 1), \
         summed AS ( \
           SELECT revision, SUM(bytes) OVER (ORDER BY revision) - bytes AS before FROM sized) \
         SELECT a.vault_revision, i.item_id, i.version, i.revision, i.key_number, i.overview, \
         i.secrets, i.tombstone FROM account a \
         LEFT JOIN summed s ON s.before <= $4 \
         LEFT JOIN vault_item i ON i.account_id = $1 AND i.revision = s.revision \
         WHERE a.id = $1 ORDER BY i.revision",
    )
    .bind(account.as_bytes().as_slice())
    .bind(integer(since.0))
    .bind(i64::from(limit))
    .bind(integer(PAGE_BYTES))
    .fetch_all(pool)
    .await
    .map_err(failed)?;
    let latest = rows.first().ok_or(StoreError::AccountMissing)?;
    let latest = Revision(number(latest, "vault_revision")?);
    let records = rows
        .iter()
        .filter_map(|row| optional_record(row).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    Ok(rules::page(records, latest, limit))
}
