//! The log of an account's vault.

use std::collections::BTreeMap;

use proto::{
    api::{
        manifest::{ManifestPage, VaultManifest},
        vault::{
            DeleteItemRequest, ItemVersions, SealedItem, SealedTombstone, VaultContent, VaultPage,
            VaultRecord, WriteAccepted, WriteItemRequest,
        },
    },
    bytes::Base64,
    error::{ErrorCode, WireError},
    ids::{ItemId, ItemVersion, KeyNumber, Revision, UpdateId},
    limits::TOMBSTONE_BYTES,
};

use super::{Answer, json};

/// Writes in their order, revisions from 1; and what a hostile node makes of them.
#[derive(Default)]
pub(super) struct Log {
    written: Vec<Written>,
    manifests: Vec<VaultManifest>,
    /// Counts the databases that it has been in.
    database: u64,
    lies: Vec<Lie>,
    page_limit: Option<u64>,
    item_limit: Option<usize>,
}

/// What a node shows instead of what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// The first item is not there.
    Omits,
    /// The item that was written most often is what it was in its first version.
    ShowsOld,
    /// The first two items have each other's places in the log.
    Reorders,
    /// The first two items have each other's content.
    Swaps,
    /// Nothing was ever signed.
    HidesManifests,
    /// What was signed last was signed by somebody else.
    ForgesManifest,
    /// The same, and many links are said to lie before it.
    ForgesFarAhead,
    /// What was signed first is the last that was signed.
    ShowsOldManifest,
    /// Links that are asked for are always the first ones.
    RepeatsManifests,
    /// What was signed last was signed with a key that nobody has.
    ForeignKey,
    /// The item that was written most often was written once more, as it was in its first version.
    Replays,
    /// The write at this place of the log was never made.
    Withholds(u64),
    /// No item has earlier versions.
    ForgetsVersions,
    /// The log is empty and was never signed.
    Empty,
}

struct Written {
    update: Option<UpdateId>,
    record: VaultRecord,
}

impl Log {
    pub(super) fn page(&self, query: &str) -> Answer {
        let limit = number(query, "limit").unwrap_or(500);
        let limit = self.page_limit.map_or(limit, |most| most.min(limit));
        let shown = self.shown();
        let latest = shown.last().map_or(Revision(0), |record| record.revision);
        let (mut since, mut snapshot) = (number(query, "since").unwrap_or(0), false);
        if let Some(cursor) = text(query, "cursor") {
            let parts = cursor.split_once('-');
            let read = parts.and_then(|(of, at)| Some((of.parse().ok()?, at.parse().ok()?)));
            let (database, at): (u64, u64) = read.ok_or(ErrorCode::CursorInvalid)?;
            snapshot = database != self.database || at > latest.0;
            since = match number(query, "since") {
                _ if snapshot => 0,
                Some(since) => since,
                None => at,
            };
        }
        let after = shown.into_iter().filter(|record| record.revision.0 > since);
        let mut records: Vec<VaultRecord> = after.collect();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = records.len() > limit;
        records.truncate(limit);
        let last = records.last().map(|record| record.revision);
        let end = last.filter(|_| has_more).unwrap_or(latest);
        let cursor = format!("{}-{end}", self.database);
        Ok(json(&VaultPage {
            records,
            latest,
            manifest: self.newest_manifest(),
            has_more,
            cursor: cursor.try_into().ok(),
            snapshot,
        }))
    }

    pub(super) fn change_database(&mut self) {
        self.database += 1;
    }

    /// Each item's newest version in the order of the log, as the node would have it seen.
    fn shown(&self) -> Vec<VaultRecord> {
        let newest = self.last_versions().into_values().cloned();
        let mut shown: Vec<VaultRecord> = newest.collect();
        shown.sort_by_key(|record| record.id);
        for lie in &self.lies {
            self.lie_about(&mut shown, *lie);
        }
        shown.sort_by_key(|record| record.revision);
        shown
    }

    fn lie_about(&self, shown: &mut Vec<VaultRecord>, lie: Lie) {
        match lie {
            Lie::Omits if !shown.is_empty() => drop(shown.remove(0)),
            Lie::Empty => shown.clear(),
            Lie::Withholds(revision) => shown.retain(|record| record.revision.0 != revision),
            Lie::ShowsOld | Lie::Replays => {
                let mut all = self.written.iter().map(|written| &written.record);
                let often = shown.iter_mut().max_by_key(|record| record.version);
                if let Some(often) = often
                    && let Some(first) = all.find(|record| record.id == often.id)
                {
                    *often = first.clone();
                    if lie == Lie::Replays {
                        often.revision = self.next_revision();
                    }
                }
            }
            Lie::Reorders if shown.len() > 1 => {
                let place = shown[0].revision;
                shown[0].revision = shown[1].revision;
                shown[1].revision = place;
            }
            Lie::Swaps if shown.len() > 1 => {
                let content = shown[0].content.clone();
                shown[0].content = shown[1].content.clone();
                shown[1].content = content;
            }
            _ => {}
        }
    }

