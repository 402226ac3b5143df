#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{
    engine::{Engine as _, Portable},
    header::HEADER_BYTES,
    verify,
};

const LATER: u64 = 1_000_000;

fn order(byte: u8, difficulty: u64) -> Order<u8> {
    Order {
        challenge: Header::new([byte; HEADER_BYTES]),
        target: Target::from_difficulty(difficulty.try_into().expect("not zero")),
        purpose: byte,
        expires_at: LATER,
    }
}

fn scan(piece: &Piece) -> Option<u64> {
    Portable.scan(&piece.job, piece.span).expect("never breaks")
}

#[test]
fn job_is_solved_piece_by_piece() {
    let mut desk = Desk::new(7);
    let id = desk.order(order(1, 500), 0);
    let mut now = 0;
    let solution = loop {
        let piece = desk.take(64, now).expect("work");
        now += 10;
        match desk.done(&piece, scan(&piece), now) {
            Answer::Nothing => {}
            Answer::Found(solution) => break solution,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(verify(&solution.header, &order(1, 500).target), Ok(()));
    assert_eq!(solution.header.challenge(), [1; 32]);
    assert_eq!(
        solution.header,
        order(1, 500).challenge.at(7, solution.position)
    );
    // A found job is gone.
    assert_eq!(desk.take(64, now), None);
    assert_eq!(desk.progress(id, now), None);
    assert!(!desk.cancel(id));
}

#[test]
fn positions_are_handed_out_once_and_those_that_came_back_again() {
    let mut desk = Desk::new(0);
    desk.order_within(order(1, u64::MAX), 5..1_000, 0);
    let (mut seen, mut failed) = (Vec::new(), 0);
    while let Some(piece) = desk.take(37, 0) {
        if failed < 5 {
            failed += 1;
            desk.failed(&piece);
            // A smaller engine takes it over.
            let part = desk.take(10, 0).expect("the same again");
            assert_eq!(
                (part.span.first, part.span.count),
                (piece.span.first, piece.span.count.min(10))
            );
            seen.extend(part.span.positions());
        } else {
            seen.extend(piece.span.positions());
        }
        assert!(seen.len() <= 995);
    }
    seen.sort_unstable();
    assert!(seen.into_iter().eq(5..1_000));
    assert!(desk.is_exhausted());
}

#[test]
fn jobs_get_the_same_share_whenever_they_come() {
    let mut desk = Desk::new(0);
    let first = desk.order(order(1, u64::MAX), 0);
    let mut tries = std::collections::BTreeMap::new();
    let mut serve = |desk: &mut Desk<u8>, rounds: u32| {
        let mut tried = tries.clone();
        for round in 0..rounds {
            // Engines of different sizes.
            let piece = desk
                .take(if round % 3 == 0 { 1_000 } else { 64 }, 0)
                .expect("work");
            *tried.entry(piece.id).or_insert(0_u64) += u64::from(piece.span.count);
        }
        tries.clone_from(&tried);
        tried
    };
    let alone = serve(&mut desk, 3_000)[&first];
    let second = desk.order(order(2, u64::MAX), 0);
    let third = desk.order(order(3, u64::MAX), 0);
    let all = serve(&mut desk, 3_000);
    let shares = [all[&first] - alone, all[&second], all[&third]];
    assert!(
        shares.iter().max().expect("some") - shares.iter().min().expect("some") <= 2_000,
        "{shares:?}"
    );
    desk.cancel(second);
    let after = serve(&mut desk, 600);
    assert_eq!(after[&second], all[&second], "cancelled");
}

#[test]
fn expired_job_waits_to_be_renewed_and_keeps_its_figures() {
    let mut desk = Desk::new(0);
    let id = desk.order(order(1, u64::MAX), 0);
    let piece = desk.take(1_000, LATER - 500).expect("work");
    assert_eq!(desk.done(&piece, None, LATER - 1), Answer::Nothing);
    let late = desk.take(1_000, LATER - 1).expect("still valid");
    assert_eq!(desk.expired(LATER - 1).count(), 0);
    assert_eq!(desk.expired(LATER).collect::<Vec<_>>(), [id]);
    assert_eq!(desk.take(1_000, LATER), None);
    let new = order(9, u64::MAX);
    assert!(desk.renew(id, new.challenge, new.target, 2 * LATER, LATER));
    // What was tried of the old challenge counts no more, what was done before does.
    assert_eq!(desk.done(&late, None, LATER), Answer::Gone);
    let progress = desk.progress(id, LATER).expect("goes on");
    assert_eq!(progress.tries(), 1_000);
    assert!(progress.rate().is_some());
    let piece = desk.take(10, LATER).expect("work");
    assert_eq!(piece.job.header_at(0).challenge(), [9; 32]);
    desk.cancel(id);
    assert!(!desk.renew(id, new.challenge, new.target, 3 * LATER, LATER));
}

#[test]
fn lie_is_noticed_and_its_piece_tried_again() {
    let mut desk = Desk::new(0);
    desk.order_within(order(1, 1 << 60), 0..100, 0);
    let piece = desk.take(100, 0).expect("work");
    for lie in [0, 50, 99, 100, u64::MAX] {
        assert_eq!(desk.done(&piece, Some(lie), 0), Answer::Wrong);
        assert_eq!(desk.take(100, 0), Some(piece));
    }
    // A true solution, but of no position of this piece.
    let mut desk = Desk::new(0);
    desk.order(order(1, 2), 0);
    let piece = desk.take(4, 0).expect("work");
    let next = desk.take(100, 0).expect("work");
    let elsewhere = scan(&next).expect("half of them solve it");
    assert_eq!(desk.done(&piece, Some(elsewhere), 0), Answer::Wrong);
}

#[test]
fn slow_search_is_known_before_its_challenge_expires() {
    let mut desk = Desk::new(0);
    let id = desk.order(order(1, 1_000_000), 0);
    assert!(!desk.is_too_slow(id, 0), "nothing is known");
    let piece = desk.take(1_000, 0).expect("work");
    desk.done(&piece, None, 1_000);
    // 1 000 a second: 1 000 seconds to expect, and that many left.
    assert!(!desk.is_too_slow(id, 0));
    assert!(desk.is_too_slow(id, 1_000));
}

#[test]
fn renewed_job_makes_up_for_nothing() {
    let mut desk = Desk::new(0);
    let soon = Order {
        expires_at: 10,
        ..order(1, u64::MAX)
    };
    let waits = desk.order(soon, 0);
    let works = desk.order(order(2, u64::MAX), 0);
    for _ in 0..1_000 {
        assert_eq!(desk.take(100, 10).map(|piece| piece.id), Some(works));
    }
    let new = order(3, u64::MAX);
    assert!(desk.renew(waits, new.challenge, new.target, LATER, 10));
    let late = desk.order(order(4, u64::MAX), 10);
    let next: Vec<_> = (0..300).filter_map(|_| desk.take(100, 10)).collect();
    for id in [waits, works, late] {
        assert_eq!(next.iter().filter(|piece| piece.id == id).count(), 100);
    }
    // Good for longer: what was handed out stays.
    let piece = desk.take(100, 10).expect("work");
    assert!(desk.extend(piece.id, 2 * LATER));
    assert_eq!(desk.done(&piece, None, 11), Answer::Nothing);
}
