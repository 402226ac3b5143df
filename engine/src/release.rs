//! The release gate: the one place where the secrets of an item are opened.
//!
//! [`may_release`] decides; `open` asks it and then spends the only permit of the workspace.
//! What was opened is turned into what was asked for, and the rest wiped: `values` for pages,
//! `shown` for the user's eyes, `sealed` for what goes back under a seal.
//!
//! What comes of each act in each place is in `docs/RELEASE_MATRIX.md`.

pub use proto::bridge::account::{CardValues, Credential, IdentityValues, UserAct};
use proto::{
    bridge::endpoint::FrameSender,
    error::ErrorCode,
    origin::{Origin, Scheme},
    vault::{ItemKind, ItemOverview, ItemSecrets},
};
use wasm_core::{
    seal::OpenError,
    vault::{Permit, SealedSecrets, Vault},
};

use crate::{
    error::EngineError,
    matching::{Fit, best_fit, has_origin, rules},
    site::{is_loopback, same_site},
};

mod parts;
mod sealed;
mod shared;
mod shown;
mod values;

pub(crate) use self::{
    sealed::{
        Merged, alike, differences, export, has_password, holds_already, merge, opens, reseal,
        reseal_password, reseal_with_parts, reseal_with_password_of,
    },
    shared::share,
    shown::{draft, fields, reveal, reveal_part},
    values::{basic_auth, card, credential, identity},
};

/// What would be released.
#[derive(Debug, Clone, Copy)]
pub enum Released<'a> {
    /// The secrets of an item.
    Item(&'a ItemOverview),
    /// A password that was just made, and is of no item yet.
    NewPassword,
}

impl<'a> From<&'a ItemOverview> for Released<'a> {
    fn from(item: &'a ItemOverview) -> Self {
        Self::Item(item)
    }
}

/// Where a secret would go.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// Into a frame of a web page.
    Page(&'a FrameSender),
    /// Into the answer to a server that asks for a user name and password by HTTP.
    Request {
        /// The server that asks.
        challenger: &'a Origin,
        /// The frame whose request it is. Of a navigation: the frame with the origin it goes to.
        frame: &'a FrameSender,
    },
    /// Before the user's eyes, on a page of the extension.
    TrustedUi,
    /// Into a file of all items: under a password of its own, or readable by anybody where the user
    /// chose that when typing the password.
    Export,
    /// To somebody else, in a message.
    Correspondent,
    /// Back under a seal, unseen: a restored item, a copy after a conflict.
    Seal,
}

/// Why a secret stays where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The frame is of another site than a frame around it, or the request of another origin than
    /// the frame.
    #[error("foreign frame")]
    ForeignFrame,
    /// The page, or a frame around it, is http: the login is of https, or the item is a card or an
    /// identity and the page not of this computer, or one of both is https.
    #[error("insecure page")]
    InsecurePage,
    /// No act of the user asks for it.
    #[error("no act of the user")]
    NoUserAct,
    /// The frame, or one around it, has no origin of its own.
    #[error("opaque frame")]
    OpaqueFrame,
    /// The item is for another site.
    #[error("another site")]
    SiteMismatch,
}

impl From<Refusal> for ErrorCode {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::ForeignFrame => Self::ForeignFrame,
            Refusal::InsecurePage => Self::InsecurePage,
            Refusal::NoUserAct => Self::NoUserAct,
            Refusal::OpaqueFrame => Self::OpaqueFrame,
            Refusal::SiteMismatch => Self::SiteMismatch,
        }
    }
}

