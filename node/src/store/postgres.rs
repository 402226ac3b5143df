//! The store on `PostgreSQL`: a pool of connections, any number of nodes on one database.
//!
//! ```text
//! node ─┬─ request ─ turn ─ transaction ─ lock of the account's row ─ operation ─ commit ─ answer
//!       └─ request ─ …             (one after the other for an account, side by side for many)
//! node ─── …
//! ```
//! A vault write takes its revision under that lock and commits before it lets go of it, so that
//! whoever reads a revision can read every one before it.

mod account;
mod advice;
mod code;
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
mod turns;
mod vault;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

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
    ConnectOptions as _, Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow},
};

pub(super) use message::delivery::held_up;

use super::{
    Account, AddressState, DatabaseId, Deletion, ItemWrite, KeptSession, Latest, NewAccount,
    NewKey, NewRecovery, NewSession, PasswordChange, Renewal, Session, SpentChallenge, Store,
    StoreError, StoredKey, StoredRecovery, TokenHash, VaultQuota, codec,
};
use turns::Turns;

/// How long a request waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Bounds of a session of ours: no statement, and no transaction that was left alone, holds an
/// account's lock for long. Set on the server, ms.
const SESSION: [(&str, &str); 3] = [
    ("statement_timeout", "30000"),
    ("lock_timeout", "20000"),
    ("idle_in_transaction_session_timeout", "20000"),
];

/// The store in one `PostgreSQL` database.
pub struct PostgresStore {
    database: DatabaseId,
    pool: PgPool,
    turns: Arc<Turns>,
}

impl PostgresStore {
    /// Opens a database and brings its schema up to date; several nodes may do so at once.
    ///
    /// At most `connections` to it are open at a time, at least two.
    ///
    /// # Errors
    /// [`StoreError::SchemaTooNew`], [`StoreError::Database`] with advice where there is some.
    pub async fn open(options: PgConnectOptions, connections: u32) -> Result<Self, StoreError> {
        let options = options
            .application_name("pearvault-node")
            .disable_statement_logging();
        let unusable = |error| advice::unusable(&options, error);
        let mut connection = options.connect().await.map_err(unusable)?;
        super::migrate::run(migrate::STEPS, &mut connection)
            .await
            .map_err(|error| advice::migration_failed(&options, error))?;
        let database = sqlx::query(codec::DATABASE)
            .fetch_one(&mut connection)
            .await
            .map_err(failed)?;
        let database = codec::database(&database)?;
        connection.close().await.map_err(failed)?;
        let pool = PgPoolOptions::new()
            .max_connections(connections.max(2))
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(|connection, _| Box::pin(commit_to_disk(connection)))
            .connect_with(options.clone().options(SESSION))
            .await
            .map_err(unusable)?;
        Ok(Self {
            database,
            pool,
            turns: Arc::default(),
        })
    }

    /// Runs one write in a transaction; returns after it was committed.
    ///
    /// Once begun it is carried out even where the caller goes away meanwhile.
    async fn run<O: Operation>(&self, mut operation: O) -> Result<O::Output, StoreError> {
        // Who waits for the account's lock holds a connection: most of an account's writes wait here.
        let turn = match operation.account() {
            Some(account) => Some(self.turns.take(account, ACQUIRE_TIMEOUT).await?),
            None => None,
        };
        // Nobody waits for a second turn: whoever keeps that account busy would hold up the first.
        let other = match operation.other_account() {
            Some(other) if Some(other) != operation.account() => {
                Some(self.turns.take(other, Duration::ZERO).await?)
            }
            _ => None,
        };
        let pool = self.pool.clone();
        let written = tokio::spawn(async move {
            let _turns = (turn, other);
            let mut transaction = pool.begin().await.map_err(failed)?;
            let output = operation.run(&mut transaction).await?;
            transaction.commit().await.map_err(failed)?;
            Ok(output)
        });
        written.await.map_err(StoreError::database)?
    }
}

/// One write: reads what it needs, decides, changes, all in one transaction.
#[async_trait]
trait Operation: Send + 'static {
    /// Its answer.
    type Output: Send + 'static;

    /// The account whose row it locks.
    fn account(&self) -> Option<AccountId> {
        None
    }

    /// A second one, where there is one.
    fn other_account(&self) -> Option<AccountId> {
        None
    }

    /// Does it. What an error leaves behind is rolled back.
    async fn run(&mut self, connection: &mut PgConnection) -> Result<Self::Output, StoreError>;
}

/// Locks an account until the transaction ends, and reads it as it is then.
async fn lock_account(connection: &mut PgConnection, id: AccountId) -> Result<PgRow, StoreError> {
    sqlx::query(
        "SELECT id, address, login_key_hash, vault_items, vault_rows, vault_bytes \
         FROM account WHERE id = $1 FOR UPDATE",
    )
    .bind(id.as_bytes().as_slice())
    .fetch_optional(connection)
    .await
    .map_err(failed)?
    .ok_or(StoreError::AccountMissing)
}

/// Acknowledged means on disk, also where the server is set to say so earlier.
async fn commit_to_disk(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT set_config('synchronous_commit', 'on', false) \
         WHERE current_setting('synchronous_commit') = 'off'",
    )
    .execute(connection)
    .await
    .map(drop)
}

