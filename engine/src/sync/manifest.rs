//! Whether the node shows the vault that the account's devices have signed.

use proto::{
    api::manifest::{MANIFESTS_MAX, VaultManifest},
    bytes::Hex,
    ids::{ItemId, ItemVersion, Revision},
    limits::ITEM_VERSIONS_MAX,
};
use wasm_core::manifest::{self, Head};

use super::SyncReport;
use crate::{
    Engine,
    error::EngineError,
    heads::Heads,
    node::NodeError,
    platform::{Change, Platform, Store},
    records::{HEADS, KnownManifest, META, put},
};

/// Items that were written after a manifest whose earlier versions are asked for. Beyond, the next
/// manifest is waited for.
const LOOKED_UP_MAX: usize = 256;
/// Versions of one answer while an earlier one is looked for.
const PAGE: u32 = 20;
/// How long a device that wrote nothing leaves it to the one that did to sign, milliseconds.
const PATIENCE_MS: u64 = 60_000;

impl<P: Platform> Engine<P> {
    /// Compares what was pulled with the node's newest manifest.
    ///
    /// # Errors
    /// [`NodeError::RolledBack`] where the chain is shorter than it was or another one;
    /// [`NodeError::Altered`] where the vault is not the one that was signed.
    pub(super) async fn compare_with_signed(
        &self,
        epoch: u64,
        newest: Option<VaultManifest>,
    ) -> Result<(), EngineError> {
        let compared = self.compare_chain(epoch, newest).await;
        if compared == Err(NodeError::Altered.into()) {
            // What was read may have holes: the next pull reads it all once more.
            self.read_anew(epoch).await?;
        }
        compared
    }

