//! What every back end decides alike, from what it has read under its lock.

use proto::{
    address::Address,
    api::{
        manifest::VaultManifest,
        vault::{VaultContent, VaultPage, VaultRecord, WriteAccepted},
    },
    ids::{ItemVersion, Revision, UnixMillis},
    limits::{DEVICE_KEPT_MS, KEYS_MAX, SESSION_IDLE_MS, SESSION_MAX_MS},
};
use sha2::{Digest as _, Sha256};

use wasm_core::{kdf::server::StoredLoginHash, recovery::RecoveryHash};

use super::{
    ItemWrite, PasswordChange, Proven, Session, StoreError, StoredKey, StoredRecovery, VaultQuota,
};

/// What an item or tombstone counts beside its ciphertext, bytes: its row and its indexes.
pub(super) const ROW_BYTES: u64 = 128;
/// Ciphertext after which a page ends, bytes.
pub(super) const PAGE_BYTES: u64 = 4 << 20;

/// What a vault holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Totals {
    /// Live items.
    pub(super) items: u64,
    /// Items, deleted ones with them.
    pub(super) rows: u64,
    /// Ciphertext and [`ROW_BYTES`] for each row.
    pub(super) bytes: u64,
}

/// A retired address is kept as a hash: enough to refuse it, and no list of former users.
pub(super) fn address_hash(address: &Address) -> [u8; 32] {
    Sha256::digest(address.as_str()).into()
}

/// Whether a key pair is to be stored after the newest one: not where it is that one, sent again.
pub(super) fn is_next_key(newest: Option<&StoredKey>, new: &StoredKey) -> Result<bool, StoreError> {
    if newest == Some(new) {
        return Ok(false);
    }
    let newest = newest.map_or(0, |key| key.number.0);
    if new.number.0 != newest.saturating_add(1) {
        return Err(StoreError::VersionConflict {
            actual: ItemVersion(newest.into()),
        });
    }
    // Keys are never removed one by one: the newest number is their count.
    if newest as usize >= KEYS_MAX {
        return Err(StoreError::QuotaExceeded {
            max: KEYS_MAX as u64,
        });
    }
    Ok(true)
}

/// The answer to a write whose id stands beside a stored version.
pub(super) fn accepted_before(
    stored: &VaultRecord,
    write: &ItemWrite,
) -> Result<WriteAccepted, StoreError> {
    let same = stored.id == write.item
        && stored.version == write.version
        && stored.content == write.content;
    same.then_some(WriteAccepted {
        version: stored.version,
        revision: stored.revision,
    })
    .ok_or(StoreError::UpdateReused)
}

/// Whether a link is to be stored after the newest one: not where it is that one, sent again.
pub(super) fn is_next_manifest(
    newest: Option<&VaultManifest>,
    new: &VaultManifest,
) -> Result<bool, StoreError> {
    if newest == Some(new) {
        return Ok(false);
    }
    let newest = newest.map_or(0, |newest| newest.number);
    if Some(new.number) != newest.checked_add(1) {
        return Err(StoreError::VersionConflict {
            actual: ItemVersion(newest),
        });
    }
    Ok(true)
}

/// What the vault holds after a write that comes next to `newest`, or why it may not be written.
pub(super) fn totals_after(
    vault: Totals,
    newest: Option<&VaultRecord>,
    write: &ItemWrite,
    quota: VaultQuota,
) -> Result<Totals, StoreError> {
    let was_live = u64::from(newest.is_some_and(|record| record.content.item().is_some()));
    let is_live = u64::from(write.content.item().is_some());
    if is_live == 0 && was_live == 0 {
        return Err(StoreError::ItemMissing);
    }
    let actual = newest.map_or(ItemVersion(0), |record| record.version);
    if Some(write.version.0) != actual.0.checked_add(1) {
        return Err(StoreError::VersionConflict { actual });
    }
    let items = vault.items.saturating_sub(was_live) + is_live;
    if items > quota.items && is_live > was_live {
        return Err(StoreError::QuotaExceeded { max: quota.items });
    }
    let rows = vault.rows + u64::from(newest.is_none());
    if newest.is_none() && rows > quota.rows() {
        return Err(StoreError::QuotaExceeded { max: quota.rows() });
    }
    let before = newest.map_or(0, |record| size(&record.content));
    let after = size(&write.content);
    let bytes = vault.bytes.saturating_sub(before) + after;
    // What shrinks or deletes is always taken: it is the way out of a full account.
    if bytes > quota.bytes && after > before {
        return Err(StoreError::QuotaExceeded { max: quota.bytes });
    }
    Ok(Totals { items, rows, bytes })
}

