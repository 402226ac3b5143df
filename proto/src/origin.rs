//! Origins of pages and nodes, as the browser reports them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Scheme of an origin that a page can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// `http`
    Http,
    /// `https`
    Https,
}

/// A tuple origin of the web (HTML § 7.1.1): scheme, host in ASCII form, port.
///
/// The text form has no port where it is the scheme's own. Opaque origins (`null`) are no
/// `Origin`: hold an `Option<Origin>`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin {
    scheme: Scheme,
    host: String,
    port: u16,
}

/// A text is no http or https origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an origin such as https://example.com")]
pub struct OriginError;

impl Scheme {
    /// The port that needs no writing.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    /// `http` or `https`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl Origin {
    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host: lower case, punycode, IPv6 in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the host is this computer: `localhost`, `*.localhost`, 127.0.0.0/8 or `[::1]`.
    pub fn is_loopback(&self) -> bool {
        let host = self.host.as_str();
        host == "localhost"
            || host.ends_with(".localhost")
            || host == "[::1]"
            || host
                .parse::<std::net::Ipv4Addr>()
                .is_ok_and(|ip| ip.is_loopback())
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    /// Reads the serialisation that browsers give: `scheme://host[:port]`, nothing behind it.
    fn from_str(text: &str) -> Result<Self, OriginError> {
        let (scheme, rest) = if let Some(rest) = text.strip_prefix("https://") {
            (Scheme::Https, rest)
        } else if let Some(rest) = text.strip_prefix("http://") {
            (Scheme::Http, rest)
        } else {
            return Err(OriginError);
        };
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
                (
                    host,
                    digits
                        .then(|| port.parse().ok())
                        .flatten()
                        .ok_or(OriginError)?,
                )
            }
            _ => (rest, scheme.default_port()),
        };
        let name = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_');
        let valid = match host.strip_prefix('[').map(|h| h.strip_suffix(']')) {
            Some(Some(v6)) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
            Some(None) => false,
            None => !host.is_empty() && host.len() <= 253 && host.bytes().all(name),
        };
        if !valid || port == 0 {
            return Err(OriginError);
        }
        Ok(Self {
            scheme,
            host: host.to_owned(),
            port,
        })
    }
}

impl TryFrom<String> for Origin {
    type Error = OriginError;

    fn try_from(text: String) -> Result<Self, OriginError> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.to_string()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.host)?;
        if self.port == self.scheme.default_port() {
            Ok(())
        } else {
            write!(f, ":{}", self.port)
        }
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Origin")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_have_one_spelling() {
        let read = |text: &str| text.parse::<Origin>().map(|o| o.to_string());
        for (text, want) in [
            ("https://example.com", "https://example.com"),
            ("https://example.com:443", "https://example.com"),
            ("http://localhost:8787", "http://localhost:8787"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(want));
        }
        for bad in [
            "null",
            "file://",
            "https://",
            "https://a/",
            "https://A.b",
            "https://a b",
            "https://a:",
            "https://a:70000",
            "https://a:+1",
            "https://u@a",
            "ftp://a",
            "https://[::g]",
            "https://ä.de",
            "https://a:0",
            "chrome-extension://abc",
        ] {
            assert_eq!(read(bad), Err(OriginError), "{bad}");
        }
    }
}
