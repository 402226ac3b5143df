//! Items of another program: what of them the vault has already, and writing them, a batch at a
//! time and each batch whole.

use proto::{
    bridge::popup::{ImportItem, ImportedItems, RefusedItem, Standing},
    ids::{ImportId, ItemId, ItemVersion, UnixMillis},
    limits::{IMPORT_BATCH_MAX_ITEMS, VAULT_MAX_ITEMS},
    vault::ItemOverview,
};

use super::{
    Content, Write,
    draft::{self, Checked},
};
use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    platform::Platform,
    records::{IMPORT, ITEMS, ImportRecord, ItemRecord, item_key, put, read},
    release,
    state::Open,
};

/// An item of an import that may be written.
struct Incoming {
    number: u32,
    id: ItemId,
    checked: Checked,
    overview: ItemOverview,
}

impl<P: Platform> Engine<P> {
    /// How items of a file stand to what the vault has, in their order. `items`: at most
    /// [`IMPORT_BATCH_MAX_ITEMS`]. One that may not be written counts as new: writing it says why.
    ///
    /// # Errors
    /// [`EngineError::TooLarge`], [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn check_import(&self, items: Vec<ImportItem>) -> Result<Vec<Standing>, EngineError> {
        self.ensure_open().await?;
        fits_batch(&items)?;
        let checked: Vec<Option<Checked>> = items
            .into_iter()
            .map(|item| draft::check(item.draft).ok())
            .collect();
        let alike: Vec<Vec<ItemId>> = self.with_open(|open| {
            let alike = checked.iter().map(|checked| {
                let overview = |it: &Checked| it.overview(UnixMillis(0), UnixMillis(0));
                checked
                    .as_ref()
                    .map(|checked| open.index.alike(&overview(checked)))
                    .unwrap_or_default()
            });
            Ok(alike.collect())
        })?;
        let mut standings = Vec::with_capacity(checked.len());
        for (checked, alike) in checked.iter().zip(alike) {
            standings.push(match checked {
                Some(checked) => self.standing(checked, &alike).await?,
                None => Standing::New,
            });
        }
        Ok(standings)
    }

    /// Writes items of an import, all of them in one commit: in the store when this returns, at the
    /// node after the next [`Self::sync`]. Their numbers rise, within a request and from one to the
    /// next; what an earlier request of the same import has written is not written again. An item
    /// that may not be written is named in the answer, and holds up no other.
    ///
    /// # Errors
    /// [`EngineError::ItemInvalid`] (`number`) where numbers do not rise, [`EngineError::TooLarge`],
    /// [`EngineError::VaultFull`], [`EngineError::Store`], [`EngineError::Locked`]; then nothing of
    /// the batch was written.
    pub async fn import(
        &self,
        import: ImportId,
        items: Vec<ImportItem>,
    ) -> Result<ImportedItems, EngineError> {
        self.ensure_open().await?;
        fits_batch(&items)?;
        if items.is_sorted_by(|one, next| one.number < next.number) {
            self.import_rising(import, items).await
        } else {
            Err(EngineError::ItemInvalid { field: "number" })
        }
    }

    async fn import_rising(
        &self,
        import: ImportId,
        items: Vec<ImportItem>,
    ) -> Result<ImportedItems, EngineError> {
        let now = self.platform().now();
        let next = items.last().map_or(0, |item| item.number.saturating_add(1));
        let _writing = self.writing().await;
        let before: Option<ImportRecord> = read(self.platform().store(), IMPORT).await?;
        let before = before.filter(|before| before.import == import);
        let (mut fresh, mut refused, mut already) = (Vec::new(), Vec::new(), 0);
        for item in items {
            let number = item.number;
            let id = item_of(import, number);
            if self.is_imported(id, number, before.as_ref()).await? {
                already += 1;
                continue;
            }
            match Incoming::check(id, item, now) {
                Ok(incoming) => fresh.push(incoming),
                Err(fault) => refused.push(refusal(number, fault)?),
            }
        }
        let prepared = self.with_open(|open| {
            if open.index.len() + fresh.len() > VAULT_MAX_ITEMS as usize {
                let max = VAULT_MAX_ITEMS;
                return Err(EngineError::VaultFull { max });
            }
            let mut random = OsRandom(self.platform());
            let mut writes = Vec::with_capacity(fresh.len());
            for incoming in &fresh {
                match incoming.write(open, &mut random) {
                    Ok(write) => writes.push(write),
                    Err(fault) => refused.push(refusal(incoming.number, fault)?),
                }
            }
            let written = writes.len();
            let mut prepared = open.prepare(writes, Vec::new(), &mut random)?;
            let done = ImportRecord { import, next };
            prepared.changes.push(put(IMPORT.to_owned(), &done)?);
            Ok((prepared, written))
        })?;
        let (prepared, written) = prepared;
        self.commit(prepared).await?;
        refused.sort_by_key(|refused| refused.number);
        Ok(ImportedItems {
            written: crate::state::count(written),
            already,
            refused,
        })
    }

    /// Whether an earlier request has written an item, wherever it is by now.
    async fn is_imported(
        &self,
        id: ItemId,
        number: u32,
        before: Option<&ImportRecord>,
    ) -> Result<bool, EngineError> {
        if let Some(before) = before {
            return Ok(number < before.next);
        }
        let record: Option<ItemRecord> =
            read(self.platform().store(), &item_key(ITEMS, &id)).await?;
        Ok(record.is_some())
    }

    async fn standing(&self, checked: &Checked, alike: &[ItemId]) -> Result<Standing, EngineError> {
        let Some(first) = alike.first() else {
            return Ok(Standing::New);
        };
        for id in alike {
            // One that is gone or does not open holds nothing that could be the same.
            let record = match self.record(*id).await {
                Ok(record) => record,
                Err(EngineError::ItemMissing) => continue,
                Err(fault) => return Err(fault),
            };
            let same = self.with_open(|open| {
                let held = open.hold(*id, &record);
                Ok(held.is_ok_and(|held| release::holds_already(held, &checked.secrets)))
            })?;
            if same {
                return Ok(Standing::Same(*id));
            }
        }
        Ok(Standing::Differs(*first))
    }
}

