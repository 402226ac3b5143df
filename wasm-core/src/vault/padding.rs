//! Size classes: `u32be(length) ‖ JSON ‖ zeros`, such that the sealed length is a power of two.

use std::io::{self, Write};

use serde::Serialize;

use crate::seal::OVERHEAD_BYTES;

/// Bytes of the length in front.
const LENGTH_BYTES: usize = 4;
/// The smallest sealed length.
const MIN_SEALED_BYTES: usize = 256;

/// How long a value is as JSON, and how long padded.
pub(super) struct Padded {
    json: u32,
    padded: usize,
}

impl Padded {
    /// Measures a value; `None` where it would be over `max_sealed` bytes when sealed.
    pub(super) fn measure(value: &impl Serialize, max_sealed: usize) -> Option<Self> {
        let mut count = Count(0);
        serde_json::to_writer(&mut count, value).ok()?;
        let sealed = (count.0 + LENGTH_BYTES + OVERHEAD_BYTES)
            .next_power_of_two()
            .max(MIN_SEALED_BYTES);
        (sealed <= max_sealed).then_some(())?;
        Some(Self {
            json: u32::try_from(count.0).ok()?,
            padded: sealed - OVERHEAD_BYTES,
        })
    }

    /// Length, JSON and padding together.
    pub(super) fn bytes(&self) -> usize {
        self.padded
    }

    /// Writes the value into exactly [`Self::bytes`] zeros, in place so that no copy of it
    /// remains anywhere; `None` where it is not the value that was measured.
    pub(super) fn write(&self, value: &impl Serialize, out: &mut [u8]) -> Option<()> {
        let (length, json) = out.split_first_chunk_mut::<LENGTH_BYTES>()?;
        *length = self.json.to_be_bytes();
        serde_json::to_writer(json, value).ok()
    }
}

/// The JSON of a padded plaintext; `None` where it is none.
pub(super) fn strip(padded: &[u8]) -> Option<&[u8]> {
    let (length, rest) = padded.split_first_chunk::<LENGTH_BYTES>()?;
    let (json, zeros) =
        rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    zeros.iter().all(|byte| *byte == 0).then_some(json)
}

/// Counts what is written.
struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn sealed_bytes(json_bytes: usize, max: usize) -> Option<usize> {
        // The quotes are two of them.
        Padded::measure(&"x".repeat(json_bytes - 2), max)
            .map(|padded| padded.bytes() + OVERHEAD_BYTES)
    }

    #[test]
    fn sealed_lengths_are_powers_of_two() {
        for (json, sealed) in [
            (2, 256),
            (223, 256),
            (224, 512),
            (479, 512),
            (480, 1024),
            (16_351, 16_384),
        ] {
            assert_eq!(sealed_bytes(json, 16_384), Some(sealed), "{json}");
        }
        assert_eq!(sealed_bytes(16_352, 16_384), None);
    }

    #[test]
    fn padding_that_is_no_padding_is_refused() {
        assert_eq!(
            strip(&[0, 0, 0, 2, b'{', b'}', 0, 0]),
            Some(b"{}".as_slice())
        );
        for bad in [
            [0, 0, 0, 5, b'{', b'}', 0, 0].as_slice(),
            &[255, 255, 255, 255, b'{', b'}', 0, 0],
            &[0, 0, 0, 2, b'{', b'}', 0, 1],
            &[0, 0, 0],
            &[],
        ] {
            assert_eq!(strip(bad), None, "{bad:?}");
        }
    }
}
