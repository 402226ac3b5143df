//! The log of an account's vault.

use std::collections::BTreeMap;

use proto::{
    api::vault::{
        DeleteItemRequest, SealedTombstone, VaultContent, VaultPage, VaultRecord, WriteAccepted,
        WriteItemRequest,
    },
    bytes::Base64,
    error::{ErrorCode, WireError},
    ids::{ItemId, ItemVersion, Revision},
    limits::TOMBSTONE_BYTES,
};

use super::{Answer, json};

/// Writes in their order, revisions from 1.
#[derive(Default)]
pub(super) struct Log(Vec<VaultRecord>);

impl Log {
    pub(super) fn page(&self, query: &str) -> String {
        let number = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .find(|(key, _)| *key == name)
                .and_then(|(_, value)| value.parse::<u64>().ok())
        };
        let (since, limit) = (number("since").unwrap_or(0), number("limit").unwrap_or(500));
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

    pub(super) fn write(&mut self, id: &str, request: WriteItemRequest) -> Answer {
        self.append(id, request.version, VaultContent::Item(request.content))
    }

    pub(super) fn delete(&mut self, id: &str, request: DeleteItemRequest) -> Answer {
        let tombstone = VaultContent::Tombstone(request.tombstone);
        self.append(id, request.version, tombstone)
    }

    pub(super) fn damage(&mut self) {
        let newest: Vec<Revision> = self
            .last_versions()
            .values()
            .map(|record| record.revision)
            .collect();
        for record in self
            .0
            .iter_mut()
            .filter(|record| newest.contains(&record.revision))
        {
            match &mut record.content {
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
            self.0.push(VaultRecord {
                id,
                version: ItemVersion(version.0 + 1),
                revision: Revision(self.0.len() as u64 + 1),
                content: VaultContent::Tombstone(forged),
            });
        }
    }

    pub(super) fn forget(&mut self, writes: usize) {
        self.0.truncate(self.0.len().saturating_sub(writes));
    }

    pub(super) fn texts(&self) -> Vec<String> {
        self.0.iter().map(json).collect()
    }

    fn append(&mut self, id: &str, version: ItemVersion, content: VaultContent) -> Answer {
        let id: ItemId = id
            .parse()
            .map_err(|_| WireError::new(ErrorCode::InvalidField))?;
        let newest = self.last_versions().get(&id).copied();
        if let Some(same) =
            newest.filter(|newest| newest.version == version && newest.content == content)
        {
            return Ok(json(&WriteAccepted {
                version,
                revision: same.revision,
            }));
        }
        let present = newest.map_or(0, |newest| newest.version.0);
        if version.0 != present + 1 {
            return Err(WireError::new(ErrorCode::VersionConflict).with("version", present));
        }
        let revision = Revision(self.0.len() as u64 + 1);
        self.0.push(VaultRecord {
            id,
            version,
            revision,
            content,
        });
        Ok(json(&WriteAccepted { version, revision }))
    }

    fn last_versions(&self) -> BTreeMap<ItemId, &VaultRecord> {
        self.0.iter().map(|record| (record.id, record)).collect()
    }
}