    fn newest_manifest(&self) -> Option<VaultManifest> {
        let newest = self.manifests.last().cloned()?;
        self.lies.iter().try_fold(newest, |newest, lie| match lie {
            Lie::HidesManifests | Lie::Empty => None,
            Lie::ForgesManifest => Some(VaultManifest {
                number: newest.number + 1,
                ..newest
            }),
            Lie::ForgesFarAhead => Some(VaultManifest {
                number: newest.number + 10,
                ..newest
            }),
            Lie::ShowsOldManifest => self.manifests.first().cloned(),
            Lie::ForeignKey => Some(VaultManifest {
                number: newest.number + 1,
                key_number: KeyNumber(newest.key_number.0 + 1),
                ..newest
            }),
            _ => Some(newest),
        })
    }

    pub(super) fn manifests(&self, query: &str) -> String {
        let repeats = self.lies.contains(&Lie::RepeatsManifests);
        let after = if repeats {
            0
        } else {
            number(query, "after").unwrap_or(0)
        };
        let later = self.manifests.iter().filter(|link| link.number > after);
        let mut manifests: Vec<_> = later.cloned().collect();
        let has_more = manifests.len() > 3;
        manifests.truncate(3);
        json(&ManifestPage {
            manifests,
            has_more,
        })
    }

    pub(super) fn add_manifest(&mut self, link: VaultManifest) -> Answer {
        // Who hides the chain would take another one.
        let newest = self.newest_manifest().map_or(0, |newest| newest.number);
        if link.number != newest + 1 {
            return Err(WireError::new(ErrorCode::VersionConflict).with("version", newest));
        }
        self.manifests.push(link);
        Ok("{}".to_owned())
    }

    pub(super) fn tell(&mut self, lies: Vec<Lie>) {
        self.lies = lies;
    }

    pub(super) fn limit_pages(&mut self, records: u64) {
        self.page_limit = Some(records);
    }

    pub(super) fn limit_items(&mut self, items: usize) {
        self.item_limit = Some(items);
    }

    pub(super) fn lose(&mut self, id: ItemId) {
        self.written.retain(|written| written.record.id != id);
    }

    pub(super) fn lose_manifests(&mut self) {
        self.manifests.clear();
    }

    /// Items that do not open; their ids begin with `seed`.
    pub(super) fn add_junk(&mut self, seed: u8, items: u32) {
        for number in 0..items {
            let mut id = [seed; 16];
            id[8..12].copy_from_slice(&number.to_be_bytes());
            let junk = SealedItem {
                key_number: KeyNumber(1),
                overview: Base64(vec![1; 64]),
                secrets: Base64(vec![1; 64]),
            };
            let content = VaultContent::Item(junk);
            self.push(ItemId::from_bytes(id), None, ItemVersion(1), content);
        }
    }

    pub(super) fn count_manifests(&self) -> usize {
        self.manifests.len()
    }

    pub(super) fn versions(&self, id: &str, query: &str) -> Answer {
        let id = read_id(id)?;
        if self.lies.contains(&Lie::ForgetsVersions) {
            return Ok(json(&ItemVersions {
                versions: Vec::new(),
                has_more: false,
            }));
        }
        let before = number(query, "before").unwrap_or(u64::MAX);
        let limit = usize::try_from(number(query, "limit").unwrap_or(50)).unwrap_or(usize::MAX);
        let all = self.written.iter().rev().map(|written| &written.record);
        let mut versions: Vec<VaultRecord> = all
            .filter(|record| record.id == id && record.version.0 < before)
            .cloned()
            .collect();
        let has_more = versions.len() > limit;
        versions.truncate(limit);
        Ok(json(&ItemVersions { versions, has_more }))
    }

    pub(super) fn write(&mut self, id: &str, request: WriteItemRequest) -> Answer {
        let content = VaultContent::Item(request.content);
        self.append(id, request.update, request.version, content)
    }

