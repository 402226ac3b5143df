//! What the devices of an account have signed of its vault.

use async_trait::async_trait;
use proto::{
    api::manifest::{MANIFESTS_MAX, ManifestPage, VaultManifest},
    ids::AccountId,
};
use sqlx::{PgConnection, PgPool};

use super::{
    super::{
        StoreError,
        codec::{integer, optional_manifest},
        rules::is_next_manifest,
    },
    Operation, failed, lock_account,
};

/// Adds a link.
pub(super) struct Add {
    pub(super) account: AccountId,
    pub(super) manifest: VaultManifest,
}

#[async_trait]
impl Operation for Add {
    type Output = ();

    fn account(&self) -> Option<AccountId> {
        Some(self.account)
    }

    async fn run(&mut self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let new = &self.manifest;
        let account = self.account.as_bytes().as_slice();
        lock_account(connection, self.account).await?;
        let newest = sqlx::query(
            "SELECT * FROM vault_manifest WHERE account_id = $1 ORDER BY number DESC LIMIT 1",
        )
        .bind(account)
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed)?
        .map_or(Ok(None), |row| optional_manifest(&row))?;
        if !is_next_manifest(newest.as_ref(), new)? {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO vault_manifest (account_id, number, previous, revision, items, digest, \
             signed_at, key_number, signature) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(account)
        .bind(integer(new.number))
        .bind(new.previous.0.as_slice())
        .bind(integer(new.revision.0))
        .bind(integer(new.items))
        .bind(new.digest.0.as_slice())
        .bind(integer(new.signed_at.0))
        .bind(i64::from(new.key_number.0))
        .bind(new.signature.0.as_slice())
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
        sqlx::query("DELETE FROM vault_manifest WHERE account_id = $1 AND number <= $2")
            .bind(account)
            .bind(integer(new.number.saturating_sub(MANIFESTS_MAX)))
            .execute(connection)
            .await
            .map_err(failed)?;
        Ok(())
    }
}

/// Links after `after`, the oldest first.
pub(super) async fn page(
    pool: &PgPool,
    account: AccountId,
    after: u64,
    limit: u32,
) -> Result<ManifestPage, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM vault_manifest WHERE account_id = $1 AND number > $2 ORDER BY number LIMIT $3",
    )
    .bind(account.as_bytes().as_slice())
    .bind(integer(after))
    .bind(i64::from(limit) + 1)
    .fetch_all(pool)
    .await
    .map_err(failed)?;
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

pub(super) async fn newest(
    pool: &PgPool,
    account: AccountId,
) -> Result<Option<VaultManifest>, StoreError> {
    let row = sqlx::query(
        "SELECT * FROM vault_manifest WHERE account_id = $1 ORDER BY number DESC LIMIT 1",
    )
    .bind(account.as_bytes().as_slice())
    .fetch_optional(pool)
    .await
    .map_err(failed)?;
    row.map_or(Ok(None), |row| optional_manifest(&row))
}
