//! Versions of items that another one came after.

use proto::{
    api::vault::{ItemVersions, VaultRecord, WriteAccepted},
    ids::{AccountId, ItemId, ItemVersion, UnixMillis},
    limits::{ITEM_VERSIONS_MAX, TRASH_KEPT_MS, VERSION_KEPT_MS},
};
use sqlx::{PgConnection, PgPool};

use super::{
    super::{
        ItemWrite, StoreError,
        codec::{integer, number, record, value},
        rules::{self, PAGE_BYTES, ROW_BYTES, size},
    },
    failed,
};

/// Bytes of a version, as they are counted.
const COUNTED: &str = "CAST(COALESCE(LENGTH(overview) + LENGTH(secrets), 0) + 128 AS BIGINT)";
const _: () = assert!(ROW_BYTES == 128, "`COUNTED` says so too");

/// Where a write stands that was sent before.
///
/// # Errors
/// [`StoreError::UpdateReused`]: it was another write that had its id.
pub(super) async fn accepted_before(
    connection: &mut PgConnection,
    write: &ItemWrite,
) -> Result<Option<WriteAccepted>, StoreError> {
    let row = sqlx::query(
        "SELECT item_id, version, revision, key_number, overview, secrets, tombstone \
         FROM vault_item WHERE account_id = $1 AND update_id = $2 UNION ALL \
         SELECT item_id, version, revision, key_number, overview, secrets, tombstone \
         FROM vault_version WHERE account_id = $1 AND update_id = $2",
    )
    .bind(write.account.as_bytes().as_slice())
    .bind(write.update.as_bytes().as_slice())
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    row.map(|row| rules::accepted_before(&record(&row)?, write))
        .transpose()
}

/// Keeps the newest version, which is about to be replaced, and lets go of those that are too many.
pub(super) async fn keep(
    connection: &mut PgConnection,
    write: &ItemWrite,
    newest: &VaultRecord,
    max_bytes: u64,
) -> Result<(), StoreError> {
    let (account, item) = (write.account.as_bytes(), write.item.as_bytes());
    sqlx::query(
        "INSERT INTO vault_version (account_id, item_id, version, revision, update_id, key_number, \
         overview, secrets, tombstone, written_at, replaced_at) \
         SELECT account_id, item_id, version, revision, update_id, key_number, overview, secrets, \
         tombstone, written_at, $1 FROM vault_item WHERE account_id = $2 AND item_id = $3",
    )
    .bind(integer(write.written_at.0))
    .bind(account.as_slice())
    .bind(item.as_slice())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let row = sqlx::query(
        "UPDATE account SET history_bytes = history_bytes + $1 WHERE id = $2 RETURNING history_bytes",
    )
    .bind(integer(size(&newest.content)))
    .bind(account.as_slice())
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    // With the one that is being written there are as many as may be.
    let oldest_kept = (newest.version.0 + 2).saturating_sub(u64::from(ITEM_VERSIONS_MAX));
    let mut bytes = number(&row, "history_bytes")?;
    let gone = remove(
        connection,
        write.account,
        "item_id = $2 AND version < $3",
        item,
        oldest_kept,
    )
    .await?;
    bytes = bytes.saturating_sub(gone);
    // The oldest of the account go first, a few more than must, so that not every write looks for some.
    while bytes > max_bytes {
        let row = sqlx::query(
            "SELECT MAX(revision) AS upto FROM (SELECT revision FROM vault_version \
             WHERE account_id = $1 ORDER BY revision LIMIT 64) AS oldest",
        )
        .bind(account.as_slice())
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
        let Some(upto) = value::<Option<i64>>(&row, "upto")? else {
            break;
        };
        let upto = u64::try_from(upto).unwrap_or_default() + 1;
        bytes = bytes.saturating_sub(
            remove(
                connection,
                write.account,
                "$2 IS NOT NULL AND revision < $3",
                item,
                upto,
            )
            .await?,
        );
    }
    Ok(())
}

/// Removes versions of an account, and counts them off; returns their bytes.
async fn remove(
    connection: &mut PgConnection,
    account: AccountId,
    which: &'static str,
    item: &[u8; 16],
    below: u64,
) -> Result<u64, StoreError> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "DELETE FROM vault_version WHERE account_id = $1 AND {which} RETURNING {COUNTED} AS bytes"
    )))
    .bind(account.as_bytes().as_slice())
    .bind(item.as_slice())
    .bind(integer(below))
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut bytes = 0;
    for row in &rows {
        bytes += number(row, "bytes")?;
    }
    if bytes > 0 {
        count_off(connection, account.as_bytes(), bytes).await?;
    }
    Ok(bytes)
}

