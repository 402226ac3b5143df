//! Micro-benches: key derivation, the engine. The proof of work has a program of its own, the
//! example `bench_pow` of `pow`, which runs in WebAssembly too.

mod engine;
mod import;

use anyhow::Result;
use proto::vault::SecretText;
use wasm_core::kdf::{self, native};

use crate::Figures;

/// Measures all that `figures` wants.
///
/// # Errors
/// Where a part refuses what it must not.
pub fn run(figures: &Figures) -> Result<()> {
    key_derivation(figures)?;
    engine::run(figures)?;
    import::run(figures)
}

fn key_derivation(figures: &Figures) -> Result<()> {
    let (address, password) = ("bench@example.com".parse()?, SecretText::new("a password"));
    let job = kdf::password_job(&address, &password);
    figures.milliseconds("kdf.client_tier", || native::run(&job));
    Ok(())
}
