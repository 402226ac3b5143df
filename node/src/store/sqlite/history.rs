//! Versions of items that another one came after.

use proto::{
    api::vault::{ItemVersions, VaultRecord, WriteAccepted},
    ids::{AccountId, ItemId, ItemVersion, UnixMillis},
    limits::{ITEM_VERSIONS_MAX, TRASH_KEPT_MS, VERSION_KEPT_MS},
};

use super::{
    super::{
        ItemWrite, StoreError,
        codec::{integer, number, record, value},
        rules::{self, PAGE_BYTES, ROW_BYTES, size},
    },
    sql::{Connection, query},
};

/// Bytes of a version, as they are counted.
const COUNTED: &str = "COALESCE(LENGTH(overview) + LENGTH(secrets), 0) + 128";
const _: () = assert!(ROW_BYTES == 128, "`COUNTED` says so too");

/// Where a write stands that was sent before.
///
/// # Errors
/// [`StoreError::UpdateReused`]: it was another write that had its id.
pub(super) fn accepted_before(
    connection: &Connection,
    write: &ItemWrite,
) -> Result<Option<WriteAccepted>, StoreError> {
    let row = query(
        "SELECT item_id, version, revision, key_number, overview, secrets, tombstone \
         FROM vault_item WHERE account_id = ?1 AND update_id = ?2 UNION ALL \
         SELECT item_id, version, revision, key_number, overview, secrets, tombstone \
         FROM vault_version WHERE account_id = ?1 AND update_id = ?2",
    )
    .bind(write.account.as_bytes().as_slice())
    .bind(write.update.as_bytes().as_slice())
    .fetch_optional(connection)?;
    row.map(|row| rules::accepted_before(&record(&row)?, write))
        .transpose()
}

/// Keeps the newest version, which is about to be replaced, and lets go of those that are too many.
pub(super) fn keep(
    connection: &Connection,
    write: &ItemWrite,
    newest: &VaultRecord,
    max_bytes: u64,
) -> Result<(), StoreError> {
    let (account, item) = (write.account.as_bytes(), write.item.as_bytes());
    query(
        "INSERT INTO vault_version (account_id, item_id, version, revision, update_id, key_number, \
         overview, secrets, tombstone, written_at, replaced_at) \
         SELECT account_id, item_id, version, revision, update_id, key_number, overview, secrets, \
         tombstone, written_at, ? FROM vault_item WHERE account_id = ? AND item_id = ?",
    )
    .bind(integer(write.written_at.0))
    .bind(account.as_slice())
    .bind(item.as_slice())
    .execute(connection)?;
    let row = query(
        "UPDATE account SET history_bytes = history_bytes + ? WHERE id = ? RETURNING history_bytes",
    )
    .bind(integer(size(&newest.content)))
    .bind(account.as_slice())
    .fetch_one(connection)?;
    // With the one that is being written there are as many as may be.
    let oldest_kept = (newest.version.0 + 2).saturating_sub(u64::from(ITEM_VERSIONS_MAX));
    let mut bytes = number(&row, "history_bytes")?;
    let gone = remove(
        connection,
        write.account,
        "item_id = ?2 AND version < ?3",
        item,
        oldest_kept,
    )?;
    bytes = bytes.saturating_sub(gone);
    // The oldest of the account go first, a few more than must, so that not every write looks for some.
    while bytes > max_bytes {
        let row = query(
            "SELECT MAX(revision) AS upto FROM (SELECT revision FROM vault_version \
             WHERE account_id = ? ORDER BY revision LIMIT 64)",
        )
        .bind(account.as_slice())
        .fetch_one(connection)?;
        let Some(upto) = value::<Option<i64>>(&row, "upto")? else {
            break;
        };
        let upto = u64::try_from(upto).unwrap_or_default() + 1;
        bytes = bytes.saturating_sub(remove(
            connection,
            write.account,
            "?2 IS NOT NULL AND revision < ?3",
            item,
            upto,
        )?);
    }
    Ok(())
}

