//! Account, keys, recovery words and sessions at the node.

use proto::{
    address::Address,
    api::{
        account::{
            AddKeyRequest, CreateAccountRequest, DeleteAccountRequest, KeyList, SessionOpened,
        },
        challenge::{Challenge, ChallengeRequest, Purpose},
        info::{AddressStatus, NodeInfo},
        recovery::{
            ChangePasswordRequest, RecoverRequest, Recovered, RecoveryStatus, SetRecoveryRequest,
        },
        session::{
            EndOthersRequest, LoginRequest, NameDeviceRequest, OthersEnded, RenewSessionRequest,
            RenewalChallenge, SessionList, SessionRenewed,
        },
    },
    ids::{SessionId, UnixMillis},
};

use crate::platform::{Method, Transport};

use super::{
    ANSWER_MAX_BYTES, CHALLENGE_MAX_MS, Done, Node, NodeError, costs_what_it_says, encode, segment,
};

impl<T: Transport> Node<'_, T> {
    pub(crate) async fn info(&self) -> Result<NodeInfo, NodeError> {
        self.ask(Method::Get, "/info", None, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn address(&self, address: &Address) -> Result<AddressStatus, NodeError> {
        let path = format!("/addresses/{}", segment(address));
        self.ask(Method::Get, &path, None, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn challenge(
        &self,
        purpose: Purpose,
        address: &Address,
        now: UnixMillis,
    ) -> Result<Challenge, NodeError> {
        let request = ChallengeRequest {
            purpose,
            address: address.clone(),
        };
        let challenge: Challenge = self.post("/challenges", &request).await?;
        if challenge.purpose != purpose || !costs_what_it_says(&challenge) {
            return Err(NodeError::Misbehaved);
        }
        if challenge.expires_at <= now || challenge.expires_at > now.plus(CHALLENGE_MAX_MS) {
            return Err(NodeError::ClockDiffers);
        }
        Ok(challenge)
    }

    pub(crate) async fn create_account(
        &self,
        request: &CreateAccountRequest,
    ) -> Result<SessionOpened, NodeError> {
        self.post("/accounts", request).await
    }

    pub(crate) async fn log_in(&self, request: &LoginRequest) -> Result<SessionOpened, NodeError> {
        self.post("/sessions", request).await
    }

    pub(crate) async fn delete_account(
        &self,
        request: &DeleteAccountRequest,
    ) -> Result<(), NodeError> {
        self.post("/account/delete", request)
            .await
            .map(|Done {}| ())
    }

    pub(crate) async fn keys(&self) -> Result<KeyList, NodeError> {
        self.ask(Method::Get, "/keys", None, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn add_key(&self, request: &AddKeyRequest) -> Result<KeyList, NodeError> {
        self.post("/keys", request).await
    }

    pub(crate) async fn recovery(&self) -> Result<RecoveryStatus, NodeError> {
        self.ask(Method::Get, "/account/recovery", None, ANSWER_MAX_BYTES)
            .await
    }

    pub(crate) async fn set_recovery(
        &self,
        request: &SetRecoveryRequest,
    ) -> Result<RecoveryStatus, NodeError> {
        let body = Some(encode(request)?);
        self.ask(Method::Put, "/account/recovery", body, ANSWER_MAX_BYTES)
            .await
    }

    pub(crate) async fn recover(&self, request: &RecoverRequest) -> Result<Recovered, NodeError> {
        self.post("/recovery", request).await
    }

    pub(crate) async fn change_password(
        &self,
        request: &ChangePasswordRequest,
    ) -> Result<KeyList, NodeError> {
        let body = Some(encode(request)?);
        self.ask(Method::Put, "/account/password", body, ANSWER_MAX_BYTES)
            .await
    }

    pub(crate) async fn sessions(&self) -> Result<SessionList, NodeError> {
        self.ask(Method::Get, "/sessions", None, ANSWER_MAX_BYTES)
            .await
    }

    pub(crate) async fn revoke_session(&self, id: &SessionId) -> Result<(), NodeError> {
        let path = format!("/sessions/{id}");
        self.ask(Method::Delete, &path, None, ANSWER_MAX_BYTES)
            .await
            .map(|Done {}| ())
    }

    pub(crate) async fn end_other_sessions(
        &self,
        request: &EndOthersRequest,
    ) -> Result<OthersEnded, NodeError> {
        self.post("/sessions/end-others", request).await
    }

    pub(crate) async fn name_session(
        &self,
        id: &SessionId,
        request: &NameDeviceRequest,
    ) -> Result<(), NodeError> {
        let body = Some(encode(request)?);
        let path = format!("/sessions/{id}/name");
        self.ask(Method::Put, &path, body, ANSWER_MAX_BYTES)
            .await
            .map(|Done {}| ())
    }

    pub(crate) async fn renewal_challenge(&self) -> Result<RenewalChallenge, NodeError> {
        let path = "/sessions/current/challenge";
        self.ask(Method::Post, path, None, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn renew_session(
        &self,
        request: &RenewSessionRequest,
    ) -> Result<SessionRenewed, NodeError> {
        self.post("/sessions/current/renewal", request).await
    }
}
