//! Figures of the native host: `cargo run --release -p pearvault-host --example bench_host`, behind
//! `cargo build --release -p pearvault-host`, whose program it measures.
//!
//! Prints one JSON object a line, `{name, value, unit}`, as often as it measured. Beside each stands what
//! does the same with nothing to it: a program that hands back every frame, and the definition of the
//! proof of work on one core. Both are measured by turns with ours, so that a busy moment meets all.
//!
//! | name | unit | |
//! | --- | --- | --- |
//! | `host.round_trip_p50`, `_p95` | ms | "what are you", through relay, agent and channel; `.straight`: that program, a frame of the same size |
//! | `host.account_round_trip_p50`, `_p95` | ms | "how does the account stand", of a host without one: by way of the engine's thread |
//! | `host.start_warm`, `host.start_cold` | ms | from the start of a relay to the first answer, where an agent runs and where none does; `host.start_warm.straight`: that program |
//! | `host.agent_memory`, `host.relay_memory` | MB | resident, after some hundred answers; Linux only |
//! | `host.solver_rate` | 1/s | tries a second, as the host works on a challenge |
//! | `host.solve_7m`, `host.solve_70m` | s | to expect at these difficulties |
//!
//! `PEARVAULT_BENCH_SECONDS`: of each measurement of the rate.

mod other;
mod solving;

use std::{
    env,
    io::{self, stdin, stdout},
    process::ExitCode,
};

use anyhow::{Context as _, Result};
use host::{clock, frame};
use proto::bridge::{
    account::DescribeAccount,
    host::{DescribeHost, HostAccount, HostRequest},
};
use serde_json::json;

use other::{Echo, Extension, Home, resident_mb};

/// What the program that hands back frames is called with.
const ECHO: &str = "echo";
/// Rounds; each tells one figure of each kind.
const ROUNDS: usize = 7;
/// Round trips in one.
const TRIPS: usize = 200;

fn main() -> ExitCode {
    let done = if env::args().nth(1).as_deref() == Some(ECHO) {
        echo().map_err(Into::into)
    } else {
        measure()
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench_host: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<()> {
    for _ in 0..ROUNDS {
        starts()?;
    }
    let home = Home::new()?;
    let mut extension = Extension::start(&home)?;
    let mut echo = Echo::start()?;
    let describe = || HostRequest::DescribeHost(DescribeHost {});
    let account = || {
        let request = Box::new(DescribeAccount {}.into());
        HostRequest::HostAccount(HostAccount { request })
    };
    for _ in 0..ROUNDS {
        // By turns within a round, too.
        let (mut host, mut engine, mut bare) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TRIPS {
            host.push(timed(|| extension.ask(describe()).map(drop))?);
            engine.push(timed(|| extension.ask(account()).map(drop))?);
            let frame = extension.last_sent();
            bare.push(timed(|| echo.answers(frame))?);
        }
        tell_spread("host.round_trip", "", host);
        tell_spread("host.account_round_trip", "", engine);
        tell_spread("host.round_trip", ".straight", bare);
    }
    let memory = [
        ("host.agent_memory", home.agent()),
        ("host.relay_memory", Some(extension.process())),
        ("host.relay_memory.straight", Some(echo.process())),
    ];
    for (name, process) in memory {
        if let Some(mb) = process.and_then(resident_mb) {
            tell(name, mb, "MB");
        }
    }
    solving::measure(&mut extension)
}

/// A start of each kind.
fn starts() -> Result<()> {
    let home = Home::new()?;
    let first = |home: &Home| {
        let mut extension = Extension::start(home)?;
        let describe = HostRequest::DescribeHost(DescribeHost {});
        extension.ask(describe)?;
        Ok(extension)
    };
    let mut kept = None;
    let cold = timed(|| {
        kept = Some(first(&home)?);
        Ok(())
    })?;
    tell("host.start_cold", cold, "ms");
    tell("host.start_warm", timed(|| first(&home).map(drop))?, "ms");
    let frame = kept.context("nothing was started")?.last_sent().to_owned();
    let bare = timed(|| Echo::start()?.answers(&frame))?;
    tell("host.start_warm.straight", bare, "ms");
    Ok(())
}

/// Hands back every frame.
fn echo() -> io::Result<()> {
    let (mut from, mut to) = (stdin().lock(), stdout().lock());
    while let Some(text) = frame::read(&mut from)? {
        frame::write(&mut to, &text)?;
    }
    Ok(())
}

/// How long that takes, milliseconds.
fn timed(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let start = clock::measured_millis();
    work()?;
    Ok(clock::measured_millis() - start)
}

/// The middle of these times, and what nineteen of twenty stay under.
fn tell_spread(name: &str, ending: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    for (part, place) in [("p50", times.len() / 2), ("p95", times.len() * 95 / 100)] {
        tell(&format!("{name}_{part}{ending}"), times[place], "ms");
    }
}

fn tell(name: &str, value: f64, unit: &str) {
    println!("{}", json!({"name": name, "value": value, "unit": unit}));
}
