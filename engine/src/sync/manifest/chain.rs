//! The chain of what devices have signed.

use proto::api::manifest::{MANIFESTS_MAX, VaultManifest};
use wasm_core::{keys::PublicKey, manifest};

use crate::{
    Engine, error::EngineError, node::NodeError, platform::Platform, records::KnownManifest,
};

impl<P: Platform> Engine<P> {
    /// Whether the node's newest link follows the one that this device knows; `false` where that
    /// cannot be told, as it is signed with a key that is not here.
    ///
    /// # Errors
    /// [`NodeError::RolledBack`], [`NodeError::Altered`].
    pub(in crate::sync) async fn follow_to(
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
    pub(in crate::sync) fn is_signed(&self, link: &VaultManifest) -> Result<bool, EngineError> {
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
    pub(in crate::sync) fn is_of_locked(&self, link: &VaultManifest) -> Result<bool, EngineError> {
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
}
