//! Types of single settings, each with one way to be written.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    str::FromStr,
};

use clap::ValueEnum;
use ipnet::IpNet;
use proto::address::{Address, AddressError};
use serde::{Deserialize, Deserializer, de};

/// Whether a node takes new accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// From everybody who did the work.
    Open,
    /// From those who have a code alone.
    Closed,
}

/// Who may read `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricsAccess {
    /// Nobody.
    Off,
    /// Programs of the same machine that come without a proxy.
    Loopback,
    /// Everybody who reaches the node.
    Public,
}

/// Reads an address; what is wrong with it is a sentence for whoever wrote the setting.
///
/// # Errors
/// The sentence.
pub(super) fn parse_address(text: &str) -> Result<Address, &'static str> {
    text.parse().map_err(|error| match error {
        AddressError::NameLength | AddressError::NameCharacters => {
            "the name before the @ is not one: lower-case letters, digits and inner dots, hyphens, `_` and `+`"
        }
        AddressError::DomainLength | AddressError::DomainCharacters => {
            "what follows the @ is no domain: a host name in lower case, such as example.com"
        }
        _ => "expected an address, such as ada@example.com",
    })
}

/// The same out of the file.
pub(super) fn read_address<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Address>, D::Error> {
    let text = String::deserialize(from)?;
    parse_address(&text).map(Some).map_err(de::Error::custom)
}

/// Reads where to listen.
///
/// # Errors
/// What is wanted.
pub(super) fn parse_listen(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "expected IP:PORT, such as 127.0.0.1:8787")
}

/// The same out of the file.
pub(super) fn read_listen<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(from)?;
    parse_listen(&text).map(Some).map_err(de::Error::custom)
}

/// Reads a number that is not 0.
///
/// # Errors
/// What is wanted.
pub(super) fn parse_count<N: FromStr>(text: &str) -> Result<N, &'static str> {
    text.parse().map_err(|_| "expected a whole number from 1")
}

/// Bound of requests of one network address (an IPv4 address, or 64 bits of an IPv6 one).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests that become free again, 1/s.
    pub per_second: NonZeroU32,
    /// Requests that may come at once.
    pub burst: NonZeroU32,
}

impl Rate {
    /// Enough for an import of thousands of items and for an office behind one address.
    pub const DEFAULT: Self = Self {
        per_second: nonzero(100),
        burst: nonzero(1000),
    };
}

const fn nonzero(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

/// `off`, or requests a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimit {
    /// No bound.
    Off,
    /// That many, 1/s.
    PerSecond(NonZeroU32),
}

/// A text is neither `off` nor a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `off` or a number of at least 1")]
pub struct RateLimitError;

impl FromStr for RateLimit {
    type Err = RateLimitError;

    fn from_str(text: &str) -> Result<Self, RateLimitError> {
        match text {
            "off" => Ok(Self::Off),
            number => number
                .parse()
                .map(Self::PerSecond)
                .map_err(|_| RateLimitError),
        }
    }
}

impl<'de> Deserialize<'de> for RateLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(NonZeroU32),
            Text(String),
        }
        match Form::deserialize(deserializer) {
            Ok(Form::Number(number)) => Ok(Self::PerSecond(number)),
            Ok(Form::Text(text)) => text.parse().map_err(de::Error::custom),
            Err(_) => Err(de::Error::custom(RateLimitError)),
        }
    }
}

/// An IP address, or a range of them such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IpRange(IpNet);

/// A text is no IP address and no range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an IP address, or a range such as 10.0.0.0/8")]
pub struct IpRangeError;

impl IpRange {
    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for IpRange {
    type Err = IpRangeError;

    fn from_str(text: &str) -> Result<Self, IpRangeError> {
        text.parse()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map(Self)
            .map_err(|_| IpRangeError)
    }
}

impl<'de> Deserialize<'de> for IpRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}
