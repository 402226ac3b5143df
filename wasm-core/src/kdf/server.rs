//! Third tier: what a node keeps of a login key.

use std::fmt;

use proto::{api::account::LoginKeyHex, ids::AccountId};
use subtle::ConstantTimeEq;

use super::Pbkdf2Job;
use crate::{
    hazmat::sha256,
    secret::{LoginKey, Secret},
};

/// Iterations of the third tier.
pub const SERVER_ITERATIONS: u32 = 600_000;

/// What the node keeps: 32 bytes from which no login key can be had, compared in constant time.
#[derive(Clone, Copy)]
pub struct StoredLoginHash([u8; 32]);

/// Gives the [`StoredLoginHash`] of an account's login key.
///
/// The salt is `SHA-256("Keypears server login salt v1:" ‖ account id)`, as KeyPears v1 has it.
pub fn job(login_key: &LoginKey, account: &AccountId) -> Pbkdf2Job {
    let salt = sha256(&[
        b"Keypears server login salt v1:",
        account.to_string().as_bytes(),
    ]);
    // EXPOSE: the login key goes into the derivation.
    Pbkdf2Job::new(login_key.expose_secret(), salt, SERVER_ITERATIONS)
}

/// Runs [`job`] at once; some tenths of a second on the calling thread.
#[cfg(not(target_arch = "wasm32"))]
pub fn hash_login_key(login_key: &LoginKey, account: &AccountId) -> StoredLoginHash {
    StoredLoginHash::from_derived(&super::native::run(&job(login_key, account)))
}

/// The login key of a request.
pub fn login_key(wire: &LoginKeyHex) -> LoginKey {
    LoginKey::init_with(|bytes| *bytes = wire.0.0)
}

impl StoredLoginHash {
    /// What running [`job`] gave.
    pub fn from_derived(derived: &Secret<32>) -> Self {
        // EXPOSE: this is the form that is stored.
        Self(*derived.expose_secret())
    }

    /// Reads what was stored.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What to store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are the same, in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for StoredLoginHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredLoginHash")
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proto::ids::UnixMillis;

    use super::*;

    #[test]
    fn hash_binds_account_and_login_key() {
        let accounts = [1, 2].map(|byte| AccountId::make(UnixMillis(1), [byte; 10]));
        let key = |byte| LoginKey::init_with(|bytes| bytes.fill(byte));
        let stored = hash_login_key(&key(1), &accounts[0]);
        assert!(stored.matches(&hash_login_key(&key(1), &accounts[0])));
        assert!(!stored.matches(&hash_login_key(&key(2), &accounts[0])));
        assert!(!stored.matches(&hash_login_key(&key(1), &accounts[1])));
        assert!(stored.matches(&StoredLoginHash::from_bytes(*stored.as_bytes())));
        assert_eq!(format!("{stored:?}"), "StoredLoginHash");
    }
}
