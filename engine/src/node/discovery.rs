//! Finding the node of an address.

use std::fmt;

use proto::{
    address::Address,
    api::{DEFAULT_PORT, PREFIX},
    federation::WellKnownAny,
    origin::{Origin, Scheme},
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::NodeError;
use crate::platform::{HttpRequest, Method, Transport};

/// `/.well-known/keypears.json`, bytes.
const WELL_KNOWN_MAX_BYTES: usize = 64 * 1024;

/// Where a node's API lies: an origin and a path without a slash at its end, such as
/// `https://kp.example.com/api/v1`. https, or http on this computer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApiUrl(String);

/// Where a node lies cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// http to another computer.
    #[error("A server on another computer needs https. Write its address as https://….")]
    Insecure,
    /// No URL of a server.
    #[error("That is no server's address. Write it as https://kp.example.com.")]
    Malformed,
    /// The domain names no server, or none that can be used.
    #[error(
        "The domain of this address names no Pearvault server. Enter the server's address by hand."
    )]
    NotAnnounced,
}

impl ApiUrl {
    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The API of the server at a URL that the user typed. A path other than that of the API is
    /// refused, as are user name, query and fragment.
    ///
    /// # Errors
    /// [`ServerError::Malformed`], [`ServerError::Insecure`].
    pub fn of_server(typed: &str) -> Result<Self, ServerError> {
        let typed = typed.trim();
        let whole = if typed.contains("://") {
            typed.to_owned()
        } else {
            format!("https://{typed}")
        };
        let url = Url::parse(&whole).map_err(|_| ServerError::Malformed)?;
        let path = url.path().trim_end_matches('/');
        if !(path.is_empty() || path == PREFIX) {
            return Err(ServerError::Malformed);
        }
        Self::from_parts(&url, PREFIX)
    }

    /// From one generation or another of what a domain announces.
    fn announced(well_known: &WellKnownAny) -> Result<Self, ServerError> {
        let url = match (&well_known.api_domain, &well_known.api_url) {
            // A host, with a port at most: not a path, not another URL.
            (Some(host), _) if is_host(host) => format!("https://{host}{PREFIX}"),
            (None, Some(url)) => format!("{}/v1", url.trim_end_matches('/')),
            _ => return Err(ServerError::NotAnnounced),
        };
        let url = Url::parse(&url).map_err(|_| ServerError::NotAnnounced)?;
        // The path of an API is an API's path: a domain may choose where, not what.
        if url.scheme() != "https" || !url.path().ends_with("/v1") {
            return Err(ServerError::NotAnnounced);
        }
        Self::from_parts(&url, url.path()).map_err(|_| ServerError::NotAnnounced)
    }

    fn from_parts(url: &Url, path: &str) -> Result<Self, ServerError> {
        let extra = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some();
        let origin: Origin = url
            .origin()
            .ascii_serialization()
            .parse()
            .map_err(|_| ServerError::Malformed)?;
        if extra {
            return Err(ServerError::Malformed);
        }
        if origin.scheme() == Scheme::Http && !origin.is_loopback() {
            return Err(ServerError::Insecure);
        }
        Ok(Self(format!("{origin}{path}")))
    }
}

impl TryFrom<String> for ApiUrl {
    type Error = ServerError;

    fn try_from(text: String) -> Result<Self, ServerError> {
        let url = Url::parse(&text).map_err(|_| ServerError::Malformed)?;
        Self::from_parts(&url, url.path().trim_end_matches('/'))
    }
}

impl From<ApiUrl> for String {
    fn from(url: ApiUrl) -> Self {
        url.0
    }
}

impl fmt::Debug for ApiUrl {
    /// Prints no host: logs hold none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiUrl")
    }
}

fn is_host(text: &str) -> bool {
    let host = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':');
    !text.is_empty() && text.bytes().all(host)
}

