//! Offers to save or change a login that was typed into a page.

use serde::{Deserialize, Serialize};

use crate::ids::{ItemId, OfferId, UnixMillis};

payloads! {
    /// List the offers that wait for an answer.
    ListOffers {}

    /// Offers that wait for an answer.
    Offers {
        /// The newest first, at most 20.
        offers: Vec<OfferView>,
    }

    /// An offer, without its password.
    OfferView {
        /// Which.
        id: OfferId,
        /// Host of the page, without `www.`.
        site: String,
        /// User name that was typed, or that of the login to change; may be empty.
        username: String,
        /// What would be done.
        kind: OfferKind,
        /// When the page was sent off.
        made_at: UnixMillis,
    }

    /// Do what an offer says.
    AcceptOffer {
        /// Which.
        id: OfferId,
        /// The user name to save; where an existing login changes, an empty one leaves it its own.
        username: String,
    }

    /// Forget an offer.
    DismissOffer {
        /// Which.
        id: OfferId,
    }

    /// Forget an offer, and never make one for its site again.
    NeverOffer {
        /// Which.
        id: OfferId,
    }

    /// List the sites for which no offer is made.
    ListNever {}

    /// Make no offer for a site.
    AddNever {
        /// Host or address, as typed.
        site: String,
    }

    /// Make offers for a site again.
    ForgetNever {
        /// As listed.
        site: String,
    }

    /// Sites for which no offer is made.
    NeverList {
        /// Registrable domains, or hosts with their port, by name; at most 500.
        sites: Vec<String>,
    }
}

/// What an offer would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum OfferKind {
    /// Save a new login.
    Save,
    /// Change the password of a login.
    Update {
        /// Which.
        item: ItemId,
        /// Its name.
        title: String,
    },
}
