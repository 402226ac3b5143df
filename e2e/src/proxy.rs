//! A way to the node that lets not everything through, as those of offices and hotels do.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use anyhow::{Context as _, Result, bail};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Longest head of a request, bytes.
const HEAD_MAX_BYTES: usize = 64 * 1024;
const REFUSED: &[u8] = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// What a request is, as far as such a proxy cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A WebSocket.
    WebSocket,
    /// An answer of server-sent events.
    Events,
    /// A long poll.
    Poll,
    /// Anything else.
    Other,
}

/// A proxy on loopback; it ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    counts: Arc<Counts>,
    task: JoinHandle<()>,
}

/// Requests that came, by [`Way`].
#[derive(Debug, Default)]
struct Counts([AtomicU32; 4]);

impl Proxy {
    /// Begins to pass on to the node at `server` (`http://localhost:PORT`) what is not refused.
    pub async fn start(server: &str, refuses: &'static [Way]) -> Result<Self> {
        let (_, node) = server.rsplit_once(':').context("a server without a port")?;
        let node: u16 = node.parse()?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let counts = Arc::new(Counts::default());
        let task = tokio::spawn({
            let counts = Arc::clone(&counts);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let counts = Arc::clone(&counts);
                    // A connection that breaks is a client's or the node's.
                    tokio::spawn(async move { drop(pass(stream, node, refuses, &counts).await) });
                }
            }
        });
        Ok(Self { port, counts, task })
    }

    /// What users type as the node's address.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// How many requests of a kind have come, refused or not.
    pub fn seen(&self, way: Way) -> u32 {
        self.counts.0[way as usize].load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request: each gets a connection of its own, so that none passes unseen.
async fn pass(mut stream: TcpStream, node: u16, refuses: &[Way], counts: &Counts) -> Result<()> {
    let (head, rest) = read_head(&mut stream).await?;
    let way = way(&head);
    counts.0[way as usize].fetch_add(1, Ordering::SeqCst);
    if refuses.contains(&way) {
        stream.write_all(REFUSED).await?;
        stream.shutdown().await?;
        return Ok(());
    }
    let mut upstream = TcpStream::connect(("127.0.0.1", node)).await?;
    let head = if way == Way::WebSocket {
        head
    } else {
        closing(&head)
    };
    upstream.write_all(head.as_bytes()).await?;
    upstream.write_all(&rest).await?;
    copy_bidirectional(&mut stream, &mut upstream).await?;
    Ok(())
}

/// The head of a request with its last empty line, and what came behind it.
async fn read_head(stream: &mut TcpStream) -> Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            return Ok((String::from_utf8(bytes)?, rest));
        }
        if bytes.len() > HEAD_MAX_BYTES || stream.read_buf(&mut bytes).await? == 0 {
            bail!("no head of a request");
        }
    }
}

fn way(head: &str) -> Way {
    let path = head.split(' ').nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    if head
        .to_ascii_lowercase()
        .contains("\r\nupgrade: websocket\r\n")
    {
        Way::WebSocket
    } else if path.ends_with("/vault/feed/events") {
        Way::Events
    } else if path.ends_with("/vault/feed/poll") {
        Way::Poll
    } else {
        Way::Other
    }
}

/// The same head, asking the node to close the connection after its answer.
fn closing(head: &str) -> String {
    let is_kept = |line: &&str| !line.to_ascii_lowercase().starts_with("connection:");
    let lines: Vec<&str> = head.trim_end().split("\r\n").filter(is_kept).collect();
    format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart_and_asked_to_close() {
        let head = |path: &str, more: &str| {
            format!(
                "GET /api/v1/vault{path} HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n{more}\r\n"
            )
        };
        assert_eq!(
            way(&head("/feed", "Upgrade: websocket\r\n")),
            Way::WebSocket
        );
        assert_eq!(way(&head("/feed/events?cursor=0", "")), Way::Events);
        assert_eq!(way(&head("/feed/poll", "")), Way::Poll);
        assert_eq!(way(&head("?cursor=/feed/poll", "")), Way::Other);
        let closing = closing(&head("", "Accept: */*\r\n"));
        assert_eq!(
            closing,
            "GET /api/v1/vault HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        );
    }
}
