//! One request to another server, and its whole answer.
#![expect(
    clippy::disallowed_types,
    reason = "this is the transport that bounds time, size and addresses"
)]

use std::{
    error::Error,
    io,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use proto::ids::UnixMillis;
use reqwest::{Client, RequestBuilder, Url, header::DATE, redirect::Policy};
use rustls::{
    ClientConfig, InvalidMessage, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio::sync::Semaphore;

use super::names::{DevPeer, ForClient, Guarded, NameError, Names};

/// Time for a request.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);
/// Requests under way at once.
const REQUESTS_MAX: usize = 256;
/// Bytes of an answer.
const ANSWER_MAX_BYTES: usize = 1 << 20;
/// How long an unused connection is kept: as long as what discovery says is believed.
const IDLE: Duration = Duration::from_mins(1);
/// Unused connections to one host that are kept.
const IDLE_MAX: usize = 8;

/// The way out: HTTPS to port 443 of public addresses, and no further.
pub(crate) struct Https {
    client: Client,
    guarded: Arc<Guarded>,
    timeout: Duration,
    /// Requests under way.
    places: Semaphore,
}

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// When the server sent it, by its clock.
    pub(crate) date: Option<UnixMillis>,
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum OutError {
    /// The name leads nowhere.
    #[error("{0}")]
    Name(NameError),
    /// Nothing listens there, or the connection broke.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// The certificate is not of that host, or of nobody that is trusted.
    #[error("no trusted certificate: {0}")]
    Certificate(String),
    /// It answers without TLS.
    #[error("what answers there speaks no TLS")]
    NoTls,
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// More than a mebibyte.
    #[error("an answer of more than 1 MiB")]
    TooLarge,
    /// Another place is named, which is not followed.
    #[error("a redirect, which is not followed")]
    Redirect,
}

/// The way out cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpsError {
    /// The file with further authorities cannot be read.
    #[error("cannot read the certificates in {path}")]
    Authorities {
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The client refuses its settings.
    #[error("cannot make HTTPS connections")]
    Client(#[source] Box<dyn Error + Send + Sync>),
}

impl Https {
    /// A client that trusts the system's authorities, and those of a PEM file. `timeout` is for a whole
    /// request, from the name to the last byte of the answer.
    ///
    /// # Errors
    /// [`HttpsError`].
    pub(crate) fn new(
        names: Arc<dyn Names>,
        dev: &[DevPeer],
        authorities: Option<&Path>,
        timeout: Duration,
    ) -> Result<Self, HttpsError> {
        let guarded = Arc::new(Guarded::new(names, dev));
        let client = Client::builder()
            .tls_backend_preconfigured(tls(authorities)?)
            .dns_resolver(ForClient(Arc::clone(&guarded)))
            .redirect(Policy::none())
            .https_only(true)
            .no_proxy()
            .referer(false)
            .timeout(timeout)
            // Also for a connection that another one has overtaken.
            .connect_timeout(timeout)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_MAX)
            .user_agent(concat!("pearvault/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| HttpsError::Client(Box::new(error)))?;
        Ok(Self {
            client,
            guarded,
            timeout,
            places: Semaphore::new(REQUESTS_MAX),
        })
    }

    /// Where development puts a host.
    pub(crate) fn dev_peer(&self, host: &str) -> Option<SocketAddr> {
        let mut all = self.guarded.dev.iter();
        all.find(|peer| peer.host == host).map(|peer| peer.at)
    }

    /// All addresses of a host, those with them that are never connected to.
    ///
    /// # Errors
    /// As [`Names::addresses`].
    pub(crate) async fn all_addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::time::timeout(self.timeout, self.guarded.all(host)).await;
        found.map_err(io::Error::other)?
    }

    /// `GET`.
    ///
    /// # Errors
    /// [`OutError`].
    pub(crate) async fn get(&self, url: &str) -> Result<Answer, OutError> {
        self.answer(self.client.get(named(url)?)).await
    }

    /// `POST` of JSON.
    ///
    /// # Errors
    /// [`OutError`].
    pub(crate) async fn post(&self, url: &str, json: Vec<u8>) -> Result<Answer, OutError> {
        let request = self.client.post(named(url)?).body(json);
        let request = request.header("content-type", "application/json");
        self.answer(request).await
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Answer, OutError> {
        // Who waits longer for a place than an answer may take goes away with the request.
        let place = tokio::time::timeout(self.timeout, self.places.acquire()).await;
        let _place = place.map_err(|_| OutError::TimedOut)?;
        let mut response = request.send().await.map_err(OutError::from)?;
        if response.status().is_redirection() {
            return Err(OutError::Redirect);
        }
        let status = response.status().as_u16();
        let date = response
            .headers()
            .get(DATE)
            .and_then(|value| date(value.to_str().ok()?));
        if response.content_length() > Some(ANSWER_MAX_BYTES as u64) {
            return Err(OutError::TooLarge);
        }
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(OutError::from)? {
            if body.len() + part.len() > ANSWER_MAX_BYTES {
                return Err(OutError::TooLarge);
            }
            body.extend_from_slice(&part);
        }
        Ok(Answer { status, date, body })
    }
}

/// A URL whose host is a name. One that is an address, in whatever spelling, would be connected to without asking
/// [`Guarded`].
fn named(url: &str) -> Result<Url, OutError> {
    let url = Url::parse(url).map_err(|error| OutError::Unreachable(error.to_string()))?;
    match url.domain() {
        Some(_) => Ok(url),
        None => Err(OutError::Name(NameError::NotGlobal)),
    }
}

/// Reads an HTTP date (RFC 9110 § 5.6.7).
fn date(text: &str) -> Option<UnixMillis> {
    let time = httpdate::parse_http_date(text).ok()?;
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok().map(UnixMillis)
}

fn tls(authorities: Option<&Path>) -> Result<ClientConfig, HttpsError> {
    let mut roots = RootCertStore::empty();
    // A certificate of the system's that cannot be read is one fewer to trust.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = authorities {
        let unreadable = |source| HttpsError::Authorities {
            path: path.display().to_string(),
            source,
        };
        let pem = std::fs::read(path).map_err(unreadable)?;
        let known = roots.len();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let added = certificate
                .map_err(io::Error::other)
                .and_then(|certificate| roots.add(certificate).map_err(io::Error::other));
            added.map_err(unreadable)?;
        }
        if roots.len() == known {
            return Err(unreadable(io::Error::other("it has none in PEM form")));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpsError::Client(Box::new(error)))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

impl From<reqwest::Error> for OutError {
    fn from(error: reqwest::Error) -> Self {
        // An answer of another host's name stays out of logs and of what users are shown.
        let error = error.without_url();
        if error.is_timeout() {
            return Self::TimedOut;
        }
        let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
        let mut last = String::new();
        while let Some(found) = cause {
            if let Some(name) = found.downcast_ref::<NameError>() {
                return Self::Name(name.clone());
            }
            match tls_error(found) {
                // The first bytes are of no message of TLS: mostly those of plain HTTP.
                Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) => {
                    return Self::NoTls;
                }
                Some(tls) => return Self::Certificate(tls.to_string()),
                None => {}
            }
            last = found.to_string();
            cause = found.source();
        }
        Self::Unreachable(last)
    }
}

/// A fault of TLS, which hides in an I/O error, or in one inside that.
fn tls_error<'a>(found: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let inner = || found.downcast_ref::<io::Error>()?.get_ref();
    found
        .downcast_ref::<rustls::Error>()
        .or_else(|| tls_error(inner()?))
}
