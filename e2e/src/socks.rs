//! A SOCKS5 proxy of the user's own, as Tor is one (RFC 1928): no password, names only.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use anyhow::{Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

const VERSION: u8 = 5;
const NO_PASSWORD: u8 = 0;
const CONNECT: u8 = 1;
const NAME: u8 = 3;

/// A proxy on loopback that leads to this computer alone. Dropping it ends it, and every connection through it.
#[derive(Debug)]
pub struct Socks {
    carried: Arc<AtomicU32>,
    task: JoinHandle<()>,
}

impl Socks {
    /// Begins to listen there.
    pub async fn start(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let carried = Arc::new(AtomicU32::new(0));
        let counts = Arc::clone(&carried);
        let task = tokio::spawn(async move {
            // Ended with the proxy.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let counts = Arc::clone(&counts);
                connections.spawn(async move { drop(pass(stream, &counts).await) });
            }
        });
        Ok(Self { carried, task })
    }

    /// How many connections it has carried.
    pub fn carried(&self) -> u32 {
        self.carried.load(Ordering::SeqCst)
    }
}

impl Drop for Socks {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(mut stream: TcpStream, carried: &AtomicU32) -> Result<()> {
    ensure!(stream.read_u8().await? == VERSION, "another version");
    let methods = stream.read_u8().await?;
    stream.read_exact(&mut vec![0; methods.into()]).await?;
    stream.write_all(&[VERSION, NO_PASSWORD]).await?;
    let mut request = [0; 4];
    stream.read_exact(&mut request).await?;
    ensure!(
        request[..2] == [VERSION, CONNECT],
        "no request for a connection"
    );
    // Whoever gives an address has asked somebody else for it.
    if request[3] != NAME {
        bail!("no name");
    }
    let length = stream.read_u8().await?;
    let mut name = vec![0; length.into()];
    stream.read_exact(&mut name).await?;
    let port = stream.read_u16().await?;
    ensure!(name == b"localhost", "a name that leads elsewhere");
    let mut there = TcpStream::connect(("127.0.0.1", port)).await?;
    carried.fetch_add(1, Ordering::SeqCst);
    stream
        .write_all(&[VERSION, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        .await?;
    copy_bidirectional(&mut stream, &mut there).await?;
    Ok(())
}
