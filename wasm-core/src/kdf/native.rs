//! PBKDF2 in the process itself, with the processor's SHA instructions where it has them.
//!
//! Takes a tenth of a second and more: never on an async runtime's own threads.

use std::convert::Infallible;

use sha2::Sha256;

use super::{Pbkdf2, Pbkdf2Job};
use crate::secret::Secret;

/// Runs jobs at once, on the calling thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct Native;

/// Runs one job.
pub fn run(job: &Pbkdf2Job) -> Secret<32> {
    Secret::init_with(|out| {
        // EXPOSE: this is PBKDF2 itself.
        pbkdf2::pbkdf2_hmac::<Sha256>(job.expose_password(), job.salt(), job.iterations(), out);
    })
}

/// The same job once more, for a thread that may outlive whoever asked; it is wiped like the first.
pub fn detached(job: &Pbkdf2Job) -> Pbkdf2Job {
    Pbkdf2Job {
        password: job.password.clone(),
        salt: job.salt.clone(),
        iterations: job.iterations,
    }
}

impl Pbkdf2 for Native {
    type Error = Infallible;

    async fn derive(&self, job: &Pbkdf2Job) -> Result<Secret<32>, Infallible> {
        Ok(run(job))
    }
}
