//! The engine's way to nodes: HTTPS, direct or through the user's own SOCKS proxy.
//!
//! **Invariant:** with [`Route::Socks`] no connection and no question for a name goes past the proxy,
//! also where it is down. **Invariant:** no redirect is followed, no cookie and no answer is kept, no
//! proxy of the environment is used; plain HTTP goes to this computer alone, and so never by way of a
//! proxy. **Invariant:** once the route was changed nothing goes on by the one before, nor waits for an
//! answer there.
#![expect(
    clippy::disallowed_types,
    reason = "this is the transport that bounds time, size and addresses"
)]

mod tls;

use std::{
    fmt,
    net::Ipv4Addr,
    path::PathBuf,
    str::FromStr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use bytes::Bytes;
use engine::platform::{HttpRequest, HttpResponse, Transport, TransportError};
use reqwest::{
    Client, Method, Proxy, RequestBuilder, Response, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue},
    redirect::Policy,
};
use tokio::{select, sync::watch};
use zeroize::Zeroizing;

pub use self::tls::AuthoritiesError;

/// How long a request to a node may take. A login waits for the node's 600 000 rounds, behind those
/// of others.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_mins(1);
/// Room for every answer that has a secret in it, bytes, so that it never moves and leaves a copy.
const ROOM: usize = 64 * 1024;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream, application/json";

/// HTTP to nodes. Needs a tokio runtime around it. Clones are the same one.
#[derive(Clone)]
pub struct Http(Arc<Shared>);

struct Shared {
    leave: Leave,
    /// `None`: [`Route::Nowhere`].
    way: RwLock<Option<Way>>,
    /// Said to whoever is under way as the route changes.
    turned: watch::Sender<()>,
}

/// What nodes of one's own may need besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leave {
    /// A PEM file of further authorities.
    pub authorities: Option<PathBuf>,
    /// Whether plain HTTP goes to `localhost` by way of a proxy, too, which may be another computer's: for
    /// tests alone.
    pub plain_by_proxy: bool,
}

/// A client, and how far it may be used.
struct Way {
    client: Client,
    takes_plain: bool,
}

/// Which way requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Straight to the node.
    Direct,
    /// Through a SOCKS5 proxy, which also looks names up, such as Tor's.
    Socks(ProxyAddress),
    /// None: what was chosen cannot be read.
    Nowhere,
}

/// Where a proxy listens: `host:port`, the host a name, an IPv4 address or an IPv6 address in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyAddress(String);

/// A text is no [`ProxyAddress`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a proxy is named as host:port")]
pub struct ProxyAddressError;

/// The way to nodes cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The file with further authorities is of no use.
    #[error(transparent)]
    Authorities(#[from] AuthoritiesError),
    /// The client refuses its settings.
    #[error("no client for HTTPS can be made")]
    Client(#[source] reqwest::Error),
    /// TLS refuses its settings.
    #[error("no client for TLS can be made")]
    Tls(#[source] rustls::Error),
}

/// An answer that goes on; dropping it ends it.
pub struct Stream {
    /// HTTP status.
    pub status: u16,
    response: Response,
    turned: watch::Receiver<()>,
}

impl Http {
    /// A client that trusts the system's authorities, and those that it is given leave to.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn new(route: &Route, leave: Leave) -> Result<Self, HttpError> {
        Ok(Self(Arc::new(Shared {
            way: RwLock::new(way(route, &leave)?),
            leave,
            turned: watch::Sender::new(()),
        })))
    }

    /// Takes another route from now on. What is under way fails as if the node were not there.
    ///
    /// # Errors
    /// [`HttpError`]; then nothing goes anywhere.
    pub fn turn(&self, route: &Route) -> Result<(), HttpError> {
        let made = way(route, &self.0.leave);
        let (way, result) = match made {
            Ok(way) => (way, Ok(())),
            Err(error) => (None, Err(error)),
        };
        *self.0.way.write().unwrap_or_else(PoisonError::into_inner) = way;
        self.0.turned.send_replace(());
        result
    }

    /// Asks for an answer that comes late, or as events when they happen. Only its head is waited for,
    /// for `timeout` at most.
    ///
    /// # Errors
    /// [`TransportError::Unreachable`]: no connection, no head in time, or a redirect.
    pub async fn open_stream(
        &self,
        url: &str,
        bearer: Option<&str>,
        timeout: Duration,
    ) -> Result<Stream, TransportError> {
        // Before the client is looked up: a turn between the two is heard of.
        let mut turned = self.0.turned.subscribe();
        let request = self.request(Method::GET, url, EVENTS, bearer)?;
        let begun = until_turned(&mut turned, begin(request));
        let begun = tokio::time::timeout(timeout, begun).await;
        let response = begun.map_err(|_| TransportError::Unreachable)??;
        Ok(Stream {
            status: response.status().as_u16(),
            response,
            turned,
        })
    }

    fn request(
        &self,
        method: Method,
        url: &str,
        accept: &'static str,
        bearer: Option<&str>,
    ) -> Result<RequestBuilder, TransportError> {
        let url = Url::parse(url).map_err(|_| TransportError::Unreachable)?;
        let way = self.0.way.read().unwrap_or_else(PoisonError::into_inner);
        let way = way.as_ref().ok_or(TransportError::Unreachable)?;
        if !is_allowed(&url, way.takes_plain) {
            return Err(TransportError::Unreachable);
        }
        let mut request = way.client.request(method, url).header(ACCEPT, accept);
        if let Some(token) = bearer {
            let text = Zeroizing::new(format!("Bearer {token}"));
            let mut value =
                HeaderValue::from_str(&text).map_err(|_| TransportError::Unreachable)?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        Ok(request)
    }
}

impl Transport for Http {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let method = match request.method {
            engine::platform::Method::Get => Method::GET,
            engine::platform::Method::Post => Method::POST,
            engine::platform::Method::Put => Method::PUT,
            engine::platform::Method::Delete => Method::DELETE,
        };
        let mut turned = self.0.turned.subscribe();
        let bearer = request.bearer.as_deref().map(String::as_str);
        let mut sent = self
            .request(method, &request.url, JSON, bearer)?
            .timeout(TIMEOUT);
        if let Some(body) = request.body {
            let body = Bytes::from_owner(Text(body));
            sent = sent.header(CONTENT_TYPE, JSON).body(body);
        }
        until_turned(&mut turned, async {
            let mut response = begin(sent).await?;
            let status = response.status().as_u16();
            let body = read(&mut response, request.max_bytes).await?;
            Ok(HttpResponse { status, body })
        })
        .await
    }
}

impl Stream {
    /// The next part of the answer; `None` at its end. Waits for as long as the node is silent.
    ///
    /// # Errors
    /// [`TransportError::Unreachable`]: the connection broke.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let response = &mut self.response;
        until_turned(&mut self.turned, async {
            let part = response.chunk().await;
            let part = part.map_err(|_| TransportError::Unreachable)?;
            Ok(part.map(|part| part.to_vec()))
        })
        .await
    }

    /// All that is left of the answer.
    ///
    /// # Errors
    /// [`TransportError::TooLarge`]: that is more than `max_bytes`; [`TransportError::Unreachable`].
    pub async fn rest(&mut self, max_bytes: usize) -> Result<Zeroizing<Vec<u8>>, TransportError> {
        until_turned(&mut self.turned, read(&mut self.response, max_bytes)).await
    }
}

