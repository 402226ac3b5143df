//! What every engine has to fulfil: on the same positions it finds exactly what the definition
//! through the `blake3` crate finds. Each fact is checked on every engine of this machine; those
//! that it lacks are named on the standard error.

#[cfg(not(target_arch = "wasm32"))]
use std::io::Write as _;
use std::num::NonZeroU64;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::{
    engine::{Engine, engines},
    header::{HEADER_BYTES, Header},
    reference,
    search::{Job, Span},
    target::Target,
};

/// Beside [`crate::Portable`], what there is for this kind of processor.
#[cfg(target_arch = "x86_64")]
const WIDE: &[&str] = &["avx512", "avx2", "sse41"];
#[cfg(target_arch = "aarch64")]
const WIDE: &[&str] = &["neon"];
#[cfg(target_arch = "wasm32")]
const WIDE: &[&str] = &["simd128"];

/// Headers of one byte, and a position of each that meets a difficulty of 2²⁰.
const SOLVED: [(u8, u64); 3] = [(0, 111_696), (0xff, 1_184_991), (0x5a, 185_925)];

fn target(difficulty: u64) -> Target {
    Target::from_difficulty(NonZeroU64::new(difficulty).unwrap())
}

fn job(byte: u8, difficulty: u64) -> Job {
    Job::new(Header::new([byte; HEADER_BYTES]), target(difficulty))
}

/// All that a scan finds, going on behind each find.
fn all(mut scan: impl FnMut(Span) -> Option<u64>, span: Span) -> Vec<u64> {
    let (mut found, mut rest) = (Vec::new(), span);
    while let Some(position) = scan(rest) {
        assert!(rest.positions().contains(&position), "{position} {rest:?}");
        found.push(position);
        rest.count = u32::try_from(span.positions().end - position - 1).unwrap();
        rest.first = position + 1;
    }
    found
}

/// Compares every engine with the definition; what these find.
fn check(job: &Job, first: u64, count: u32) -> Vec<u64> {
    let span = Span { first, count };
    let expected = all(|span| reference::scan(job, span), span);
    let check = |engine: &mut dyn Engine| {
        let found = all(|span| engine.scan(job, span).expect("works"), span);
        assert_eq!(found, expected, "{} {job:?} {span:?}", engine.name());
    };
    for mut engine in engines() {
        check(engine.as_mut());
    }
    #[cfg(all(feature = "gpu", not(target_arch = "wasm32")))]
    crate::gpu::tests::with_all(|gpu| check(gpu));
    expected
}

#[test]
fn engines_are_those_of_the_processor() {
    let engines = engines();
    let names: Vec<_> = engines.iter().map(|engine| engine.name()).collect();
    assert_eq!(names.last(), Some(&"portable"));
    let known: Vec<_> = WIDE
        .iter()
        .copied()
        .filter(|it| names.contains(it))
        .collect();
    assert_eq!(names[..names.len() - 1], known, "in this order");
    #[cfg(not(target_arch = "wasm32"))]
    for name in WIDE.iter().filter(|it| !names.contains(it)) {
        // Not `eprintln`, which the test harness would swallow.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: engine {name}, this processor lacks it"
        );
    }
    #[cfg(target_arch = "wasm32")]
    assert_eq!(known, WIDE);
}

#[test]
fn all_solutions_of_a_span_are_found() {
    for byte in [0, 0x11, 0xff] {
        assert_eq!(check(&job(byte, 1), 0, 40).len(), 40);
        assert!(check(&job(byte, 2), 7, 99).len() > 30);
        assert!(check(&job(byte, 50), 1 << 20, 400).len() > 1);
        assert!(check(&job(byte, 50).for_worker(u32::MAX), 5, 400).len() > 1);
    }
}

#[test]
fn spans_need_not_be_a_multiple_of_the_lanes() {
    let job = job(0x5a, 3);
    let whole = check(&job, 11, 70);
    assert!(whole.len() > 15);
    for count in 0..70 {
        let until = |position: &u64| *position < 11 + u64::from(count);
        let expected: Vec<_> = whole.iter().copied().filter(until).collect();
        assert_eq!(check(&job, 11, count), expected, "{count}");
    }
}

#[test]
fn positions_run_on_over_the_edge_of_four_bytes() {
    for byte in [0, 0x5a, 0xff] {
        for before in [1, 3, 8, 33] {
            let found = check(&job(byte, 4), (1 << 32) - before, 66);
            assert!(found.last() >= Some(&(1 << 32)));
        }
        // The upper half wraps where the nonce came with ones there.
        check(&job(byte, 4), (7 << 32) - 20, 40);
    }
}

#[test]
fn last_position_of_all_is_found() {
    let found = check(&job(0x77, 1), u64::MAX - 21, 21);
    assert_eq!(found.last(), Some(&(u64::MAX - 1)));
}

#[test]
fn difficulty_of_a_million_is_met_where_it_is() {
    for (byte, position) in SOLVED {
        let job = job(byte, 1 << 20);
        assert_eq!(check(&job, position - 45, 90), [position]);
        assert!(check(&job, position - 45, 45).is_empty());
        assert!(check(&job, position + 1, 45).is_empty());
    }
}

#[test]
fn hash_equal_to_the_target_is_refused() {
    for position in [0, 5, 1 << 33] {
        let header = job(0x21, 1).header_at(position);
        let hash = reference::trace(&header).hash;
        let mut above = hash;
        *above.last_mut().unwrap() += 1;
        let scan = |target, first, count| {
            check(
                &Job::new(Header::new([0x21; 64]), Target::new(target).unwrap()),
                first,
                count,
            )
        };
        assert!(scan(hash, position, 1).is_empty());
        assert_eq!(scan(above, position, 1), [position]);
        assert!(!scan(hash, position, 50).contains(&position));
        // As small in its first word as can be, yet above.
        let mut below = [0; 32];
        below[..4].copy_from_slice(&hash[..4]);
        assert!(!scan(below, position, 50).contains(&position));
    }
}

#[cfg(not(target_arch = "wasm32"))]
proptest::proptest! {
    #[test]
    fn any_span_of_any_job_is_searched_alike(
        halves: [[u8; 32]; 2], worker: u32, first in 0..u64::MAX - 120, count in 0..120_u32,
        difficulty in 1..60_u64,
    ) {
        let header = Header::parse(halves.as_flattened()).unwrap();
        check(&Job::new(header, target(difficulty)).for_worker(worker), first, count);
    }
}
