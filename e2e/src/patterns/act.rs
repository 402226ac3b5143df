//! What a page may ask for.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use fantoccini::key::Key;
use proto::{
    bridge::popup::{Fill, FillReport, SaveItem},
    error::{ErrorCode, WireError},
    ids::ItemId,
    vault::{ItemDraft, ItemSecrets, SecretText, UrlMatch},
};
use serde::Deserialize;

use super::words::FIXED;
use crate::{
    pages::{popup::Previewed, user::User},
    patience::until,
    stage::login_draft,
};

/// Longer than a menu takes to come, had it to.
const NO_MENU: Duration = Duration::from_secs(2);
/// Longer than it must have been in sight before anything is chosen.
const STEADY: Duration = Duration::from_millis(1500);

/// Title of the card.
pub const CARD: &str = "Orchard Bank";
/// Title of the identity.
pub const IDENTITY: &str = "Home";
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
    pub(super) async fn perform(
        self,
        user: &User,
        items: &Items,
        new: Option<&str>,
    ) -> Result<FillReport> {
        match self {
            Self::FillLogin | Self::FillTotp => user.ask(Fill { item: items.login }).await,
            Self::FillCard => fill_by_popup(user, CARD).await,
            Self::FillIdentity => fill_by_popup(user, IDENTITY).await,
            Self::NewPassword => make_password(user, new).await,
        }
    }
}

/// Asks the popup where a card or an identity would go, and lets it go there.
async fn fill_by_popup(user: &User, title: &str) -> Result<FillReport> {
    let popup = user.open_popup().await?;
    match popup.preview(title).await? {
        Previewed::Parts(_) => popup.fill_previewed().await?,
        Previewed::Refused(text) => {
            return Err(anyhow!(WireError::from(ErrorCode::NothingToFill)).context(text));
        }
    }
    Ok(FillReport {
        username: false,
        password: false,
        totp: false,
    })
}

/// Goes to the field and takes what its menu offers first; without a menu there is nothing to fill.
async fn make_password(user: &User, field: Option<&str>) -> Result<FillReport> {
    let field = field.context("no field is named")?;
    let page = user.page().await?;
    page.press_on(field).await?;
    let shown = until("the menu", NO_MENU, async || {
        let count = page
            .run("return document.querySelectorAll('html > div[popover=manual]').length")
            .await?;
        Ok((count.as_u64() == Some(1)).then_some(()))
    });
    if shown.await.is_err() {
        return Err(WireError::from(ErrorCode::NothingToFill).into());
    }
    tokio::time::sleep(STEADY).await;
    user.press(&[Key::Down, Key::Enter]).await?;
    // The values are looked at by whoever asked.
    tokio::time::sleep(STEADY).await;
    Ok(FillReport {
        username: false,
        password: true,
        totp: false,
    })
}

/// What is in the vault while patterns are played.
#[derive(Debug, Clone, Copy)]
pub struct Items {
    pub(super) login: ItemId,
}

impl Items {
    /// Saves one of each kind past the screens.
    pub async fn save(user: &User) -> Result<Self> {
        let mut login = login_draft("Orchard Mail", "https://orchard.test", UrlMatch::Site);
        if let ItemSecrets::Login { totp, .. } = &mut login.secrets {
            *totp = SecretText::new(TOTP_KEY);
        }
        let login = user.ask(SaveItem { draft: login }).await?.id;
        save_card_and_identity(user).await?;
        Ok(Self { login })
    }
}

/// Saves [`CARD`] and [`IDENTITY`] past the screens.
pub async fn save_card_and_identity(user: &User) -> Result<()> {
    for draft in [card(), identity()] {
        user.ask(SaveItem { draft }).await?;
    }
    Ok(())
}

fn card() -> ItemDraft {
    ItemDraft {
        edits: None,
        title: CARD.to_owned(),
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
        title: IDENTITY.to_owned(),
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
