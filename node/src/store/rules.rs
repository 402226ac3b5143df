//! What every back end decides alike, from what it has read under its lock.

use proto::{
    address::Address,
    api::{
        manifest::VaultManifest,
        message::{Correspondent, Message, MessagePage},
        vault::{VaultContent, VaultPage, VaultRecord, WriteAccepted},
    },
    bytes::Hex,
    ids::{ItemVersion, Position, Revision, UnixMillis},
    limits::{DEVICE_KEPT_MS, KEYS_MAX, SESSION_IDLE_MS, SESSION_MAX_MS},
};
use sha2::{Digest as _, Sha256};

use wasm_core::{
    kdf::server::StoredLoginHash, kp1::token::pull_token_hash, recovery::RecoveryHash,
};

use super::{
    ItemWrite, MESSAGE_ROW_BYTES, PasswordChange, Proven, PullToken, Sealed, Session, ShownWork,
    StoreError, StoredKey, StoredRecovery, VaultQuota, WorkState,
    codec::{Columns, bytes, number, value},
};

/// What an item or tombstone counts beside its ciphertext, bytes: its row and its indexes.
pub(super) const ROW_BYTES: u64 = 128;
/// Ciphertext after which a page ends, bytes.
pub(super) const PAGE_BYTES: u64 = 4 << 20;

/// How long a key that a domain has named is remembered, milliseconds: two years.
const KEY_KEPT_MS: u64 = 2 * 365 * 24 * 60 * 60 * 1000;
/// How often a message is pulled for one work: an answer may be lost, but nobody is to be asked without end.
const PULLS_MAX: u32 = 20;

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
pub(crate) fn is_next_key(newest: Option<&StoredKey>, new: &StoredKey) -> Result<bool, StoreError> {
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

/// Keys of one address that are remembered.
pub(super) const SEEN_KEYS_MAX: i64 = 20;
/// Messages of one account that may be on their way at once.
pub(super) const UNDER_WAY_MAX: u64 = 1000;

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
        let words = words.ok_or(StoreError::KeyMissing)?;
        let sealed_for = change.words.as_ref();
        is_for_words(sealed_for, Some(words))?;
    }
    Ok(same)
}

/// Whether what was sealed for recovery words is for those that are set.
///
/// # Errors
/// [`StoreError::RecoveryOutdated`]: sealed for words that were replaced meanwhile it would make the newer
/// ones open nothing.
pub(super) fn is_for_words(
    sealed_for: Option<&RecoveryHash>,
    set: Option<&RecoveryHash>,
) -> Result<(), StoreError> {
    let fits = sealed_for
        .zip(set)
        .is_some_and(|(one, set)| one.matches(set));
    fits.then_some(()).ok_or(StoreError::RecoveryOutdated)
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

/// A key of another domain that was not named after this time is forgotten: two years.
pub(super) fn keys_forgotten_since(now: UnixMillis) -> UnixMillis {
    UnixMillis(now.0.saturating_sub(KEY_KEPT_MS))
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

/// SHA-256 of a message's ciphertext.
pub(super) fn content_hash(sealed: &Sealed) -> [u8; 32] {
    Sha256::digest(&sealed.content).into()
}

/// What is kept of a pull token: SHA-256 of its hex digits, as KeyPears has it.
pub(super) fn token_hash(token: &PullToken) -> [u8; 32] {
    pull_token_hash(&Hex(token.0).to_string())
}

/// Whether an account has room for one message more.
///
/// # Errors
/// [`StoreError::QuotaExceeded`].
pub(super) fn has_room(held: u64, new: &Sealed, max: u64) -> Result<(), StoreError> {
    let after = held + new.content.len() as u64 + MESSAGE_ROW_BYTES;
    if after <= max {
        Ok(())
    } else {
        Err(StoreError::QuotaExceeded { max })
    }
}

/// The answer to a message whose id stands beside a stored one.
///
/// # Errors
/// [`StoreError::UpdateReused`] where that is another one.
pub(super) fn sent_before(
    stored: &impl Columns,
    to: &Address,
    hash: &[u8; 32],
) -> Result<Position, StoreError> {
    let same = value::<&str>(stored, "address")? == to.as_str()
        && value::<i64>(stored, "is_sent")? == 1
        && bytes::<32>(stored, "content_hash")? == *hash;
    if same {
        number(stored, "position").map(Position)
    } else {
        Err(StoreError::UpdateReused)
    }
}

/// How far the work has come of which a row was just written.
///
/// # Errors
/// [`StoreError::AlreadySpent`]: for another message, or tried too often.
pub(super) fn work_state(
    shown: &ShownWork,
    token_hash: &[u8; 32],
    tries: u64,
    is_done: bool,
) -> Result<WorkState, StoreError> {
    let tries = u32::try_from(tries).unwrap_or(u32::MAX);
    if *token_hash != shown.token_hash || tries > PULLS_MAX {
        Err(StoreError::AlreadySpent)
    } else if is_done {
        Ok(WorkState::Done)
    } else {
        Ok(WorkState::Pull(tries))
    }
}

/// A page of what was read for it: up to `limit` messages, about [`PAGE_BYTES`] of them, and up to `limit`
/// correspondents. What lies behind the first cut of either is left for the next page.
pub(super) fn message_page(
    mut messages: Vec<Message>,
    mut correspondents: Vec<Correspondent>,
    latest: Position,
    limit: u32,
) -> MessagePage {
    let bytes: usize = messages.iter().map(|it| it.content.0.len()).sum();
    let full = |length: usize| length >= limit as usize;
    let mut read_to = latest;
    if full(messages.len()) || bytes as u64 > PAGE_BYTES {
        read_to = messages.last().map_or(read_to, |last| last.position);
    }
    if full(correspondents.len()) {
        let last = correspondents.last().map_or(read_to, |last| last.position);
        read_to = read_to.min(last);
    }
    messages.retain(|message| message.position <= read_to);
    correspondents.retain(|correspondent| correspondent.position <= read_to);
    MessagePage {
        messages,
        correspondents,
        read_to,
        latest,
        cursor: None,
        snapshot: false,
    }
}
