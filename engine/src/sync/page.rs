//! Whether a page of the node's log can be one.

use std::collections::BTreeSet;

use proto::{api::vault::VaultPage, ids::Revision, limits::ITEM_VERSION_MAX};

use crate::node::{NodeError, PAGE_ITEMS};

/// Whether a page can follow what was read; up to where the log is read with it.
///
/// # Errors
/// [`NodeError::RolledBack`]: shorter than it was; [`NodeError::Misbehaved`]: out of order, or without
/// an end.
pub(super) fn check(page: &VaultPage, since: Revision) -> Result<Revision, NodeError> {
    let mut last = since;
    // More than was asked for, or an item twice: each record is judged by what is here before the page.
    let items: BTreeSet<_> = page.records.iter().map(|record| record.id).collect();
    if page.records.len() > PAGE_ITEMS as usize || items.len() < page.records.len() {
        return Err(NodeError::Misbehaved);
    }
    for record in &page.records {
        if record.revision <= last || record.version.0 > ITEM_VERSION_MAX {
            return Err(NodeError::Misbehaved);
        }
        last = record.revision;
    }
    let read_to = if page.has_more { last } else { page.latest };
    let stands_still = page.has_more && page.records.is_empty();
    // The log's newest record is always its item's last, and so stands in the last page.
    let beyond = !page.has_more && page.latest != last;
    if page.latest < since {
        Err(NodeError::RolledBack)
    } else if page.latest < last || stands_still || beyond {
        Err(NodeError::Misbehaved)
    } else {
        Ok(read_to)
    }
}

#[cfg(test)]
mod tests {
    use proto::{
        api::vault::{SealedTombstone, VaultContent, VaultRecord},
        bytes::Base64,
        ids::{ItemId, ItemVersion, KeyNumber, UnixMillis},
    };

    use super::*;

    fn page(revisions: &[u64], latest: u64, has_more: bool) -> VaultPage {
        let record = |revision: &u64| VaultRecord {
            id: ItemId::make(UnixMillis(*revision), [0; 10]),
            version: ItemVersion(1),
            revision: Revision(*revision),
            content: VaultContent::Tombstone(SealedTombstone {
                key_number: KeyNumber(1),
                sealed: Base64(Vec::new()),
            }),
        };
        VaultPage {
            records: revisions.iter().map(record).collect(),
            latest: Revision(latest),
            has_more,
            manifest: None,
            cursor: None,
            snapshot: false,
        }
    }

    #[test]
    fn log_that_goes_back_is_noticed() {
        let check = |page: VaultPage| check(&page, Revision(5)).map(|revision| revision.0);
        assert_eq!(check(page(&[], 5, false)), Ok(5));
        assert_eq!(check(page(&[6, 9], 9, false)), Ok(9));
        assert_eq!(check(page(&[6, 9], 20, true)), Ok(9));
        for bad in [
            page(&[5], 9, false),
            page(&[7, 6], 9, false),
            page(&[7, 7], 9, false),
            page(&[6, 9], 8, false),
            page(&[], 9, true),
            page(&(6..=106).collect::<Vec<_>>(), 106, false),
        ] {
            assert_eq!(check(bad), Err(NodeError::Misbehaved));
        }
        assert_eq!(check(page(&[], 4, false)), Err(NodeError::RolledBack));
        let mut twice = page(&[6, 9], 9, false);
        twice.records[1].id = twice.records[0].id;
        assert_eq!(check(twice), Err(NodeError::Misbehaved));
    }
}