/// A failure of the database, of ours, or only of the way to it.
fn failed(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::PoolClosed => StoreError::Closed,
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => StoreError::unreachable(error),
        // It stops, starts, has no place, waited too long for a lock, or ended one of two that
        // waited for each other.
        sqlx::Error::Database(said)
            if said.code().is_some_and(|code| {
                code.starts_with("57P")
                    || code.starts_with("53")
                    || matches!(&*code, "55P03" | "40P01" | "40001")
            }) =>
        {
            StoreError::unreachable(error)
        }
        _ => StoreError::database(error),
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn spend(&self, challenge: SpentChallenge) -> Result<(), StoreError> {
        self.run(account::Spend(challenge)).await
    }

    async fn address_state(&self, address: &Address) -> Result<AddressState, StoreError> {
        account::address_state(&self.pool, address).await
    }

    async fn account_by_address(&self, address: &Address) -> Result<Option<Account>, StoreError> {
        account::by_address(&self.pool, address).await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        account::by_id(&self.pool, id).await
    }

    async fn active_public_key(&self, address: &Address) -> Result<Option<[u8; 33]>, StoreError> {
        account::active_public_key(&self.pool, address).await
    }

    async fn create_account(&self, new: NewAccount) -> Result<(), StoreError> {
        self.run(account::Create(new)).await
    }

    async fn delete_account(&self, deletion: Deletion) -> Result<(), StoreError> {
        self.run(account::Delete(deletion)).await
    }

    async fn open_session(&self, new: NewSession) -> Result<bool, StoreError> {
        self.run(session::Open(new)).await
    }

    async fn session_by_token(
        &self,
        token: &TokenHash,
        now: UnixMillis,
    ) -> Result<Option<Session>, StoreError> {
        session::by_token(&self.pool, token, now).await
    }

    async fn renewable_session(
        &self,
        token: &TokenHash,
        now: UnixMillis,
    ) -> Result<Option<Session>, StoreError> {
        session::renewable(&self.pool, token, now).await
    }

    async fn renew_session(&self, renewal: Renewal) -> Result<(), StoreError> {
        self.run(session::Renew(renewal)).await
    }

    async fn touch_session(&self, id: SessionId, used_at: UnixMillis) -> Result<(), StoreError> {
        self.run(session::Touch { id, used_at }).await
    }

    async fn sessions(
        &self,
        account: AccountId,
        now: UnixMillis,
    ) -> Result<Vec<Session>, StoreError> {
        session::of_account(&self.pool, account, now).await
    }

    async fn end_session(&self, account: AccountId, id: SessionId) -> Result<bool, StoreError> {
        self.run(session::End { account, id }).await
    }

    async fn end_other_sessions(&self, kept: KeptSession) -> Result<u64, StoreError> {
        self.run(session::EndOthers(kept)).await
    }

    async fn name_session(
        &self,
        account: AccountId,
        id: SessionId,
        name: Option<SealedDeviceName>,
    ) -> Result<bool, StoreError> {
        self.run(session::Rename { account, id, name }).await
    }

    async fn keys(&self, account: AccountId) -> Result<Vec<StoredKey>, StoreError> {
        account::keys(&self.pool, account).await
    }

    async fn keys_added(&self, account: AccountId) -> Result<Vec<KeyAdded>, StoreError> {
        account::keys_added(&self.pool, account).await
    }

    async fn add_key(&self, new: NewKey) -> Result<(), StoreError> {
        self.run(account::AddKey(new)).await
    }

    async fn recovery(&self, account: AccountId) -> Result<Option<StoredRecovery>, StoreError> {
        recovery::of_account(&self.pool, account).await
    }

    async fn recovery_by_address(
        &self,
        address: &Address,
    ) -> Result<Option<StoredRecovery>, StoreError> {
        recovery::by_address(&self.pool, address).await
    }

    async fn recovery_keys(&self, account: AccountId) -> Result<Vec<StoredKey>, StoreError> {
        recovery::keys(&self.pool, account).await
    }

    async fn set_recovery(&self, new: NewRecovery) -> Result<(), StoreError> {
        self.run(recovery::Set(new)).await
    }

    async fn change_password(&self, change: PasswordChange) -> Result<(), StoreError> {
        self.run(recovery::Change(change)).await
    }

    async fn write_item(
        &self,
        write: ItemWrite,
        quota: VaultQuota,
    ) -> Result<WriteAccepted, StoreError> {
        self.run(vault::Write { write, quota }).await
    }

    async fn vault_latest(&self, account: AccountId) -> Result<Revision, StoreError> {
        vault::latest(&self.pool, account).await
    }

    async fn latest_of(
        &self,
        accounts: &[AccountId],
    ) -> Result<Vec<(AccountId, Latest)>, StoreError> {
        vault::latest_of(&self.pool, accounts).await
    }

    fn database(&self) -> DatabaseId {
        self.database
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn vault_page(
        &self,
        account: AccountId,
        since: Revision,
        limit: u32,
    ) -> Result<VaultPage, StoreError> {
        vault::page(&self.pool, account, since, limit).await
    }

    async fn item_versions(
        &self,
        account: AccountId,
        item: ItemId,
        before: ItemVersion,
        limit: u32,
    ) -> Result<ItemVersions, StoreError> {
        history::versions(&self.pool, account, item, before, limit).await
    }

    async fn manifests(
        &self,
        account: AccountId,
        after: u64,
        limit: u32,
    ) -> Result<ManifestPage, StoreError> {
        manifest::page(&self.pool, account, after, limit).await
    }

    async fn newest_manifest(
        &self,
        account: AccountId,
    ) -> Result<Option<VaultManifest>, StoreError> {
        manifest::newest(&self.pool, account).await
    }

    async fn add_manifest(
        &self,
        account: AccountId,
        manifest: VaultManifest,
    ) -> Result<(), StoreError> {
        self.run(manifest::Add { account, manifest }).await
    }

    async fn purge(&self, now: UnixMillis, limit: u32) -> Result<u64, StoreError> {
        self.run(purge::Purge { now, limit }).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        purge::check_writable(&self.pool).await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.pool.close().await;
        Ok(())
    }
}
