//! What a node says of itself, and whether a name is free.

use serde::{Deserialize, Serialize};

use crate::{address::AddressWarning, ids::Difficulty};

/// Answer of `GET /info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeInfo {
    /// Always `pearvault`.
    pub software: String,
    /// Version of the node.
    pub version: String,
    /// Domains whose addresses it serves.
    pub domains: Vec<String>,
    /// Host that other servers reach it at.
    pub api_domain: String,
    /// Whether it takes new accounts.
    pub registration_open: bool,
    /// Work that a new account costs.
    pub account_difficulty: Difficulty,
    /// Work that a login costs.
    pub login_difficulty: Difficulty,
}

/// Whether an account can be made under an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Availability {
    /// Free.
    Available,
    /// Somebody has it or had it.
    Taken,
    /// The node does not serve this domain.
    ForeignDomain,
    /// The node takes no new accounts.
    Closed,
}

/// Answer of `GET /addresses/{address}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddressStatus {
    /// Whether it is free here.
    pub availability: Availability,
    /// What other servers may not like about it.
    pub warnings: Vec<AddressWarning>,
}
