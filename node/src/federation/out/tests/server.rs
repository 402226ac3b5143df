//! A server that says over real TLS whatever a test wants.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::server::TlsStream;

use super::authority::Authority;

/// Longest request of the tests, bytes.
const REQUEST_MAX: usize = 16 * 1024;
/// Pause between two bytes of an answer that drips.
const DRIP: Duration = Duration::from_millis(20);

/// What a server says to a request.
#[derive(Clone)]
pub(super) enum Says {
    /// A status and a body, whatever was asked.
    Always(u16, String),
    /// A body for each path, 404 for others.
    Paths(Vec<(&'static str, String)>),
    /// Another place.
    Redirect(String),
    /// A head that announces a gibibyte, and the beginning of it.
    Announced,
    /// A gibibyte in parts, without saying so before.
    Endless,
    /// A head, then a byte now and then.
    Drips,
    /// Nothing.
    Silence,
}

/// A server on loopback; it lives as long as its runtime.
pub(super) struct Server {
    pub(super) at: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

/// What it saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) connections: usize,
    /// Names in the client's greetings.
    pub(super) names: Vec<String>,
    /// Heads and bodies.
    pub(super) requests: Vec<String>,
    /// Bytes of answers that were taken from it.
    pub(super) taken: usize,
}

impl Authority {
    /// A server whose certificate is of `host`.
    pub(super) async fn serve(&self, host: &str, says: Says) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (acceptor, known) = (self.acceptor(host), Arc::clone(&seen));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                known.lock().unwrap().connections += 1;
                let (acceptor, known, says) = (acceptor.clone(), Arc::clone(&known), says.clone());
                tokio::spawn(async move {
                    // A client that turns away is what some tests want.
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let name = stream.get_ref().1.server_name().unwrap_or("").to_owned();
                        known.lock().unwrap().names.push(name);
                        answer(stream, &says, &known).await;
                    }
                });
            }
        });
        Server { at, seen }
    }
}

impl Server {
    pub(super) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }
}

/// Answers one request after the other.
async fn answer(mut stream: TlsStream<TcpStream>, says: &Says, seen: &Mutex<Seen>) {
    while let Some(request) = request(&mut stream).await {
        let path = request.split(' ').nth(1).unwrap_or("").to_owned();
        seen.lock().unwrap().requests.push(request);
        let whole = |status: u16, body: &str| {
            let date = "date: Thu, 01 Jan 2026 00:00:00 GMT";
            let length = body.len();
            format!("HTTP/1.1 {status} X\r\n{date}\r\ncontent-length: {length}\r\n\r\n{body}")
        };
        let text = match says {
            Says::Always(status, body) => whole(*status, body),
            Says::Paths(paths) => paths
                .iter()
                .find(|(known, _)| *known == path)
                .map_or_else(|| whole(404, "{}"), |(_, body)| whole(200, body)),
            Says::Redirect(to) => {
                format!("HTTP/1.1 307 X\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
            }
            Says::Announced => format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n{{", 1 << 30),
            Says::Endless | Says::Drips => {
                "HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n".to_owned()
            }
            Says::Silence => std::future::pending().await,
        };
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
        let (part, pause) = match says {
            Says::Endless => (vec![b' '; 64 * 1024], Duration::ZERO),
            Says::Drips => (vec![b' '], DRIP),
            _ => continue,
        };
        let chunk = [format!("{:x}\r\n", part.len()).as_bytes(), &part, b"\r\n"].concat();
        for _ in 0..(1 << 30) / part.len() {
            if stream.write_all(&chunk).await.is_err() {
                return;
            }
            seen.lock().unwrap().taken += part.len();
            tokio::time::sleep(pause).await;
        }
    }
}

/// The next request, head and body; `None` where there is none.
async fn request(stream: &mut TlsStream<TcpStream>) -> Option<String> {
    let mut read = Vec::new();
    let mut part = [0; 1024];
    while read.len() < REQUEST_MAX {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut part).await {
            Ok(length) if length > 0 => read.extend_from_slice(&part[..length]),
            _ => return None,
        }
    }
    None
}
