//! Whether the node shows the vault that the account's devices have signed.

use std::collections::BTreeMap;

use proto::{
    api::manifest::{MANIFESTS_MAX, VaultManifest},
    bytes::Hex,
    ids::{ItemId, ItemVersion, Revision},
    limits::ITEM_VERSIONS_MAX,
};
use wasm_core::{
    keys::PublicKey,
    manifest::{self, Head},
};

use super::SyncReport;
use crate::{
    Engine,
    error::EngineError,
    heads::Heads,
    node::NodeError,
    platform::{Platform, Store},
    records::{KnownManifest, META, put},
};

/// Items that were written after a manifest whose earlier versions are asked for in one comparison.
/// The next one goes on from there.
const LOOKED_UP_MAX: usize = 256;
/// Versions of one answer while an earlier one is looked for.
const PAGE: u32 = 20;
/// How long what the node shows may stay uncompared before that is told, milliseconds: until then
/// another device may sign what can be compared.
const UNPROVEN_MS: u64 = 5 * 60_000;
/// How long a device that wrote nothing leaves it to the one that did to sign, milliseconds.
const PATIENCE_MS: u64 = 60_000;

impl<P: Platform> Engine<P> {
    /// Compares what was pulled with the node's newest manifest.
    ///
    /// # Errors
    /// [`NodeError::RolledBack`] where the chain is shorter than it was or another one;
    /// [`NodeError::Altered`] where the vault is not the one that was signed, or was not and nothing
    /// has shown since that it is; [`NodeError::KeyMissing`], [`NodeError::KeyOlder`] and
    /// [`NodeError::Unproven`] where that cannot be told.
    pub(super) async fn compare_with_signed(
        &self,
        epoch: u64,
        newest: Option<VaultManifest>,
    ) -> Result<(), EngineError> {
        let Some(newest) = newest else {
            return self.compare_with_nothing(epoch).await;
        };
        if !self.follow_to(Some(newest.clone())).await? {
            let seen = self.seen(&newest)?;
            let is_older = self.is_of_locked(&newest)?;
            // The user has chosen to go on without the key that signed it: this device signs what follows.
            if is_older && self.goes_on_from(seen)? {
                return self.note_unproven(epoch, false).await;
            }
            // Nothing is signed before that can be judged.
            self.with_open(|open| {
                open.compared = false;
                Ok(())
            })?;
            self.learn_key(newest.key_number).await;
            return Err(if is_older {
                NodeError::KeyOlder.into()
            } else {
                NodeError::KeyMissing.into()
            });
        }
        let seen = self.seen(&newest)?;
        let judged = self.with_open(|open| {
            let known = open.manifest == Some(seen) && open.compared;
            let found = open.alarm.is_some_and(|alarm| alarm.link == seen.hash);
            Ok((open.rechecked && (known || found)).then_some(found))
        })?;
        let found = match judged {
            Some(true) => Found::Other,
            Some(false) => return Ok(()),
            None => self.compare_heads(&newest).await?,
        };
        match found {
            Found::Same => self.trust(epoch, seen).await,
            // The user has chosen to go on with what the node shows: this device signs that next.
            _ if self.goes_on_from(seen)? => self.note_unproven(epoch, false).await,
            Found::Other => {
                self.raise_alarm(epoch, seen.hash).await?;
                Err(NodeError::Altered.into())
            }
            // What was compared before stays so; what is new waits for the next signature.
            Found::Unknown { ever } => {
                let (alarm, known, first) = self.with_open(|open| {
                    open.compared &= open.manifest == Some(seen);
                    open.rechecked = !ever;
                    let first = open.manifest.is_none();
                    Ok((open.alarm.is_some(), open.compared, first))
                })?;
                if alarm {
                    return Err(NodeError::Altered.into());
                }
                // Who has never compared anything has nothing to go by until then.
                let at_once = first && !ever;
                if known {
                    Ok(())
                } else {
                    self.note_unproven(epoch, at_once).await
                }
            }
        }
    }

    /// Whether the user has chosen to go on with what the node shows from this link on. It lasts until the node has what this
    /// device signs then, and is told where it does not take that.
    fn goes_on_from(&self, seen: KnownManifest) -> Result<bool, EngineError> {
        self.with_open(|open| {
            let chosen = open.anew && open.manifest == Some(seen);
            if chosen {
                open.compared = true;
                open.rechecked = true;
            }
            Ok(chosen)
        })
    }

