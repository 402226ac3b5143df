//! Micro-benches: proof of work, key derivation, the engine.

mod engine;

use std::num::NonZeroU64;

use anyhow::Result;
use pow::{Engine as _, Header, Job, Portable, Span, Target};
use proto::vault::SecretText;
use wasm_core::kdf::{self, native};

use crate::{Figures, Unit};

/// Headers in one scan of the solver.
const SCAN: u32 = 4096;

/// Measures all that `figures` wants.
///
/// # Errors
/// Where the operating system has no random bytes, or a part refuses what it must not.
pub fn run(figures: &Figures) -> Result<()> {
    proof_of_work(figures)?;
    key_derivation(figures)?;
    engine::run(figures)
}

fn proof_of_work(figures: &Figures) -> Result<()> {
    let mut bytes = [0; pow::HEADER_BYTES];
    getrandom::fill(&mut bytes)?;
    let header = Header::parse(&bytes)?;
    // Nothing meets it: a scan always goes to its end.
    let target = Target::from_difficulty(NonZeroU64::MAX);
    figures.time("pow.verify", Unit::Nanoseconds, || {
        pow::verify(&header, &target)
    });
    let straight = || target.is_met_by(&pow::reference::trace(&header).hash);
    figures.time("pow.verify.straight", Unit::Nanoseconds, straight);

    let job = Job::new(header, target);
    let span = Span {
        first: 0,
        count: SCAN,
    };
    figures.rate("pow.solve_native", SCAN, || Portable.scan(&job, span));
    figures.rate("pow.solve_native.straight", SCAN, || {
        pow::reference::scan(&job, span)
    });
    Ok(())
}

fn key_derivation(figures: &Figures) -> Result<()> {
    let (address, password) = ("bench@example.com".parse()?, SecretText::new("a password"));
    let job = kdf::password_job(&address, &password);
    figures.time("kdf.client_tier", Unit::Milliseconds, || native::run(&job));
    Ok(())
}
