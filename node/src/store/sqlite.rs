//! The store on `SQLite`: one file, one writer, many readers.
//!
//! ```text
//! request ─┐                       ┌─ savepoint ─ operation ─ release ─┐
//! request ─┼─ queue ─ writer task ─┼─ savepoint ─ operation ─ release ─┼─ commit (fsync) ─ answers
//! request ─┘                       └─ savepoint ─ operation ─ rollback ┘
//! request ─── pool of readers (write-ahead log: never blocked by the writer)
//! ```
//! Writes that wait while another commits go into the next transaction together, so that one
//! `fsync` carries them all. Each is answered after that, and fails alone.

mod account;
mod advice;
mod code;
mod copy;
mod domain;
mod domains;
mod history;
mod manifest;
mod message;
mod messages;
mod migrate;
mod purge;
mod recovery;
mod session;
mod vault;
mod writer;

#[cfg(test)]
mod tests;

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use proto::{
    address::Address,
    api::{
        account::KeyAdded,
        manifest::{ManifestPage, VaultManifest},
        session::SealedDeviceName,
        vault::{ItemVersions, VaultPage, WriteAccepted},
    },
    ids::{AccountId, ItemId, ItemVersion, Revision, SessionId, UnixMillis},
};
use sqlx::{
    ConnectOptions as _, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Account, AddressState, DatabaseId, Deletion, ItemWrite, KeptSession, Latest, NewAccount,
    NewKey, NewRecovery, NewSession, PasswordChange, Renewal, Session, SpentChallenge, Store,
    StoreError, StoredKey, StoredRecovery, TokenHash, VaultQuota, codec,
};
pub use copy::{Contents, check, copy, end_sessions};
pub(super) use message::delivery::held_up;
use writer::Writer;

/// Name of the database in the data folder.
pub const FILE_NAME: &str = "pearvault.db";

/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The store in one `SQLite` file.
pub struct SqliteStore {
    database: DatabaseId,
    readers: SqlitePool,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the database at `path`, or makes it, and brings its schema up to date.
    ///
    /// `readers` connections serve reads, at least one.
    ///
    /// # Errors
    /// [`StoreError::SchemaTooNew`], [`StoreError::Database`].
    pub async fn open(path: &Path, readers: u32) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            // Acknowledged means on disk: WAL with NORMAL would lose commits at a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            // What an account leaves in freed pages is overwritten where that costs no extra I/O.
            .pragma("secure_delete", "FAST")
            .disable_statement_logging();
        let mut connection = options
            .clone()
            .create_if_missing(true)
            .connect()
            .await
            .map_err(advice::unusable)?;
        super::migrate::run(migrate::STEPS, &mut connection).await?;
        let database = sqlx::query(codec::DATABASE)
            .fetch_one(&mut connection)
            .await
            .map_err(StoreError::database)?;
        let database = codec::database(&database)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(readers.max(1))
            .connect_with(options.pragma("query_only", "ON"))
            .await
            .map_err(StoreError::database)?;
        Ok(Self {
            database,
            readers,
            writer: Writer::start(connection),
        })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn spend(&self, challenge: SpentChallenge) -> Result<(), StoreError> {
        self.writer.run(account::Spend(challenge)).await
    }

    async fn address_state(&self, address: &Address) -> Result<AddressState, StoreError> {
        account::address_state(&self.readers, address).await
    }

    async fn account_by_address(&self, address: &Address) -> Result<Option<Account>, StoreError> {
        account::by_address(&self.readers, address).await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        account::by_id(&self.readers, id).await
    }

    async fn active_public_key(&self, address: &Address) -> Result<Option<[u8; 33]>, StoreError> {
        account::active_public_key(&self.readers, address).await
    }

    async fn create_account(&self, new: NewAccount) -> Result<(), StoreError> {
        self.writer.run(account::Create(new)).await
    }

    async fn delete_account(&self, deletion: Deletion) -> Result<(), StoreError> {
        self.writer.run(account::Delete(deletion)).await
    }

    async fn open_session(&self, new: NewSession) -> Result<bool, StoreError> {
        self.writer.run(session::Open(new)).await
    }

    async fn session_by_token(
        &self,
        token: &TokenHash,
        now: UnixMillis,
    ) -> Result<Option<Session>, StoreError> {
        session::by_token(&self.readers, token, now).await
    }

    async fn renewable_session(
        &self,
        token: &TokenHash,
        now: UnixMillis,
    ) -> Result<Option<Session>, StoreError> {
        session::renewable(&self.readers, token, now).await
    }

