//! Extension ⇄ the engine of the account that lives in the native host, inside
//! [`super::host::HostRequest::HostAccount`].
//!
//! What pages of the extension ask is handed on as it is ([`AskAccount`]); the rest is what the
//! background needs for tabs. The gate stands in the host: what frame it is, and what the user did, the
//! extension tells, which alone hears it from the browser.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    endpoint::{FrameId, FrameSender, TabId},
    popup::{AppStatus, ByKeyring, Empty, ItemList, NodeRoute, PopupRequest, RouteSet, Settings},
    port,
};
use crate::{
    address::Address,
    api::message::Standing,
    bytes::{Base64, Hex},
    ids::{ItemId, OfferId},
    origin::Origin,
    vault::SecretText,
};

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        pub struct $name { $($(#[$fdoc])* pub $field: $type,)* }
    )*};
}

port! {
    /// Everything that the background asks of an account in the host.
    #[cfg_attr(
        target_pointer_width = "64",
        expect(
            clippy::large_enum_variant,
            reason = "one lives at a time, for as long as it is answered"
        )
    )]
    pub enum AccountRequest {
        /// How things stand.
        "describe" DescribeAccount => AccountNow,
        /// What a page of the extension asks; the answer is that request's own.
        "ask" AskAccount => Value,
        /// The user was active.
        "touch" TouchAccount => Empty,
        /// The system's screen was locked.
        "system_locked" SystemLocked => Empty,
        /// Logins that fit a page.
        "logins_for" LoginsFor => ItemList,
        /// One login for one fill of one frame.
        "release_login" ReleaseLogin => Credential,
        /// One card, likewise.
        "release_card" ReleaseCard => CardValues,
        /// One identity, likewise.
        "release_identity" ReleaseIdentity => IdentityValues,
        /// One login for one answer to a server that asks by HTTP.
        "release_basic_auth" ReleaseBasicAuth => Credential,
        /// An item was filled.
        "used" NoteUse => Empty,
        /// Something was sent off in a page: what is to be offered.
        "consider" Consider => Considered,
        /// The user was told of an offer.
        "offer_shown" NoteOffer => Empty,
        /// Keep a password that was made for a page.
        "keep_generated" KeepGenerated => Empty,
        /// What the account's earlier place had of its own.
        "carry_in" CarryIn => Empty,
        /// What this one has of its own, for the next. From the first part on nobody writes here for a minute.
        "carry_out" CarryOut => Carried,
        /// Whether that is the account's password.
        "check_password" CheckPassword => Empty,
        /// Forget the account: the next owner has all.
        "leave" LeaveAccount => Empty,
        /// Which way requests go to nodes; needs no account.
        "set_route" SetRoute => RouteSet,
    }
}

/// What the user did that asks for a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserAct {
    /// Chose the item, or a button of it, on a page of the extension.
    Chosen,
    /// Pressed the keyboard shortcut.
    Shortcut,
    /// Chose to fill a login, no certain one, in the browser's context menu.
    ContextMenu,
    /// Chose it in our own menu at a field. It is a content script that says so.
    Inline,
    /// Typed the password of the account once more, for a file of all items.
    Confirmed,
    /// Chose the item for a request that the browser wants a user name and password for
    /// (RFC 7617).
    BasicAuth,
}

