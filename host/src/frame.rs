//! Native messaging's frames: a length in four bytes of the machine's order, then that much JSON. The
//! local socket between relay and agent carries the same.

use std::io::{self, Read, Write};

use native_messaging::host::{NmError, decode_message_opt, send_frame};
use proto::limits::HOST_FRAME_MAX_BYTES;
use serde::{Serialize, de::DeserializeOwned};

/// The next text; `None` where the other side has ended.
///
/// # Errors
/// A frame over [`HOST_FRAME_MAX_BYTES`], one that was cut off, or no UTF-8.
pub fn read(from: &mut impl Read) -> io::Result<Option<String>> {
    decode_message_opt(from, HOST_FRAME_MAX_BYTES).map_err(told)
}

/// The next message, of a type of ours; `None` where the other side has ended.
///
/// # Errors
/// As [`read()`], and anything that is no such message.
pub fn read_json<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    let Some(text) = read(from)? else {
        return Ok(None);
    };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "no message of this protocol"))
}

/// Writes one text.
///
/// # Errors
/// One over [`HOST_FRAME_MAX_BYTES`], or the other side is gone.
pub fn write(to: &mut impl Write, text: &str) -> io::Result<()> {
    let length = u32::try_from(text.len()).ok();
    let length = length.filter(|_| text.len() <= HOST_FRAME_MAX_BYTES);
    let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "too large"))?;
    let mut frame = Vec::with_capacity(4 + text.len());
    frame.extend_from_slice(&length.to_ne_bytes());
    frame.extend_from_slice(text.as_bytes());
    send_frame(to, &frame).map_err(told)
}

/// Writes one message.
///
/// # Errors
/// As [`write()`].
pub fn write_json<T: Serialize>(to: &mut impl Write, message: &T) -> io::Result<()> {
    write(to, &serde_json::to_string(message)?)
}

/// What went wrong, without a word of what was in the frame.
fn told(error: NmError) -> io::Error {
    match error {
        NmError::Io(error) => error,
        NmError::IncomingTooLarge { .. } => {
            io::Error::new(io::ErrorKind::InvalidData, "a frame is larger than 1 MiB")
        }
        _ => io::Error::new(io::ErrorKind::InvalidData, "a frame is no UTF-8"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(length: u32, body: &[u8]) -> Vec<u8> {
        [&length.to_ne_bytes(), body].concat()
    }

    #[test]
    fn what_is_written_is_read_and_the_end_is_no_error() -> io::Result<()> {
        let mut bytes = Vec::new();
        write(&mut bytes, "\"pear\"")?;
        write_json(&mut bytes, &7)?;
        let mut from = bytes.as_slice();
        assert_eq!(read_json::<String>(&mut from)?, Some("pear".to_owned()));
        assert_eq!(read_json::<u8>(&mut from)?, Some(7));
        assert_eq!(read(&mut from)?, None);
        Ok(())
    }

    #[test]
    fn frames_that_are_torn_too_large_or_no_text_are_refused() {
        let too_large = u32::try_from(HOST_FRAME_MAX_BYTES + 1).unwrap_or(u32::MAX);
        for frame in [
            vec![1, 0],
            framed(5, b"pear"),
            framed(too_large, b"pear"),
            framed(u32::MAX, b""),
            framed(2, &[0xff, 0xfe]),
        ] {
            assert!(read(&mut frame.as_slice()).is_err(), "{frame:?}");
        }
        let text = "p".repeat(HOST_FRAME_MAX_BYTES + 1);
        assert!(write(&mut Vec::new(), &text).is_err());
        assert!(read_json::<u8>(&mut framed(3, b"300").as_slice()).is_err());
    }
}
