//! Where the API of an address domain lies.

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    address::{Address, check_domain},
    bytes::Hex,
};

/// `/.well-known/keypears.json` as we write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WellKnown {
    /// Host of the API, which lies at `https://<apiDomain>/api`.
    pub api_domain: String,
    /// Address of the domain's administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<String>,
    /// SHA-256 of the key that has to sign the domain's claim, where it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_pub_key_hash: Option<Hex<32>>,
}

/// Any generation of `/.well-known/keypears.json`, as a reader meets it: one file may have the fields
/// of several.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WellKnownAny {
    /// Now: the API's host.
    #[serde(default)]
    pub api_domain: Option<String>,
    /// Late 2025, and what was proposed after it: the API's URL.
    #[serde(default)]
    pub api_url: Option<String>,
    /// Address of the domain's administrator; none where it is no address.
    #[serde(default, deserialize_with = "or_none")]
    pub admin: Option<Address>,
    /// As proposed: SHA-256 of the domain's public key.
    #[serde(default)]
    pub domain_pub_key_hash: DomainKeyHash,
}

/// What a domain says of its key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Value")]
pub enum DomainKeyHash {
    /// Nothing, or `null`: it has none.
    #[default]
    Absent,
    /// SHA-256 of the key, compressed SEC1.
    Hash(Hex<32>),
    /// Something else: it wants a proof, and nothing is one.
    Unknown,
}

impl From<Value> for DomainKeyHash {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Absent,
            other => serde_json::from_value(other).map_or(Self::Unknown, Self::Hash),
        }
    }
}

/// What is of another form is as if it were not there: it must not hide the rest.
fn or_none<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(serde_json::from_value(value).ok())
}

/// Where an API lies: always `https`, always port 443.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ApiPlace {
    host: String,
    path: String,
}

/// Why a file says no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// Neither field is there.
    #[error("has neither `apiDomain` nor `apiUrl`")]
    Absent,
    /// `apiDomain` is no host name.
    #[error("`apiDomain` is \"{0}\", which is no host name")]
    Host(String),
    /// `apiUrl` is not of the form `https://host/path`.
    #[error("`apiUrl` is \"{0}\", which is not https://host/path")]
    Url(String),
}

impl WellKnownAny {
    /// Where the API lies: `apiDomain` where it is there, else `apiUrl`.
    ///
    /// # Errors
    /// [`PlaceError`].
    pub fn place(&self) -> Result<ApiPlace, PlaceError> {
        match (&self.api_domain, &self.api_url) {
            (Some(host), _) => ApiPlace::of_host(host),
            (None, Some(url)) => ApiPlace::of_url(url),
            (None, None) => Err(PlaceError::Absent),
        }
    }
}

impl ApiPlace {
    /// `https://<host>/api`.
    ///
    /// # Errors
    /// [`PlaceError::Host`], also for a host with a port.
    pub fn of_host(host: &str) -> Result<Self, PlaceError> {
        check_domain(host).map_err(|_| PlaceError::Host(shown(host)))?;
        Ok(Self {
            host: host.to_owned(),
            path: "/api".to_owned(),
        })
    }

    /// A URL without user, port, query and fragment.
    ///
    /// # Errors
    /// [`PlaceError::Url`].
    pub fn of_url(url: &str) -> Result<Self, PlaceError> {
        let refuse = || PlaceError::Url(shown(url));
        let rest = url.strip_prefix("https://").ok_or_else(refuse)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let path = path.trim_end_matches('/');
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/');
        let climbs = path.split('/').any(|part| matches!(part, "" | "." | ".."));
        if check_domain(host).is_err()
            || !path.bytes().all(plain)
            || (climbs && !path.is_empty())
            || path.len() > PATH_MAX_BYTES
        {
            return Err(refuse());
        }
        Ok(Self {
            host: host.to_owned(),
            path: if path.is_empty() {
                String::new()
            } else {
                format!("/{path}")
            },
        })
    }

    /// Host of the API.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The URL of a procedure.
    pub fn url(&self, procedure: &str) -> String {
        format!("https://{}{}/{procedure}", self.host, self.path)
    }
}

/// Bytes of a path.
const PATH_MAX_BYTES: usize = 200;

