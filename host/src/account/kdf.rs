//! PBKDF2 on threads of the runtime that may block: the engine's own goes on.

use wasm_core::{
    kdf::{Pbkdf2, Pbkdf2Job, native},
    secret::Secret,
};

use super::stack;

/// PBKDF2 beside the engine's thread. Needs a tokio runtime around it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside;

/// The thread that derived is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the derivation was broken off")]
pub struct KdfError;

impl Pbkdf2 for Beside {
    type Error = KdfError;

    /// A derivation that nobody waits for any more goes on to its end, a tenth of a second or so.
    async fn derive(&self, job: &Pbkdf2Job) -> Result<Secret<32>, KdfError> {
        let job = native::detached(job);
        tokio::task::spawn_blocking(move || {
            let derived = native::run(&job);
            // The password, padded to a block of its hash.
            stack::wipe();
            derived
        })
        .await
        .map_err(|_| KdfError)
    }
}

#[cfg(test)]
mod tests {
    use proto::vault::SecretText;
    use wasm_core::kdf::{derive_client_keys, native::Native};

    use super::*;

    #[tokio::test]
    async fn keys_are_those_of_the_thread_that_asks() -> Result<(), Box<dyn std::error::Error>> {
        let (address, password) = ("ada@example.com".parse()?, SecretText::new("hunter2"));
        let beside = derive_client_keys(&Beside, &address, &password).await?;
        let here = derive_client_keys(&Native, &address, &password).await?;
        assert!(beside.encryption.ct_eq(&here.encryption));
        assert!(beside.login.ct_eq(&here.login));
        let another = derive_client_keys(&Beside, &address, &SecretText::new("hunter3")).await?;
        assert!(!another.encryption.ct_eq(&here.encryption));
        Ok(())
    }
}
