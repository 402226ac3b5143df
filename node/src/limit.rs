//! Bounds of what one network address and one request may take.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, header::HOST, uri::Authority},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use governor::{clock::QuantaInstant, middleware::NoOpMiddleware};
use proto::{error::ErrorCode, limits::API_HEADERS_MAX_BYTES};
use tower_governor::{
    GovernorError, GovernorLayer,
    governor::{GovernorConfig, GovernorConfigBuilder},
    key_extractor::KeyExtractor,
};

use crate::{
    app::App,
    config::{IpRange, Rate},
    error::ApiError,
};

type Middleware = NoOpMiddleware<QuantaInstant>;

/// Requests of each network address.
pub(crate) struct Limits(Arc<GovernorConfig<NetworkAddress, Middleware>>);

impl Limits {
    pub(crate) fn new(rate: Rate, trusted_proxies: &[IpRange]) -> Self {
        let period = Duration::from_secs(1) / rate.per_second.get();
        let config = GovernorConfigBuilder::default()
            .period(period.max(Duration::from_nanos(1)))
            .burst_size(rate.burst.get())
            .key_extractor(NetworkAddress {
                trusted_proxies: trusted_proxies.into(),
            })
            .finish();
        #[expect(clippy::expect_used)]
        // Cannot fail: neither period nor burst is zero.
        Self(Arc::new(config.expect("no zero")))
    }

    pub(crate) fn layer(&self) -> GovernorLayer<NetworkAddress, Middleware, Body> {
        GovernorLayer::new(Arc::clone(&self.0)).error_handler(refuse)
    }

    /// Forgets those who have not come for long.
    pub(crate) fn forget_idle(&self) {
        self.0.limiter().retain_recent();
        self.0.limiter().shrink_to_fit();
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn refuse(error: GovernorError) -> Response {
    match error {
        GovernorError::TooManyRequests { wait_time, .. } => {
            ApiError::new(ErrorCode::RateLimited).with("retryAfter", wait_time.max(1))
        }
        GovernorError::UnableToExtractKey | GovernorError::Other { .. } => {
            ApiError::internal(&error)
        }
    }
    .into_response()
}

/// Finds the network address that a request counts for: an IPv4 address, or the first 64 bits of
/// an IPv6 address, which is what one customer of a provider has at least.
#[derive(Clone)]
pub(crate) struct NetworkAddress {
    trusted_proxies: Arc<[IpRange]>,
}

impl KeyExtractor for NetworkAddress {
    type Key = IpAddr;

    fn extract<T>(&self, request: &axum::http::Request<T>) -> Result<IpAddr, GovernorError> {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.ok_or(GovernorError::UnableToExtractKey)?.0.ip();
        Ok(prefix(client(
            peer,
            request.headers(),
            &self.trusted_proxies,
        )))
    }
}

/// Who asks: the peer; behind trusted proxies the last address that they did not add themselves.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpRange]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
    let peer = peer.to_canonical();
    if !is_trusted(peer) {
        return peer;
    }
    let mut asking = peer;
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let hops = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.rsplit(','));
    for hop in hops {
        // What is no address, nobody we trust has written.
        let Ok(address) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        asking = address.to_canonical();
        if !is_trusted(asking) {
            break;
        }
    }
    asking
}

fn prefix(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Whether a request comes from this machine itself and through no proxy.
pub(crate) fn is_local(peer: SocketAddr, headers: &HeaderMap) -> bool {
    let proxied = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];
    peer.ip().to_canonical().is_loopback()
        && proxied.iter().all(|name| !headers.contains_key(*name))
}

/// Whether a request of this very machine names this node. A web page whose name was made to point
/// here (DNS rebinding) names another host, and must not speak as this machine's user does.
fn is_meant(app: &App, request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if !peer.is_some_and(|ConnectInfo(peer)| is_local(*peer, request.headers())) {
        return true;
    }
    let named = request.headers().get(HOST);
    let named = named.and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    // HTTP/1.0 names none; no browser speaks it.
    let Some(named) = named else { return true };
    let host = named.host().trim_start_matches('[').trim_end_matches(']');
    let here = host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let ours = app.config.domains.iter().map(String::as_str);
    let reached_at = app.api_domain.parse::<Authority>().ok();
    here || host.eq_ignore_ascii_case("localhost")
        || ours
            .chain(reached_at.as_ref().map(Authority::host))
            .any(|ours| host.eq_ignore_ascii_case(ours))
}

/// Bounds the headers, and the time until the answer.
pub(crate) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let headers = request.headers().iter();
    let bytes: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    let path = request
        .uri()
        .path_and_query()
        .map_or(0, |path| path.as_str().len());
    if bytes + path > API_HEADERS_MAX_BYTES {
        return ApiError::new(ErrorCode::TooLarge)
            .with("max", API_HEADERS_MAX_BYTES)
            .with_status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
            .into_response();
    }
    if !is_meant(&app, &request) {
        return ApiError::new(ErrorCode::DomainNotServed)
            .with_status(StatusCode::MISDIRECTED_REQUEST)
            .into_response();
    }
    match tokio::time::timeout(app.config.request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::new(ErrorCode::TimedOut)
            .with("retryAfter", 1)
            .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() -> Result<(), Box<dyn std::error::Error>> {
        let trusted: Vec<IpRange> = vec!["10.0.0.0/8".parse()?, "::1".parse()?];
        for (peer, forwarded, expected) in [
            ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
            ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
            ("::1", "2001:db8::7", "2001:db8::7"),
            ("10.0.0.1", "unknown", "10.0.0.1"),
            ("10.0.0.1", "203.0.113.9, x", "10.0.0.1"),
            ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
            let found = client(peer.parse()?, &headers, &trusted);
            assert_eq!(found, expected.parse::<IpAddr>()?, "{peer} {forwarded}");
        }
        Ok(())
    }

    #[test]
    fn one_ipv6_network_counts_as_one() -> Result<(), std::net::AddrParseError> {
        assert_eq!(
            prefix("2001:db8:1:2:3:4:5:6".parse()?),
            prefix("2001:db8:1:2::1".parse()?)
        );
        assert_ne!(
            prefix("2001:db8:1:2::1".parse()?),
            prefix("2001:db8:1:3::1".parse()?)
        );
        assert_ne!(prefix("192.0.2.1".parse()?), prefix("192.0.2.2".parse()?));
        Ok(())
    }
}