/// Whether the secrets of an item, or a password just made, may go somewhere.
///
/// Into a file of all items only by `Confirmed`, which is good for nothing else. To somebody else only by `Chosen`. Into a page, or the answer to a server, only where, in this order:
/// 1. an act of the user asks for it: for a server `BasicAuth` and a login; for a page any other
///    act, but only `Chosen` for a card or an identity, and for a password just made `Chosen` or
///    `Inline`,
/// 2. neither the frame nor any around it is opaque,
/// 3. every frame around it is of the frame's own site; a server asks its own frame only,
/// 4. an address of a login fits the frame ([`crate::Engine::logins_for`] uses the same rules), and
///    for a server is of that very origin; what has no address fits any site,
/// 5. nothing is http that would have to be https: not the frame for an https login, nor for a card
///    or an identity unless it is of this computer; no frame around an https one; and around an http
///    one that gets a password just made no https one.
///
/// # Errors
/// The first of these that does not hold.
pub fn may_release<'a>(
    what: impl Into<Released<'a>>,
    target: Target<'_>,
    act: Option<UserAct>,
) -> Result<(), Refusal> {
    let what = what.into();
    let (frame, challenger) = match target {
        Target::Seal => return Ok(()),
        _ if !act.is_some_and(|act| asks_for(act, what, target)) => {
            return Err(Refusal::NoUserAct);
        }
        Target::TrustedUi | Target::Export | Target::Correspondent => return Ok(()),
        Target::Page(frame) => (frame, None),
        Target::Request { challenger, frame } => (frame, Some(challenger)),
    };
    let origin = frame.origin.as_ref().ok_or(Refusal::OpaqueFrame)?;
    let ancestors: Vec<_> = frame.ancestors.iter().flatten().collect();
    if ancestors.len() != frame.ancestors.len() {
        return Err(Refusal::OpaqueFrame);
    }
    if !ancestors.iter().all(|ancestor| same_site(ancestor, origin)) {
        return Err(Refusal::ForeignFrame);
    }
    if challenger.is_some_and(|challenger| challenger != origin) {
        return Err(Refusal::ForeignFrame);
    }
    fits(what, origin, challenger)?;
    let strict = origin.scheme() == Scheme::Https || matches!(what, Released::NewPassword);
    if strict && ancestors.iter().any(|it| it.scheme() != origin.scheme()) {
        return Err(Refusal::InsecurePage);
    }
    Ok(())
}

/// Whether an act asks for that in that place.
fn asks_for(act: UserAct, what: Released<'_>, target: Target<'_>) -> bool {
    let kind = match what {
        Released::Item(item) => Some(item.kind),
        Released::NewPassword => None,
    };
    match (target, kind) {
        (Target::Export, _) => act == UserAct::Confirmed,
        (Target::Request { .. }, _) => act == UserAct::BasicAuth && kind == Some(ItemKind::Login),
        // Cards and identities are of no site. So it is the user who has to see what goes where, and that is told
        // where no page can lay anything over it. The same holds for what goes to somebody else.
        (Target::Correspondent, _)
        | (Target::Page(_), Some(ItemKind::Card | ItemKind::Identity)) => act == UserAct::Chosen,
        (Target::Page(_), None) => matches!(act, UserAct::Chosen | UserAct::Inline),
        _ => !matches!(act, UserAct::BasicAuth | UserAct::Confirmed),
    }
}

/// Whether something is for pages of an origin, and for a server that asks there.
fn fits(what: Released<'_>, origin: &Origin, challenger: Option<&Origin>) -> Result<(), Refusal> {
    let Released::Item(item) = what else {
        return Ok(());
    };
    match item.kind {
        ItemKind::Login => {
            let rules = rules(&item.urls);
            match best_fit(&rules, origin) {
                Fit::Fits if challenger.is_none_or(|asks| has_origin(&rules, asks)) => Ok(()),
                Fit::Fits | Fit::Foreign => Err(Refusal::SiteMismatch),
                Fit::Insecure => Err(Refusal::InsecurePage),
            }
        }
        ItemKind::Card | ItemKind::Identity => {
            if origin.scheme() == Scheme::Https || is_loopback(origin.host()) {
                Ok(())
            } else {
                Err(Refusal::InsecurePage)
            }
        }
        ItemKind::Note => Err(Refusal::SiteMismatch),
    }
}

/// A sealed item, and the overview that was opened from the envelope its secrets are bound to: so
/// the gate never judges one version's secrets by another version's addresses.
pub(crate) struct Held<'a> {
    pub(crate) vault: &'a Vault,
    pub(crate) overview: ItemOverview,
    pub(crate) sealed: SealedSecrets,
}

/// The same under another title, to be compared with.
pub(crate) fn titled(mut held: Held<'_>, title: impl FnOnce(&str) -> &str) -> Held<'_> {
    let named = title(&held.overview.title).to_owned();
    held.overview.title = named;
    held
}

/// Opens the secrets of an item, if they may go where they would.
fn open(
    held: Held<'_>,
    target: Target<'_>,
    act: Option<UserAct>,
) -> Result<ItemSecrets, EngineError> {
    may_release(&held.overview, target, act)?;
    let secrets = held.sealed.open(held.vault, Permit::grant())?;
    // The overview says which kind the item is shown as; the secrets must be of the same.
    if secrets.kind() == held.overview.kind {
        Ok(secrets)
    } else {
        Err(OpenError.into())
    }
}

#[cfg(test)]
mod tests;
