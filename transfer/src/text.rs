//! Bytes as text.

use std::{fmt, marker::PhantomData};

use proto::ids::UnixMillis;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use zeroize::Zeroizing;

use crate::{ITEMS_MAX, ImportError};

/// What a list says that is too long, and by which [`damage`] knows it.
const TOO_MANY: &str = "more items than a vault may hold";

/// A JSON text that cannot be read.
pub(crate) fn damage(error: &serde_json::Error) -> ImportError {
    if error.to_string().starts_with(TOO_MANY) {
        return ImportError::TooMany;
    }
    ImportError::Damaged { line: error.line() }
}

/// A list, read no further than a file may have items: what follows would only fill the memory.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct List<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(element) = seq.next_element()? {
                if list.len() >= ITEMS_MAX {
                    return Err(A::Error::custom(TOO_MANY));
                }
                list.push(element);
            }
            Ok(list)
        }
    }

    deserializer.deserialize_seq(List(PhantomData))
}

/// The same of a list that may be missing or null.
pub(crate) fn some_list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    #[derive(Deserialize)]
    #[serde(bound(deserialize = "T: Deserialize<'de>"))]
    struct List<T>(#[serde(deserialize_with = "list")] Vec<T>);

    let list = Option::<List<T>>::deserialize(deserializer)?;
    Ok(list.map(|List(list)| list))
}

/// A time as RFC 3339 writes it; none before 1970.
pub(crate) fn moment(text: &str) -> Option<UnixMillis> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    u64::try_from(at.unix_timestamp_nanos() / 1_000_000)
        .ok()
        .map(UnixMillis)
}

/// A time in seconds since 1970.
pub(crate) fn seconds(at: u64) -> Option<UnixMillis> {
    at.checked_mul(1000).map(UnixMillis)
}

/// UTF-8, or UTF-16 with its mark; the mark itself is taken off.
///
/// # Errors
/// [`ImportError::Encoding`], [`ImportError::Empty`].
pub(crate) fn decode(file: &[u8]) -> Result<Zeroizing<String>, ImportError> {
    let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
        if bytes.len() % 2 == 1 {
            return Err(ImportError::Encoding);
        }
        char::decode_utf16(units)
            .collect::<Result<String, _>>()
            .map_err(|_| ImportError::Encoding)
    };
    let text = match file {
        [] => return Err(ImportError::Empty),
        [0xef, 0xbb, 0xbf, rest @ ..] => narrow(rest)?,
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes)?,
        _ => narrow(file)?,
    };
    // No format here has it in its texts; where it is, the file is none.
    if text.contains('\0') {
        return Err(ImportError::Unknown);
    }
    Ok(Zeroizing::new(text))
}

fn narrow(bytes: &[u8]) -> Result<String, ImportError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ImportError::Encoding)?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let wide = |mark: &[u8], to: fn(u16) -> [u8; 2]| {
            let mut bytes = mark.to_vec();
            bytes.extend("Birne 🍐".encode_utf16().flat_map(to));
            bytes
        };
        let want = Ok(Zeroizing::new("Birne 🍐".to_owned()));
        assert_eq!(decode("Birne 🍐".as_bytes()), want);
        assert_eq!(decode("\u{feff}Birne 🍐".as_bytes()), want);
        assert_eq!(decode(&wide(&[0xff, 0xfe], u16::to_le_bytes)), want);
        assert_eq!(decode(&wide(&[0xfe, 0xff], u16::to_be_bytes)), want);
        assert_eq!(decode(b"M\xfcnchen"), Err(ImportError::Encoding));
        assert_eq!(decode(&[0xff, 0xfe, 0x41]), Err(ImportError::Encoding));
        assert_eq!(
            decode(&[0xff, 0xfe, 0x00, 0xd8]),
            Err(ImportError::Encoding)
        );
        assert_eq!(decode(b""), Err(ImportError::Empty));
        assert_eq!(decode(b"MZ\0\0"), Err(ImportError::Unknown));
    }
}
