//! Measures every engine of this machine beside the straight definition, in the same run and in
//! turns, so that a busy moment meets all of them. Each figure is a JSON object a line, `{"name",
//! "value", "unit"}`, the median of the rounds:
//!
//! | name | unit | |
//! | --- | --- | --- |
//! | `pow.verify`, `pow.verify.straight` | ns | one hash; through the `blake3` crate |
//! | `pow.ENGINE`, `pow.straight` | 1/s | tries a second of one thread |
//! | `pow.ENGINE.ratio` | x | the same, as a multiple of `pow.straight` |
//! | `pow.ENGINE.share` | % | the same, of what the count of instructions allows (below) |
//! | `pow.ENGINE.all` | 1/s | on all cores; not in WebAssembly |
//! | `pow.ENGINE.all.7m`, `.70m` | s | to expect at these difficulties, on all cores |
//! | `pow.gpu.DEVICE` with `.ratio`, `.share`, `.7m`, `.70m` | | the same of graphics devices, with the feature `gpu` |
//! | `pow.gpu.DEVICE.ready` | ms | compiled, checked and measured |
//!
//! `cargo run --release -p pearvault-pow --features gpu --example bench_pow`. In WebAssembly, with the
//! `wasm-bindgen` of the version in `Cargo.lock`:
//!
//! ```text
//! cargo build --profile wasm --target wasm32-unknown-unknown -p pearvault-pow --example bench_pow
//! wasm-bindgen --target nodejs --out-dir OUT target/wasm32-unknown-unknown/wasm/examples/bench_pow.wasm
//! node OUT/bench_pow.js
//! ```

use std::{hint::black_box, num::NonZeroU64};

use pow::{Broken, Engine, Header, Job, Span, Target, engines, reference};

#[cfg(all(feature = "gpu", not(target_arch = "wasm32")))]
mod graphics;

/// Rounds; odd, for there is a median.
const ROUNDS: usize = 7;
/// How long one engine works in one round, milliseconds.
const ROUND_MS: f64 = 60.0;

/// Tries a second of one thread that the count of instructions allows, on the Zen 5 core at which
/// the engines are aimed: a share on another machine tells that machine's speed too.
const LIMITS: [(&str, f64); 5] = [
    ("avx512", 10.0e6),
    ("avx2", 3.7e6),
    ("sse41", 1.9e6),
    ("neon", 1.9e6),
    ("simd128", 1.9e6),
];

fn main() {
    // Nothing meets it: a scan always goes to its end.
    let target = Target::from_difficulty(NonZeroU64::MAX);
    let job = Job::new(Header::new([0x5a; 64]), target);
    verification(&job);
    rates(&job);
    #[cfg(not(target_arch = "wasm32"))]
    all_cores(&job);
    #[cfg(all(feature = "gpu", not(target_arch = "wasm32")))]
    graphics::devices(&job);
}

fn verification(job: &Job) {
    let header = job.header_at(0);
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        times[0].push(1e9 / rate(|| u32::from(pow::verify(&header, job.target()).is_err())));
        times[1].push(1e9 / rate(|| u32::from(reference::trace(&header).hash[0] < 0xff).max(1)));
    }
    let [ours, straight] = times.map(median);
    tell("pow.verify", ours, "ns");
    tell("pow.verify.straight", straight, "ns");
}

