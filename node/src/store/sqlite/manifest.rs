//! What the devices of an account have signed of its vault.

use proto::{
    api::manifest::{MANIFESTS_MAX, ManifestPage, VaultManifest},
    ids::AccountId,
};

use super::{
    super::{
        StoreError,
        codec::{integer, optional_manifest},
        rules::is_next_manifest,
    },
    sql::{Connection, query},
    writer::Operation,
};

/// Adds a link.
pub(super) struct Add {
    pub(super) account: AccountId,
    pub(super) manifest: VaultManifest,
}

impl Operation for Add {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let new = &self.manifest;
        let account = self.account.as_bytes().as_slice();
        let row = query(
            "SELECT a.id, m.* FROM account a LEFT JOIN vault_manifest m ON m.account_id = a.id \
             WHERE a.id = ? ORDER BY m.number DESC LIMIT 1",
        )
        .bind(account)
        .fetch_optional(connection)?
        .ok_or(StoreError::AccountMissing)?;
        let newest = optional_manifest(&row)?;
        if !is_next_manifest(newest.as_ref(), new)? {
            return Ok(());
        }
        query(
            "INSERT INTO vault_manifest (account_id, number, previous, revision, items, digest, \
             signed_at, key_number, signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(account)
        .bind(integer(new.number))
        .bind(new.previous.0.as_slice())
        .bind(integer(new.revision.0))
        .bind(integer(new.items))
        .bind(new.digest.0.as_slice())
        .bind(integer(new.signed_at.0))
        .bind(new.key_number.0)
        .bind(new.signature.0.as_slice())
        .execute(connection)?;
        query("DELETE FROM vault_manifest WHERE account_id = ? AND number <= ?")
            .bind(account)
            .bind(integer(new.number.saturating_sub(MANIFESTS_MAX)))
            .execute(connection)?;
        Ok(())
    }
}

/// Links after `after`, the oldest first.
pub(super) fn page(
    reader: &Connection,
    account: AccountId,
    after: u64,
    limit: u32,
) -> Result<ManifestPage, StoreError> {
    let rows = query(
        "SELECT * FROM vault_manifest WHERE account_id = ? AND number > ? ORDER BY number LIMIT ?",
    )
    .bind(account.as_bytes().as_slice())
    .bind(integer(after))
    .bind(i64::from(limit) + 1)
    .fetch_all(reader)?;
    let mut manifests = rows
        .iter()
        .filter_map(|row| optional_manifest(row).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    let has_more = manifests.len() > limit as usize;
    manifests.truncate(limit as usize);
    Ok(ManifestPage {
        manifests,
        has_more,
    })
}

pub(super) fn newest(
    reader: &Connection,
    account: AccountId,
) -> Result<Option<VaultManifest>, StoreError> {
    let row =
        query("SELECT * FROM vault_manifest WHERE account_id = ? ORDER BY number DESC LIMIT 1")
            .bind(account.as_bytes().as_slice())
            .fetch_optional(reader)?;
    row.map_or(Ok(None), |row| optional_manifest(&row))
}
