//! Between the columns of either database and values.

mod domain;
mod message;

pub(super) use domain::{domain_user, hosted_domain, purpose_number, stored_code};
pub(super) use message::{
    address, correspondent, delivery_number, due_delivery, key_standing_number, message, sealed,
    standing, standing_number, suite_number, terms,
};
use proto::{
    api::account::KeyAdded,
    api::manifest::VaultManifest,
    api::session::SealedDeviceName,
    api::vault::{SealedItem, SealedTombstone, VaultContent, VaultRecord},
    bytes::{Base64, Hex},
    ids::{
        AccountId, DeviceId, ItemId, ItemVersion, KeyNumber, Position, Revision, SessionId,
        UnixMillis,
    },
};
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type, postgres::PgRow, sqlite::SqliteRow};
use wasm_core::{kdf::server::StoredLoginHash, recovery::RecoveryHash};

use super::{Account, DatabaseId, Latest, Session, StoreError, StoredKey, StoredRecovery};

/// A column holds what this node never writes there.
#[derive(Debug, thiserror::Error)]
#[error("column {column} of the database is damaged")]
struct DamagedColumn {
    column: &'static str,
}

/// A row that may have a column of type `T`.
pub(super) trait Column<'r, T> {
    fn column(&'r self, name: &'static str) -> Result<T, StoreError>;
}

impl<'r, T: Decode<'r, Sqlite> + Type<Sqlite>> Column<'r, T> for SqliteRow {
    fn column(&'r self, name: &'static str) -> Result<T, StoreError> {
        self.try_get(name).map_err(StoreError::database)
    }
}

impl<'r, T: Decode<'r, Postgres> + Type<Postgres>> Column<'r, T> for PgRow {
    fn column(&'r self, name: &'static str) -> Result<T, StoreError> {
        self.try_get(name).map_err(StoreError::database)
    }
}

/// A row of either database: integers of 64 bits, bytes, texts.
pub(super) trait Columns:
    for<'r> Column<'r, i64>
    + for<'r> Column<'r, Option<i64>>
    + for<'r> Column<'r, bool>
    + for<'r> Column<'r, &'r str>
    + for<'r> Column<'r, &'r [u8]>
    + for<'r> Column<'r, Option<&'r [u8]>>
    + for<'r> Column<'r, Option<&'r str>>
{
}

impl Columns for SqliteRow {}
impl Columns for PgRow {}

/// The integer that a database stores for a number; 2⁶³ and above are stored as the greatest one.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A column of a number that is never negative.
pub(super) fn number(row: &impl Columns, column: &'static str) -> Result<u64, StoreError> {
    u64::try_from(value::<i64>(row, column)?).map_err(|_| damaged(column))
}

/// A column of a time.
pub(super) fn millis(row: &impl Columns, column: &'static str) -> Result<UnixMillis, StoreError> {
    number(row, column).map(UnixMillis)
}

/// A column of exactly `N` bytes.
pub(super) fn bytes<const N: usize>(
    row: &impl Columns,
    column: &'static str,
) -> Result<[u8; N], StoreError> {
    value::<&[u8]>(row, column)?
        .try_into()
        .map_err(|_| damaged(column))
}

/// A column of any other type.
pub(super) fn value<'r, T>(
    row: &'r impl Column<'r, T>,
    column: &'static str,
) -> Result<T, StoreError> {
    row.column(column)
}

pub(super) fn damaged(column: &'static str) -> StoreError {
    StoreError::database(DamagedColumn { column })
}

/// The account of a row.
pub(super) fn account(row: &impl Columns) -> Result<Account, StoreError> {
    Ok(Account {
        id: AccountId::from_bytes(bytes(row, "id")?),
        address: address(row, "address")?,
        login_hash: StoredLoginHash::from_bytes(bytes(row, "login_key_hash")?),
    })
}

/// How far the logs of a row of `account` have got.
pub(super) fn latest(row: &impl Columns) -> Result<Latest, StoreError> {
    Ok(Latest {
        vault: Revision(number(row, "vault_revision")?),
        messages: Position(number(row, "message_position")?),
    })
}

/// What [`DATABASE`] finds.
pub(super) fn database(row: &impl Columns) -> Result<DatabaseId, StoreError> {
    bytes(row, "id").map(DatabaseId)
}

/// Which database it is.
pub(super) const DATABASE: &str = "SELECT id FROM node_database WHERE number = 1";

/// The key pair of a row.
pub(super) fn key(row: &impl Columns) -> Result<StoredKey, StoreError> {
    Ok(StoredKey {
        number: key_number(row, "number")?,
        public_key: bytes(row, "public_key")?,
        sealed_private_key: value::<&[u8]>(row, "sealed_private_key")?.to_vec(),
    })
}