    async fn renew_session(&self, renewal: Renewal) -> Result<(), StoreError> {
        self.writer.run(session::Renew(renewal)).await
    }

    async fn touch_session(&self, id: SessionId, used_at: UnixMillis) -> Result<(), StoreError> {
        self.writer.run(session::Touch { id, used_at }).await
    }

    async fn sessions(
        &self,
        account: AccountId,
        now: UnixMillis,
    ) -> Result<Vec<Session>, StoreError> {
        session::of_account(&self.readers, account, now).await
    }

    async fn end_session(&self, account: AccountId, id: SessionId) -> Result<bool, StoreError> {
        self.writer.run(session::End { account, id }).await
    }

    async fn end_other_sessions(&self, kept: KeptSession) -> Result<u64, StoreError> {
        self.writer.run(session::EndOthers(kept)).await
    }

    async fn name_session(
        &self,
        account: AccountId,
        id: SessionId,
        name: Option<SealedDeviceName>,
    ) -> Result<bool, StoreError> {
        self.writer.run(session::Rename { account, id, name }).await
    }

    async fn keys(&self, account: AccountId) -> Result<Vec<StoredKey>, StoreError> {
        account::keys(&self.readers, account).await
    }

    async fn keys_added(&self, account: AccountId) -> Result<Vec<KeyAdded>, StoreError> {
        account::keys_added(&self.readers, account).await
    }

    async fn add_key(&self, new: NewKey) -> Result<(), StoreError> {
        self.writer.run(account::AddKey(new)).await
    }

    async fn recovery(&self, account: AccountId) -> Result<Option<StoredRecovery>, StoreError> {
        recovery::of_account(&self.readers, account).await
    }

    async fn recovery_by_address(
        &self,
        address: &Address,
    ) -> Result<Option<StoredRecovery>, StoreError> {
        recovery::by_address(&self.readers, address).await
    }

    async fn recovery_keys(&self, account: AccountId) -> Result<Vec<StoredKey>, StoreError> {
        recovery::keys(&self.readers, account).await
    }

    async fn set_recovery(&self, new: NewRecovery) -> Result<(), StoreError> {
        self.writer.run(recovery::Set(new)).await
    }

    async fn change_password(&self, change: PasswordChange) -> Result<(), StoreError> {
        self.writer.run(recovery::Change(change)).await
    }

    async fn write_item(
        &self,
        write: ItemWrite,
        quota: VaultQuota,
    ) -> Result<WriteAccepted, StoreError> {
        self.writer.run(vault::Write { write, quota }).await
    }

    async fn vault_latest(&self, account: AccountId) -> Result<Revision, StoreError> {
        Ok(vault::latest(&self.readers, account).await?.vault)
    }

    async fn latest_of(
        &self,
        accounts: &[AccountId],
    ) -> Result<Vec<(AccountId, Latest)>, StoreError> {
        vault::latest_of(&self.readers, accounts).await
    }

    fn database(&self) -> DatabaseId {
        self.database
    }

    fn is_shared(&self) -> bool {
        false
    }

    async fn vault_page(
        &self,
        account: AccountId,
        since: Revision,
        limit: u32,
    ) -> Result<VaultPage, StoreError> {
        vault::page(&self.readers, account, since, limit).await
    }

    async fn item_versions(
        &self,
        account: AccountId,
        item: ItemId,
        before: ItemVersion,
        limit: u32,
    ) -> Result<ItemVersions, StoreError> {
        history::versions(&self.readers, account, item, before, limit).await
    }

    async fn manifests(
        &self,
        account: AccountId,
        after: u64,
        limit: u32,
    ) -> Result<ManifestPage, StoreError> {
        manifest::page(&self.readers, account, after, limit).await
    }

    async fn newest_manifest(
        &self,
        account: AccountId,
    ) -> Result<Option<VaultManifest>, StoreError> {
        manifest::newest(&self.readers, account).await
    }

    async fn add_manifest(
        &self,
        account: AccountId,
        manifest: VaultManifest,
    ) -> Result<(), StoreError> {
        self.writer.run(manifest::Add { account, manifest }).await
    }

    async fn purge(&self, now: UnixMillis, limit: u32) -> Result<u64, StoreError> {
        self.writer.run(purge::Purge { now, limit }).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.writer.run(purge::Nothing).await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.readers.close().await;
        self.writer.close().await
    }
}
