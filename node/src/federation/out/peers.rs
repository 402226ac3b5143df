//! The procedures of other servers.

use std::sync::Arc;

use proto::{
    address::Address,
    federation::{
        NotifyRequest, PowAsked, PowChallenge, PublicKeyRequest, PublicKeyResponse, PullRequest,
        PulledMessage, Rpc, RpcError,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{clock::Clock, config::Config};

use super::{
    discovery::{Discovery, DiscoveryError, Domain},
    https::{Https, HttpsError, OutError, TIMEOUT},
    names::SystemNames,
    words::words,
};

/// Other servers.
pub(crate) struct Peers {
    pub(crate) https: Https,
    discovery: Discovery,
    clock: Arc<dyn Clock>,
}

/// Why a procedure of another server has no output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum PeerError {
    /// It cannot be told where the server is.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    /// It does not answer.
    #[error("{host}: {reason}")]
    Out { host: String, reason: OutError },
    /// It refuses.
    #[error("{host} refuses: {message}")]
    Refused {
        host: String,
        /// HTTP status.
        status: u16,
        /// Its own code, `INTERNAL_SERVER_ERROR` where it says nothing more.
        code: String,
        /// Its own words.
        message: String,
    },
    /// Its answer is no output of the procedure.
    #[error("{host} gives an answer that is none: {reason}")]
    Invalid { host: String, reason: String },
}

impl Peers {
    /// By the system's names, as the node was told.
    ///
    /// # Errors
    /// [`HttpsError`].
    pub(crate) fn reach(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, HttpsError> {
        let (names, own) = (Arc::new(SystemNames), config.authorities.as_deref());
        let https = Https::new(names, &config.dev_peers, own, TIMEOUT)?;
        Ok(Self::new(https, clock))
    }

    /// All that can be reached by this way.
    pub(crate) fn new(https: Https, clock: Arc<dyn Clock>) -> Self {
        Self {
            https,
            discovery: Discovery::default(),
            clock,
        }
    }

    /// Takes a place for granted.
    #[cfg(test)]
    pub(super) fn remember(&self, domain: &str, place: proto::federation::ApiPlace) {
        let now = self.clock.now();
        self.discovery.take_for_granted(domain, place, now);
    }

    /// What a domain says of itself.
    ///
    /// # Errors
    /// [`DiscoveryError`].
    pub(crate) async fn domain(&self, domain: &str) -> Result<Domain, DiscoveryError> {
        self.discovery
            .ask(&self.https, domain, self.clock.now())
            .await
    }

    /// The same without what it said before.
    ///
    /// # Errors
    /// [`DiscoveryError`].
    pub(crate) async fn domain_anew(&self, domain: &str) -> Result<Domain, DiscoveryError> {
        self.discovery.forget(domain);
        self.domain(domain).await
    }

    /// The active key of an address; `None` where the server knows no such address, or none of this
    /// generation's keys of it.
    ///
    /// # Errors
    /// [`PeerError`].
    pub(crate) async fn public_key(&self, of: &Address) -> Result<Option<[u8; 33]>, PeerError> {
        let request = PublicKeyRequest {
            address: of.to_string(),
        };
        let answer: PublicKeyResponse = self.call(of.domain(), "getPublicKey", request).await?;
        Ok(answer.public_key.map(|key| key.0))
    }

    /// A challenge for a message to an address of another server.
    ///
    /// # Errors
    /// [`PeerError`].
    pub(crate) async fn pow_challenge(
        &self,
        to: &Address,
        asked: &PowAsked,
    ) -> Result<PowChallenge, PeerError> {
        self.call(to.domain(), "getPowChallenge", asked).await
    }

    /// Tells another server of a message for one of its addresses; it has it when this returns.
    ///
    /// # Errors
    /// [`PeerError`].
    pub(crate) async fn notify(
        &self,
        to: &Address,
        request: &NotifyRequest,
    ) -> Result<(), PeerError> {
        // As the reference has it: what is answered with success, in whatever words, is delivered.
        let _: Value = self.call(to.domain(), "notifyMessage", request).await?;
        Ok(())
    }

    /// Fetches a message from its sender's server.
    ///
    /// # Errors
    /// [`PeerError`].
    pub(crate) async fn pull(
        &self,
        from: &Address,
        token: &str,
    ) -> Result<PulledMessage, PeerError> {
        let request = PullRequest {
            token: token.to_owned(),
        };
        self.call(from.domain(), "pullMessage", request).await
    }

    async fn call<I: Serialize, O: DeserializeOwned>(
        &self,
        domain: &str,
        procedure: &str,
        input: I,
    ) -> Result<O, PeerError> {
        let place = self.domain(domain).await?.place;
        let host = || place.host().to_owned();
        let invalid = |reason: String| PeerError::Invalid {
            host: host(),
            reason,
        };
        let body = serde_json::to_vec(&Rpc { json: input });
        let body = body.map_err(|error| invalid(words(&error.to_string())))?;
        let answer = self.https.post(&place.url(procedure), body).await;
        let answer = answer.map_err(|reason| {
            // It may have moved.
            self.discovery.forget(domain);
            PeerError::Out {
                host: host(),
                reason,
            }
        })?;
        if answer.status >= 400 {
            let said = serde_json::from_slice::<Rpc<RpcError>>(&answer.body);
            let (code, message) = match said {
                Ok(said) => (said.json.code, said.json.message),
                Err(_) => (String::new(), format!("HTTP status {}", answer.status)),
            };
            return Err(PeerError::Refused {
                host: host(),
                status: answer.status,
                code: words(&code),
                message: words(&message),
            });
        }
        let output = serde_json::from_slice::<Rpc<O>>(&answer.body);
        Ok(output
            .map_err(|error| invalid(words(&error.to_string())))?
            .json)
    }
}
