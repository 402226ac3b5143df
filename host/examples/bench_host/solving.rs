//! Tries a second that the host does, as it works on a challenge, beside the plain definition on one core.

use std::{env, hint::black_box};

use anyhow::{Context as _, Result};
use host::clock;
use pow::{Header, Job, Span, Target, reference};
use proto::{
    bridge::{
        host::{HostRequest, HostWork},
        solver::{BatteryChoice, EngineChoice, SolverJob, SolverWork},
    },
    bytes::Hex,
    ids::UnixMillis,
};

use crate::{other::Extension, tell};

/// Rounds; odd, for there is a median.
const ROUNDS: usize = 3;
/// How long the host works in one, where nobody says how long.
const SECONDS: f64 = 3.0;
/// Expected tries of a login, and of a new account or a first message.
const DIFFICULTIES: [(&str, f64); 2] = [("host.solve_7m", 7e6), ("host.solve_70m", 70e6)];

pub(crate) fn measure(extension: &mut Extension) -> Result<()> {
    let seconds = match env::var("PEARVAULT_BENCH_SECONDS") {
        Ok(text) => text.parse().context("PEARVAULT_BENCH_SECONDS")?,
        Err(_) => SECONDS,
    };
    for _ in 0..ROUNDS {
        tell("host.solver_rate.straight", straight(seconds / 3.0), "1/s");
        let rate = rate(extension, seconds)?;
        tell("host.solver_rate", rate, "1/s");
        for (name, tries) in DIFFICULTIES {
            tell(name, tries / rate, "s");
        }
    }
    Ok(())
}

/// The host's, over some seconds from the first tries on.
fn rate(extension: &mut Extension, seconds: f64) -> Result<f64> {
    // Below this target is nothing that anybody finds.
    let mut least = [0; 32];
    least[31] = 1;
    let job = SolverJob {
        job: "bench".to_owned(),
        header: Hex([0x5a; 64]),
        target: Hex(least),
        expires_at: UnixMillis(u64::MAX),
    };
    extension.ask(work(vec![job]))?;
    let (start, before) = next(extension)?;
    let rate = loop {
        let (now, tries) = next(extension)?;
        if now - start >= seconds * 1000.0 {
            break 1000.0 * (tries - before) / (now - start);
        }
    };
    extension.ask(work(Vec::new()))?;
    Ok(rate)
}

/// When it has told of how many tries.
fn next(extension: &mut Extension) -> Result<(f64, f64)> {
    loop {
        let text = extension.text()?;
        let tried = &text["event"]["payload"]["payload"]["tries"];
        if let Some(tries) = tried.as_f64().filter(|tries| *tries > 0.0) {
            return Ok((clock::measured_millis(), tries));
        }
    }
}

fn work(jobs: Vec<SolverJob>) -> HostRequest {
    let work = SolverWork {
        jobs,
        engine: EngineChoice::Automatic,
        on_battery: BatteryChoice::Full,
        known: Vec::new(),
    };
    HostRequest::HostWork(HostWork { work })
}

/// The definition's, line by line, on one core.
fn straight(seconds: f64) -> f64 {
    let job = Job::new(
        Header::new([0x5a; 64]),
        Target::from_difficulty(std::num::NonZeroU64::MAX),
    );
    let (start, mut first, count) = (clock::measured_millis(), 0, 256);
    loop {
        black_box(reference::scan(&job, Span { first, count }));
        first += u64::from(count);
        let spent = clock::measured_millis() - start;
        if spent >= seconds * 1000.0 {
            #[expect(clippy::cast_precision_loss, reason = "a rate")]
            let tries = first as f64;
            return 1000.0 * tries / spent;
        }
    }
}
