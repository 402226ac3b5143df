//! The only types that hold key bytes.
//!
//! A secret is filled in place, lives on the heap so that moving it leaves no copy, is wiped when
//! dropped, and can be neither cloned, compared with `==`, serialised nor printed.

use std::{convert::Infallible, fmt};

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// `N` secret bytes without a purpose of their own; [`PasswordKey`] and its like have one.
pub struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// Lets `fill` write the bytes in place; they are zero before.
    pub fn init_with(fill: impl FnOnce(&mut [u8; N])) -> Self {
        let made = Self::try_init_with(|bytes| {
            fill(bytes);
            Ok::<_, Infallible>(())
        });
        match made {
            Ok(secret) => secret,
            Err(never) => match never {},
        }
    }

    /// The same where filling can fail.
    ///
    /// # Errors
    /// What `fill` returns.
    pub fn try_init_with<E>(fill: impl FnOnce(&mut [u8; N]) -> Result<(), E>) -> Result<Self, E> {
        let mut secret = Self(Box::new([0; N]));
        fill(&mut secret.0)?;
        Ok(secret)
    }

    /// Copies `N` bytes from a slice; `None` for another length.
    pub fn copy_from(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == N).then(|| Self::init_with(|secret| secret.copy_from_slice(bytes)))
    }

    /// Whether both hold the same bytes, in constant time.
    pub fn ct_eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }

    /// The bytes. Each call says why in an `// EXPOSE:` comment.
    pub fn expose_secret(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> ZeroizeOnDrop for Secret<N> {}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident($bytes:literal)),* $(,)?) => {
        $(
            $(#[$doc])*
            pub struct $name(Secret<$bytes>);

            impl $name {
                /// Gives bytes this purpose.
                pub fn new(bytes: Secret<$bytes>) -> Self {
                    Self(bytes)
                }

                /// Lets `fill` write the bytes in place; they are zero before.
                pub fn init_with(fill: impl FnOnce(&mut [u8; $bytes])) -> Self {
                    Self(Secret::init_with(fill))
                }

                /// Copies the bytes from a slice; `None` for another length.
                pub fn copy_from(bytes: &[u8]) -> Option<Self> {
                    Secret::copy_from(bytes).map(Self)
                }

                /// Whether both hold the same bytes, in constant time.
                pub fn ct_eq(&self, other: &Self) -> bool {
                    self.0.ct_eq(&other.0)
                }

                /// The bytes. Each call says why in an `// EXPOSE:` comment.
                pub fn expose_secret(&self) -> &[u8; $bytes] {
                    // EXPOSE: this is the same call, one type further in.
                    self.0.expose_secret()
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(stringify!($name))
                }
            }
        )*

        #[cfg(test)]
        fn printed() -> Vec<String> {
            vec![$(format!("{:?}", $name::init_with(|bytes| bytes.fill(0x41)))),*]
        }
    };
}

secrets! {
    /// First tier: what address and password become. Ephemeral.
    PasswordKey(32),
    /// Seals address keys; never leaves the client.
    EncryptionKey(32),
    /// Proves the password to the node, once a login.
    LoginKey(32),
    /// Private half of an address key: a P-256 scalar, big-endian. May be out of range until
    /// [`crate::keys::KeyPair::from_secret`] has checked it.
    AddressSecret(32),
    /// Seals vault items.
    VaultKey(32),
    /// Seals what an engine keeps on its own device: drafts, session token, queue.
    LocalKey(32),
    /// Seals an exported vault.
    ExportKey(32),
    /// Seals the keys of an unlocked account under a PIN, while the browser runs.
    PinKey(32),
    /// Seals the keys of an account for as long as the system's keyring opens it; that keyring keeps it.
    KeyringSecret(32),
    /// What 24 recovery words say.
    RecoverySecret(32),
    /// Seals address keys for whoever has the recovery words; never leaves the client.
    RecoveryKey(32),
    /// Proves the recovery words to the node.
    RecoveryLoginKey(32),
    /// X coordinate of a Diffie-Hellman result on P-256.
    SharedX(32),
    /// Seals a KeyPears v1 message.
    Kp1MessageKey(32),
    /// Seals a KeyPears v1 vault entry.
    Kp1VaultKey(32),
    /// Root secret of a node, made at its first start.
    NodeSecret(32),
    /// Signs a node's proof-of-work challenges.
    ChallengeKey(32),
    /// Private half of a side's key in the channel between extension and native host: X25519.
    ChannelSecret(32),
    /// Encrypts the pages of a native host's database.
    DatabaseKey(32),
    /// Seals a [`DatabaseKey`], where no keyring keeps it.
    DatabaseLockKey(32),
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn debug_prints_the_name_only() {
        assert_eq!(
            printed(),
            [
                "PasswordKey",
                "EncryptionKey",
                "LoginKey",
                "AddressSecret",
                "VaultKey",
                "LocalKey",
                "ExportKey",
                "PinKey",
                "KeyringSecret",
                "RecoverySecret",
                "RecoveryKey",
                "RecoveryLoginKey",
                "SharedX",
                "Kp1MessageKey",
                "Kp1VaultKey",
                "NodeSecret",
                "ChallengeKey",
                "ChannelSecret",
                "DatabaseKey",
                "DatabaseLockKey",
            ]
        );
        assert_eq!(
            format!("{:#?}", Secret::<2>::init_with(|b| b.fill(0x41))),
            "Secret"
        );
    }

    #[test]
    fn only_equal_bytes_are_equal() {
        let key = |byte: u8| LoginKey::init_with(|bytes| bytes[31] = byte);
        assert!(key(7).ct_eq(&key(7)));
        assert!(!key(7).ct_eq(&key(6)));
    }

    #[test]
    fn another_length_is_no_key() {
        assert!(LoginKey::copy_from(&[1; 32]).is_some());
        assert!(LoginKey::copy_from(&[1; 31]).is_none());
        assert!(LoginKey::copy_from(&[1; 33]).is_none());
    }
}