impl FromStr for ProxyAddress {
    type Err = ProxyAddressError;

    fn from_str(text: &str) -> Result<Self, ProxyAddressError> {
        let url = Url::parse(&format!("socks5h://{text}")).map_err(|_| ProxyAddressError)?;
        let (Some(host), Some(port)) = (url.host_str(), url.port()) else {
            return Err(ProxyAddressError);
        };
        // Neither a user, a path nor anything else is named.
        if format!("{host}:{port}") != text || port == 0 {
            return Err(ProxyAddressError);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A body; it is wiped when it was sent.
struct Text(Zeroizing<String>);

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn way(route: &Route, leave: &Leave) -> Result<Option<Way>, HttpError> {
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls::config(leave.authorities.as_deref())?)
        .redirect(Policy::none())
        .referer(false)
        // None of the environment; the one below comes after it.
        .no_proxy()
        .connect_timeout(TIMEOUT)
        .pool_idle_timeout(IDLE)
        .user_agent(concat!("pearvault-host/", env!("CARGO_PKG_VERSION")));
    match route {
        Route::Nowhere => return Ok(None),
        Route::Direct => {}
        Route::Socks(ProxyAddress(address)) => {
            // The `h`: the proxy looks names up.
            let proxy = Proxy::all(format!("socks5h://{address}"));
            builder = builder.proxy(proxy.map_err(HttpError::Client)?);
        }
    }
    let client = builder.build().map_err(HttpError::Client)?;
    Ok(Some(Way {
        client,
        takes_plain: *route == Route::Direct || leave.plain_by_proxy,
    }))
}

/// What comes of it, unless the route changes meanwhile.
async fn until_turned<T>(
    turned: &mut watch::Receiver<()>,
    work: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    select! {
        biased;
        _ = turned.changed() => Err(TransportError::Unreachable),
        done = work => done,
    }
}

/// HTTPS, or HTTP to this computer where the way takes it.
fn is_allowed(url: &Url, takes_plain: bool) -> bool {
    let is_here = |host: &str| {
        let address = host.parse::<Ipv4Addr>();
        host == "localhost" || host == "[::1]" || address.is_ok_and(|at| at.is_loopback())
    };
    match url.scheme() {
        "https" => true,
        "http" => takes_plain && url.host_str().is_some_and(is_here),
        _ => false,
    }
}

/// Sends a request and waits for the head of the answer.
async fn begin(request: RequestBuilder) -> Result<Response, TransportError> {
    let response = request.send().await;
    let response = response.map_err(|_| TransportError::Unreachable)?;
    if response.status().is_redirection() {
        return Err(TransportError::Unreachable);
    }
    Ok(response)
}

/// Reads a body to its end. What it says of its own length is not believed.
async fn read(response: &mut Response, max: usize) -> Result<Zeroizing<Vec<u8>>, TransportError> {
    let mut body = Zeroizing::new(Vec::with_capacity(max.min(ROOM)));
    loop {
        let part = response.chunk().await;
        let Some(part) = part.map_err(|_| TransportError::Unreachable)? else {
            return Ok(body);
        };
        if body.len() + part.len() > max {
            return Err(TransportError::TooLarge);
        }
        body.extend_from_slice(&part);
    }
}

#[cfg(test)]
mod tests;