/// When the key pair of a row was added.
pub(super) fn key_added(row: &impl Columns) -> Result<KeyAdded, StoreError> {
    Ok(KeyAdded {
        number: key_number(row, "number")?,
        at: millis(row, "created_at")?,
    })
}

/// Columns of [`session`].
pub(super) const SESSION: &str = "id, account_id, device_id, description, name, name_key_number, \
     created_at, last_used_at, \
     (SELECT address FROM account WHERE account.id = session.account_id) AS address";

/// The session of a row.
pub(super) fn session(row: &impl Columns) -> Result<Session, StoreError> {
    Ok(Session {
        id: SessionId::from_bytes(bytes(row, "id")?),
        account: AccountId::from_bytes(bytes(row, "account_id")?),
        address: address(row, "address")?,
        device: DeviceId::from_bytes(bytes(row, "device_id")?),
        description: value::<&str>(row, "description")?.to_owned(),
        name: device_name(row)?,
        created_at: millis(row, "created_at")?,
        last_used_at: millis(row, "last_used_at")?,
    })
}

/// What the user calls the device of a row.
pub(super) fn device_name(row: &impl Columns) -> Result<Option<SealedDeviceName>, StoreError> {
    let Some(sealed) = value::<Option<&[u8]>>(row, "name")? else {
        return Ok(None);
    };
    Ok(Some(SealedDeviceName {
        key_number: key_number(row, "name_key_number")?,
        sealed: Base64(sealed.to_vec()),
    }))
}

/// The same as columns.
pub(super) fn device_name_columns(name: Option<&SealedDeviceName>) -> (Option<&[u8]>, Option<i64>) {
    (
        name.map(|name| name.sealed.0.as_slice()),
        name.map(|name| name.key_number.0.into()),
    )
}

/// The record of a row of a left join, `None` where there was none to join.
pub(super) fn optional_record(row: &impl Columns) -> Result<Option<VaultRecord>, StoreError> {
    match value::<Option<&[u8]>>(row, "item_id")? {
        Some(_) => record(row).map(Some),
        None => Ok(None),
    }
}

/// The record of a row.
pub(super) fn record(row: &impl Columns) -> Result<VaultRecord, StoreError> {
    let key_number = key_number(row, "key_number")?;
    let blob = |column| value::<Option<&[u8]>>(row, column);
    let content = match (blob("overview")?, blob("secrets")?, blob("tombstone")?) {
        (Some(overview), Some(secrets), None) => VaultContent::Item(SealedItem {
            key_number,
            overview: Base64(overview.to_vec()),
            secrets: Base64(secrets.to_vec()),
        }),
        (None, None, Some(sealed)) => VaultContent::Tombstone(SealedTombstone {
            key_number,
            sealed: Base64(sealed.to_vec()),
        }),
        _ => return Err(damaged("tombstone")),
    };
    Ok(VaultRecord {
        id: ItemId::from_bytes(bytes(row, "item_id")?),
        version: ItemVersion(number(row, "version")?),
        revision: Revision(number(row, "revision")?),
        content,
    })
}

/// The link of a row of a left join, `None` where there was none to join.
pub(super) fn optional_manifest(row: &impl Columns) -> Result<Option<VaultManifest>, StoreError> {
    if value::<Option<i64>>(row, "number")?.is_none() {
        return Ok(None);
    }
    Ok(Some(VaultManifest {
        number: number(row, "number")?,
        previous: Hex(bytes(row, "previous")?),
        revision: Revision(number(row, "revision")?),
        items: number(row, "items")?,
        digest: Hex(bytes(row, "digest")?),
        signed_at: millis(row, "signed_at")?,
        key_number: key_number(row, "key_number")?,
        signature: Hex(bytes(row, "signature")?),
    }))
}

fn key_number(row: &impl Columns, column: &'static str) -> Result<KeyNumber, StoreError> {
    u32::try_from(number(row, column)?)
        .map(KeyNumber)
        .map_err(|_| damaged(column))
}

/// Recovery words.
pub(super) fn recovery(row: &impl Columns) -> Result<StoredRecovery, StoreError> {
    let key_number = u32::try_from(number(row, "key_number")?);
    Ok(StoredRecovery {
        account: AccountId::from_bytes(bytes(row, "account_id")?),
        login_hash: RecoveryHash::from_bytes(bytes(row, "login_hash")?),
        number: number(row, "number")?,
        key_number: KeyNumber(key_number.map_err(|_| damaged("key_number"))?),
        sealed_key: value::<&[u8]>(row, "sealed_key")?.to_vec(),
        confirmed_at: millis(row, "confirmed_at")?,
    })
}
