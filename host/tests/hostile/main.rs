//! Programs of the same user that speak to the agent and are not paired: they hear greetings, refusals and
//! handshakes, and nobody who is paired waits because of them.
//!
//! The agent and the relay are the real program, the genuine extension is the engine's line. What the
//! rogues do follows from a seed alone. A run of a million messages:
//! `PEARVAULT_HOSTILE=1000000 cargo test --release -p pearvault-host --test hostile -- --nocapture`;
//! `PEARVAULT_HOSTILE_SEED` takes up the seed of a run.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod agent;
mod attack;
mod between;
mod extension;
mod frames;
mod genuine;
mod meeting;
mod rogue;
mod secrets;
mod siege;

use std::{env, time::Duration};

use host::clock;

use agent::Agent;
use siege::Siege;

/// Messages where nobody says how many.
const MESSAGES: u64 = 20_000;
/// Messages between two looks at how the agent is.
const OF_A_BATCH: u64 = 1000;
const SEED: u64 = 1;

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn who_is_not_paired_hears_no_secret_and_stops_nobody() {
    let messages = number("PEARVAULT_HOSTILE", MESSAGES);
    let seed = number("PEARVAULT_HOSTILE_SEED", SEED);
    println!("PEARVAULT_HOSTILE_SEED={seed}");
    let mut siege = Siege::begin(seed);
    siege.cut_everywhere();
    while siege.messages < messages {
        siege.batch(OF_A_BATCH.min(messages - siege.messages));
    }
    siege.end();
}

#[test]
fn who_says_nothing_is_shown_out() {
    let mut siege = Siege::begin(SEED);
    let crowd = siege.crowd(40);
    // Those who have a seat leave it without having said anything: nobody waits for them for ever.
    for mut silent in crowd {
        let said = rogue::rest(&mut silent).unwrap();
        assert!(said.len() < 8, "{said:?}");
    }
    siege.is_well();
}

/// The threads of an agent whose guests have left go with them.
fn until_no_more_threads(agent: &Agent, before: Option<(u32, u32)>) {
    let Some((before, _)) = before else { return };
    let more = || agent.size().is_some_and(|(threads, _)| threads > before);
    while more() {
        clock::pause(Duration::from_millis(20));
    }
}
