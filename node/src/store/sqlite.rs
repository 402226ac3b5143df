//! The store on `SQLite`: one file, one writer, many readers.
//!
//! ```text
//! request ─┐                         ┌─ savepoint ─ operation ─ release ─┐
//! request ─┼─ queue ─ writer thread ─┼─ savepoint ─ operation ─ release ─┼─ commit (fsync) ─ answers
//! request ─┘                         └─ savepoint ─ operation ─ rollback ┘
//! request ─── a reader, in the request's own thread (write-ahead log: never blocked by the writer)
//! ```
//! Writes that wait while another commits go into the next transaction together, so that one
//! `fsync` carries them all. Each is answered after that, and fails alone.
//!
//! The schema is brought up to date through sqlx, as that of `PostgreSQL` is. Everything after that is done by rusqlite in the
//! thread that asks: sqlx keeps a thread for each connection, and the way there cost several times the statement.

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
mod readers;
mod recovery;
mod session;
mod sql;
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
use rusqlite::OpenFlags;
use sqlx::{
    ConnectOptions as _, Connection as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::{
    Account, AddressState, DatabaseId, Deletion, ItemWrite, KeptSession, Latest, NewAccount,
    NewKey, NewRecovery, NewSession, PasswordChange, Renewal, Session, SpentChallenge, Store,
    StoreError, StoredKey, StoredRecovery, TokenHash, VaultQuota, codec,
};
pub use copy::{Contents, check, copy, end_sessions};
pub(super) use message::delivery::held_up;
use readers::Readers;
pub(super) use sql::Connection;
use writer::Writer;

/// Name of the database in the data folder.
pub const FILE_NAME: &str = "pearvault.db";

/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Of every connection that serves.
const SETTINGS: [(&str, &str); 4] = [
    // Acknowledged means on disk: a write-ahead log with NORMAL would lose commits at a power cut.
    ("synchronous", "FULL"),
    ("foreign_keys", "ON"),
    // That of `BUSY_TIMEOUT`, ms.
    ("busy_timeout", "5000"),
    // What an account leaves in freed pages is overwritten where that costs no extra I/O.
    ("secure_delete", "FAST"),
];

/// The store in one `SQLite` file.
pub struct SqliteStore {
    database: DatabaseId,
    readers: Readers,
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
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("secure_delete", "FAST")
            .disable_statement_logging();
        let mut connection = options
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
        connection.close().await.map_err(StoreError::database)?;
        let open = |more: &[(&str, &str)]| {
            let settings = [SETTINGS.as_slice(), more].concat();
            Connection::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, &settings)
        };
        let readers = (0..readers.max(1)).map(|_| open(&[("query_only", "ON")]));
        Ok(Self {
            database,
            readers: Readers::new(readers.collect::<Result<_, _>>()?),
            writer: Writer::start(open(&[])?),
        })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn spend(&self, challenge: SpentChallenge) -> Result<(), StoreError> {
        self.writer.run(account::Spend(challenge)).await
    }

    async fn address_state(&self, address: &Address) -> Result<AddressState, StoreError> {
        self.readers
            .read(|reader| account::address_state(reader, address))
            .await
    }

    async fn account_by_address(&self, address: &Address) -> Result<Option<Account>, StoreError> {
        self.readers
            .read(|reader| account::by_address(reader, address))
            .await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.readers.read(|reader| account::by_id(reader, id)).await
    }

    async fn active_public_key(&self, address: &Address) -> Result<Option<[u8; 33]>, StoreError> {
        self.readers
            .read(|reader| account::active_public_key(reader, address))
            .await
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
        self.readers
            .read(|reader| session::by_token(reader, token, now))
            .await
    }

    async fn renewable_session(
        &self,
        token: &TokenHash,
        now: UnixMillis,
    ) -> Result<Option<Session>, StoreError> {
        self.readers
            .read(|reader| session::renewable(reader, token, now))
            .await
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
        self.readers
            .read(|reader| session::of_account(reader, account, now))
            .await
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
        self.readers
            .read(|reader| account::keys(reader, account))
            .await
    }

    async fn keys_added(&self, account: AccountId) -> Result<Vec<KeyAdded>, StoreError> {
        self.readers
            .read(|reader| account::keys_added(reader, account))
            .await
    }

    async fn add_key(&self, new: NewKey) -> Result<(), StoreError> {
        self.writer.run(account::AddKey(new)).await
    }

    async fn recovery(&self, account: AccountId) -> Result<Option<StoredRecovery>, StoreError> {
        self.readers
            .read(|reader| recovery::of_account(reader, account))
            .await
    }

    async fn recovery_by_address(
        &self,
        address: &Address,
    ) -> Result<Option<StoredRecovery>, StoreError> {
        self.readers
            .read(|reader| recovery::by_address(reader, address))
            .await
    }

    async fn recovery_keys(&self, account: AccountId) -> Result<Vec<StoredKey>, StoreError> {
        self.readers
            .read(|reader| recovery::keys(reader, account))
            .await
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
        Ok(self
            .readers
            .read(|reader| vault::latest(reader, account))
            .await?
            .vault)
    }

    async fn latest_of(
        &self,
        accounts: &[AccountId],
    ) -> Result<Vec<(AccountId, Latest)>, StoreError> {
        let accounts = accounts.to_vec();
        self.readers
            .read_aside(move |reader| vault::latest_of(reader, &accounts))
            .await
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
        self.readers
            .read_aside(move |reader| vault::page(reader, account, since, limit))
            .await
    }

    async fn item_versions(
        &self,
        account: AccountId,
        item: ItemId,
        before: ItemVersion,
        limit: u32,
    ) -> Result<ItemVersions, StoreError> {
        self.readers
            .read_aside(move |reader| history::versions(reader, account, item, before, limit))
            .await
    }

    async fn manifests(
        &self,
        account: AccountId,
        after: u64,
        limit: u32,
    ) -> Result<ManifestPage, StoreError> {
        self.readers
            .read_aside(move |reader| manifest::page(reader, account, after, limit))
            .await
    }

    async fn newest_manifest(
        &self,
        account: AccountId,
    ) -> Result<Option<VaultManifest>, StoreError> {
        self.readers
            .read(|reader| manifest::newest(reader, account))
            .await
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
