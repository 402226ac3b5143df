//! From a host name to the addresses that may be connected to.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

use async_trait::async_trait;
use proto::address::check_domain;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;

use super::global::is_global;

/// Addresses of one name that are tried at most.
const ADDRESSES_MAX: usize = 8;
/// Questions under way at once.
const QUESTIONS_MAX: usize = 64;

/// A name service.
#[async_trait]
pub trait Names: Send + Sync + 'static {
    /// The addresses of a host, IPv4 and IPv6.
    ///
    /// # Errors
    /// There is no such host, or it cannot be told.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

#[async_trait]
impl Names for SystemNames {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 443)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// A host that development puts somewhere, loopback too: `name=ip:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevPeer {
    /// The host.
    pub host: String,
    /// Where it is.
    pub at: SocketAddr,
}

impl FromStr for DevPeer {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rule = "expected HOST=IP:PORT, such as b.test=127.0.0.1:8443";
        let (host, at) = text.split_once('=').ok_or(rule)?;
        check_domain(host).map_err(|_| rule)?;
        Ok(Self {
            host: host.to_owned(),
            at: at.parse().map_err(|_| rule)?,
        })
    }
}

/// Why a name leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NameError {
    /// There is no such host, or it cannot be told.
    Unknown(String),
    /// All its addresses are of networks that are not public.
    NotGlobal,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(reason) => write!(f, "the name has no address: {reason}"),
            Self::NotGlobal => f.write_str("the name leads to no address of the public internet"),
        }
    }
}

impl std::error::Error for NameError {}

/// A name service that says nothing but what may be connected to. Each connection is made to what it
/// has said, without asking a second time.
pub(super) struct Guarded {
    names: Arc<dyn Names>,
    pub(super) dev: Arc<[DevPeer]>,
    /// Questions under way. The system's hold a thread each until they are answered, whoever has gone away.
    places: Arc<Semaphore>,
}

impl Guarded {
    pub(super) fn new(names: Arc<dyn Names>, dev: &[DevPeer]) -> Self {
        Self {
            names,
            dev: dev.into(),
            places: Arc::new(Semaphore::new(QUESTIONS_MAX)),
        }
    }

    /// All addresses of a host.
    pub(super) async fn all(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(io::Error::other)?;
        let (names, host) = (Arc::clone(&self.names), host.to_owned());
        let asked = tokio::spawn(async move {
            let _place = place;
            names.addresses(&host).await
        });
        asked.await.map_err(io::Error::other)?
    }

    pub(super) async fn addresses(&self, host: &str) -> Result<Vec<SocketAddr>, NameError> {
        if let Some(peer) = self.dev.iter().find(|peer| peer.host == host) {
            return Ok(vec![peer.at]);
        }
        let found = self.all(host).await;
        let found = found.map_err(|error| NameError::Unknown(error.to_string()))?;
        if found.is_empty() {
            return Err(NameError::Unknown("none is known".to_owned()));
        }
        let global: Vec<_> = found
            .into_iter()
            .filter(|address| is_global(*address))
            .take(ADDRESSES_MAX)
            // Of the scheme.
            .map(|address| SocketAddr::new(address, 0))
            .collect();
        if global.is_empty() {
            return Err(NameError::NotGlobal);
        }
        Ok(global)
    }
}

/// The same for the client, which asks with each connection that it makes.
pub(super) struct ForClient(pub(super) Arc<Guarded>);

impl Resolve for ForClient {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = Arc::clone(&self.0);
        Box::pin(async move {
            let found = guarded.addresses(name.as_str()).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(Vec<IpAddr>);

    #[async_trait]
    impl Names for Fixed {
        async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
            Ok(self.0.clone())
        }
    }

    async fn said(addresses: &[&str]) -> Result<Vec<SocketAddr>, NameError> {
        let parsed = addresses.iter().map(|text| text.parse().unwrap());
        let dev = ["dev.test=127.0.0.1:8443".parse().unwrap()];
        let guarded = Guarded::new(Arc::new(Fixed(parsed.collect())), &dev);
        assert_eq!(
            guarded.addresses("dev.test").await,
            Ok(vec!["127.0.0.1:8443".parse().unwrap()])
        );
        guarded.addresses("host.test").await
    }

    #[tokio::test]
    async fn nothing_is_said_but_global_addresses() {
        let mixed = said(&["127.0.0.1", "93.184.216.34", "::1", "fe80::1"]).await;
        assert_eq!(mixed, Ok(vec!["93.184.216.34:0".parse().unwrap()]));
        assert_eq!(said(&["10.0.0.1"]).await, Err(NameError::NotGlobal));
        assert!(matches!(said(&[]).await, Err(NameError::Unknown(_))));
    }

    #[test]
    fn places_of_development_are_whole() {
        for bad in [
            "",
            "b.test",
            "b.test=",
            "b.test=127.0.0.1",
            "=1.2.3.4:5",
            "b.test=x:1",
        ] {
            assert!(bad.parse::<DevPeer>().is_err(), "{bad}");
        }
    }
}