payloads! {
    /// How do things stand?
    DescribeAccount {}

    /// How they stand.
    AccountNow {
        /// Of the account; `Empty` where the host has none.
        status: AppStatus,
        /// What the user has set there.
        settings: Settings,
        /// Which way its requests go to nodes.
        route: NodeRoute,
        /// Whether the system's keyring opens its vault.
        by_keyring: ByKeyring,
    }

    /// A page's request.
    AskAccount {
        /// One that the engine answers: what is about tabs it refuses.
        request: PopupRequest,
        /// What the list of devices calls this machine, should it log in.
        device: String,
    }

    /// The user was active.
    TouchAccount {}

    /// The screen was locked.
    SystemLocked {}

    /// Which logins fit?
    LoginsFor {
        /// The page.
        origin: Origin,
    }

    /// A frame, as the browser describes it to the extension.
    FrameSeen {
        /// Its origin; `None` where it is opaque.
        origin: Option<Origin>,
        /// The origins above it, its parent first; `None` within where one is opaque.
        ancestors: Vec<Option<Origin>>,
    }

    /// Fill a login.
    ReleaseLogin {
        /// Which.
        item: ItemId,
        /// Into which frame.
        frame: FrameSeen,
        /// What the user did.
        act: UserAct,
    }

    /// Fill a card.
    ReleaseCard {
        /// Which.
        item: ItemId,
        /// Into which frame.
        frame: FrameSeen,
        /// What the user did.
        act: UserAct,
    }

    /// Fill an identity.
    ReleaseIdentity {
        /// Which.
        item: ItemId,
        /// Into which frame.
        frame: FrameSeen,
        /// What the user did.
        act: UserAct,
    }

    /// Answer a server.
    ReleaseBasicAuth {
        /// With which login.
        item: ItemId,
        /// The server that asks.
        challenger: Origin,
        /// Whose request it is.
        frame: FrameSeen,
    }

    /// One login for one fill.
    Credential {
        /// User name; may be empty.
        username: SecretText,
        /// Password; may be empty.
        password: SecretText,
        /// The present one-time code; empty where the login has none, and for a server that asks by
        /// HTTP.
        totp: SecretText,
    }

    /// One card for one fill. Any part may be empty.
    CardValues {
        /// Number, digits.
        number: SecretText,
        /// Name on the card.
        holder: SecretText,
        /// `01`–`12`; empty, with the year, where the expiry is no month of a year.
        expiry_month: SecretText,
        /// Four digits.
        expiry_year: SecretText,
        /// Security code.
        code: SecretText,
    }

    /// One identity for one fill. Any part may be empty.
    IdentityValues {
        /// Full name.
        name: SecretText,
        /// E-mail address.
        email: SecretText,
        /// Telephone.
        phone: SecretText,
        /// Company or other organization.
        organization: SecretText,
        /// Lines of the street address, none of them empty.
        street: Vec<SecretText>,
        /// Town.
        city: SecretText,
        /// Province, state.
        region: SecretText,
        /// Postal code.
        postal_code: SecretText,
        /// Country, as typed.
        country: SecretText,
    }

    /// An item was filled.
    NoteUse {
        /// Which.
        item: ItemId,
    }

    /// Something was sent off in a page, as the script there says.
    Consider {
        /// The frame's origin, as the browser says.
        origin: Origin,
        /// User name; may be empty.
        username: SecretText,
        /// Password, or the present one where a new one was typed; may be empty.
        password: SecretText,
        /// New password; empty where none was asked for.
        new_password: SecretText,
    }

    /// What comes of it.
    Considered {
        /// For the answer; `None`: nothing is offered.
        offer: Option<OfferId>,
    }

    /// The user was told of an offer.
    NoteOffer {
        /// Which.
        offer: OfferId,
    }

    /// Keep a password.
    KeepGenerated {
        /// The page that it was made for.
        origin: Origin,
        /// The password.
        value: SecretText,
    }

    /// Take over what an engine had of its own.
    CarryIn {
        /// All of it, or a part: parts are taken one by one.
        carried: Carried,
    }

    /// Is that the password?
    CheckPassword {
        /// As typed.
        password: SecretText,
    }

    /// Forget the account, where nothing waits to be sent.
    LeaveAccount {
        /// Whether also where other extensions use it.
        used_by_others: bool,
    }

    /// Go that way from now on.
    SetRoute {
        /// A SOCKS5 proxy, `host:port`; `None`: straight.
        proxy: Option<String>,
    }

    /// Hand it over.
    CarryOut {
        /// Where the part before this one ended; empty: from the beginning.
        after: String,
    }

    /// What an engine has of its own and the node has not, but keys, sessions and writes that wait: those
    /// stay. Each record is sealed under a key of the account, which the next engine has too.
    Carried {
        /// Records by name, in the order of their names.
        records: Vec<CarriedRecord>,
        /// Whether more come after them.
        more: bool,
        /// Whom the user knows; in the last part.
        contacts: Vec<CarriedContact>,
        /// What the user has set; in the last part.
        settings: Option<Settings>,
    }

    /// One sealed record.
    CarriedRecord {
        /// Its name in the store.
        key: String,
        /// What it holds.
        value: Base64,
    }

    /// What is known of somebody's keys.
    CarriedContact {
        /// Who.
        address: Address,
        /// Whether they may write.
        standing: Standing,
        /// The key that was seen first, or that the user has taken since.
        key: Option<Hex<33>>,
        /// The account's own key that it was compared with; `None`: it was not.
        verified_with: Option<Hex<33>>,
        /// Another key that their domain names.
        offered: Option<Hex<33>>,
        /// Keys that were theirs.
        earlier: Vec<Hex<33>>,
    }
}

impl From<&FrameSender> for FrameSeen {
    fn from(frame: &FrameSender) -> Self {
        Self {
            origin: frame.origin.clone(),
            ancestors: frame.ancestors.clone(),
        }
    }
}

impl FrameSeen {
    /// The same for the gate, for which numbers mean nothing.
    pub fn into_sender(self) -> FrameSender {
        FrameSender {
            tab: TabId(0),
            frame: FrameId(0),
            origin: self.origin,
            ancestors: self.ancestors,
        }
    }
}
