//! PBKDF2 that tests can wait for.

use std::convert::Infallible;

use sha2::Sha256;
use wasm_core::{
    kdf::{Pbkdf2, Pbkdf2Job},
    secret::Secret,
};

/// PBKDF2 with as many iterations as the job says, or with fewer; or one that never answers.
#[derive(Debug, Clone, Copy)]
pub struct TestKdf {
    /// Iterations of every job; `None`: the job's own.
    pub iterations: Option<u32>,
    /// Whether it answers; else the worker dies while it derives.
    pub answers: bool,
}

impl TestKdf {
    /// Two iterations: the keys are as good as any for a test.
    pub const FAST: Self = Self {
        iterations: Some(2),
        answers: true,
    };
    /// The job's own: what users get.
    pub const REAL: Self = Self {
        iterations: None,
        answers: true,
    };
    /// Nothing comes back from it.
    pub const SILENT: Self = Self {
        iterations: None,
        answers: false,
    };
}

impl Pbkdf2 for TestKdf {
    type Error = Infallible;

    async fn derive(&self, job: &Pbkdf2Job) -> Result<Secret<32>, Infallible> {
        if !self.answers {
            std::future::pending::<()>().await;
        }
        let iterations = self.iterations.unwrap_or(job.iterations());
        Ok(Secret::init_with(|out| {
            // EXPOSE: this is PBKDF2 itself.
            pbkdf2::pbkdf2_hmac::<Sha256>(job.expose_password(), job.salt(), iterations, out);
        }))
    }
}
