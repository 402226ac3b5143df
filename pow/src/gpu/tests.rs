//! What is particular to graphics processors; that they find what they should is the contract's.
//!
//! Where there is none, not even one in software, the tests say so and check nothing: `cargo xtask
//! test` sees to it that there is.

#![cfg(not(target_arch = "wasm32"))]

use std::{
    io::Write as _,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::Instant,
};

use super::{
    device::{Device, Landed},
    scan::judge,
    *,
};
use crate::{
    engine::Engine,
    hash::hash,
    header::{HEADER_BYTES, Header},
    search::{Job, Span},
    target::Target,
};

#[expect(clippy::disallowed_methods, reason = "devices need a clock")]
fn clock() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0
}

/// Every device of this machine, opened once for all tests.
fn devices() -> MutexGuard<'static, Vec<Gpu>> {
    static DEVICES: OnceLock<Mutex<Vec<Gpu>>> = OnceLock::new();
    let open = || {
        let adapters = pollster::block_on(adapters());
        if adapters.is_empty() {
            assert!(
                std::env::var_os("PEARVAULT_GRAPHICS").is_none(),
                "there should be a graphics device"
            );
            // Not `eprintln`, which the test harness would swallow.
            let _ = writeln!(
                std::io::stderr(),
                "skipped: graphics processors (none here; mesa-vulkan-drivers brings one in software)"
            );
        }
        let open = |adapter| pollster::block_on(Gpu::open(adapter, clock)).expect("opens");
        Mutex::new(adapters.iter().map(open).collect())
    };
    DEVICES
        .get_or_init(open)
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn with_all(mut check: impl FnMut(&mut Gpu)) {
    devices().iter_mut().for_each(&mut check);
}

fn job(difficulty: u64) -> Job {
    let target = Target::from_difficulty(difficulty.try_into().expect("not zero"));
    Job::new(Header::new([0x5a; HEADER_BYTES]), target)
}

fn reference(job: &Job, span: Span) -> Option<u64> {
    crate::reference::scan(job, span)
}

#[test]
fn spans_of_many_dispatches_are_searched_to_the_lowest_solution() {
    with_all(|gpu| {
        let count = 5 * gpu.span_tries() / 4 + 17;
        for (difficulty, first) in [
            (1, 0),
            (200, 7),
            (100_000, (1 << 32) - 20_000),
            (u64::MAX, 3),
        ] {
            let (job, span) = (job(difficulty), Span { first, count });
            assert_eq!(
                Engine::scan(gpu, &job, span),
                Ok(reference(&job, span)),
                "{difficulty}"
            );
        }
    });
}

#[test]
fn kernel_without_the_dot_product_finds_the_same() {
    for adapter in pollster::block_on(adapters()) {
        let span = Span {
            first: 40,
            count: 2_000,
        };
        let [with, without] = [true, false].map(|with_dot| {
            pollster::block_on(async {
                let device = Device::open(&adapter, with_dot).await.expect("opens");
                let slot = device.slot();
                let flight = device.start(&slot, &job(1), span, u32::MAX / 64);
                let mut found = device.land(&slot, flight).await.expect("lands").list;
                found.sort_unstable();
                found
            })
        });
        assert!(!with.is_empty());
        assert_eq!(with, without);
    }
}

#[test]
fn lost_device_is_opened_again_and_the_span_searched() {
    with_all(|gpu| {
        let (job, span) = (
            job(3_000),
            Span {
                first: 0,
                count: 40_000,
            },
        );
        let expected = Ok(reference(&job, span));
        assert_eq!(Engine::scan(gpu, &job, span), expected);
        for _ in 0..2 {
            gpu.lose();
            assert_eq!(Engine::scan(gpu, &job, span), expected);
        }
    });
}

#[test]
fn device_that_leaves_some_out_is_found_out() {
    with_all(|gpu| {
        let honest = (0..200).all(|_| gpu.count(24.0, 24).is_ok());
        let liar = (0..200).any(|_| gpu.count(24.0, 14).is_err());
        assert!(honest && liar);
    });
}

#[test]
fn device_that_finds_nothing_or_something_else_is_wrong() {
    let (job, span) = (
        job(1 << 40),
        Span {
            first: 10,
            count: 1_000,
        },
    );
    let limit = u32::MAX / 40;
    let honest: Vec<u32> = (0..span.count)
        .filter(|place| {
            let hash = hash(&job.header_at(span.first + u64::from(*place)));
            u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]) <= limit
        })
        .collect();
    let judge = |list: &[u32], limit| {
        let found = Landed {
            count: list.len(),
            list: list.to_vec(),
        };
        judge(&job, span, limit, found)
    };
    assert!(honest.len() > 5);
    assert_eq!(judge(&honest, limit), Ok(None));
    let other = (0..span.count)
        .find(|place| !honest.contains(place))
        .expect("some");
    assert_eq!(judge(&[], limit), Err(GpuError::Wrong));
    assert_eq!(judge(&[honest[0], other], limit), Err(GpuError::Wrong));
    assert_eq!(judge(&[span.count], u32::MAX), Err(GpuError::Wrong));
    assert_eq!(judge(&[honest[0], honest[0]], limit), Err(GpuError::Wrong));
    // Where all are to be told, one is missing.
    let all: Vec<u32> = (0..100).collect();
    let short = Span {
        first: 0,
        count: 100,
    };
    let tell = |list: &[u32]| {
        let found = Landed {
            count: list.len(),
            list: list.to_vec(),
        };
        super::scan::judge(&job, short, u32::MAX, found)
    };
    assert_eq!(tell(&all), Ok(None));
    assert_eq!(tell(&all[1..]), Err(GpuError::Wrong));
}