async fn count_off(
    connection: &mut PgConnection,
    account: &[u8],
    bytes: u64,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE account SET history_bytes = GREATEST(0, history_bytes - $1) WHERE id = $2")
        .bind(integer(bytes))
        .bind(account)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

/// Removes what was replaced long ago, and what deleted items once were; returns how many rows.
pub(super) async fn purge(
    connection: &mut PgConnection,
    now: UnixMillis,
    limit: u32,
) -> Result<u64, StoreError> {
    // Accounts first, as every write locks them: the other way round one would wait for the other
    // for ever. What is being written now is left for the next time.
    let old = "SELECT account_id FROM vault_version WHERE replaced_at <= $1 LIMIT $2";
    let of_deleted = "SELECT v.account_id FROM vault_item i \
         JOIN vault_version v USING (account_id, item_id) \
         WHERE i.tombstone IS NOT NULL AND i.written_at <= $1 LIMIT $2";
    let old_rows = "SELECT ctid FROM vault_version \
         WHERE replaced_at <= $1 AND account_id = ANY($3) LIMIT $2";
    let rows_of_deleted = "SELECT v.ctid FROM vault_item i \
         JOIN vault_version v USING (account_id, item_id) \
         WHERE i.tombstone IS NOT NULL AND i.written_at <= $1 AND account_id = ANY($3) LIMIT $2";
    let mut removed = 0;
    for (accounts, rows, kept_ms) in [
        (old, old_rows, VERSION_KEPT_MS),
        (of_deleted, rows_of_deleted, TRASH_KEPT_MS),
    ] {
        let until = integer(now.0.saturating_sub(kept_ms));
        let locked = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT id FROM account WHERE id IN ({accounts}) ORDER BY id FOR UPDATE SKIP LOCKED"
        )))
        .bind(until)
        .bind(i64::from(limit))
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
        let locked = locked
            .iter()
            .map(|row| value::<&[u8]>(row, "id"))
            .collect::<Result<Vec<_>, _>>()?;
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "DELETE FROM vault_version WHERE ctid IN ({rows}) \
             RETURNING account_id, {COUNTED} AS bytes"
        )))
        .bind(until)
        .bind(i64::from(limit))
        .bind(locked)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
        for row in &rows {
            let account = value::<Vec<u8>>(row, "account_id")?;
            count_off(connection, &account, number(row, "bytes")?).await?;
        }
        removed += rows.len() as u64;
    }
    Ok(removed)
}

pub(super) async fn versions(
    pool: &PgPool,
    account: AccountId,
    item: ItemId,
    before: ItemVersion,
    limit: u32,
) -> Result<ItemVersions, StoreError> {
    // Cut by lengths alone, as a page of the log is.
    let rows = sqlx::query(
        "WITH every AS ( \
           SELECT item_id, version, revision, key_number, overview, secrets, tombstone \
           FROM vault_item WHERE account_id = $1 AND item_id = $2 AND version < $3 \
           UNION ALL \
           SELECT item_id, version, revision, key_number, overview, secrets, tombstone \
           FROM vault_version WHERE account_id = $1 AND item_id = $2 AND version < $3), \
         summed AS ( \
           SELECT *, SUM(COALESCE(LENGTH(overview) + LENGTH(secrets), 0)) \
           OVER (ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before \
           FROM every ORDER BY version DESC LIMIT $4 + 1) \
         SELECT * FROM summed WHERE COALESCE(before, 0) <= $5 ORDER BY version DESC",
    )
    .bind(account.as_bytes().as_slice())
    .bind(item.as_bytes().as_slice())
    .bind(integer(before.0))
    .bind(i64::from(limit))
    .bind(integer(PAGE_BYTES))
    .fetch_all(pool)
    .await
    .map_err(failed)?;
    let mut versions = rows.iter().map(record).collect::<Result<Vec<_>, _>>()?;
    versions.truncate(limit as usize);
    let has_more = match versions.last() {
        Some(last) => older_than(pool, account, item, last.version).await?,
        None => false,
    };
    Ok(ItemVersions { versions, has_more })
}

async fn older_than(
    pool: &PgPool,
    account: AccountId,
    item: ItemId,
    version: ItemVersion,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT EXISTS (SELECT 1 FROM vault_version \
         WHERE account_id = $1 AND item_id = $2 AND version < $3) AS older",
    )
    .bind(account.as_bytes().as_slice())
    .bind(item.as_bytes().as_slice())
    .bind(integer(version.0))
    .fetch_one(pool)
    .await
    .map_err(failed)?;
    value::<bool>(&row, "older")
}
