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
    compress::{hash_32, hash_64, hash_128},
    header::Header,
    lanes::{Lanes as _, scalar::Scalar},
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
    bytes(&finish(&work(&rows(&header_hash(header)))))
}

/// The same with everything between header and hash.
pub fn trace(header: &Header) -> Trace {
    let header_hash = header_hash(header);
    let rows = rows(&header_hash);
    let work = work(&rows);
    Trace {
        header_hash: bytes(&header_hash),
        rows,
        work: bytes(&work),
        hash: bytes(&finish(&work)),
    }
}

/// A hash as the eight little-endian words of BLAKE3.
type Digest = [u32; 8];

fn header_hash(header: &Header) -> Digest {
    hash_64(Scalar, &header.words())
}

fn rows(a: &Digest) -> [u32; ROWS] {
    #[cfg(target_arch = "x86_64")]
    if let Some(row) = crate::row::Row::detect() {
        return row.products(a);
    }
    rows_in_integers(a)
}

fn rows_in_integers(a: &Digest) -> [u32; ROWS] {
    let mut chain = *a;
    array::from_fn(|_| {
        chain = hash_32(Scalar, &chain);
        Scalar.dot(a, &chain)
    })
}

fn work(rows: &[u32; ROWS]) -> Digest {
    // Big-endian in the input, little-endian words in BLAKE3.
    let block = |first: usize| array::from_fn(|i| rows[first + i].swap_bytes());
    hash_128(Scalar, [&block(0), &block(16)])
}

fn finish(work: &Digest) -> Digest {
    #[cfg(target_arch = "x86_64")]
    if let Some(row) = crate::row::Row::detect() {
        return row.hash_twice(work);
    }
    hash_32(Scalar, &hash_32(Scalar, work))
}

fn bytes(digest: &Digest) -> [u8; HASH_BYTES] {
    let mut bytes = [0; HASH_BYTES];
    for (bytes, word) in bytes.chunks_exact_mut(4).zip(digest) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{header::HEADER_BYTES, reference};

    #[test]
    fn plain_integers_agree_with_the_blake3_crate() {
        for seed in 0..8 {
            let traced = reference::trace(&Header::new([31 * seed; HEADER_BYTES]));
            let a = words(&traced.header_hash);
            assert_eq!(rows_in_integers(&a), traced.rows);
            let twice = hash_32(Scalar, &hash_32(Scalar, &words(&traced.work)));
            assert_eq!(bytes(&twice), traced.hash);
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

    fn words(hash: &[u8; HASH_BYTES]) -> Digest {
        array::from_fn(|i| u32::from_le_bytes(array::from_fn(|byte| hash[4 * i + byte])))
    }
}