/// What somebody else wrote, as it may stand in an error.
fn shown(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() { c } else { '?' };
    text.chars().take(80).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(json: &str) -> Result<String, String> {
        let read: WellKnownAny = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let place = read.place().map_err(|error| error.to_string())?;
        Ok(place.url("serverInfo"))
    }

    #[test]
    fn every_generation_says_where_the_api_lies() {
        let at = |url: &str| Ok(url.to_owned());
        let cases = [
            (
                r#"{"apiDomain":"kp.acme.com","admin":"ryan@acme.com"}"#,
                at("https://kp.acme.com/api/serverInfo"),
            ),
            (
                r#"{"version":1,"apiUrl":"https://kp.acme.com/api"}"#,
                at("https://kp.acme.com/api/serverInfo"),
            ),
            (
                r#"{"version":2,"apiUrl":"https://acme.com/kp/v2/","domainPubKeyHash":null}"#,
                at("https://acme.com/kp/v2/serverInfo"),
            ),
            (
                r#"{"apiUrl":"https://acme.com"}"#,
                at("https://acme.com/serverInfo"),
            ),
            (
                r#"{"apiDomain":"new.acme.com","apiUrl":"https://old.acme.com/api","x":[1]}"#,
                at("https://new.acme.com/api/serverInfo"),
            ),
            (
                r#"{"apiDomain":"acme.com","admin":7,"domainPubKeyHash":"no hash"}"#,
                at("https://acme.com/api/serverInfo"),
            ),
        ];
        for (json, expected) in cases {
            assert_eq!(place(json), expected, "{json}");
        }
    }

    #[test]
    fn hash_of_another_form_is_not_taken_for_none() {
        let read = |json: &str| serde_json::from_str::<WellKnownAny>(json).unwrap_or_default();
        let hash = "ab".repeat(32);
        let cases = [
            ("{}".to_owned(), DomainKeyHash::Absent),
            (
                r#"{"domainPubKeyHash":null}"#.to_owned(),
                DomainKeyHash::Absent,
            ),
            (
                format!(r#"{{"domainPubKeyHash":"{hash}"}}"#),
                DomainKeyHash::Hash(Hex([0xab; 32])),
            ),
            (
                format!(r#"{{"domainPubKeyHash":"{}"}}"#, hash.to_uppercase()),
                DomainKeyHash::Unknown,
            ),
            (
                r#"{"domainPubKeyHash":7}"#.to_owned(),
                DomainKeyHash::Unknown,
            ),
        ];
        for (json, expected) in cases {
            assert_eq!(read(&json).domain_pub_key_hash, expected, "{json}");
        }
    }

    #[test]
    fn nothing_but_a_plain_place_is_taken() {
        let refused = [
            r"{}",
            r#"{"apiDomain":null}"#,
            r#"{"apiDomain":"kp.acme.com:8443"}"#,
            r#"{"apiDomain":"127.0.0.1"}"#,
            r#"{"apiDomain":"[::1]"}"#,
            r#"{"apiDomain":"2130706433"}"#,
            r#"{"apiDomain":"127.0.0.0x1"}"#,
            r#"{"apiDomain":"169.254.0xa9fe"}"#,
            r#"{"apiDomain":"a.0x"}"#,
            r#"{"apiDomain":"kp.acme.com."}"#,
            r#"{"apiUrl":"https://127.0.0.0x1/api"}"#,
            r#"{"apiDomain":"KP.acme.com"}"#,
            r#"{"apiDomain":"kp.acme.com/x"}"#,
            r#"{"apiDomain":"kp.acme.com@evil.test"}"#,
            r#"{"apiDomain":""}"#,
            r#"{"apiUrl":"http://kp.acme.com/api"}"#,
            r#"{"apiUrl":"https://user@kp.acme.com/api"}"#,
            r#"{"apiUrl":"https://kp.acme.com:444/api"}"#,
            r#"{"apiUrl":"https://kp.acme.com/api?x=1"}"#,
            r#"{"apiUrl":"https://kp.acme.com/api#x"}"#,
            r#"{"apiUrl":"https://kp.acme.com/../api"}"#,
            r#"{"apiUrl":"https://kp.acme.com//api"}"#,
            r#"{"apiUrl":"https://kp.acme.com/a%2fb"}"#,
            r#"{"apiUrl":"//kp.acme.com/api"}"#,
            r#"{"apiDomain":7}"#,
            r"[]",
        ];
        for json in refused {
            assert!(place(json).is_err(), "{json}");
        }
    }
}