    /// Forgets what was read, here and in the store; the items stay.
    async fn read_anew(&self, epoch: u64) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let store = self.platform().store();
        let records = store.read_prefix(HEADS).await?;
        let remove = |(key, _): (String, Vec<u8>)| Change::Remove { key };
        let mut changes: Vec<Change> = records.into_iter().map(remove).collect();
        let meta = self.with_open(|open| {
            open.compared = false;
            Ok(open.meta(Revision(0)))
        })?;
        changes.push(put(META.to_owned(), &meta)?);
        store.commit(changes).await?;
        self.with_open(|open| {
            open.since = Revision(0);
            open.heads = Heads::default();
            Ok(())
        })
    }

    async fn compare_chain(
        &self,
        epoch: u64,
        newest: Option<VaultManifest>,
    ) -> Result<(), EngineError> {
        let (known, since) = self.with_open(|open| Ok((open.manifest, open.since)))?;
        let Some(newest) = newest else {
            return match known {
                Some(_) => Err(NodeError::RolledBack.into()),
                // Nothing was signed yet. Whoever reads such a vault from the node cannot tell
                // whether that is true, and leaves the first signature to who wrote it.
                None => self.with_open(|open| {
                    open.compared |= open.heads.len() == 0;
                    Ok(())
                }),
            };
        };
        if !self.follow_to(Some(newest.clone())).await? {
            // Signed with a key that this device does not have yet.
            return self.with_open(|open| {
                open.compared = false;
                Ok(())
            });
        }
        let seen = self.seen(&newest)?;
        let (compared, rechecked) = self.with_open(|open| Ok((open.compared, open.rechecked)))?;
        if known == Some(seen) && compared && rechecked {
            return Ok(());
        }
        if newest.revision > since {
            return Err(NodeError::Altered.into());
        }
        let Some(heads) = self.heads_at(newest.revision).await? else {
            // What was compared before stays so; what is new waits for the next signature.
            return self.with_open(|open| {
                open.compared &= known == Some(seen);
                open.rechecked = true;
                Ok(())
            });
        };
        let (items, digest) = heads.digest();
        if (items, digest) != (newest.items, newest.digest.0) {
            return Err(NodeError::Altered.into());
        }
        self.trust(epoch, seen).await
    }

    /// Whether the node's newest link follows the one that this device knows; `false` where that
    /// cannot be told, as it is signed with a key that is not here.
    ///
    /// # Errors
    /// [`NodeError::RolledBack`], [`NodeError::Altered`].
    pub(super) async fn follow_to(
        &self,
        newest: Option<VaultManifest>,
    ) -> Result<bool, EngineError> {
        let known = self.with_open(|open| Ok(open.manifest))?;
        match newest {
            None if known.is_some() => Err(NodeError::RolledBack.into()),
            None => Ok(true),
            Some(newest) => {
                let chain = self.links(known, newest).await?;
                self.follow(known, &chain)
            }
        }
    }

    /// The links after the known one, up to the newest.
    async fn links(
        &self,
        known: Option<KnownManifest>,
        newest: VaultManifest,
    ) -> Result<Vec<VaultManifest>, EngineError> {
        let Some(known) = known else {
            return Ok(vec![newest]);
        };
        if newest.number < known.number {
            return Err(NodeError::RolledBack.into());
        }
        let missing = newest.number - known.number;
        // Who was away for longer than the node keeps links sees the newest only.
        if missing <= 1 || missing >= MANIFESTS_MAX {
            return Ok(vec![newest]);
        }
        let mut links: Vec<VaultManifest> = Vec::new();
        while links.len() as u64 + 1 < missing {
            let after = links.last().map_or(known.number, |last| last.number);
            let page = self
                .ask_node(async |node| node.manifests(after).await)
                .await?;
            let mut wanted = page.manifests.into_iter();
            let before = links.len();
            links.extend(
                wanted
                    .by_ref()
                    .take_while(|link| link.number < newest.number),
            );
            if links.len() == before {
                return Err(NodeError::RolledBack.into());
            }
        }
        links.push(newest);
        Ok(links)
    }

    /// Whether each link was signed by the account and follows the one before.
    fn follow(
        &self,
        known: Option<KnownManifest>,
        chain: &[VaultManifest],
    ) -> Result<bool, EngineError> {
        let account = self.account()?.address.clone();
        self.with_open(|open| {
            let mut last = known;
            for link in chain {
                let Some(key) = open.keyring.public_key(link.key_number) else {
                    return Ok(false);
                };
                if manifest::verify(&account, link, key).is_err() {
                    return Err(NodeError::Altered.into());
                }
                let seen = KnownManifest::of(&account, link);
                let follows = last.is_none_or(|last| {
                    let ahead = link.number.checked_sub(last.number);
                    let away = chain.len() == 1 && ahead >= Some(MANIFESTS_MAX);
                    let next = ahead == Some(1) && link.previous == last.hash;
                    seen == last || (link.revision >= last.revision && (next || away))
                });
                if !follows {
                    return Err(NodeError::RolledBack.into());
                }
                last = Some(seen);
            }
            Ok(true)
        })
    }

    /// What the node had at a revision, as this device knows it; `None` where that cannot be found
    /// out any more.
    async fn heads_at(&self, revision: Revision) -> Result<Option<Heads>, EngineError> {
        let mut heads = self.with_open(|open| Ok(open.heads.clone()))?;
        let later: Vec<(ItemId, Head)> = heads.after(revision);
        // What is new needs no question.
        let asked = later.iter().filter(|(_, head)| head.version.0 > 1);
        if asked.count() > LOOKED_UP_MAX {
            return Ok(None);
        }
        for (id, head) in later {
            match self.head_before(id, head.version, revision).await? {
                Earlier::Head(earlier) => heads.set(id, Some(earlier)),
                Earlier::NotYet => heads.set(id, None),
                Earlier::Forgotten => return Ok(None),
            }
        }
        Ok(Some(heads))
    }

    /// An item's newest version at a revision.
    async fn head_before(
        &self,
        id: ItemId,
        version: ItemVersion,
        revision: Revision,
    ) -> Result<Earlier, EngineError> {
        let mut before = version;
        for _ in 0..=ITEM_VERSIONS_MAX / PAGE {
            if before.0 <= 1 {
                return Ok(Earlier::NotYet);
            }
            let page = self.ask_versions(id, Some(before), PAGE).await?;
            if page.versions.is_empty() {
                return Ok(Earlier::Forgotten);
            }
            for was in &page.versions {
                if was.version.0 + 1 != before.0 {
                    return Ok(Earlier::Forgotten);
                }
                if was.revision <= revision {
                    return Ok(Earlier::Head(Head {
                        version: was.version,
                        revision: was.revision,
                        hash: manifest::content_hash(&was.content),
                    }));
                }
                before = was.version;
            }
        }
        Ok(Earlier::Forgotten)
    }

    /// Signs what the vault is by now, where that is this device's to do. That it does not reach the
    /// node is no failure: it is done again.
    pub(super) async fn publish(&self, epoch: u64, report: &SyncReport) -> Result<(), EngineError> {
        let now = self.platform().now();
        let account = self.account()?.address.clone();
        let signed = self.with_open(|open| {
            let covered = open.manifest.map_or(Revision(0), |known| known.revision);
            // Others wrote between our writes: what they wrote has to be pulled first.
            let complete = open.heads.after(open.since).is_empty();
            if covered >= open.since || !complete || !open.compared {
                open.uncovered_at = None;
                return Ok(None);
            }
            let uncovered_at = *open.uncovered_at.get_or_insert(now);
            if report.pushed == 0 && now.0.saturating_sub(uncovered_at.0) < PATIENCE_MS {
                return Ok(None);
            }
            let (items, digest) = open.heads.digest();
            let (key_number, pair) = open.keyring.signing();
            let link = VaultManifest {
                number: open.manifest.map_or(0, |known| known.number) + 1,
                previous: open.manifest.map_or(Hex([0; 32]), |known| known.hash),
                revision: open.since,
                items,
                digest: Hex(digest),
                signed_at: now,
                key_number,
                signature: Hex([0; 64]),
            };
            let signed = manifest::sign(&account, link, pair);
            signed.map(Some).map_err(|_| EngineError::KeyDerivation)
        })?;
        let Some(signed) = signed else {
            return Ok(());
        };
        let answer = self
            .ask_node(async |node| node.add_manifest(&signed).await)
            .await;
        // Where another device was faster, the next pull compares with what it signed.
        if answer.is_ok() {
            self.trust(epoch, KnownManifest::of(&account, &signed))
                .await?;
        }
        Ok(())
    }

    fn seen(&self, link: &VaultManifest) -> Result<KnownManifest, EngineError> {
        Ok(KnownManifest::of(&self.account()?.address, link))
    }

    /// From now on the chain has to go on from here.
    async fn trust(&self, epoch: u64, known: KnownManifest) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let meta = self.with_open(|open| {
            open.manifest = Some(known);
            open.compared = true;
            open.rechecked = true;
            open.uncovered_at = None;
            Ok(open.meta(open.since))
        })?;
        let change = put(META.to_owned(), &meta)?;
        Ok(self.platform().store().commit(vec![change]).await?)
    }
}

/// What an item was at a revision.
enum Earlier {
    Head(Head),
    /// It was not there.
    NotYet,
    /// The node does not keep it any more.
    Forgotten,
}

impl KnownManifest {
    fn of(account: &proto::address::Address, link: &VaultManifest) -> Self {
        Self {
            number: link.number,
            revision: link.revision,
            hash: Hex(manifest::hash(account, link)),
        }
    }
}