    pub(super) fn delete(&mut self, id: &str, request: DeleteItemRequest) -> Answer {
        let tombstone = VaultContent::Tombstone(request.tombstone);
        let again = |written: &Written| written.update == Some(request.update);
        let newest = self.last_versions().get(&read_id(id)?).copied();
        let is_live = newest.is_some_and(|newest| newest.content.item().is_some());
        if !is_live && !self.written.iter().any(again) {
            return Err(ErrorCode::NotFound.into());
        }
        self.append(id, request.update, request.version, tombstone)
    }

    pub(super) fn damage(&mut self) {
        let newest: Vec<Revision> = self
            .last_versions()
            .values()
            .map(|record| record.revision)
            .collect();
        for written in &mut self.written {
            if !newest.contains(&written.record.revision) {
                continue;
            }
            match &mut written.record.content {
                VaultContent::Item(item) => item.overview.0[20] ^= 1,
                VaultContent::Tombstone(tombstone) => tombstone.sealed.0[20] ^= 1,
            }
        }
    }

    pub(super) fn damage_secrets(&mut self) {
        let newest: Vec<Revision> = self
            .last_versions()
            .values()
            .map(|record| record.revision)
            .collect();
        for written in &mut self.written {
            if let VaultContent::Item(item) = &mut written.record.content
                && newest.contains(&written.record.revision)
            {
                item.secrets.0[20] ^= 1;
            }
        }
    }

    pub(super) fn delete_all(&mut self) {
        let live: Vec<_> = self
            .last_versions()
            .into_values()
            .filter_map(|record| Some((record.id, record.version, record.content.item()?)))
            .map(|(id, version, item)| (id, version, item.key_number))
            .collect();
        for (id, version, key_number) in live {
            let forged = SealedTombstone {
                key_number,
                sealed: Base64(vec![1; TOMBSTONE_BYTES]),
            };
            let version = ItemVersion(version.0 + 1);
            self.push(id, None, version, VaultContent::Tombstone(forged));
        }
    }

    pub(super) fn forget(&mut self, writes: usize) {
        self.written
            .truncate(self.written.len().saturating_sub(writes));
        let latest = self.next_revision().0 - 1;
        self.manifests.retain(|link| link.revision.0 <= latest);
    }

    pub(super) fn texts(&self) -> Vec<String> {
        self.written
            .iter()
            .map(|written| json(&written.record))
            .collect()
    }

    fn append(
        &mut self,
        id: &str,
        update: UpdateId,
        version: ItemVersion,
        content: VaultContent,
    ) -> Answer {
        let id = read_id(id)?;
        let mut known = self.written.iter();
        if let Some(written) = known.find(|written| written.update == Some(update)) {
            let VaultRecord {
                version, revision, ..
            } = written.record;
            return Ok(json(&WriteAccepted { version, revision }));
        }
        let newest = self.last_versions().get(&id).copied();
        let present = newest.map_or(0, |newest| newest.version.0);
        if version.0 != present + 1 {
            return Err(WireError::new(ErrorCode::VersionConflict).with("version", present));
        }
        let is_live = |record: &VaultRecord| record.content.item().is_some();
        let last = self.last_versions();
        let live = last.values().filter(|record| is_live(record)).count();
        let adds = content.item().is_some() && !newest.is_some_and(is_live);
        if adds && self.item_limit.is_some_and(|most| live >= most) {
            return Err(ErrorCode::QuotaExceeded.into());
        }
        let revision = self.push(id, Some(update), version, content);
        Ok(json(&WriteAccepted { version, revision }))
    }

    fn push(
        &mut self,
        id: ItemId,
        update: Option<UpdateId>,
        version: ItemVersion,
        content: VaultContent,
    ) -> Revision {
        let revision = self.next_revision();
        let record = VaultRecord {
            id,
            version,
            revision,
            content,
        };
        self.written.push(Written { update, record });
        revision
    }

    fn next_revision(&self) -> Revision {
        let last = self.written.last();
        Revision(last.map_or(0, |last| last.record.revision.0) + 1)
    }

    fn last_versions(&self) -> BTreeMap<ItemId, &VaultRecord> {
        let records = self.written.iter().map(|written| &written.record);
        records.map(|record| (record.id, record)).collect()
    }
}

/// A number of a query.
fn number(query: &str, name: &str) -> Option<u64> {
    text(query, name)?.parse().ok()
}

/// A text of a query.
fn text<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    Some(pairs.find(|(key, _)| *key == name)?.1)
}

fn read_id(id: &str) -> Result<ItemId, WireError> {
    id.parse().map_err(|_| ErrorCode::InvalidField.into())
}
