//! The domains that the account administers: claimed, opened, their users, and one-time codes for these.

use proto::{
    api::domain::{
        ClaimDomainRequest, CodePurpose, DomainChallengeRequest, DomainKeyProof, DomainName,
        DomainUsers, GiveCodeRequest, SetRegistrationRequest,
    },
    bridge::popup::{Domains, GivenCode},
    bytes::Hex,
    error::ErrorCode,
    federation::WellKnown,
    vault::SecretText,
};
use wasm_core::domain::{Given, key_hash};
use zeroize::Zeroizing;

use crate::{Engine, error::EngineError, node::NodeError, platform::Platform};

/// Digits of a code that stand together.
const GROUP: usize = 4;

impl<P: Platform> Engine<P> {
    /// The domains that the account administers, and what the file of another one says to be among them.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`], [`EngineError::Node`].
    pub async fn domains(&self) -> Result<Domains, EngineError> {
        self.ensure_open().await?;
        let listed = self.ask_node(async |node| node.domains().await).await?;
        let info = self.ask_node(async |node| node.info().await).await?;
        let mut file = WellKnown {
            api_domain: info.api_domain,
            admin: Some(self.account()?.address.to_string()),
            domain_pub_key_hash: None,
        };
        // Cannot fail: texts.
        let written = |file: &WellKnown| serde_json::to_string(file).unwrap_or_default();
        let plain = written(&file);
        let hash = self.with_open(|open| Ok(key_hash(open.keyring.signing().1.public())))?;
        file.domain_pub_key_hash = Some(hash);
        Ok(Domains {
            domains: listed.domains,
            file: plain,
            keyed_file: written(&file),
        })
    }

    /// Makes the account the administrator of a domain whose file says so. Sent twice, it is one act. Where the file names a key of
    /// this account, an older one too, that key signs the claim.
    ///
    /// # Errors
    /// As [`Self::domains`], [`EngineError::Address`]; what the node refuses has `params.file`, what the file should
    /// say.
    pub async fn claim_domain(&self, domain: &str) -> Result<Domains, EngineError> {
        self.ensure_open().await?;
        let domain: DomainName = domain.trim().to_ascii_lowercase().parse()?;
        if let Err(refused) = self.claim_with(&domain, None).await {
            let Some(hash) = wanted_key(&refused) else {
                return Err(refused);
            };
            let Some(proof) = self.domain_proof(&domain, &hash).await? else {
                return Err(refused);
            };
            self.claim_with(&domain, Some(proof)).await?;
        }
        self.domains().await
    }

    async fn claim_with(
        &self,
        domain: &DomainName,
        proof: Option<DomainKeyProof>,
    ) -> Result<(), EngineError> {
        let request = ClaimDomainRequest {
            domain: domain.clone(),
            proof,
        };
        self.ask_node(async |node| node.claim_domain(&request).await)
            .await?;
        Ok(())
    }

    /// The claim of a domain, signed by the key of this hash; `None` where that is none of the account's that are open.
    async fn domain_proof(
        &self,
        domain: &DomainName,
        hash: &Hex<32>,
    ) -> Result<Option<DomainKeyProof>, EngineError> {
        if self.with_open(|open| Ok(open.keyring.pair_by_hash(hash).is_none()))? {
            return Ok(None);
        }
        let asked = DomainChallengeRequest {
            domain: domain.clone(),
        };
        let given = self.ask_node(async |node| node.domain_challenge(&asked).await);
        let given = given.await?;
        let info = self.ask_node(async |node| node.info().await).await?;
        // A host has no end of line, by which it could say more than the one line that it is.
        if info.api_domain.contains(char::is_control) {
            return Err(NodeError::Misbehaved.into());
        }
        let account = self.account()?;
        // The text is made here: a node gets no signature of anything else.
        let claim = Given {
            domain,
            account: account.account,
            challenge: given.challenge,
            expires_at: given.expires_at,
        };
        self.with_open(|open| {
            let Some(pair) = open.keyring.pair_by_hash(hash) else {
                return Ok(None);
            };
            let signature = claim.sign(&info.api_domain, &account.address, pair);
            Ok(Some(DomainKeyProof {
                public_key: Hex(*pair.public().as_bytes()),
                challenge: given.challenge,
                expires_at: given.expires_at,
                mac: given.mac,
                signature: signature.map_err(|_| EngineError::KeyDerivation)?,
            }))
        })
    }

    /// Lets anybody register under a domain, or only who is invited.
    ///
    /// # Errors
    /// As [`Self::claim_domain`].
    pub async fn open_registration(
        &self,
        domain: &DomainName,
        open: bool,
    ) -> Result<Domains, EngineError> {
        self.ensure_open().await?;
        let request = SetRegistrationRequest { open };
        self.ask_node(async |node| node.set_registration(domain, &request).await)
            .await?;
        self.domains().await
    }

    /// A page of the accounts of a domain, those that come after a text by the order of their bytes.
    ///
    /// # Errors
    /// As [`Self::claim_domain`].
    pub async fn domain_users(
        &self,
        domain: &DomainName,
        after: &str,
    ) -> Result<DomainUsers, EngineError> {
        self.ensure_open().await?;
        // No address has another character, and no other one comes into a URL.
        let in_address =
            |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_+@".contains(*c);
        let after: String = after
            .to_ascii_lowercase()
            .chars()
            .filter(in_address)
            .collect();
        self.ask_node(async |node| node.domain_users(domain, &after).await)
            .await
    }

    /// Makes a one-time code for a name of a domain. One that was given out before for the same is over.
    ///
    /// # Errors
    /// As [`Self::claim_domain`].
    pub async fn give_code(
        &self,
        domain: &DomainName,
        name: &str,
        purpose: CodePurpose,
    ) -> Result<GivenCode, EngineError> {
        self.ensure_open().await?;
        let request = GiveCodeRequest {
            name: name.trim().to_ascii_lowercase(),
        };
        let given = self
            .ask_node(async |node| node.give_code(domain, purpose, &request).await)
            .await?;
        let digits = Zeroizing::new(given.code.0.to_string());
        let mut code = String::with_capacity(2 * digits.len());
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && place % GROUP == 0 {
                code.push('-');
            }
            code.push(digit);
        }
        Ok(GivenCode {
            address: given.address.clone(),
            code: SecretText::new(code),
            expires_at: given.expires_at,
        })
    }
}

/// The hash of the key that a domain's file names, where a claim was refused for want of it.
fn wanted_key(refused: &EngineError) -> Option<Hex<32>> {
    match refused {
        EngineError::Node(NodeError::Refused(error)) if error.code == ErrorCode::DomainKeyWrong => {
            Hex::parse(error.params.get("hash")?).ok()
        }
        _ => None,
    }
}
