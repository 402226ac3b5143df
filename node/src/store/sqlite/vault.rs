//! The vault: each item's newest version, in the order of a log without gaps.

use async_trait::async_trait;
use proto::{
    api::vault::{
        SealedItem, SealedTombstone, VaultContent, VaultPage, VaultRecord, WriteAccepted,
    },
    bytes::Base64,
    ids::{AccountId, ItemId, ItemVersion, KeyNumber, Revision},
};
use sqlx::{SqliteConnection, SqlitePool, sqlite::SqliteRow};

use super::{
    super::{ItemWrite, StoreError, VaultQuota},
    codec::{bytes, damaged, integer, number, value},
    history,
    writer::Operation,
};

/// What an item or tombstone counts beside its ciphertext, bytes: its row and its indexes.
pub(super) const ROW_BYTES: u64 = 128;
/// Ciphertext after which a page ends, bytes.
pub(super) const PAGE_BYTES: u64 = 4 << 20;

/// Writes one version of an item.
pub(super) struct Write {
    pub(super) write: ItemWrite,
    pub(super) quota: VaultQuota,
}

#[async_trait]
impl Operation for Write {
    type Output = WriteAccepted;

    async fn run(
        &mut self,
        connection: &mut SqliteConnection,
    ) -> Result<WriteAccepted, StoreError> {
        let write = &self.write;
        let row = sqlx::query(
            "SELECT a.vault_items, a.vault_bytes, \
             i.item_id, i.version, i.revision, i.key_number, i.overview, i.secrets, \
             i.tombstone FROM account a LEFT JOIN vault_item i ON i.account_id = a.id AND i.item_id = ? \
             WHERE a.id = ?",
        )
        .bind(write.item.as_bytes().as_slice())
        .bind(write.account.as_bytes().as_slice())
        .fetch_optional(&mut *connection)
        .await
        .map_err(StoreError::database)?
        .ok_or(StoreError::AccountMissing)?;
        let newest = optional_record(&row)?;
        if let Some(accepted) = history::accepted_before(connection, write).await? {
            return Ok(accepted);
        }
        let is_live = |record: &VaultRecord| record.content.item().is_some();
        if write.content.item().is_none() && !newest.as_ref().is_some_and(is_live) {
            return Err(StoreError::ItemMissing);
        }
        let actual = newest
            .as_ref()
            .map_or(ItemVersion(0), |record| record.version);
        if Some(write.version.0) != actual.0.checked_add(1) {
            return Err(StoreError::VersionConflict { actual });
        }
        let totals = self.totals_after(&row, newest.as_ref())?;
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

impl Write {
    /// Live items and bytes of the account after this write.
    fn totals_after(
        &self,
        row: &SqliteRow,
        newest: Option<&VaultRecord>,
    ) -> Result<(u64, u64), StoreError> {
        let (quota, content) = (self.quota, &self.write.content);
        let was_live = u64::from(newest.is_some_and(|record| record.content.item().is_some()));
        let is_live = u64::from(content.item().is_some());
        let items = number(row, "vault_items")?.saturating_sub(was_live) + is_live;
        if items > quota.items && is_live > was_live {
            return Err(StoreError::QuotaExceeded { max: quota.items });
        }
        let before = newest.map_or(0, |record| size(&record.content));
        let after = size(content);
        let total = number(row, "vault_bytes")?.saturating_sub(before) + after;
        // What shrinks or deletes is always taken: it is the way out of a full account.
        if total > quota.bytes && after > before {
            return Err(StoreError::QuotaExceeded { max: quota.bytes });
        }
        Ok((items, total))
    }
}

/// Takes the account's next place in the log. The writer is alone in its transaction, and a write
/// that fails later gives the place back by its rollback: no gaps.
async fn advance(
    connection: &mut SqliteConnection,
    account: AccountId,
    (items, bytes): (u64, u64),
) -> Result<Revision, StoreError> {
    let row = sqlx::query(
        "UPDATE account SET vault_revision = vault_revision + 1, vault_items = ?, vault_bytes = ? \
         WHERE id = ? RETURNING vault_revision",
    )
    .bind(integer(items))
    .bind(integer(bytes))
    .bind(account.as_bytes().as_slice())
    .fetch_one(connection)
    .await
    .map_err(StoreError::database)?;
    number(&row, "vault_revision").map(Revision)
}

async fn put(
    connection: &mut SqliteConnection,
    write: &ItemWrite,
    revision: Revision,
) -> Result<(), StoreError> {
    let (key, item, tombstone) = match &write.content {
        VaultContent::Item(item) => (item.key_number, Some(item), None),
        VaultContent::Tombstone(end) => (end.key_number, None, Some(end.sealed.0.as_slice())),
    };
    sqlx::query(
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
    .execute(connection)
    .await
    .map_err(StoreError::database)?;
    Ok(())
}

pub(super) async fn latest(
    readers: &SqlitePool,
    account: AccountId,
) -> Result<Revision, StoreError> {
    let row = sqlx::query("SELECT vault_revision FROM account WHERE id = ?")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(readers)
        .await
        .map_err(StoreError::database)?
        .ok_or(StoreError::AccountMissing)?;
    number(&row, "vault_revision").map(Revision)
}

pub(super) async fn page(
    readers: &SqlitePool,
    account: AccountId,
    since: Revision,
    limit: u32,
) -> Result<VaultPage, StoreError> {
    // One statement sees one state: `latest` and the records belong together. The page is cut by
    // lengths alone, which lie in the rows' heads; only what is in it is read.
    let rows = sqlx::query(
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
    .fetch_all(readers)
    .await
    .map_err(StoreError::database)?;
    let latest = rows.first().ok_or(StoreError::AccountMissing)?;
    let latest = Revision(number(latest, "vault_revision")?);
    let mut records = rows
        .iter()
        .filter_map(|row| optional_record(row).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    records.truncate(limit as usize);
    // The newest write is some item's newest version: a page that does not reach it is not the last.
    let has_more = records
        .last()
        .is_some_and(|record| record.revision < latest);
    Ok(VaultPage {
        records,
        latest,
        has_more,
        manifest: None,
    })
}

/// The record of a row of a left join, `None` where there was none to join.
pub(super) fn optional_record(row: &SqliteRow) -> Result<Option<VaultRecord>, StoreError> {
    if value::<Option<&[u8]>>(row, "item_id")?.is_none() {
        return Ok(None);
    }
    let key_number = value::<i64>(row, "key_number")?;
    let key_number = KeyNumber(u32::try_from(key_number).map_err(|_| damaged("key_number"))?);
    let content = match (
        value::<Option<Vec<u8>>>(row, "overview")?,
        value::<Option<Vec<u8>>>(row, "secrets")?,
        value::<Option<Vec<u8>>>(row, "tombstone")?,
    ) {
        (Some(overview), Some(secrets), None) => VaultContent::Item(SealedItem {
            key_number,
            overview: Base64(overview),
            secrets: Base64(secrets),
        }),
        (None, None, Some(sealed)) => VaultContent::Tombstone(SealedTombstone {
            key_number,
            sealed: Base64(sealed),
        }),
        _ => return Err(damaged("tombstone")),
    };
    Ok(Some(VaultRecord {
        id: ItemId::from_bytes(bytes(row, "item_id")?),
        version: ItemVersion(number(row, "version")?),
        revision: Revision(number(row, "revision")?),
        content,
    }))
}

/// What an item counts, bytes. A tombstone is part of its row.
pub(super) fn size(content: &VaultContent) -> u64 {
    content.item().map_or(0, |item| {
        (item.overview.0.len() + item.secrets.0.len()) as u64
    }) + ROW_BYTES
}
