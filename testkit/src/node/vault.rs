//! The log of an account's vault.

use std::collections::BTreeMap;

use proto::{
    api::vault::{
        DeleteItemRequest, ItemVersions, SealedTombstone, VaultContent, VaultPage, VaultRecord,
        WriteAccepted, WriteItemRequest,
    },
    bytes::Base64,
    error::{ErrorCode, WireError},
    ids::{ItemId, ItemVersion, Revision, UpdateId},
    limits::TOMBSTONE_BYTES,
};

use super::{Answer, json};

/// Writes in their order, revisions from 1.
#[derive(Default)]
pub(super) struct Log(Vec<Written>);

struct Written {
    update: Option<UpdateId>,
    record: VaultRecord,
}

impl Log {
    pub(super) fn page(&self, query: &str) -> String {
        let (since, limit) = (
            number(query, "since").unwrap_or(0),
            number(query, "limit").unwrap_or(500),
        );
        let newest: BTreeMap<Revision, &VaultRecord> = self
            .last_versions()
            .into_values()
            .map(|record| (record.revision, record))
            .collect();
        let mut records: Vec<VaultRecord> = newest
            .into_values()
            .filter(|record| record.revision.0 > since)
            .cloned()
            .collect();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = records.len() > limit;
        records.truncate(limit);
        json(&VaultPage {
            records,
            latest: Revision(self.0.len() as u64),
            has_more,
        })
    }

    pub(super) fn versions(&self, id: &str, query: &str) -> Answer {
        let id = read_id(id)?;
        let before = number(query, "before").unwrap_or(u64::MAX);
        let limit = usize::try_from(number(query, "limit").unwrap_or(50)).unwrap_or(usize::MAX);
        let all = self.0.iter().rev().map(|written| &written.record);
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
        self.append(id, request.update, request.version, tombstone)
    }

    pub(super) fn damage(&mut self) {
        let newest: Vec<Revision> = self
            .last_versions()
            .values()
            .map(|record| record.revision)
            .collect();
        for written in &mut self.0 {
            if !newest.contains(&written.record.revision) {
                continue;
            }
            match &mut written.record.content {
                VaultContent::Item(item) => item.overview.0[20] ^= 1,
                VaultContent::Tombstone(tombstone) => tombstone.sealed.0[20] ^= 1,
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
        self.0.truncate(self.0.len().saturating_sub(writes));
    }

    pub(super) fn texts(&self) -> Vec<String> {
        self.0.iter().map(|written| json(&written.record)).collect()
    }

    fn append(
        &mut self,
        id: &str,
        update: UpdateId,
        version: ItemVersion,
        content: VaultContent,
    ) -> Answer {
        let id = read_id(id)?;
        let mut known = self.0.iter();
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
        let revision = Revision(self.0.len() as u64 + 1);
        let record = VaultRecord {
            id,
            version,
            revision,
            content,
        };
        self.0.push(Written { update, record });
        revision
    }

    fn last_versions(&self) -> BTreeMap<ItemId, &VaultRecord> {
        let records = self.0.iter().map(|written| &written.record);
        records.map(|record| (record.id, record)).collect()
    }
}

/// A number of a query.
fn number(query: &str, name: &str) -> Option<u64> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name)?.1.parse().ok()
}

fn read_id(id: &str) -> Result<ItemId, WireError> {
    id.parse().map_err(|_| ErrorCode::InvalidField.into())
}
