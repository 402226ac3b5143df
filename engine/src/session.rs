//! The session of this device: requests that need it, and how it goes on without the password.
//!
//! A session ends a day after its last use, and after thirty at most. Who holds its token and the
//! account's key gets another one: an unlocked engine does so by itself, before the end or when the node
//! says that it is over. What the user signed out on another device the node has forgotten, and refuses.

use std::rc::Rc;

use proto::{
    api::{
        account::SessionTokenHex,
        session::{RenewSessionRequest, RenewalChallenge, SessionRenewed},
    },
    error::{ErrorCode, WireError},
    ids::UnixMillis,
    limits::SESSION_MAX_MS,
};
use wasm_core::renewal::{self, Renewal};

use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    node::{Node, NodeError},
    platform::{Platform, Store},
    records::{ACCOUNT, AccountRecord, SessionRecord, put},
};

/// After a renewal that failed, how long until the next one before the session ends, milliseconds.
const RETRY_AFTER_MS: u64 = 60 * 60 * 1000;

impl<P: Platform> Engine<P> {
    /// Asks the node as this device. Where the session is over it is renewed, and the node asked once
    /// more. Nobody who holds the right to write may call this: a renewal takes it.
    ///
    /// # Errors
    /// [`EngineError::Node`], [`EngineError::Locked`], [`EngineError::NoAccount`].
    pub(crate) async fn ask_node<A>(
        &self,
        ask: impl AsyncFn(Node<'_, P::Transport>) -> Result<A, NodeError>,
    ) -> Result<A, EngineError> {
        let node = self.node()?;
        let shown = node.token();
        let mut answer = ask(node).await;
        if let (Err(error), Some(shown)) = (&answer, shown)
            && error.is(ErrorCode::SessionInvalid)
        {
            answer = match self.renew(&shown).await {
                Ok(()) => ask(self.node()?).await,
                Err(EngineError::Node(error)) => Err(error),
                Err(error) => return Err(error),
            };
        }
        self.note_node(&answer);
        Ok(answer?)
    }

    /// Renews the session where a third of its time or less is left. Where that fails, the session is
    /// good for a while yet.
    pub(crate) async fn renew_if_due(&self) {
        let now = self.platform().now();
        let due = self.with_open(|open| {
            let session = open.session.as_ref();
            let due = session.filter(|session| now >= session.renew_at && !open.renewal_refused);
            Ok(due.map(|session| session.token.clone()))
        });
        if let Ok(Some(token)) = due {
            let _ = self.renew(&token).await;
        }
    }

    /// Renews the session of a token, unless another one has taken its place meanwhile.
    ///
    /// # Errors
    /// [`EngineError::Node`]: with `SessionInvalid` where the node refuses, now or before;
    /// [`EngineError::Locked`], [`EngineError::NoAccount`].
    async fn renew(&self, shown: &SessionTokenHex) -> Result<(), EngineError> {
        let _renewing = self.renewing().await;
        let epoch = self.state().epoch;
        let (token, refused) = self.with_open(|open| {
            let token = open.session.as_ref().map(|session| session.token.clone());
            Ok((token, open.renewal_refused))
        })?;
        if token.is_some_and(|token| token != *shown) {
            return Ok(());
        }
        if refused {
            return Err(ended().into());
        }
        match self.ask_for_renewal(shown).await {
            Ok(renewed) => self.take_session(epoch, shown, renewed).await,
            Err(EngineError::Node(error)) => {
                let later = self.platform().now().plus(RETRY_AFTER_MS);
                self.with_open(|open| {
                    open.renewal_refused |= error.is(ErrorCode::SessionInvalid);
                    if let Some(session) = &mut open.session {
                        session.renew_at = session.renew_at.max(later);
                    }
                    Ok(())
                })?;
                Err(match error {
                    // Also a node that knows of no renewal: what is over is over.
                    NodeError::Refused(_) => ended().into(),
                    error => error.into(),
                })
            }
            Err(error) => Err(error),
        }
    }

    async fn ask_for_renewal(
        &self,
        shown: &SessionTokenHex,
    ) -> Result<SessionRenewed, EngineError> {
        let account = self.account()?;
        let (transport, api) = (self.platform().transport(), account.api.clone());
        let node = Node::with_session(transport, api, shown.clone());
        let challenge = node.renewal_challenge().await?;
        let signed = Renewal {
            address: &account.address,
            account: account.account,
            device: account.device.id,
            token_hash: &renewal::token_hash(shown),
            challenge: &challenge,
        };
        let signature = self.with_open(|open| {
            let (_, pair) = open.keyring.signing();
            signed.sign(pair).map_err(|_| EngineError::KeyDerivation)
        })?;
        let RenewalChallenge {
            challenge,
            expires_at,
            mac,
        } = challenge;
        let request = RenewSessionRequest {
            challenge,
            expires_at,
            mac,
            signature,
        };
        Ok(node.renew_session(&request).await?)
    }

    /// Goes on with a renewed session, unless the user has logged in again meanwhile.
    async fn take_session(
        &self,
        epoch: u64,
        shown: &SessionTokenHex,
        renewed: SessionRenewed,
    ) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let account = self.account()?;
        let session = SessionRecord {
            token: renewed.token.clone(),
            account: account.account,
            api: account.api.clone(),
            renew_at: renew_at(self.platform().now(), renewed.expires_at),
        };
        let record = self.with_open(|open| {
            let before = open.session.as_ref();
            if before.is_none_or(|before| before.token != *shown) {
                return Ok(None);
            }
            let mut random = OsRandom(self.platform());
            let sealed = open.keyring.seal_session(&session, &mut random)?;
            open.session = Some(session);
            Ok(Some(AccountRecord {
                session: sealed,
                ..(*account).clone()
            }))
        })?;
        let Some(record) = record else { return Ok(()) };
        let change = put(ACCOUNT.to_owned(), &record)?;
        // Where it cannot be written down, the older token renews once more after the worker's death.
        if self.platform().store().commit(vec![change]).await.is_ok() {
            self.state_mut().account = Some(Rc::new(record));
        }
        Ok(())
    }
}

/// When to renew a session, by this device's clock: with a third of its time left.
pub(crate) fn renew_at(now: UnixMillis, expires_at: UnixMillis) -> UnixMillis {
    let left = expires_at.0.saturating_sub(now.0).min(SESSION_MAX_MS);
    now.plus(left / 3 * 2)
}

fn ended() -> NodeError {
    NodeError::Refused(Box::new(WireError::new(ErrorCode::SessionInvalid)))
}
