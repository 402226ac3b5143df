//! From address and password to keys, in three tiers of PBKDF2-HMAC-SHA-256.
//!
//! ```text
//! password_key   = PBKDF2(password, salt of address and password, 300 000)   ephemeral
//! encryption_key = PBKDF2(password_key, encryption salt, 300 000)            stays on the client
//! login_key      = PBKDF2(password_key, login salt, 300 000)                 sent at a login
//! stored hash    = PBKDF2(login_key, salt of the account id, 600 000)        on the node
//! ```
//!
//! The tiers are those of KeyPears v1 but for the first salt, which binds the address too: one
//! password is two different keys at two addresses. [`crate::kp1::kdf`] has KeyPears' own.
//!
//! Nothing here runs PBKDF2. Each tier is a [`Pbkdf2Job`] for the caller's engine: WebCrypto in a
//! browser, [`native`] elsewhere.

use std::{
    fmt,
    future::Future,
    pin::pin,
    task::{Context, Poll},
};

use proto::{address::Address, vault::SecretText};
use zeroize::Zeroizing;

use crate::{
    hazmat::{hmac_sha256, sha256},
    secret::{EncryptionKey, LoginKey, PasswordKey, Secret},
};

#[cfg(not(target_arch = "wasm32"))]
pub mod native;
pub mod server;

/// Iterations of each client tier.
pub const CLIENT_ITERATIONS: u32 = 300_000;

/// One call of PBKDF2-HMAC-SHA-256 with 32 bytes of output.
pub struct Pbkdf2Job {
    password: Zeroizing<Vec<u8>>,
    salt: Zeroizing<[u8; 32]>,
    iterations: u32,
}

/// What runs PBKDF2.
pub trait Pbkdf2 {
    /// Why it could not.
    type Error;

    /// Runs one job.
    ///
    /// # Errors
    /// The engine's own; natively it never fails.
    fn derive(&self, job: &Pbkdf2Job) -> impl Future<Output = Result<Secret<32>, Self::Error>>;
}

/// What a password becomes on the client.
#[derive(Debug)]
pub struct ClientKeys {
    /// Seals address keys.
    pub encryption: EncryptionKey,
    /// Proves the password to the node.
    pub login: LoginKey,
}

/// Both keys of the client; the second tier's two jobs run side by side where the engine can.
///
/// # Errors
/// The engine's.
pub async fn derive_client_keys<P: Pbkdf2>(
    engine: &P,
    address: &Address,
    password: &SecretText,
) -> Result<ClientKeys, P::Error> {
    derive_from(engine, &password_job(address, password)).await
}

/// The encryption key alone: enough to unlock, at two thirds of the work.
///
/// # Errors
/// The engine's.
pub async fn derive_encryption_key<P: Pbkdf2>(
    engine: &P,
    address: &Address,
    password: &SecretText,
) -> Result<EncryptionKey, P::Error> {
    let password_key = PasswordKey::new(engine.derive(&password_job(address, password)).await?);
    Ok(EncryptionKey::new(
        engine.derive(&encryption_job(&password_key)).await?,
    ))
}

/// Both keys, from the first tier's job on.
pub(crate) async fn derive_from<P: Pbkdf2>(
    engine: &P,
    first: &Pbkdf2Job,
) -> Result<ClientKeys, P::Error> {
    let password_key = PasswordKey::new(engine.derive(first).await?);
    let (encryption, login) = (encryption_job(&password_key), login_job(&password_key));
    let (encryption, login) = both(engine.derive(&encryption), engine.derive(&login)).await;
    Ok(ClientKeys {
        encryption: EncryptionKey::new(encryption?),
        login: LoginKey::new(login?),
    })
}

/// First tier: gives a [`PasswordKey`].
///
/// The salt is `HMAC-SHA-256(key = SHA-256("Pearvault password salt v1"),
/// u16be(len(address)) ‖ address ‖ password)`.
pub fn password_job(address: &Address, password: &SecretText) -> Pbkdf2Job {
    // EXPOSE: the password goes into the derivation, and only there.
    let password = password.expose_secret().as_bytes();
    let address = address.as_str().as_bytes();
    // Cannot truncate: an address has at most 64 + 1 + 253 bytes.
    let length = u16::try_from(address.len())
        .unwrap_or(u16::MAX)
        .to_be_bytes();
    let key = sha256(&[b"Pearvault password salt v1"]);
    Pbkdf2Job::new(
        password,
        hmac_sha256(&key, &[&length, address, password]),
        CLIENT_ITERATIONS,
    )
}

