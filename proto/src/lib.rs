//! Wire types, limits and error codes of Pearvault.
//!
//! Every message between two parts is typed here once. Nothing here does input or output, knows
//! a clock, or holds a key.
//!
//! | to do | use |
//! | --- | --- |
//! | talk from the popup to the engine | [`bridge::popup`] |
//! | talk between the background and a page | [`bridge::content`] |
//! | talk to a node | [`api`] |
//! | talk to a KeyPears server | [`federation`] |
//! | read and write what a message of theirs says | [`kp1`] |
//! | name a thing | [`ids`], [`address`], [`origin`] |
//! | say what a PIN may be | [`pin`] |
//! | say a safety number in a QR code | [`safety`] |
//! | refuse a thing | [`error::WireError`], [`error::ErrorCode`] |

pub mod address;
pub mod api;
pub mod bridge;
pub mod bytes;
pub mod codec;
pub mod error;
pub mod export;
pub mod federation;
pub mod ids;
pub mod kp1;
pub mod limits;
pub mod origin;
pub mod pin;
pub mod safety;
pub mod vault;
