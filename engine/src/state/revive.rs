//! From what outlives the worker to an open vault.

use std::collections::BTreeMap;

use proto::ids::{ItemId, Revision, UnixMillis};
use wasm_core::seal::ObjectKind;

use super::Open;
use crate::{
    Engine,
    deadline::Deadline,
    error::EngineError,
    heads::Heads,
    index::Index,
    keyring::Keyring,
    messages::StoredMail,
    platform::{Platform, SessionStore, Store},
    records::{
        AccountRecord, BAD, HEADS, INDEX, JOURNAL, META, MetaRecord, OUTBOX, OutboxName, USAGE,
        decode, read, suffix,
    },
    slots::{self, UNLOCKED, UnlockedSlot, WORK, WORK_LOCKED, WorkSlot},
    work::Work,
};

/// The values behind an unlocked vault, still sealed.
pub(crate) struct Stored {
    index: Vec<(String, Vec<u8>)>,
    journal: Vec<(String, Vec<u8>)>,
    outbox: Vec<(String, Vec<u8>)>,
    bad: Vec<(String, Vec<u8>)>,
    usage: Option<Vec<u8>>,
    heads: Vec<(String, Vec<u8>)>,
    meta: Option<MetaRecord>,
    mail: StoredMail,
}

impl<P: Platform> Engine<P> {
    /// Reads the values behind the vault.
    pub(crate) async fn stored(&self) -> Result<Stored, EngineError> {
        let store = self.platform().store();
        let meta: Option<MetaRecord> = read(store, META).await?;
        Ok(Stored {
            index: store.read_prefix(INDEX).await?,
            journal: store.read_prefix(JOURNAL).await?,
            outbox: store.read_prefix(OUTBOX).await?,
            bad: store.read_prefix(BAD).await?,
            usage: store.read(USAGE).await?,
            heads: store.read_prefix(HEADS).await?,
            meta,
            mail: StoredMail::read(store).await?,
        })
    }

    /// Writes keys and deadline where they outlive the worker.
    pub(crate) async fn save_unlocked(&self) {
        let slot = {
            let mut state = self.state_mut();
            let Some(address) = state
                .account
                .as_ref()
                .map(|account| account.address.clone())
            else {
                return;
            };
            let Some(open) = &mut state.open else { return };
            open.saved_at = self.platform().now();
            UnlockedSlot {
                address,
                keys: open.keyring.keep(),
                locks_at: open.deadline.locks_at(),
                saved_at: open.saved_at,
            }
        };
        slots::save(self.platform().session(), UNLOCKED, &slot).await;
    }

    pub(super) async fn revive_work(&self) {
        let slot: Option<WorkSlot> = slots::load(self.platform().session(), WORK).await;
        let has_account = self.state().account.is_some();
        let work = match slot {
            // The account was made; only the slot had no time to be emptied.
            Some(WorkSlot::Ordered(pending)) if has_account && !pending.renews => None,
            Some(slot) => Some(Work::revived(slot)),
            None => return,
        };
        let locked = self.platform().session().load(WORK_LOCKED).await.is_some();
        match work {
            Some(work) => {
                let mut state = self.state_mut();
                state.work = work;
                state.locks += u64::from(locked);
            }
            None => {
                self.platform().session().clear(WORK).await;
            }
        }
    }

    pub(super) async fn revive_vault(&self) -> Result<(), EngineError> {
        let session = self.platform().session();
        let Some(slot) = slots::load::<UnlockedSlot>(session, UNLOCKED).await else {
            return Ok(());
        };
        let mut deadline = Deadline::revived(slot.locks_at, slot.saved_at);
        let account = self
            .state()
            .account
            .clone()
            .filter(|account| account.address == slot.address);
        let keyring = Keyring::revive(&slot.address, &slot.keys);
        let (Some(account), Some(keyring), false) =
            (account, keyring, deadline.is_over(self.platform().now()))
        else {
            session.clear(UNLOCKED).await;
            return Ok(());
        };
        let stored = self.stored().await?;
        self.set_open(&account, keyring, stored, deadline).await
    }

    /// Takes an unlocked vault into memory. An index that does not open is made anew.
    pub(crate) async fn set_open(
        &self,
        account: &AccountRecord,
        keyring: Keyring,
        stored: Stored,
        deadline: Deadline,
    ) -> Result<(), EngineError> {
        let index = Index::load(&keyring, &stored.index, &stored.journal);
        let damaged = index.is_err();
        let outbox = numbered_writes(&stored.outbox);
        let synced_at = stored.meta.as_ref().and_then(|meta| meta.synced_at);
        let open = Open {
            recovery: keyring.recovery_state(&account.recovery, &account.keys),
            session: keyring.session(account),
            renewal_refused: false,
            index: index.unwrap_or_default(),
            next_write: outbox.keys().next_back().map_or(0, |last| last + 1),
            outbox,
            mail: stored.mail.open(&keyring),
            bad: stored
                .bad
                .iter()
                .filter_map(|(key, _)| suffix(BAD, key).parse().ok())
                .collect(),
            usage: open_usage(&keyring, stored.usage.as_deref()),
            // Without heads nothing could be compared, and another key may open more: the log is read
            // once more.
            since: match &stored.meta {
                Some(meta) if !stored.heads.is_empty() && keyring.has_only(&meta.keys) => {
                    meta.since
                }
                _ => Revision(0),
            },
            cursor: stored.meta.as_ref().and_then(|meta| meta.cursor.clone()),
            keyring,
            heads: Heads::load(&stored.heads),
            compared: stored.meta.as_ref().is_some_and(|meta| meta.compared),
            anew: stored.meta.as_ref().is_some_and(|meta| meta.anew),
            unproven_at: stored.meta.as_ref().and_then(|meta| meta.unproven_at),
            synced_at,
            synced_at_stored: synced_at,
            rechecked: false,
            alarm: stored.meta.as_ref().and_then(|meta| meta.alarm),
            earlier: None,
            manifest: stored.meta.and_then(|meta| meta.manifest),
            verified: None,
            uncovered_at: None,
            problem: None,
            export: None,
            deadline,
            saved_at: self.platform().now(),
        };
        self.state_mut().open = Some(open);
        if !damaged {
            return Ok(());
        }
        let rebuilt = self.rebuild_index().await;
        if rebuilt.is_err() {
            // An open vault that shows nothing would be taken for an empty one.
            self.state_mut().open = None;
        }
        rebuilt
    }
}

fn open_usage(keyring: &Keyring, sealed: Option<&[u8]>) -> BTreeMap<ItemId, UnixMillis> {
    // It only orders lists: nothing is lost where it does not open.
    let opened = sealed.and_then(|sealed| {
        keyring
            .open_local(ObjectKind::LocalRecord, USAGE, sealed)
            .ok()
    });
    opened
        .and_then(|json| decode(&json).ok())
        .unwrap_or_default()
}

/// Which item each waiting write is of. The writes themselves are read when they are sent.
fn numbered_writes(stored: &[(String, Vec<u8>)]) -> BTreeMap<u64, ItemId> {
    let read = |(key, value): &(String, Vec<u8>)| {
        let number = u64::from_str_radix(suffix(OUTBOX, key), 16).ok()?;
        Some((number, decode::<OutboxName>(value).ok()?.id))
    };
    stored.iter().filter_map(read).collect()
}
