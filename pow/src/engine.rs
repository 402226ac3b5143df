//! Engines: what tries the positions of a job.

#[cfg(target_arch = "aarch64")]
use crate::lanes::neon::Neon;
#[cfg(target_arch = "wasm32")]
use crate::lanes::simd128::Simd128;
#[cfg(target_arch = "x86_64")]
use crate::lanes::{avx2::Avx2, avx512::Avx512, pair::Pair, sse41::Sse41};
use crate::{
    hash::hash,
    kernel,
    lanes::Lanes,
    search::{Job, Span},
};

/// An engine that cannot go on, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

/// Something that hashes many headers.
///
/// An engine is free in how, and in how many at once; it does not remember jobs.
pub trait Engine {
    /// For logs, benches and settings.
    fn name(&self) -> &str;

    /// Positions to ask for at once: some tens of milliseconds of work.
    fn span_tries(&self) -> u32;

    /// Tries a span of positions and returns the **lowest** that solves the job.
    ///
    /// # Errors
    /// [`Broken`]: the engine is of no use any more, and the span was not searched. Those of the
    /// processor never are.
    fn scan(&mut self, job: &Job, span: Span) -> Result<Option<u64>, Broken>;
}

/// A cancel is heard within 100 ms by any engine of more than 41 000 tries a second, a tenth of what
/// the slowest does.
const PORTABLE_SPAN: u32 = 4_096;
const WIDE_SPAN: u32 = 16_384;

/// The engine that runs everywhere: the definition, one header after the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Portable;

impl Engine for Portable {
    fn name(&self) -> &'static str {
        "portable"
    }

    fn span_tries(&self) -> u32 {
        PORTABLE_SPAN
    }

    fn scan(&mut self, job: &Job, span: Span) -> Result<Option<u64>, Broken> {
        let solves = |position: &u64| job.target().is_met_by(&hash(&job.header_at(*position)));
        Ok(span.positions().find(solves))
    }
}

/// The kernel with an instruction set.
#[derive(Debug, Clone, Copy)]
struct Wide<S> {
    name: &'static str,
    set: S,
}

impl<S: Lanes> Engine for Wide<S> {
    fn name(&self) -> &str {
        self.name
    }

    fn span_tries(&self) -> u32 {
        WIDE_SPAN
    }

    fn scan(&mut self, job: &Job, span: Span) -> Result<Option<u64>, Broken> {
        Ok(kernel::scan(self.set, job, span))
    }
}

/// The engines of this machine's processor, the fastest first and [`Portable`] last.
///
/// On x86-64 those of `avx512` (F, BW and VNNI), `avx2` and `sse41` that the machine has; `neon`
/// on aarch64; `simd128` in WebAssembly. Each uses the one thread that it is called on.
pub fn engines() -> Vec<Box<dyn Engine + Send>> {
    let mut engines = wide_engines();
    engines.push(Box::new(Portable));
    engines
}

/// The first of [`engines`].
pub fn fastest() -> Box<dyn Engine + Send> {
    engines()
        .into_iter()
        .next()
        .unwrap_or_else(|| Box::new(Portable))
}

#[cfg(target_arch = "x86_64")]
fn wide_engines() -> Vec<Box<dyn Engine + Send>> {
    let engines = [
        Avx512::detect().map(|set| wide("avx512", Pair(set))),
        Avx2::detect().map(|set| wide("avx2", set)),
        Sse41::detect().map(|set| wide("sse41", set)),
    ];
    engines.into_iter().flatten().collect()
}

#[cfg(target_arch = "aarch64")]
fn wide_engines() -> Vec<Box<dyn Engine + Send>> {
    let neon = Neon::detect().map(|set| wide("neon", set));
    neon.into_iter().collect()
}

#[cfg(target_arch = "wasm32")]
fn wide_engines() -> Vec<Box<dyn Engine + Send>> {
    vec![wide("simd128", Simd128)]
}

#[cfg(not(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_arch = "wasm32"
)))]
fn wide_engines() -> Vec<Box<dyn Engine + Send>> {
    Vec::new()
}

#[cfg(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_arch = "wasm32"
))]
fn wide(name: &'static str, set: impl Lanes + Send + 'static) -> Box<dyn Engine + Send> {
    Box::new(Wide { name, set })
}
