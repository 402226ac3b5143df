//! What lies in the store: keys and shapes. All of it is ciphertext or public, but for settings and
//! what was measured of this device.

use proto::{
    address::Address,
    api::{
        account::{SealedKeyPair, SessionTokenHex},
        feed::FeedCursor,
        recovery::RecoverySet,
        session::Device,
        vault::{SealedItem, VaultContent},
    },
    bridge::solver::EngineReport,
    bytes::{Base64, Hex},
    ids::{AccountId, ImportId, ItemId, ItemVersion, KeyNumber, Revision, UnixMillis, UpdateId},
    vault::ItemOverview,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    error::EngineError,
    node::ApiUrl,
    platform::{Change, Store},
};

/// Version of the store's layout, in the account's record.
pub(crate) const FORMAT: u32 = 1;

pub(crate) const ACCOUNT: &str = "account";
pub(crate) const SETTINGS: &str = "settings";
pub(crate) const SOLVER: &str = "solver";
/// `true` where the user wants a PIN.
pub(crate) const PIN_WANTED: &str = "pin";
/// What opens the vault with the system's keyring.
pub(crate) const BY_KEYRING: &str = "by_keyring";
pub(crate) const META: &str = "meta";
pub(crate) const USAGE: &str = "usage";
pub(crate) const ITEMS: &str = "item/";
pub(crate) const TRASH: &str = "trash/";
pub(crate) const BASE: &str = "base/";
pub(crate) const OUTBOX: &str = "outbox/";
pub(crate) const HEADS: &str = "head/";
pub(crate) const INDEX: &str = "index/";
pub(crate) const JOURNAL: &str = "journal/";
pub(crate) const BAD: &str = "bad/";
pub(crate) const DRAFTS: &str = "draft/";
pub(crate) const GENERATED: &str = "generated/";
pub(crate) const OFFERS: &str = "offer/";
pub(crate) const IMPORT: &str = "import";
pub(crate) const NEVER: &str = "never";

/// Key of a record that is named by an item.
pub(crate) fn item_key(prefix: &str, id: &ItemId) -> String {
    format!("{prefix}{id}")
}

/// Key of a record that is named by a number; the order of keys is that of numbers.
pub(crate) fn numbered_key(prefix: &str, number: u64) -> String {
    format!("{prefix}{number:016x}")
}

/// The number or the item in a key.
pub(crate) fn suffix<'a>(prefix: &str, key: &'a str) -> &'a str {
    key.strip_prefix(prefix).unwrap_or_default()
}

