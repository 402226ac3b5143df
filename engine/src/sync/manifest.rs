//! Whether the node shows the vault that the account's devices have signed.

use proto::{api::manifest::VaultManifest, bytes::Hex, ids::Revision};
use wasm_core::manifest;

use self::earlier::At;
use super::SyncReport;
use crate::{
    Engine,
    error::EngineError,
    node::NodeError,
    platform::{Platform, Store},
    records::{KnownManifest, META, put},
};

pub(crate) use self::earlier::EarlierHeads;

mod chain;
mod earlier;

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

impl KnownManifest {
    fn of(account: &proto::address::Address, link: &VaultManifest) -> Self {
        Self {
            number: link.number,
            revision: link.revision,
            hash: Hex(manifest::hash(account, link)),
        }
    }
}
