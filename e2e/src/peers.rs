//! Two servers of two domains that reach one another as servers do: by names, over TLS, a proxy in front.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::{Mutex, watch},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    node::{Node, NodeSetup},
    site::tls::certified,
    stage::{ACCOUNT_DIFFICULTY, LOGIN_DIFFICULTY},
};

/// The domains.
pub const DOMAINS: [&str; 2] = ["pear.test", "plum.test"];
/// Work that a first message costs: a second or so.
pub const FIRST_DIFFICULTY: u64 = 40_000;
/// Work that a later one costs.
pub const LATER_DIFFICULTY: u64 = 10_000;

/// One server of the two.
#[derive(Debug)]
pub struct Peer {
    /// The server.
    pub node: Mutex<Node>,
    /// What users type as its address.
    pub url: String,
    to: watch::Sender<Option<SocketAddr>>,
    front: JoinHandle<()>,
}

/// Both.
#[derive(Debug)]
pub struct Peers {
    /// In the order of [`DOMAINS`].
    pub both: [Peer; 2],
    _data: TempDir,
}

impl Peers {
    /// Starts both; logs go to `logs`.
    ///
    /// # Errors
    /// One of them does not start.
    pub async fn start(logs: &Path) -> Result<Self> {
        let data = tempfile::Builder::new()
            .prefix("pearvault-peers-")
            .tempdir()?;
        let authorities = data.path().join("authorities.pem");
        let mut pem = String::new();
        let mut fronts = Vec::new();
        for domain in DOMAINS {
            let (config, certificate) = certified(&[domain])?;
            pem += &certificate;
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let at = listener.local_addr()?;
            let (to, server) = watch::channel(None);
            let acceptor = TlsAcceptor::from(Arc::new(config));
            let front = tokio::spawn(pass(listener, acceptor, server));
            fronts.push((domain, at, to, front));
        }
        std::fs::write(&authorities, pem)?;
        let named = fronts
            .iter()
            .map(|(domain, at, ..)| format!("{domain}={at}"));
        let named = named.collect::<Vec<_>>().join(",");
        let mut both = Vec::new();
        for (domain, _, to, front) in fronts {
            let node = Node::start(NodeSetup {
                data: data.path().join(domain),
                listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                account_difficulty: ACCOUNT_DIFFICULTY,
                login_difficulty: LOGIN_DIFFICULTY,
                log: logs.join(format!("{domain}.log")),
                domain: domain.to_owned(),
                flags: vec![
                    "--authorities".to_owned(),
                    authorities.display().to_string(),
                    "--dev-peer".to_owned(),
                    named.clone(),
                    "--first-message-difficulty".to_owned(),
                    FIRST_DIFFICULTY.to_string(),
                    "--message-difficulty".to_owned(),
                    LATER_DIFFICULTY.to_string(),
                ],
            });
            let node = node.await?;
            to.send_replace(Some(node.listens()));
            both.push(Peer {
                url: node.url(),
                node: Mutex::new(node),
                to,
                front,
            });
        }
        let both = both.try_into().ok().context("two domains")?;
        Ok(Self { both, _data: data })
    }
}

impl Peer {
    /// The other servers do not reach it any more; its own users do.
    pub fn cut_off(&self) {
        self.to.send_replace(None);
    }

    /// They do again.
    pub async fn bring_back(&self) {
        let at = self.node.lock().await.listens();
        self.to.send_replace(Some(at));
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.front.abort();
    }
}

/// What a proxy with TLS does; where there is no server, connections end.
async fn pass(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    mut server: watch::Receiver<Option<SocketAddr>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let Some(to) = *server.borrow_and_update() else {
            continue;
        };
        let (acceptor, mut moves) = (acceptor.clone(), server.clone());
        tokio::spawn(async move {
            let carry = async {
                let mut outside = acceptor.accept(stream).await?;
                let mut inside = TcpStream::connect(to).await?;
                copy_bidirectional(&mut outside, &mut inside).await
            };
            tokio::select! {
                _ = carry => {}
                Ok(()) = moves.changed() => {}
            }
        });
    }
}
