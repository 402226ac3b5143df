//! The practice site: `e2e/sites` on http and https with a real sign-in behind it, and, where they
//! lie beside the checkout, pages saved from the real web.
//!
//! What it must do is listed in `e2e/sites/README.md`.

mod files;
mod patterns;
mod routes;
pub(crate) mod tls;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use anyhow::{Context as _, Result};
use tokio::{net::TcpListener, task::JoinHandle};

/// Hosts that the practice site answers for; tests map them to this computer.
pub const HOSTS: &[&str] = &[
    "orchard.test",
    "www.orchard.test",
    "login.orchard.test",
    "other.test",
    "saved.test",
    "localhost",
];

/// User name that signs in.
pub const USERNAME: &str = "ada@orchard.test";
/// Password that signs in.
pub const PASSWORD: &str = "Conference-Pear-1877!";

/// Which ports to take.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ports {
    /// Of http; 0 takes a free one.
    pub http: u16,
    /// Of https; 0 takes a free one.
    pub https: u16,
}

/// The running site. Dropping it stops it.
#[derive(Debug)]
pub struct Site {
    http: SocketAddr,
    https: SocketAddr,
    tasks: [JoinHandle<()>; 2],
}

impl Site {
    /// Starts it on loopback.
    pub async fn start(ports: Ports) -> Result<Self> {
        let bind = |port| async move {
            TcpListener::bind((Ipv4Addr::LOCALHOST, port))
                .await
                .with_context(|| format!("the practice site cannot have port {port}"))
        };
        let plain = bind(ports.http).await?;
        let secure = bind(ports.https).await?;
        let (http, https) = (plain.local_addr()?, secure.local_addr()?);
        let router = routes::router(Arc::new(routes::Practice::new(
            crate::place::in_root("e2e/sites"),
            saved_folder(),
        )));
        let secure = tls::TlsListener::new(secure, HOSTS)?;
        let also = router.clone();
        let tasks = [
            tokio::spawn(async move {
                // Cannot fail: `axum::serve` returns only when told to shut down.
                axum::serve(plain, also).await.ok();
            }),
            tokio::spawn(async move {
                axum::serve(secure, router).await.ok();
            }),
        ];
        Ok(Self { http, https, tasks })
    }

    /// Address of a path on https.
    pub fn https(&self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.https.port())
    }

    /// Address of a path on http.
    pub fn http(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.http.port())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn saved_folder() -> Option<PathBuf> {
    crate::place::saved_pages().map(|folder| folder.join("pages"))
}
