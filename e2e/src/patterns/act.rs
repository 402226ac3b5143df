//! What a page may ask for.

use anyhow::{Result, bail};
use proto::{
    bridge::popup::{Fill, FillReport, SaveItem},
    ids::ItemId,
    vault::{ItemDraft, ItemSecrets, SecretText, UrlMatch},
};
use serde::Deserialize;

use super::words::FIXED;
use crate::{pages::user::User, stage::login_draft};

/// RFC 6238's key, in base32.
const TOTP_KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// What a user does. A new act is a variant, and an arm in [`Act::perform`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Fills the saved login.
    FillLogin,
    /// The same, where only its one-time code is asked for.
    FillTotp,
    /// Fills the saved card.
    FillCard,
    /// Fills the saved identity.
    FillIdentity,
    /// Lets a new password be made and filled.
    NewPassword,
}

impl Act {
    /// Does it on the page in front.
    pub(super) async fn perform(self, user: &User, items: &Items) -> Result<FillReport> {
        let item = match self {
            Self::FillLogin | Self::FillTotp => items.login,
            Self::FillCard => items.card,
            Self::FillIdentity => items.identity,
            Self::NewPassword => bail!("Pearvault has no such act yet"),
        };
        user.ask(Fill { item }).await
    }
}

/// What is in the vault while patterns are played.
#[derive(Debug, Clone, Copy)]
pub struct Items {
    pub(super) login: ItemId,
    card: ItemId,
    identity: ItemId,
}

impl Items {
    /// Saves one of each kind past the screens.
    pub async fn save(user: &User) -> Result<Self> {
        let mut login = login_draft("Orchard Mail", "https://orchard.test", UrlMatch::Site);
        if let ItemSecrets::Login { totp, .. } = &mut login.secrets {
            *totp = SecretText::new(TOTP_KEY);
        }
        Ok(Self {
            login: user.ask(SaveItem { draft: login }).await?.id,
            card: user.ask(SaveItem { draft: card() }).await?.id,
            identity: user.ask(SaveItem { draft: identity() }).await?.id,
        })
    }
}

fn card() -> ItemDraft {
    ItemDraft {
        edits: None,
        title: "Orchard Bank".to_owned(),
        subtitle: meaning("CARD_HOLDER").to_owned(),
        urls: Vec::new(),
        secrets: ItemSecrets::Card {
            number: SecretText::new(meaning("CARD_NUMBER")),
            expiry: SecretText::new(meaning("CARD_EXPIRY")),
            code: SecretText::new(meaning("CARD_CODE")),
            pin: SecretText::default(),
            notes: SecretText::default(),
        },
    }
}

fn identity() -> ItemDraft {
    ItemDraft {
        edits: None,
        title: "Home".to_owned(),
        subtitle: meaning("FULL_NAME").to_owned(),
        urls: Vec::new(),
        secrets: ItemSecrets::Identity {
            email: SecretText::new(meaning("EMAIL")),
            phone: SecretText::new(meaning("PHONE")),
            organization: SecretText::default(),
            address: SecretText::new(meaning("STREET")),
            city: SecretText::new(meaning("CITY")),
            region: SecretText::default(),
            postal_code: SecretText::new(meaning("POSTAL_CODE")),
            country: SecretText::new("United Kingdom"),
            fields: Vec::new(),
            notes: SecretText::default(),
        },
    }
}

fn meaning(word: &str) -> &'static str {
    let known = FIXED.iter().find(|(name, _)| *name == word);
    known.map_or("", |(_, value)| value)
}
