//! KeyPears v1 (the NIST-only generation), as its servers and clients have it.
//!
//! These formats have neither version byte nor associated data; nothing of ours is sealed in them.

pub mod kdf;
pub mod message;
pub mod pow;
pub mod sign_in;
pub mod token;

pub use message::{
    message_key, open_message, open_private_key, open_vault_entry, seal_message, seal_private_key,
    seal_vault_entry, vault_key,
};