/// A page of what was read for it: up to one record more than `limit`.
pub(super) fn page(mut records: Vec<VaultRecord>, latest: Revision, limit: u32) -> VaultPage {
    records.truncate(limit as usize);
    // The newest write is some item's newest version: a page that does not reach it is not the last.
    let has_more = records
        .last()
        .is_some_and(|record| record.revision < latest);
    VaultPage {
        records,
        latest,
        has_more,
        manifest: None,
        cursor: None,
        snapshot: false,
    }
}

/// What an item counts, bytes. A tombstone is part of its row.
pub(super) fn size(content: &VaultContent) -> u64 {
    content.item().map_or(0, |item| {
        (item.overview.0.len() + item.secrets.0.len()) as u64
    }) + ROW_BYTES
}

/// Whether a password may be set, and whether it is that of before, which was the proof.
///
/// # Errors
/// [`StoreError::ProofOutdated`] where password or words are others by now: of two changes at once
/// the second one is refused; [`StoreError::KeyMissing`] for a recovery key where no words are set.
pub(super) fn allows_password(
    change: &PasswordChange,
    before: &StoredLoginHash,
    words: Option<&RecoveryHash>,
) -> Result<bool, StoreError> {
    still_proven(&change.proven, before, words)?;
    let same = match &change.proven {
        Proven::Password(_) => change.login_hash.matches(before),
        Proven::Words(_) => false,
    };
    if !change.recovery_keys.is_empty() {
        // Sealed for words that were replaced meanwhile they would make the newer ones open nothing.
        let words = words.ok_or(StoreError::KeyMissing)?;
        let sealed_for = change.words.as_ref();
        if !sealed_for.is_some_and(|it| it.matches(words)) {
            return Err(StoreError::RecoveryOutdated);
        }
    }
    Ok(same)
}

/// Whether recovery words may take the place of those that are set: theirs is a higher number, or
/// they are the same words once more.
///
/// # Errors
/// [`StoreError::RecoveryOutdated`]: of two devices that make words at once the second one is refused,
/// and its user is not shown words as confirmed that open nothing.
pub(super) fn replaces_words(
    set: Option<(u64, RecoveryHash)>,
    new: &StoredRecovery,
) -> Result<(), StoreError> {
    let fits =
        set.is_none_or(|(number, hash)| new.number > number || new.login_hash.matches(&hash));
    fits.then_some(()).ok_or(StoreError::RecoveryOutdated)
}

/// Whether what was shown is still what opens the account.
///
/// # Errors
/// [`StoreError::ProofOutdated`]: password or words were changed since they were looked at.
pub(super) fn still_proven(
    proven: &Proven,
    password: &StoredLoginHash,
    words: Option<&RecoveryHash>,
) -> Result<(), StoreError> {
    let right = match proven {
        Proven::Password(hash) => hash.matches(password),
        Proven::Words(hash) => words.is_some_and(|words| hash.matches(words)),
    };
    right.then_some(()).ok_or(StoreError::ProofOutdated)
}

/// Whether a session is good: used within a day, and begun within thirty.
pub(super) fn is_good(session: &Session, now: UnixMillis) -> bool {
    now < session.last_used_at.plus(SESSION_IDLE_MS)
        && now < session.created_at.plus(SESSION_MAX_MS)
}

/// A session that was not used after this time is forgotten; until then it may be renewed.
pub(super) fn forgotten_since(now: UnixMillis) -> UnixMillis {
    UnixMillis(now.0.saturating_sub(DEVICE_KEPT_MS))
}

/// Whether the key that has signed for a renewal is the account's active one.
///
/// # Errors
/// [`StoreError::ProofOutdated`].
pub(super) fn is_active_key(shown: &[u8; 33], active: Option<[u8; 33]>) -> Result<(), StoreError> {
    (active.as_ref() == Some(shown))
        .then_some(())
        .ok_or(StoreError::ProofOutdated)
}
