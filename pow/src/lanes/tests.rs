//! Each operation of each set, beside plain integers. So short that an interpreter of Rust's own
//! intermediate language can run the sets that a processor lacks.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{LANES_MAX, Lanes, Task, Words, scalar::Scalar};

/// Words of which every bit is sometimes set: a linear congruence.
fn words(seed: u32) -> Words {
    let mut word = seed;
    [(); LANES_MAX].map(|()| {
        word = word.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f);
        word ^ word >> 16
    })
}

/// Every operation once, on 18 words of each lane.
struct Operations<S> {
    set: S,
    input: [Words; 18],
}

impl<S: Lanes> Task for Operations<S> {
    type Output = [Words; 9];

    #[expect(clippy::inline_always, reason = "as every task")]
    #[inline(always)]
    fn run(self) -> [Words; 9] {
        let Self { set, input } = self;
        let word = |i: usize| set.load(&input[i]);
        let digest = |first: usize| [0, 1, 2, 3, 4, 5, 6, 7].map(|i| word(first + i));
        let outcome = [
            set.splat(input[0][0]),
            set.add(word(0), word(1)),
            set.xor(word(0), word(1)),
            set.rotate_16(word(0)),
            set.rotate_12(word(0)),
            set.rotate_8(word(0)),
            set.rotate_7(word(0)),
            set.swap_bytes(word(0)),
            set.dot(&set.factor(&digest(2)), &digest(10)),
        ];
        outcome.map(|word| {
            let mut words = [0; LANES_MAX];
            set.store(word, &mut words);
            words
        })
    }
}

fn check(name: &str, set: Option<impl Lanes>) {
    let Some(set) = set else { return };
    compare(
        name,
        set,
        &std::array::from_fn(|i| words(u32::try_from(i).unwrap())),
    );
    // The greatest dot product there is, and the least.
    compare(name, set, &[[u32::MAX; LANES_MAX]; 18]);
    compare(name, set, &[[0x8080_8080; LANES_MAX]; 18]);
    compare(name, set, &[[0; LANES_MAX]; 18]);
}

fn compare<S: Lanes>(name: &str, set: S, input: &[Words; 18]) {
    let outcome = set.run(Operations { set, input: *input });
    for lane in 0..S::LANES {
        let mut expected = Scalar.run(Operations {
            set: Scalar,
            input: input.map(|words| [words[lane]; LANES_MAX]),
        });
        // One word in all lanes.
        expected[0][0] = input[0][0];
        for (i, (outcome, expected)) in outcome.iter().zip(expected).enumerate() {
            assert_eq!(
                outcome[lane], expected[0],
                "{name}, operation {i}, lane {lane}"
            );
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn operations_are_those_of_integers() {
    use super::{avx2::Avx2, avx512::Avx512, pair::Pair, sse41::Sse41};

    check("sse41", Sse41::detect());
    check("avx2", Avx2::detect());
    check("avx512", Avx512::detect());
    check("pair of sse41", Sse41::detect().map(Pair));
    check("pair of avx512", Avx512::detect().map(Pair));
}

#[cfg(target_arch = "aarch64")]
#[test]
fn operations_are_those_of_integers() {
    check("neon", super::neon::Neon::detect());
}

#[cfg(target_arch = "wasm32")]
#[test]
fn operations_are_those_of_integers() {
    check("simd128", Some(super::simd128::Simd128));
}
