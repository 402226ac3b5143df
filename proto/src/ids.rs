//! One newtype for every identifier and unit.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .format(Some(utoipa::openapi::schema::SchemaFormat::Custom("uuid".to_owned())))
                    .description(Some("UUID, lowercase and hyphenated."))
                    .into()
            }
        }
        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}

        impl $name {
            /// A version 7 UUID (RFC 9562 § 5.7) from a time and ten random bytes.
            pub fn make(now: UnixMillis, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(now.0, &random).into_uuid())
            }

            /// Takes the 16 bytes, big-endian, as they are.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes, big-endian.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            /// Reads the lowercase hyphenated form, and no other.
            fn from_str(text: &str) -> Result<Self, IdError> {
                let id = Uuid::try_parse(text).map_err(|_| IdError)?;
                if id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) != text {
                    return Err(IdError);
                }
                Ok(Self(id))
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.hyphenated(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )*};
}

uuid_id! {
    /// An account on a node; also the `user_id` of KeyPears' server salt.
    AccountId,
    /// A device of an account, made by the device itself: one for every account, so that no node
    /// can link two accounts by it.
    DeviceId,
    /// An export that is under way on one device.
    ExportId,
    /// A generated password that a device keeps for a while.
    GeneratedId,
    /// One import of a file, made by the page that reads it.
    ImportId,
    /// A vault item, made by the client.
    ItemId,
    /// A message of an account: made by the client that sends it, by the node that takes it in.
    MessageId,
    /// An offer to save or change a login, on one device.
    OfferId,
    /// A session on a node.
    SessionId,
    /// One write of a vault item, made by the client: the same id sent again is the same write.
    UpdateId,
}

/// A text is no lowercase hyphenated UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a lowercase hyphenated UUID")]
pub struct IdError;

macro_rules! number {
    ($($(#[$doc:meta])* $name:ident($inner:ty)),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )*};
}

number! {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    UnixMillis(u64),
    /// Average tries that a proof of work costs; at least 1.
    Difficulty(u64),
    /// Which address key, counted from 1 in the order of their making.
    KeyNumber(u32),
    /// Version of one vault item: 1 when made, one more at every write.
    ItemVersion(u64),
    /// Position in an account's log of vault writes, counted from 1 by the node without gaps.
    Revision(u64),
    /// Position in an account's log of changes of messages and correspondents, counted from 1 by the node.
    Position(u64),
}

impl UnixMillis {
    /// This time and `millis` more, at most the end of time.
    #[must_use]
    pub fn plus(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_reads_only_the_canonical_form() {
        let id = ItemId::make(UnixMillis(1_795_226_516_049), [7; 10]);
        let text = id.to_string();
        assert_eq!(text.parse(), Ok(id));
        for bad in [
            text.to_uppercase(),
            text.replace('-', ""),
            format!("{{{text}}}"),
            text[1..].to_owned(),
        ] {
            assert_eq!(bad.parse::<ItemId>(), Err(IdError), "{bad}");
        }
    }
}