    /// Nothing was signed yet. Whoever reads such a vault from the node cannot tell whether that is
    /// true, and leaves the first signature to who made the account.
    async fn compare_with_nothing(&self, epoch: u64) -> Result<(), EngineError> {
        let nothing_to_tell = self.with_open(|open| {
            if open.manifest.is_some() {
                return Err(NodeError::RolledBack.into());
            }
            open.compared |= open.anew;
            Ok(open.compared || open.heads.len() == 0)
        })?;
        if nothing_to_tell {
            Ok(())
        } else {
            self.note_unproven(epoch, false).await
        }
    }

    /// Remembers that what the node shows could not be compared.
    ///
    /// # Errors
    /// [`NodeError::Unproven`] where that is to be told: `at_once`, or as it lasts.
    async fn note_unproven(&self, epoch: u64, at_once: bool) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let now = self.platform().now();
        let (since, meta) = self.with_open(|open| {
            let before = open.unproven_at;
            let since = *open.unproven_at.get_or_insert(now);
            Ok((since, before.is_none().then(|| open.meta(open.since))))
        })?;
        if let Some(meta) = meta {
            let change = put(META.to_owned(), &meta)?;
            self.platform().store().commit(vec![change]).await?;
        }
        // A clock that was set back must not keep it quiet for ever.
        let lasts = now < since || now.0 - since.0 >= UNPROVEN_MS;
        if at_once || lasts {
            Err(NodeError::Unproven.into())
        } else {
            Ok(())
        }
    }

    /// Whether what this device has read is what a link describes.
    async fn compare_heads(&self, link: &VaultManifest) -> Result<Found, EngineError> {
        if link.revision > self.with_open(|open| Ok(open.since))? {
            return Ok(Found::Other);
        }
        Ok(match self.heads_at(link.revision).await? {
            At::Heads(heads) if heads.digest() == (link.items, link.digest.0) => Found::Same,
            At::Heads(_) => Found::Other,
            At::Later => Found::Unknown { ever: true },
            At::Forgotten => Found::Unknown { ever: false },
        })
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
                // One that nobody signed: before any that may lie between are asked for.
                if !self.is_signed(&newest)? {
                    let back = known.is_some_and(|known| newest.number < known.number);
                    return if back {
                        Err(NodeError::RolledBack.into())
                    } else {
                        Ok(false)
                    };
                }
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
        let mut last = known;
        for link in chain {
            if !self.is_signed(link)? {
                return Ok(false);
            }
            let seen = self.seen(link)?;
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
    }

    /// Whether the account signed a link; `false` where its key is not here.
    ///
    /// # Errors
    /// [`NodeError::Altered`]: somebody else did.
    pub(super) fn is_signed(&self, link: &VaultManifest) -> Result<bool, EngineError> {
        let account = self.account()?.address.clone();
        // With its signature. A link is met several times in one pull, and to verify it takes longer
        // than all else that is done with it.
        let hash = manifest::hash(&account, link);
        self.with_open(|open| {
            let Some(key) = open.keyring.public_key(link.key_number).copied() else {
                return Ok(false);
            };
            if open.verified == Some((key, hash)) {
                return Ok(true);
            }
            if manifest::verify(&account, link, &key).is_ok() {
                open.verified = Some((key, hash));
                return Ok(true);
            }
            // Nothing is signed before it is gone.
            open.compared = false;
            Err(NodeError::Altered.into())
        })
    }

    /// Whether an older key of the account signed a link, one that is locked here: its public half is known all the same.
    pub(super) fn is_of_locked(&self, link: &VaultManifest) -> Result<bool, EngineError> {
        let account = self.account()?;
        let is_older = self.with_open(|open| {
            let keyring = &open.keyring;
            Ok(keyring.lacks(link.key_number, &account.keys) && link.key_number < keyring.newest())
        })?;
        let mut listed = account.keys.iter();
        let key = listed.find(|key| is_older && key.number == link.key_number);
        let public = key.and_then(|key| PublicKey::parse(&key.public_key.0).ok());
        Ok(public.is_some_and(|key| manifest::verify(&account.address, link, &key).is_ok()))
    }

    /// What the node had at a revision, as this device knows it.
    async fn heads_at(&self, revision: Revision) -> Result<At, EngineError> {
        let (mut heads, mut known) = self.with_open(|open| {
            let known = open.earlier.take().filter(|known| known.at == revision);
            let known = known.unwrap_or_else(|| EarlierHeads::none_at(revision));
            Ok((open.heads.clone(), known))
        })?;
        let later = heads.after(revision);
        let looked_up = self.look_up(&later, &mut known).await;
        let mut missing = false;
        for (id, head) in later {
            match known.of(&id, head) {
                Some(Earlier::Head(earlier)) => heads.set(id, Some(earlier)),
                Some(Earlier::NotYet) => heads.set(id, None),
                Some(Earlier::Forgotten) | None => missing = true,
            }
        }
        self.with_open(|open| {
            open.earlier = Some(known);
            Ok(())
        })?;
        let forgotten = looked_up?;
        Ok(match (forgotten, missing) {
            (true, _) => At::Forgotten,
            (false, true) => At::Later,
            (false, false) => At::Heads(heads),
        })
    }

    /// Asks for what is not known of these heads, a bounded number of them; whether the node has
    /// forgotten one. Then the others need not be asked for, and it may have it again the next time.
    async fn look_up(
        &self,
        later: &[(ItemId, Head)],
        known: &mut EarlierHeads,
    ) -> Result<bool, EngineError> {
        let unknown = later
            .iter()
            .filter(|(id, head)| known.of(id, *head).is_none());
        let unknown: Vec<_> = unknown.take(LOOKED_UP_MAX).copied().collect();
        for (id, head) in unknown {
            match self.head_before(id, head.version, known.at).await? {
                Earlier::Forgotten => return Ok(true),
                earlier => drop(known.heads.insert(id, earlier)),
            }
        }
        Ok(false)
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
            // What a link says that was not compared is said anew, even where nothing was written.
            let unsaid = open.anew && open.manifest.is_some() && covered == open.since;
            // Others wrote between our writes: what they wrote has to be pulled first.
            let complete = open.heads.after(open.since).is_empty();
            if (covered >= open.since && !unsaid) || !complete || !open.compared {
                open.uncovered_at = None;
                return Ok(None);
            }
            let uncovered_at = *open.uncovered_at.get_or_insert(now);
            let fresh = now.0.saturating_sub(uncovered_at.0) < PATIENCE_MS;
            if report.pushed == 0 && fresh && !open.anew {
                return Ok(None);
            }
            let (items, digest) = open.heads.digest();
            let (key_number, pair) = open.keyring.signing();
            let link = VaultManifest {
                number: (open.manifest.map_or(0, |known| known.number))
                    .checked_add(1)
                    .ok_or(NodeError::Misbehaved)?,
                previous: open.manifest.map_or(Hex([0; 32]), |known| known.hash),
                revision: open.since,
                items,
                digest: Hex(digest),
                signed_at: now,
                key_number,
                signature: Hex([0; 64]),
            };
            let signed = manifest::sign(&account, link, pair);
            let signed = signed.map_err(|_| EngineError::KeyDerivation)?;
            open.verified = Some((*pair.public(), manifest::hash(&account, &signed)));
            Ok(Some(signed))
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

    pub(super) fn seen(&self, link: &VaultManifest) -> Result<KnownManifest, EngineError> {
        Ok(KnownManifest::of(&self.account()?.address, link))
    }

    /// From now on the chain has to go on from here.
    async fn trust(&self, epoch: u64, known: KnownManifest) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let meta = self.with_open(|open| {
            open.manifest = Some(known);
            open.compared = true;
            open.anew = false;
            open.unproven_at = None;
            open.rechecked = true;
            open.alarm = None;
            open.earlier = None;
            open.uncovered_at = None;
            Ok(open.meta(open.since))
        })?;
        let change = put(META.to_owned(), &meta)?;
        Ok(self.platform().store().commit(vec![change]).await?)
    }
}

/// What comes of a comparison.
enum Found {
    /// It is what was signed.
    Same,
    /// It is not.
    Other,
    /// It cannot be told yet, or not at all.
    Unknown { ever: bool },
}

/// What the node had at a revision.
enum At {
    Heads(Heads),
    /// There is more to ask for: the next comparison goes on.
    Later,
    /// The node does not keep all of it any more.
    Forgotten,
}

/// What was looked up of what the node had at a revision. What it was stays, however it goes on.
pub(crate) struct EarlierHeads {
    at: Revision,
    heads: BTreeMap<ItemId, Earlier>,
}

impl EarlierHeads {
    fn none_at(at: Revision) -> Self {
        Self {
            at,
            heads: BTreeMap::new(),
        }
    }

    /// What an item with this head was; `None`: it has to be asked for.
    fn of(&self, id: &ItemId, head: Head) -> Option<Earlier> {
        // What is new needs no question.
        let is_new = head.version.0 <= 1;
        let looked_up = || self.heads.get(id).copied();
        is_new.then_some(Earlier::NotYet).or_else(looked_up)
    }
}

/// What an item was at a revision.
#[derive(Clone, Copy)]
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
