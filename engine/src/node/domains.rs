//! Domains and one-time codes at the node.

use proto::api::{
    account::SessionOpened,
    domain::{
        ClaimDomainRequest, CodeGiven, CodePurpose, CodeStanding, DomainChallenge,
        DomainChallengeRequest, DomainList, DomainName, DomainUsers, DomainView, GiveCodeRequest,
        RedeemCodeRequest, SetRegistrationRequest, ShowCodeRequest,
    },
};

use crate::platform::{Method, Transport};

use super::{ANSWER_MAX_BYTES, Node, NodeError, encode};

impl<T: Transport> Node<'_, T> {
    /// What a one-time code is good for.
    pub(crate) async fn code(&self, request: &ShowCodeRequest) -> Result<CodeStanding, NodeError> {
        self.post("/codes", request).await
    }

    pub(crate) async fn redeem(
        &self,
        request: &RedeemCodeRequest,
    ) -> Result<SessionOpened, NodeError> {
        self.post("/codes/redeem", request).await
    }

    pub(crate) async fn domains(&self) -> Result<DomainList, NodeError> {
        self.ask(Method::Get, "/domains", None, ANSWER_MAX_BYTES)
            .await
    }

    /// What the key signs that the domain's file names.
    pub(crate) async fn domain_challenge(
        &self,
        request: &DomainChallengeRequest,
    ) -> Result<DomainChallenge, NodeError> {
        self.post("/domains/challenge", request).await
    }

    pub(crate) async fn claim_domain(
        &self,
        request: &ClaimDomainRequest,
    ) -> Result<DomainView, NodeError> {
        self.post("/domains", request).await
    }

    pub(crate) async fn set_registration(
        &self,
        domain: &DomainName,
        request: &SetRegistrationRequest,
    ) -> Result<DomainView, NodeError> {
        let body = Some(encode(request)?);
        let path = format!("/domains/{domain}/registration");
        self.ask(Method::Put, &path, body, ANSWER_MAX_BYTES).await
    }

    /// Accounts of a domain after a text, by address.
    pub(crate) async fn domain_users(
        &self,
        domain: &DomainName,
        after: &str,
    ) -> Result<DomainUsers, NodeError> {
        let after = after.replace('+', "%2B");
        let path = format!("/domains/{domain}/users?after={after}");
        self.ask(Method::Get, &path, None, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn give_code(
        &self,
        domain: &DomainName,
        purpose: CodePurpose,
        request: &GiveCodeRequest,
    ) -> Result<CodeGiven, NodeError> {
        let kind = match purpose {
            CodePurpose::Account => "invitations",
            CodePurpose::Reset => "resets",
        };
        self.post(&format!("/domains/{domain}/{kind}"), request)
            .await
    }
}