fn rates(job: &Job) {
    let mut engines: Vec<Box<dyn Engine>> = engines().into_iter().map(|it| it as _).collect();
    engines.push(Box::new(Straight));
    let mut rates = vec![Vec::new(); engines.len()];
    for round in 0..ROUNDS as u64 {
        for (engine, rates) in engines.iter_mut().zip(&mut rates) {
            let span = Span {
                first: round << 32,
                count: 2048,
            };
            rates.push(rate(|| {
                // Those of the processor never break.
                let _ = black_box(engine.scan(job, span));
                span.count
            }));
        }
    }
    let rates: Vec<f64> = rates.into_iter().map(median).collect();
    let straight = rates.last().copied().unwrap_or(f64::NAN);
    for (engine, rate) in engines.iter().zip(rates) {
        let name = format!("pow.{}", engine.name());
        tell(&name, rate, "1/s");
        if name != "pow.straight" {
            tell(&format!("{name}.ratio"), rate / straight, "x");
        }
        if let Some((_, limit)) = LIMITS.iter().find(|(it, _)| *it == engine.name()) {
            tell(&format!("{name}.share"), 100.0 * rate / limit, "%");
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[expect(clippy::disallowed_methods, reason = "a bench waits")]
fn all_cores(job: &Job) {
    use std::{num::NonZeroUsize, thread, time::Duration};

    use pow::{Order, Runner};

    let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let names: Vec<_> = engines()
        .iter()
        .map(|engine| engine.name().to_owned())
        .collect();
    let mut rates = vec![Vec::new(); names.len()];
    for _ in 0..ROUNDS {
        for (name, rates) in names.iter().zip(&mut rates) {
            let only = |_| {
                let mut engines = engines();
                engines.retain(|engine| engine.name() == *name);
                engines
            };
            let Ok(runner) = Runner::start(0, threads, || 0, only) else {
                return;
            };
            let id = runner.order(Order {
                challenge: *job.challenge(),
                target: *job.target(),
                purpose: (),
                expires_at: u64::MAX,
            });
            let tries = || runner.progress(id).map_or(0, |progress| progress.tries());
            // The test of the engines lies before.
            while tries() == 0 {
                thread::yield_now();
            }
            let (start, before) = (now_ms(), tries());
            thread::sleep(Duration::from_secs_f64(ROUND_MS / 250.0));
            #[expect(clippy::cast_precision_loss, reason = "a rate")]
            let tries = (tries() - before) as f64;
            rates.push(1000.0 * tries / (now_ms() - start));
        }
    }
    for (name, rate) in names.iter().zip(rates.into_iter().map(median)) {
        tell(&format!("pow.{name}.all"), rate, "1/s");
        tell(&format!("pow.{name}.all.7m"), 7e6 / rate, "s");
        tell(&format!("pow.{name}.all.70m"), 70e6 / rate, "s");
    }
}

/// The definition, through the `blake3` crate.
struct Straight;

impl Engine for Straight {
    fn name(&self) -> &'static str {
        "straight"
    }

    fn span_tries(&self) -> u32 {
        2048
    }

    fn scan(&mut self, job: &Job, span: Span) -> Result<Option<u64>, Broken> {
        Ok(reference::scan(job, span))
    }
}

/// Things done a second; each call of `work` tells how many it did.
fn rate(mut work: impl FnMut() -> u32) -> f64 {
    let (start, mut done) = (now_ms(), 0.0);
    loop {
        for _ in 0..8 {
            done += f64::from(black_box(work()));
        }
        let elapsed = now_ms() - start;
        if elapsed >= ROUND_MS {
            return 1000.0 * done / elapsed;
        }
    }
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

fn tell(name: &str, value: f64, unit: &str) {
    print(&format!(
        r#"{{"name":"{name}","value":{value},"unit":"{unit}"}}"#
    ));
}

#[cfg(not(target_arch = "wasm32"))]
fn print(line: &str) {
    println!("{line}");
}

#[cfg(not(target_arch = "wasm32"))]
#[expect(clippy::disallowed_methods, reason = "a bench needs a clock")]
fn now_ms() -> f64 {
    use std::{sync::LazyLock, time::Instant};
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs_f64() * 1000.0
}

#[cfg(target_arch = "wasm32")]
use browser::{now_ms, print};

#[cfg(target_arch = "wasm32")]
mod browser {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = performance, js_name = now)]
        pub(crate) safe fn now_ms() -> f64;
        #[wasm_bindgen(js_namespace = console, js_name = log)]
        pub(crate) safe fn print(line: &str);
    }
}