impl Incoming {
    fn check(id: ItemId, item: ImportItem, now: UnixMillis) -> Result<Self, EngineError> {
        if item.draft.edits.is_some() {
            return Err(EngineError::ItemInvalid { field: "edits" });
        }
        // A clock that went wrong elsewhere makes nothing here that is yet to come.
        let past = |at: UnixMillis| at.min(now);
        let made = item.created_at.map_or(now, past);
        let changed = item.updated_at.map_or(made, past).max(made);
        let checked = draft::check(item.draft)?;
        let overview = checked.overview(made, changed);
        Ok(Self {
            number: item.number,
            id,
            checked,
            overview,
        })
    }

    fn write(
        &self,
        open: &Open,
        random: &mut dyn wasm_core::random::Random,
    ) -> Result<Write, EngineError> {
        let (id, version) = (self.id, ItemVersion(1));
        let vault = open.keyring.active();
        let secrets = &self.checked.secrets;
        let sealed = vault.seal_item(&id, version, &self.overview, secrets, random)?;
        let content = Content::Item(sealed, self.overview.clone());
        Ok(Write {
            id,
            version,
            content,
        })
    }
}

/// The item that one of an import becomes: another for every number, the same each time.
fn item_of(import: ImportId, number: u32) -> ItemId {
    let mut bytes = *import.as_bytes();
    for (byte, of_number) in bytes[12..].iter_mut().zip(number.to_be_bytes()) {
        *byte ^= of_number;
    }
    ItemId::from_bytes(bytes)
}

fn fits_batch(items: &[ImportItem]) -> Result<(), EngineError> {
    if items.len() > IMPORT_BATCH_MAX_ITEMS {
        let max = IMPORT_BATCH_MAX_ITEMS;
        return Err(EngineError::TooLarge { max });
    }
    Ok(())
}

/// What of an item stands against writing it; a fault that is not the item's is one of the request.
fn refusal(number: u32, fault: EngineError) -> Result<RefusedItem, EngineError> {
    let field = match fault {
        EngineError::ItemInvalid { field } => field,
        EngineError::TooLarge { .. } => "size",
        other => return Err(other),
    };
    let field = field.to_owned();
    Ok(RefusedItem { number, field })
}
