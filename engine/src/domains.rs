//! The domains that the account administers: claimed, opened, their users, and one-time codes for these.

use proto::{
    api::domain::{
        ClaimDomainRequest, CodePurpose, DomainName, DomainUsers, GiveCodeRequest,
        SetRegistrationRequest,
    },
    bridge::popup::{Domains, GivenCode},
    federation::WellKnown,
    vault::SecretText,
};
use zeroize::Zeroizing;

use crate::{Engine, error::EngineError, platform::Platform};

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
        let file = WellKnown {
            api_domain: info.api_domain,
            admin: Some(self.account()?.address.to_string()),
        };
        Ok(Domains {
            domains: listed.domains,
            // Cannot fail: two texts.
            file: serde_json::to_string(&file).unwrap_or_default(),
        })
    }

    /// Makes the account the administrator of a domain whose file says so. Sent twice, it is one act.
    ///
    /// # Errors
    /// As [`Self::domains`], [`EngineError::Address`]; what the node refuses has `params.file`, what the file should
    /// say.
    pub async fn claim_domain(&self, domain: &str) -> Result<Domains, EngineError> {
        self.ensure_open().await?;
        let request = ClaimDomainRequest {
            domain: domain.trim().to_ascii_lowercase().parse()?,
            proof: None,
        };
        self.ask_node(async |node| node.claim_domain(&request).await)
            .await?;
        self.domains().await
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
