//! Byte strings inside JSON: hex where KeyPears writes hex, base64url for ciphertexts of ours.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// `N` bytes, in JSON `2 × N` lowercase hex digits without prefix (the form of KeyPears v1).
///
/// Not for secrets: it is `Copy` and prints itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hex<const N: usize>(pub [u8; N]);

/// Bytes of any length, in JSON lowercase hex digits without prefix (the form of KeyPears v1).
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct HexBytes(pub Vec<u8>);

/// Bytes of any length, in JSON base64url without padding (RFC 4648 § 5).
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Base64(pub Vec<u8>);

/// A text is no hex string of the expected length, or no base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BytesError {
    /// Not lowercase hex.
    #[error("expected lowercase hex digits")]
    Digits,
    /// Another length.
    #[error("expected {expected} bytes, not {actual}")]
    Length {
        /// Bytes wanted.
        expected: usize,
        /// Bytes that came.
        actual: usize,
    },
}

impl<const N: usize> Hex<N> {
    /// Reads `2 × N` lowercase hex digits.
    ///
    /// # Errors
    /// [`BytesError::Length`] or [`BytesError::Digits`]; upper case is refused, so that every
    /// value has one spelling.
    pub fn parse(text: &str) -> Result<Self, BytesError> {
        if text.len() != 2 * N {
            return Err(BytesError::Length {
                expected: N,
                actual: text.len() / 2,
            });
        }
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(BytesError::Digits);
        }
        let mut out = [0; N];
        hex::decode_to_slice(text, &mut out).map_err(|_| BytesError::Digits)?;
        Ok(Self(out))
    }
}

impl<const N: usize> fmt::Display for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl<const N: usize> fmt::Debug for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl HexBytes {
    /// Reads an even number of lowercase hex digits.
    ///
    /// # Errors
    /// [`BytesError::Digits`].
    pub fn parse(text: &str) -> Result<Self, BytesError> {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(BytesError::Digits);
        }
        hex::decode(text).map(Self).map_err(|_| BytesError::Digits)
    }
}

impl fmt::Debug for HexBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HexBytes({} bytes)", self.0.len())
    }
}

impl Serialize for HexBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl fmt::Debug for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64({} bytes)", self.0.len())
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        URL_SAFE_NO_PAD
            .decode(text.as_bytes())
            .map(Self)
            .map_err(de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use utoipa::{
        PartialSchema, ToSchema,
        openapi::{
            RefOr,
            schema::{ObjectBuilder, Schema, Type},
        },
    };

    impl<const N: usize> PartialSchema for super::Hex<N> {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(2 * N))
                .max_length(Some(2 * N))
                .pattern(Some("^[0-9a-f]*$"))
                .into()
        }
    }
    impl<const N: usize> ToSchema for super::Hex<N> {
        fn name() -> std::borrow::Cow<'static, str> {
            format!("Hex{N}").into()
        }
    }

    impl PartialSchema for super::HexBytes {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some("^([0-9a-f]{2})*$"))
                .into()
        }
    }
    impl ToSchema for super::HexBytes {}

    impl PartialSchema for super::Base64 {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some("^[A-Za-z0-9_-]*$"))
                .into()
        }
    }
    impl ToSchema for super::Base64 {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_has_one_spelling() {
        assert_eq!(Hex::<2>::parse("0aff"), Ok(Hex([0x0a, 0xff])));
        for bad in ["0AFF", "0af", "0aff0", "0x0a", "0agg", ""] {
            assert!(Hex::<2>::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hex_of_any_length_has_one_spelling() {
        assert_eq!(HexBytes::parse("0aff"), Ok(HexBytes(vec![0x0a, 0xff])));
        assert_eq!(HexBytes::parse(""), Ok(HexBytes(vec![])));
        for bad in ["0AFF", "0af", "0x0a", "0agg"] {
            assert!(HexBytes::parse(bad).is_err(), "{bad}");
        }
        let json = serde_json::to_string(&HexBytes(vec![0x0a, 0xff])).unwrap_or_default();
        assert_eq!(json, "\"0aff\"");
    }

    #[test]
    fn base64_round_trips_and_refuses_padding() {
        let json = serde_json::to_string(&Base64(vec![0xfb, 0xff])).unwrap_or_default();
        assert_eq!(json, "\"-_8\"");
        assert_eq!(
            serde_json::from_str::<Base64>(&json).ok(),
            Some(Base64(vec![0xfb, 0xff]))
        );
        assert!(serde_json::from_str::<Base64>("\"-_8=\"").is_err());
        assert!(serde_json::from_str::<Base64>("\"+/8\"").is_err());
    }
}
