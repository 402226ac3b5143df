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
    bytes::Hex,
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

    /// Renews the session whether it is due or not.
    ///
    /// # Errors
    /// [`EngineError::Node`], [`EngineError::Locked`], [`EngineError::NoAccount`].
    pub(crate) async fn renew_now(&self) -> Result<(), EngineError> {
        let token = self.node()?.token().ok_or_else(ended)?;
        let renewed = self.renew(&token).await;
        if let Err(EngineError::Node(error)) = &renewed {
            self.note_node::<()>(&Err(error.clone()));
        }
        renewed
    }

    /// Renews the session of a token, unless another one has taken its place meanwhile.
    ///
    /// # Errors
    /// [`EngineError::Node`]: with `SessionInvalid` where the node refuses, now or before;
    /// [`EngineError::Locked`], [`EngineError::NoAccount`].
    async fn renew(&self, shown: &SessionTokenHex) -> Result<(), EngineError> {
        let _renewing = self.renewing().await;
        let epoch = self.state().epoch;
        let (session, refused) =
            self.with_open(|open| Ok((open.session.clone(), open.renewal_refused)))?;
        if session.as_ref().is_some_and(|it| it.token != *shown) {
            return Ok(());
        }
        if refused {
            return Err(ended().into());
        }
        if let Some(next) = session.and_then(|session| session.next)
            && self.is_known_by(&next).await?
        {
            return self.take_next(epoch, &next).await;
        }
        let mut renewed = self.ask_for_renewal(shown).await;
        if let Err(EngineError::Node(error)) = &renewed
            && is_of_the_challenge(error)
        {
            // A request that was sent twice on its way, or one that slept: the next one is new.
            renewed = self.ask_for_renewal(shown).await;
        }
        match renewed {
            Ok(renewed) => self.take_session(epoch, shown, renewed).await,
            Err(EngineError::Node(error)) => self.renewal_failed(shown, error),
            Err(error) => Err(error),
        }
    }

    /// Takes note of a renewal that failed, unless another session has taken that one's place.
    fn renewal_failed(&self, shown: &SessionTokenHex, error: NodeError) -> Result<(), EngineError> {
        let later = self.platform().now().plus(RETRY_AFTER_MS);
        let is_another = self.with_open(|open| {
            let session = open.session.as_mut();
            let Some(session) = session.filter(|session| session.token == *shown) else {
                return Ok(open.session.is_some());
            };
            session.renew_at = session.renew_at.max(later);
            open.renewal_refused |= error.is(ErrorCode::SessionInvalid);
            Ok(false)
        })?;
        match error {
            _ if is_another => Ok(()),
            // What a challenge lacks says nothing of the session.
            error if is_of_the_challenge(&error) => Err(NodeError::Unreachable.into()),
            // Also a node that knows of no renewal: what is over is over.
            NodeError::Refused(_) => Err(ended().into()),
            error => Err(error.into()),
        }
    }

    /// Whether the node knows this session by a token.
    async fn is_known_by(&self, token: &SessionTokenHex) -> Result<bool, EngineError> {
        let (transport, api) = (self.platform().transport(), self.account()?.api.clone());
        let node = Node::with_session(transport, api, token.clone());
        match node.keys().await {
            Ok(_) => Ok(true),
            Err(error) if error.is(ErrorCode::SessionInvalid) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Random, for a session to be known by.
    pub(crate) fn random_token(&self) -> SessionTokenHex {
        let mut token = SessionTokenHex(Hex([0; 32]));
        self.platform().random(&mut token.0.0);
        token
    }

    /// Makes the token that a new password gives this session, and keeps it beside the one of now: the
    /// node has it, or has not, whatever becomes of its answer.
    ///
    /// # Errors
    /// [`EngineError::Node`] with `SessionInvalid` where this device has no session;
    /// [`EngineError::Locked`], [`EngineError::NoAccount`], [`EngineError::Store`].
    pub(crate) async fn prepare_token(&self, epoch: u64) -> Result<SessionTokenHex, EngineError> {
        let next = self.random_token();
        let session = self.with_open(|open| Ok(open.session.clone()))?;
        let session = SessionRecord {
            next: Some(next.clone()),
            ..session.ok_or_else(ended)?
        };
        self.keep_session(epoch, session).await?;
        Ok(next)
    }

    /// Goes on with the token that the node knows this session by since a new password was set.
    async fn take_next(&self, epoch: u64, next: &SessionTokenHex) -> Result<(), EngineError> {
        let session = self.with_open(|open| Ok(open.session.clone()))?;
        let session = session.and_then(|session| session.taken(next));
        let Some(session) = session else {
            return Ok(());
        };
        // Where it cannot be written down, the next worker finds out once more.
        match self.keep_session(epoch, session).await {
            Err(EngineError::Store(_)) => Ok(()),
            kept => kept,
        }
    }

    /// Goes on with a session and writes it down.
    async fn keep_session(&self, epoch: u64, session: SessionRecord) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let record = self.with_open(|open| {
            let mut random = OsRandom(self.platform());
            let sealed = open.keyring.seal_session(&session, &mut random)?;
            open.session = Some(session);
            Ok(sealed)
        })?;
        let record = AccountRecord {
            session: record,
            ..(*self.account()?).clone()
        };
        let change = put(ACCOUNT.to_owned(), &record)?;
        self.platform().store().commit(vec![change]).await?;
        self.state_mut().account = Some(Rc::new(record));
        Ok(())
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
            next: None,
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

impl SessionRecord {
    /// The same session, where `token` is what it was to be known by next.
    pub(crate) fn taken(self, token: &SessionTokenHex) -> Option<Self> {
        let is_next = self.next.as_ref() == Some(token);
        is_next.then(|| Self {
            token: token.clone(),
            next: None,
            ..self
        })
    }
}

/// Whether a refusal is of the challenge that was signed, not of the session.
fn is_of_the_challenge(error: &NodeError) -> bool {
    [
        ErrorCode::ChallengeSpent,
        ErrorCode::ChallengeExpired,
        ErrorCode::ChallengeForged,
    ]
    .into_iter()
    .any(|code| error.is(code))
}

fn ended() -> NodeError {
    NodeError::Refused(Box::new(WireError::new(ErrorCode::SessionInvalid)))
}
