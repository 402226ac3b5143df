//! What this node asks of other servers.
//!
//! Whom it asks is named by strangers: by the domain of an address, and by the file of that domain.
//! Nothing goes to an address that is not of the public internet ([`global`]), and what comes back is
//! read no further than it may be long and late ([`https`]).

mod discovery;
mod global;
mod https;
mod names;
mod peers;
mod words;

pub(crate) use discovery::{DiscoveryError, Domain};
pub(crate) use global::is_global;
pub use https::HttpsError;
pub(crate) use https::{Https, OutError};
pub use names::{DevPeer, Names, SystemNames};
pub(crate) use peers::{PeerError, Peers};
pub(crate) use words::words;

#[cfg(test)]
mod tests;
