//! A node, and a domain of somebody else's whose web server says who administers its addresses.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
};

use anyhow::Result;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    node::{Node, NodeSetup},
    site::tls::certified,
    stage::{ACCOUNT_DIFFICULTY, LOGIN_DIFFICULTY},
};

/// The node's own domain.
pub const OWN: &str = "pear.test";
/// The domain of somebody else.
pub const CLUB: &str = "club.test";

/// Both.
#[derive(Debug)]
pub struct Club {
    /// What users type as the node's address.
    pub url: String,
    file: watch::Sender<Option<String>>,
    server: JoinHandle<()>,
    /// It.
    pub node: Node,
    _data: TempDir,
}

impl Club {
    /// Starts them; `admin` administers the node's own domain, nobody the other one. Logs go to `logs`.
    ///
    /// # Errors
    /// One of them does not start.
    pub async fn start(logs: &Path, admin: &str) -> Result<Self> {
        let data = tempfile::Builder::new()
            .prefix("pearvault-club-")
            .tempdir()?;
        let authorities = data.path().join("authorities.pem");
        let (config, certificate) = certified(&[CLUB])?;
        std::fs::write(&authorities, certificate)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let at = listener.local_addr()?;
        let (file, said) = watch::channel(None);
        let server = tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), said));
        let node = Node::start(NodeSetup {
            data: data.path().join("node"),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            account_difficulty: ACCOUNT_DIFFICULTY,
            login_difficulty: LOGIN_DIFFICULTY,
            log: logs.join("club.log"),
            domain: OWN.to_owned(),
            flags: vec![
                "--admin".to_owned(),
                admin.to_owned(),
                "--authorities".to_owned(),
                authorities.display().to_string(),
                "--dev-peer".to_owned(),
                format!("{CLUB}={at}"),
            ],
        })
        .await?;
        Ok(Self {
            url: node.url(),
            file,
            server,
            node,
            _data: data,
        })
    }

    /// Puts a file onto the domain's web server, as its owner does.
    pub fn write_file(&self, text: &str) {
        self.file.send_replace(Some(text.to_owned()));
    }
}

impl Drop for Club {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A web server with one file, or none.
async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    said: watch::Receiver<Option<String>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, said) = (acceptor.clone(), said.clone());
        tokio::spawn(async move {
            let mut stream = acceptor.accept(stream).await?;
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await?;
            let file = said.borrow().clone();
            let status = if file.is_some() {
                "200 OK"
            } else {
                "404 Not Found"
            };
            let file = file.unwrap_or_default();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{file}",
                file.len()
            );
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await
        });
    }
}