/// Removes versions of an account, and counts them off; returns their bytes.
fn remove(
    connection: &Connection,
    account: AccountId,
    which: &'static str,
    item: &[u8; 16],
    below: u64,
) -> Result<u64, StoreError> {
    let rows = query(format!(
        "DELETE FROM vault_version WHERE account_id = ?1 AND {which} RETURNING {COUNTED} AS bytes"
    ))
    .bind(account.as_bytes().as_slice())
    .bind(item.as_slice())
    .bind(integer(below))
    .fetch_all(connection)?;
    let mut bytes = 0;
    for row in &rows {
        bytes += number(row, "bytes")?;
    }
    if bytes > 0 {
        count_off(connection, account.as_bytes(), bytes)?;
    }
    Ok(bytes)
}

fn count_off(connection: &Connection, account: &[u8], bytes: u64) -> Result<(), StoreError> {
    query("UPDATE account SET history_bytes = MAX(0, history_bytes - ?) WHERE id = ?")
        .bind(integer(bytes))
        .bind(account)
        .execute(connection)?;
    Ok(())
}

/// Removes what was replaced long ago, and what deleted items once were; returns how many rows.
pub(super) fn purge(
    connection: &Connection,
    now: UnixMillis,
    limit: u32,
) -> Result<u64, StoreError> {
    let old = format!(
        "DELETE FROM vault_version WHERE rowid IN \
         (SELECT rowid FROM vault_version WHERE replaced_at <= ? LIMIT ?) \
         RETURNING account_id, {COUNTED} AS bytes"
    );
    let of_deleted = format!(
        "DELETE FROM vault_version WHERE rowid IN \
         (SELECT v.rowid FROM vault_item i JOIN vault_version v USING (account_id, item_id) \
          WHERE i.tombstone IS NOT NULL AND i.written_at <= ? LIMIT ?) \
         RETURNING account_id, {COUNTED} AS bytes"
    );
    let mut removed = 0;
    for (statement, kept_ms) in [(old, VERSION_KEPT_MS), (of_deleted, TRASH_KEPT_MS)] {
        let rows = query(statement)
            .bind(integer(now.0.saturating_sub(kept_ms)))
            .bind(limit)
            .fetch_all(connection)?;
        for row in &rows {
            let account = value::<&[u8]>(row, "account_id")?;
            count_off(connection, account, number(row, "bytes")?)?;
        }
        removed += rows.len() as u64;
    }
    Ok(removed)
}

pub(super) fn versions(
    reader: &Connection,
    account: AccountId,
    item: ItemId,
    before: ItemVersion,
    limit: u32,
) -> Result<ItemVersions, StoreError> {
    // Cut by lengths alone, as a page of the log is.
    let rows = query(
        "WITH every AS ( \
           SELECT item_id, version, revision, key_number, overview, secrets, tombstone \
           FROM vault_item WHERE account_id = ?1 AND item_id = ?2 AND version < ?3 \
           UNION ALL \
           SELECT item_id, version, revision, key_number, overview, secrets, tombstone \
           FROM vault_version WHERE account_id = ?1 AND item_id = ?2 AND version < ?3), \
         summed AS ( \
           SELECT *, SUM(COALESCE(LENGTH(overview) + LENGTH(secrets), 0)) \
           OVER (ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before \
           FROM every ORDER BY version DESC LIMIT ?4 + 1) \
         SELECT * FROM summed WHERE COALESCE(before, 0) <= ?5 ORDER BY version DESC",
    )
    .bind(account.as_bytes().as_slice())
    .bind(item.as_bytes().as_slice())
    .bind(integer(before.0))
    .bind(limit)
    .bind(integer(PAGE_BYTES))
    .fetch_all(reader)?;
    let mut versions = rows.iter().map(record).collect::<Result<Vec<_>, _>>()?;
    versions.truncate(limit as usize);
    let has_more = match versions.last() {
        Some(last) => older_than(reader, account, item, last.version)?,
        None => false,
    };
    Ok(ItemVersions { versions, has_more })
}

fn older_than(
    reader: &Connection,
    account: AccountId,
    item: ItemId,
    version: ItemVersion,
) -> Result<bool, StoreError> {
    let row = query(
        "SELECT EXISTS (SELECT 1 FROM vault_version \
         WHERE account_id = ? AND item_id = ? AND version < ?) AS older",
    )
    .bind(account.as_bytes().as_slice())
    .bind(item.as_bytes().as_slice())
    .bind(integer(version.0))
    .fetch_one(reader)?;
    value::<bool>(&row, "older")
}
