//! The definition of pow5-64b.
//!
//! ```text
//! a   = BLAKE3(header)
//! c₀  = a ;  cᵢ₊₁ = BLAKE3(cᵢ)               i = 0..31
//! rᵢ  = Σⱼ a[j] · cᵢ₊₁[j]                     bytes as unsigned numbers, 32-bit sum
//! w   = BLAKE3(r₀ ‖ … ‖ r₃₁)                  each big-endian, 128 bytes
//! hash = BLAKE3(BLAKE3(w))
//! ```

use std::array;

use crate::{
    compress::{Digest, hash_32, hash_64, hash_128},
    header::Header,
};

/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// Length of the chain, and of `r`.
pub(crate) const ROWS: usize = 32;

/// A hash with the values on the way to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    /// `a`, the header's BLAKE3.
    pub header_hash: [u8; HASH_BYTES],
    /// `r`, the 32 products.
    pub rows: [u32; ROWS],
    /// `w`, the BLAKE3 of the products.
    pub work: [u8; HASH_BYTES],
    /// The result.
    pub hash: [u8; HASH_BYTES],
}

/// The pow5-64b hash of a header, big-endian: 37 compressions of BLAKE3, no allocation.
pub fn hash(header: &Header) -> [u8; HASH_BYTES] {
    bytes(&hash_lanes(&[*header]), 0)
}

/// The same with everything between header and hash.
pub fn trace(header: &Header) -> Trace {
    let header_hash = header_hash(&[*header]);
    let rows = rows(&header_hash);
    let work = work(&rows);
    Trace {
        header_hash: bytes(&header_hash, 0),
        rows: rows.map(|[row]| row),
        work: bytes(&work, 0),
        hash: bytes(&finish(&work), 0),
    }
}

/// Hashes `L` headers side by side.
pub(crate) fn hash_lanes<const L: usize>(headers: &[Header; L]) -> Digest<L> {
    finish(&work(&rows(&header_hash(headers))))
}

/// The bytes of one lane's digest.
pub(crate) fn bytes<const L: usize>(digest: &Digest<L>, lane: usize) -> [u8; HASH_BYTES] {
    let mut out = [0; HASH_BYTES];
    for (bytes, word) in out.chunks_exact_mut(4).zip(digest) {
        bytes.copy_from_slice(&word[lane].to_le_bytes());
    }
    out
}

fn header_hash<const L: usize>(headers: &[Header; L]) -> Digest<L> {
    hash_64(&array::from_fn(|word| {
        array::from_fn(|lane| {
            let bytes = headers[lane].as_bytes();
            u32::from_le_bytes(array::from_fn(|i| bytes[4 * word + i]))
        })
    }))
}

fn rows<const L: usize>(a: &Digest<L>) -> [[u32; L]; ROWS] {
    let mut chain = *a;
    array::from_fn(|_| {
        chain = hash_32(&chain);
        products(a, &chain)
    })
}

/// Sums of the products of equal bytes; at most 32 · 255², so they never wrap.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn products<const L: usize>(a: &Digest<L>, c: &Digest<L>) -> [u32; L] {
    let mut sums = [0; L];
    for (x, y) in a.iter().zip(c) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            let byte = |shift: u32| ((x >> shift) & 0xff) * ((y >> shift) & 0xff);
            *sum += byte(0) + byte(8) + byte(16) + byte(24);
        }
    }
    sums
}

fn work<const L: usize>(rows: &[[u32; L]; ROWS]) -> Digest<L> {
    // Big-endian in the input, little-endian words in BLAKE3.
    let block = |first: usize| array::from_fn(|i| rows[first + i].map(u32::swap_bytes));
    hash_128(&[block(0), block(16)])
}

fn finish<const L: usize>(work: &Digest<L>) -> Digest<L> {
    hash_32(&hash_32(work))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::reference;

    #[test]
    fn lanes_do_not_mix() {
        let headers: [Header; 8] =
            array::from_fn(|i| Header::new([u8::try_from(i * 31).unwrap_or(0); 64]));
        let digests = hash_lanes(&headers);
        for (lane, header) in headers.iter().enumerate() {
            assert_eq!(bytes(&digests, lane), reference::trace(header).hash);
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn definition_agrees_with_the_blake3_crate(bytes: [[u8; 32]; 2]) {
            let header = Header::parse(bytes.as_flattened()).unwrap_or(Header::new([0; 64]));
            proptest::prop_assert_eq!(trace(&header), reference::trace(&header));
            proptest::prop_assert_eq!(hash(&header), reference::trace(&header).hash);
        }
    }
}