macro_rules! records {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        pub(crate) struct $name { $($(#[$fdoc])* pub(crate) $field: $type,)* }
    )*};
}

records! {
    /// What works on proofs on this device.
    SolverRecord {
        engines: Vec<EngineReport>,
        measured_at: UnixMillis,
    }

    /// The account of this device.
    AccountRecord {
        /// [`FORMAT`].
        format: u32,
        address: Address,
        account: AccountId,
        api: ApiUrl,
        device: Device,
        /// All key pairs, sealed under the encryption key; the newest last.
        keys: Vec<SealedKeyPair>,
        /// [`SessionRecord`], sealed under the vault's local key.
        session: Base64,
        /// What the node said last of the recovery words.
        #[serde(default)]
        recovery: RecoveryRecord,
        /// Number of the newest recovery words that were seen.
        #[serde(default)]
        recovery_number: u64,
    }

    /// The session, and the account and node that it is of: whoever can write to the store must not
    /// send it elsewhere.
    SessionRecord {
        token: SessionTokenHex,
        account: AccountId,
        api: ApiUrl,
        /// When to renew it, by this device's clock; one written before sessions were renewed is due.
        #[serde(default)]
        renew_at: UnixMillis,
        /// What the node may know the session by instead: asked for, and not answered yet.
        #[serde(default)]
        next: Option<NextToken>,
    }

    /// A session as it is once a request has arrived that gives it another token.
    NextToken {
        token: SessionTokenHex,
        seed: Hex<32>,
        /// Key pairs as that request seals them anew; none where it sets no password.
        keys: Vec<SealedKeyPair>,
    }

    /// How far the node's log was read, and what was signed of the vault.
    MetaRecord {
        since: Revision,
        #[serde(default)]
        manifest: Option<KnownManifest>,
        /// Whether what the node has up to `since` was compared with what was signed, or was written
        /// here.
        #[serde(default)]
        compared: bool,
        /// Whether the chain goes on from `manifest` whatever that says of the vault, and begins
        /// here where there is none: this device has made the account, or its user chose to repair.
        #[serde(default)]
        anew: bool,
        /// Since when what the node shows could not be compared with anything.
        #[serde(default)]
        unproven_at: Option<UnixMillis>,
        /// Keys that were open when the log was read up to `since`. With another one there may be
        /// more to read in it.
        #[serde(default)]
        keys: Vec<KeyNumber>,
        /// That the node shows another vault than was signed.
        #[serde(default)]
        alarm: Option<Alarm>,
        /// When this device and the node were alike, to the minute; `None` before the first time.
        #[serde(default)]
        synced_at: Option<UnixMillis>,
        /// What the node called a place of this log, by which it knows its database again.
        #[serde(default)]
        cursor: Option<FeedCursor>,
    }

    /// One item.
    ItemRecord {
        /// Newest version here; the node has it once no write of the item waits in the outbox.
        version: ItemVersion,
        /// Content of `version`; `None`: deleted.
        content: Option<SealedItem>,
    }

    /// A password that is kept for a while.
    GeneratedRecord {
        /// Always 0.
        version: ItemVersion,
        /// The password, sealed as a login is.
        content: Option<SealedItem>,
        /// Whether a login had it; else it was generated.
        #[serde(default)]
        replaced: bool,
    }

    /// What a deleted item held, so that it can be brought back.
    TrashRecord {
        deleted_at: UnixMillis,
        /// Version that `content` is sealed as.
        version: ItemVersion,
        content: SealedItem,
    }

    /// How far the last import came.
    ImportRecord {
        import: ImportId,
        /// Items of it with lower numbers are done with.
        next: u32,
    }

    /// One write that the node does not have yet.
    OutboxRecord {
        update: UpdateId,
        id: ItemId,
        version: ItemVersion,
        content: VaultContent,
    }

    /// An item of the node that does not open.
    BadRecord {
        version: ItemVersion,
        /// Key that it says to be sealed under.
        #[serde(default)]
        key: Option<KeyNumber>,
    }

    /// An offer to save or change a login; sealed.
    OfferRecord {
        made_at: UnixMillis,
        /// Whether the user was told of it: then it waits for an answer.
        shown: bool,
        /// The login to change; `None`: a new one.
        updates: Option<ItemId>,
        /// What was typed, sealed as a login is.
        content: SealedItem,
    }

    /// One overview in a chunk or a journal record; sealed.
    IndexedItem {
        id: ItemId,
        version: ItemVersion,
        /// `None`: the item is gone.
        overview: Option<ItemOverview>,
    }
}

/// The newest manifest that was compared with what is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct KnownManifest {
    pub(crate) number: u64,
    pub(crate) revision: Revision,
    /// What the next one names as the one before it.
    pub(crate) hash: Hex<32>,
}

/// What was found of a node that shows another vault than was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Alarm {
    /// Hash of the link that the vault was compared with last.
    pub(crate) link: Hex<32>,
    /// How often the whole log was read again for it.
    pub(crate) reads: u32,
    /// When it was read so last, or found.
    pub(crate) read_at: UnixMillis,
}

/// Recovery words, as the node told of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum RecoveryRecord {
    /// It was not asked yet.
    #[default]
    Unknown,
    /// There are none.
    None,
    /// There are some; believed where the key in it opens.
    Set(RecoverySet),
}

/// The item of an [`OutboxRecord`], without reading its content.
#[derive(Deserialize)]
pub(crate) struct OutboxName {
    pub(crate) id: ItemId,
}

/// A record's value.
pub(crate) fn encode(record: &impl Serialize) -> Result<Vec<u8>, EngineError> {
    // Cannot fail: no record has a map with keys that are no text.
    serde_json::to_vec(record).map_err(|_| EngineError::Unreadable)
}

/// A change that sets a record.
pub(crate) fn put(key: String, record: &impl Serialize) -> Result<Change, EngineError> {
    Ok(Change::Put {
        key,
        value: encode(record)?,
    })
}

/// Reads a record's value.
pub(crate) fn decode<T: DeserializeOwned>(value: &[u8]) -> Result<T, EngineError> {
    serde_json::from_slice(value).map_err(|_| EngineError::Unreadable)
}

/// Reads one record.
pub(crate) async fn read<T: DeserializeOwned>(
    store: &impl Store,
    key: &str,
) -> Result<Option<T>, EngineError> {
    store
        .read(key)
        .await?
        .map(|value| decode(&value))
        .transpose()
}

/// Reads the records of many items, each in its item's place.
pub(crate) async fn read_items<T: DeserializeOwned>(
    store: &impl Store,
    prefix: &str,
    ids: impl Iterator<Item = ItemId>,
) -> Result<Vec<Option<T>>, EngineError> {
    let keys: Vec<String> = ids.map(|id| item_key(prefix, &id)).collect();
    let values = store.read_many(&keys).await?.into_iter();
    values
        .map(|value| value.map(|value| decode(&value)).transpose())
        .collect()
}