/// Finds the node of an address: the server that the user names; this computer for `localhost`;
/// else what the domain announces.
///
/// # Errors
/// `Ok(Err)`: there is none to be found; `Err`: the domain does not answer.
pub(crate) async fn find<T: Transport>(
    transport: &T,
    address: &Address,
    server: Option<&str>,
) -> Result<Result<ApiUrl, ServerError>, NodeError> {
    if let Some(typed) = server.filter(|typed| !typed.trim().is_empty()) {
        return Ok(ApiUrl::of_server(typed));
    }
    if address.domain() == "localhost" {
        return Ok(ApiUrl::of_server(&format!(
            "http://localhost:{DEFAULT_PORT}"
        )));
    }
    let request = HttpRequest {
        method: Method::Get,
        url: format!("https://{}/.well-known/keypears.json", address.domain()),
        bearer: None,
        body: None,
        max_bytes: WELL_KNOWN_MAX_BYTES,
    };
    let response = transport.send(request).await?;
    if response.status != 200 {
        return Ok(Err(ServerError::NotAnnounced));
    }
    let known = serde_json::from_slice(&response.body).map_err(|_| ServerError::NotAnnounced);
    Ok(known.and_then(|known| ApiUrl::announced(&known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read() {
        for (typed, want) in [
            (
                "https://kp.example.com",
                Ok("https://kp.example.com/api/v1"),
            ),
            (" kp.example.com/ ", Ok("https://kp.example.com/api/v1")),
            (
                "https://kp.example.com:8443/api/v1/",
                Ok("https://kp.example.com:8443/api/v1"),
            ),
            ("http://localhost:8787", Ok("http://localhost:8787/api/v1")),
            ("http://127.0.0.1:9000/", Ok("http://127.0.0.1:9000/api/v1")),
            ("http://[::1]:9000/", Ok("http://[::1]:9000/api/v1")),
            ("http://kp.example.com", Err(ServerError::Insecure)),
            ("http://localhost.example.com", Err(ServerError::Insecure)),
            (
                "https://kp.example.com/elsewhere",
                Err(ServerError::Malformed),
            ),
            ("https://u:p@kp.example.com", Err(ServerError::Malformed)),
            ("https://kp.example.com?x", Err(ServerError::Malformed)),
            ("https://kp.example.com#x", Err(ServerError::Malformed)),
            ("ftp://kp.example.com", Err(ServerError::Malformed)),
            ("file:///etc", Err(ServerError::Malformed)),
            ("", Err(ServerError::Malformed)),
        ] {
            let got = ApiUrl::of_server(typed);
            assert_eq!(
                got.as_ref().map(ApiUrl::as_str),
                want.as_ref().map(|text| *text),
                "{typed}"
            );
        }
    }

    #[test]
    fn every_generation_of_announcement_is_read() {
        for (json, want) in [
            (
                r#"{"apiDomain":"kp.acme.com","admin":"ryan@acme.com"}"#,
                Some("https://kp.acme.com/api/v1"),
            ),
            (
                r#"{"apiDomain":"kp.acme.com:8443","new":1}"#,
                Some("https://kp.acme.com:8443/api/v1"),
            ),
            (
                r#"{"version":1,"apiUrl":"https://kp.acme.com/api"}"#,
                Some("https://kp.acme.com/api/v1"),
            ),
            (
                r#"{"version":2,"apiUrl":"https://a.com/api/","domainPubKeyHash":"00"}"#,
                Some("https://a.com/api/v1"),
            ),
            (r#"{"version":1,"apiUrl":"http://kp.acme.com/api"}"#, None),
            (r#"{"apiDomain":"kp.acme.com/../x?"}"#, None),
            (r#"{"apiDomain":"u@kp.acme.com"}"#, None),
            (r#"{"apiDomain":""}"#, None),
        ] {
            let known = serde_json::from_str::<WellKnownAny>(json);
            let got = known.ok().and_then(|known| ApiUrl::announced(&known).ok());
            assert_eq!(got.as_ref().map(ApiUrl::as_str), want, "{json}");
        }
    }
}
