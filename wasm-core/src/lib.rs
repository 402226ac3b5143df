//! Cryptography and protocol state of Pearvault.
//!
//! No input or output, no clock, no random source of its own: random bytes come from the caller's
//! [`random::Random`], and PBKDF2 runs in the caller's engine ([`kdf::Pbkdf2`]). The same code
//! runs natively and in wasm32.
//!
//! | to do | use |
//! | --- | --- |
//! | hold a key | [`secret`] |
//! | turn address and password into keys | [`kdf::derive_client_keys`], [`kdf::server`] on the node |
//! | make, seal and open an address key | [`keys::KeyPair`], [`key_wrap`] |
//! | seal and open an item | [`vault::Vault`] |
//! | sign and check what a vault is | [`manifest`] |
//! | seal and open anything else of ours | [`seal`] |
//! | make recovery words, and keys from them | [`recovery`] |
//! | seal the keys of an unlocked account under a PIN | [`pin`] |
//! | compute a one-time code | [`totp`] |
//! | sign and check a node's challenges | [`challenge`] |
//! | renew a session with the address key | [`renewal`] |
//! | sign the claim of a domain | [`domain`] |
//! | compare keys with somebody | [`safety`] |
//! | speak with the native host, and nobody between | [`channel`] |
//! | seal the key of a native host's database | [`database`] |
//! | speak with KeyPears v1 | [`kp1`] |
//!
//! What every format looks like, byte by byte, is in `docs/FORMATS.md`.
//!
//! **Invariant:** key bytes live in the types of [`secret`] and nowhere else; they are wiped when
//! dropped. **Invariant:** a failed opening says nothing but that it failed.

#![forbid(unsafe_code)]

pub mod challenge;
pub mod channel;
pub mod database;
pub mod domain;
pub mod export;
mod hazmat;
pub mod kdf;
pub mod key_wrap;
pub mod keyring_unlock;
pub mod keys;
pub mod kp1;
pub mod manifest;
mod pairs;
pub mod pin;
pub mod random;
pub mod recovery;
pub mod renewal;
pub mod safety;
pub mod seal;
pub mod secret;
pub mod totp;
pub mod vault;
#[cfg(any(test, feature = "vectors"))]
pub mod vectors;
