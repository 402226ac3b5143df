//! The session of this device: requests that need it, and how it goes on without the password.
//!
//! A session ends a day after its last use, and after thirty at most. Who holds its token and the
//! account's key gets another one: an unlocked engine does so by itself, before the end or when the node
//! says that it is over. What the user signed out on another device the node has forgotten, and refuses.

use std::rc::Rc;

use proto::{
    api::{
        account::{SealedKeyPair, SessionTokenHex},
        session::{RenewSessionRequest, RenewalChallenge, SessionRenewed},
    },
    bridge::popup::PinEnd,
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
    records::{ACCOUNT, AccountRecord, NextToken, SessionRecord, put},
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
        let (session, refused) =
            self.with_open(|open| Ok((open.session.clone(), open.renewal_refused)))?;
        if session.as_ref().is_some_and(|it| it.token != *shown) {
            return Ok(());
        }
        if self.took_next(epoch, session.as_ref()).await? {
            return Ok(());
        }
        if refused {
            return Err(ended().into());
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
            // What gives it another token may have arrived meanwhile.
            Err(EngineError::Node(error))
                if error.is(ErrorCode::SessionInvalid)
                    && self.took_next(epoch, session.as_ref()).await? =>
            {
                Ok(())
            }
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

    /// Goes on with the next token of a session, where the node knows it by that.
    async fn took_next(
        &self,
        epoch: u64,
        session: Option<&SessionRecord>,
    ) -> Result<bool, EngineError> {
        let Some(next) = session.and_then(|session| session.next.as_ref()) else {
            return Ok(false);
        };
        let (transport, api) = (self.platform().transport(), self.account()?.api.clone());
        let node = Node::with_session(transport, api, next.token.clone());
        let listed = match node.keys().await {
            Ok(listed) => listed.keys,
            Err(error) if error.is(ErrorCode::SessionInvalid) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        match self.take_next(epoch, &next.token, &listed).await {
            // Where it cannot be written down, the next worker finds out once more.
            Ok(()) | Err(EngineError::Store(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// 32 random bytes that the next token of a session is made of.
    pub(crate) fn random_seed(&self) -> Hex<32> {
        let mut seed = Hex([0; 32]);
        self.platform().random(&mut seed.0);
        seed
    }

    /// Makes the token that this session gets with a request, and keeps it beside the one of now,
    /// with the key pairs that the request seals anew: the node has them or has not, whatever becomes of
    /// its answer. One that an earlier request may still bring is made once more. Whoever asks holds the
    /// right to renew until the token is taken.
    ///
    /// # Errors
    /// [`EngineError::Node`] with `SessionInvalid` where this device has no session;
    /// [`EngineError::Locked`], [`EngineError::NoAccount`], [`EngineError::Store`].
    pub(crate) async fn prepare_token(
        &self,
        epoch: u64,
        keys: Vec<SealedKeyPair>,
    ) -> Result<NextToken, EngineError> {
        let session = self.with_open(|open| Ok(open.session.clone()))?;
        let session = session.ok_or_else(ended)?;
        let shown = session.token.clone();
        let seed = session.next.as_ref().map(|next| next.seed);
        let seed = seed.unwrap_or_else(|| self.random_seed());
        let next = NextToken {
            token: renewal::next_token(&renewal::token_hash(&shown), &seed),
            seed,
            keys,
        };
        let session = SessionRecord {
            next: Some(next.clone()),
            ..session
        };
        self.keep_session(epoch, &shown, session, &[]).await?;
        Ok(next)
    }

    /// Goes on with the next token, and with the keys that came with it: those that were sealed here,
    /// and that the node has.
    pub(crate) async fn take_next(
        &self,
        epoch: u64,
        token: &SessionTokenHex,
        listed: &[SealedKeyPair],
    ) -> Result<(), EngineError> {
        let session = self.with_open(|open| Ok(open.session.clone()))?;
        let Some(session) = session else {
            return Ok(());
        };
        let shown = session.token.clone();
        let Some((session, keys)) = session.taken(token) else {
            return Ok(());
        };
        let keys: Vec<_> = keys
            .into_iter()
            .filter(|key| listed.contains(key))
            .collect();
        if !keys.is_empty() {
            // It opens the keys as the old password sealed them.
            self.end_pin(PinEnd::Password).await;
        }
        self.keep_session(epoch, &shown, session, &keys).await
    }

    /// Goes on with a session in place of one and writes it down, with key pairs that were sealed anew.
    ///
    /// # Errors
    /// [`EngineError::AlreadyRunning`] where another has taken that one's place;
    /// [`EngineError::Store`]: then it goes on, but is not written down.
    async fn keep_session(
        &self,
        epoch: u64,
        before: &SessionTokenHex,
        session: SessionRecord,
        keys: &[SealedKeyPair],
    ) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let sealed = self.with_open(|open| {
            let now = open.session.as_ref();
            if now.is_none_or(|now| now.token != *before) {
                return Ok(None);
            }
            let mut random = OsRandom(self.platform());
            let sealed = open.keyring.seal_session(&session, &mut random)?;
            open.session = Some(session);
            open.renewal_refused = false;
            Ok(Some(sealed))
        })?;
        let Some(session) = sealed else {
            return Err(EngineError::AlreadyRunning);
        };
        let mut record = AccountRecord {
            session,
            ..(*self.account()?).clone()
        };
        for key in &mut record.keys {
            if let Some(anew) = keys.iter().find(|anew| anew.number == key.number) {
                key.clone_from(anew);
            }
        }
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
        let account = self.account()?;
        let session = SessionRecord {
            token: renewed.token,
            account: account.account,
            api: account.api.clone(),
            renew_at: renew_at(self.platform().now(), renewed.expires_at),
            next: None,
        };
        match self.keep_session(epoch, shown, session, &[]).await {
            // Where it cannot be written down, the older token renews once more after the worker's death.
            Ok(()) | Err(EngineError::AlreadyRunning | EngineError::Store(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// When to renew a session, by this device's clock: with a third of its time left.
pub(crate) fn renew_at(now: UnixMillis, expires_at: UnixMillis) -> UnixMillis {
    let left = expires_at.0.saturating_sub(now.0).min(SESSION_MAX_MS);
    now.plus(left / 3 * 2)
}

impl SessionRecord {
    /// The same session where `token` is what it was to be known by next, and the key pairs that came
    /// with that.
    pub(crate) fn taken(self, token: &SessionTokenHex) -> Option<(Self, Vec<SealedKeyPair>)> {
        let next = self.next.filter(|next| next.token == *token)?;
        let session = Self {
            token: next.token,
            account: self.account,
            api: self.api,
            renew_at: self.renew_at,
            next: None,
        };
        Some((session, next.keys))
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
