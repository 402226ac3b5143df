//! Random bytes, from the caller.

use crate::secret::Secret;

/// A source of random bytes that nobody can guess: `crypto.getRandomValues` in a browser, the
/// operating system's source natively, a seeded generator in tests.
pub trait Random {
    /// Fills the slice whole.
    ///
    /// # Errors
    /// [`RandomError`] where the source fails; what is in the slice then must not be used.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

/// The source of random bytes failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no random bytes could be had")]
pub struct RandomError;

/// `N` random bytes that are no secret, such as a nonce or an identifier.
///
/// # Errors
/// [`RandomError`].
pub fn make_bytes<const N: usize>(random: &mut dyn Random) -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    random.fill(&mut bytes)?;
    Ok(bytes)
}

/// `N` random bytes that are one.
///
/// # Errors
/// [`RandomError`].
pub fn make_secret<const N: usize>(random: &mut dyn Random) -> Result<Secret<N>, RandomError> {
    Secret::try_init_with(|bytes| random.fill(bytes))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::vectors::Replay;

    #[test]
    fn source_that_fails_gives_nothing() {
        let mut random = Replay(&[1, 2, 3]);
        assert_eq!(make_bytes::<2>(&mut random), Ok([1, 2]));
        assert_eq!(make_bytes::<2>(&mut random), Err(RandomError));
        assert_eq!(make_secret::<2>(&mut random).map(drop), Err(RandomError));
    }
}
