//! What lies in the session store: memory that outlives the worker and ends with the browser.

use proto::{
    address::Address,
    api::{
        account::{LoginKeyHex, SealedKeyPair},
        challenge::Challenge,
        domain::CodePurpose,
        recovery::RecoveryLoginKeyHex,
        session::Device,
    },
    bridge::popup::{PinEnd, WorkTask},
    bytes::{Base64, Hex},
    error::WireError,
    ids::UnixMillis,
};
use serde::{Deserialize, Serialize};
use wasm_core::pin::PIN_SALT_BYTES;
use zeroize::Zeroizing;

use crate::{
    keyring::{KeptKey, KeyHex},
    node::ApiUrl,
    platform::SessionStore,
};

/// Slot of [`UnlockedSlot`].
pub(crate) const UNLOCKED: &str = "unlocked";
/// Slot of [`WorkSlot`].
pub(crate) const WORK: &str = "work";
/// Slot that holds something where the vault was locked after the work of [`WORK`] had begun: what
/// comes of it must not be opened.
pub(crate) const WORK_LOCKED: &str = "work_locked";
/// Slot of [`CodeSlot`].
pub(crate) const CODE: &str = "code";
/// Slot of [`WordsSlot`].
pub(crate) const WORDS: &str = "words";
/// Slot of [`PinSlot`].
pub(crate) const PIN: &str = "pin";
/// Room for a slot's JSON, so that it never moves and leaves a copy: a hundred keys fit well.
const SLOT_BYTES: usize = 32 * 1024;

/// The unlocked keys and until when they may be used.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct UnlockedSlot {
    pub(crate) address: Address,
    pub(crate) keys: Vec<KeptKey>,
    pub(crate) locks_at: UnixMillis,
    pub(crate) saved_at: UnixMillis,
}

/// An account that is being made or logged in to, or why the last one was not.
#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum WorkSlot {
    /// A proof of work is wanted.
    Ordered(Box<PendingWork>),
    /// It ended without an account.
    Failed {
        /// Why.
        problem: WireError,
    },
}

/// All that is needed to finish once the work is done.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PendingWork {
    pub(crate) task: WorkTask,
    pub(crate) address: Address,
    pub(crate) api: ApiUrl,
    pub(crate) device: Device,
    pub(crate) login_key: LoginKeyHex,
    pub(crate) encryption_key: KeyHex,
    /// The first key pair of a new account.
    pub(crate) first_key: Option<SealedKeyPair>,
    pub(crate) challenge: Challenge,
    /// Whether this device had the account already, and only its session is renewed.
    pub(crate) renews: bool,
    /// The keys of the recovery words, where it is a recovery.
    #[serde(default)]
    pub(crate) recovery: Option<PendingRecovery>,
    /// Whether the password is that of a one-time code whose use was not answered.
    #[serde(default)]
    pub(crate) by_code: bool,
}

/// What a recovery needs beside.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PendingRecovery {
    pub(crate) key: KeyHex,
    pub(crate) login_key: RecoveryLoginKeyHex,
}

/// What goes with a one-time code, kept before the node is asked: where its answer is lost, the same goes with the next
/// try, and what the node shows then is known for this device's own.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct CodeSlot {
    pub(crate) address: Address,
    pub(crate) purpose: CodePurpose,
    /// The new key pair, sealed under the new password.
    pub(crate) key: SealedKeyPair,
    pub(crate) device: Device,
}

/// Recovery words that were shown and not confirmed yet. They outlive a lock, and open only after
/// it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct WordsSlot {
    pub(crate) address: Address,
    /// What the words say, sealed under the local key.
    pub(crate) sealed: Base64,
    /// Places that are asked for, from 1.
    pub(crate) asked: Vec<u32>,
}

/// The PIN of this session. It outlives a lock.
#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum PinSlot {
    /// It opens the vault.
    Set {
        address: Address,
        /// Salt of the key that comes from the PIN.
        salt: Hex<{ PIN_SALT_BYTES }>,
        /// The account's keys, sealed under that key.
        sealed: Base64,
        /// PINs that were tried since the vault was opened last. Written before each is looked at.
        tries: u32,
    },
    /// It does no longer.
    Ended { address: Address, why: PinEnd },
}

/// Fills a slot.
pub(crate) async fn save(store: &impl SessionStore, slot: &str, value: &impl Serialize) {
    let mut bytes = Zeroizing::new(Vec::with_capacity(SLOT_BYTES));
    // Cannot fail: every slot is a plain struct. An empty slot reads as none.
    if serde_json::to_writer(&mut *bytes, value).is_ok() {
        store.save(slot, &bytes).await;
    }
}

/// Reads a slot; one that cannot be read counts as empty.
pub(crate) async fn load<T: serde::de::DeserializeOwned>(
    store: &impl SessionStore,
    slot: &str,
) -> Option<T> {
    serde_json::from_slice(&store.load(slot).await?).ok()
}