/// Second tier: gives an [`EncryptionKey`].
pub fn encryption_job(password_key: &PasswordKey) -> Pbkdf2Job {
    let salt = sha256(&[b"Keypears encryption salt v1"]);
    // EXPOSE: the first tier's result goes into the second.
    Pbkdf2Job::new(password_key.expose_secret(), salt, CLIENT_ITERATIONS)
}

/// Second tier: gives a [`LoginKey`].
pub fn login_job(password_key: &PasswordKey) -> Pbkdf2Job {
    let salt = sha256(&[b"Keypears login salt v1"]);
    // EXPOSE: the first tier's result goes into the second.
    Pbkdf2Job::new(password_key.expose_secret(), salt, CLIENT_ITERATIONS)
}

impl Pbkdf2Job {
    pub(crate) fn new(password: &[u8], salt: [u8; 32], iterations: u32) -> Self {
        Self {
            password: Zeroizing::new(password.to_vec()),
            salt: Zeroizing::new(salt),
            iterations,
        }
    }

    /// The secret input. Each call says why in an `// EXPOSE:` comment.
    pub fn expose_password(&self) -> &[u8] {
        &self.password
    }

    /// The salt.
    ///
    /// # Security
    /// The first tier's is made from the password by one hash: whoever saw it could try passwords
    /// at full speed. It is kept and wiped like the password itself.
    pub fn salt(&self) -> &[u8; 32] {
        &self.salt
    }

    /// How often.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }
}

impl fmt::Debug for Pbkdf2Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pbkdf2Job({} iterations)", self.iterations)
    }
}

/// Waits for both, polling both.
async fn both<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut from_a, mut from_b) = (None, None);
    std::future::poll_fn(move |context: &mut Context<'_>| {
        if from_a.is_none()
            && let Poll::Ready(output) = a.as_mut().poll(context)
        {
            from_a = Some(output);
        }
        if from_b.is_none()
            && let Poll::Ready(output) = b.as_mut().poll(context)
        {
            from_b = Some(output);
        }
        match (from_a.take(), from_b.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (from_a, from_b) = (a, b);
                Poll::Pending
            }
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn salt(address: &str, password: &str) -> Result<[u8; 32], proto::address::AddressError> {
        Ok(*password_job(&address.parse()?, &SecretText::new(password)).salt())
    }

    #[test]
    fn salt_binds_address_and_password() -> Result<(), proto::address::AddressError> {
        let salts = [
            salt("ada@example.com", "password")?,
            salt("ada@example.org", "password")?,
            salt("bob@example.com", "password")?,
            salt("ada@example.com", "Password")?,
            // The border between address and password is part of the salt.
            salt("ada@example.co", "mpassword")?,
        ];
        for (i, one) in salts.iter().enumerate() {
            assert!(salts[..i].iter().all(|other| other != one), "{i}");
        }
        assert_eq!(salt("ada@example.com", "password")?, salts[0]);
        Ok(())
    }

    #[test]
    fn both_waits_for_the_slower_whichever_it_is() {
        // Ready at the poll of this number.
        let after = |polls: u32, value: u32| {
            let mut left = polls;
            std::future::poll_fn(move |_| {
                left = left.checked_sub(1).expect("polled after it was ready");
                if left == 0 {
                    Poll::Ready(value)
                } else {
                    Poll::Pending
                }
            })
        };
        for (a, b) in [(1, 1), (1, 3), (3, 1), (2, 2)] {
            let mut waiting = pin!(both(after(a, 7), after(b, 8)));
            let mut context = Context::from_waker(std::task::Waker::noop());
            for _ in 1..a.max(b) {
                assert_eq!(waiting.as_mut().poll(&mut context), Poll::Pending);
            }
            assert_eq!(waiting.as_mut().poll(&mut context), Poll::Ready((7, 8)));
        }
    }

    #[test]
    fn job_prints_nothing_secret() -> Result<(), proto::address::AddressError> {
        let job = password_job(&"ada@example.com".parse()?, &SecretText::new("hunter2"));
        assert_eq!(format!("{job:?}"), "Pbkdf2Job(300000 iterations)");
        Ok(())
    }
}
