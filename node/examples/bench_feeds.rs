//! Memory of a node for devices that only wait: `cargo run --release -p pearvault-node --example bench_feeds`.
//!
//! `PEARVAULT_BENCH_FEEDS` is how many, 10 000 where it is not set; fewer where this process or the
//! node may not have so many files open.

#[path = "../tests/node/client.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod client;
#[path = "served/served.rs"]
#[expect(dead_code, reason = "other figures use the rest")]
mod served;

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use client::{Client, Outcome};
use futures_util::{SinkExt as _, StreamExt as _, stream};
use served::{Server, number, print};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::sleep,
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

/// Devices that wait.
const FEEDS: u32 = 10_000;
/// Devices of one account: a node has no room for more of one.
const OF_AN_ACCOUNT: u32 = 150;
/// Connections from one address: each takes a port of it.
const OF_AN_ADDRESS: u32 = 10_000;
/// Files that a process has open beside its connections.
const OTHER_FILES: u64 = 200;
/// Connections that are made at a time.
const AT_A_TIME: usize = 64;
/// What a node is given to settle before its memory is looked at.
const REST: Duration = Duration::from_secs(3);

type Feed = WebSocketStream<TcpStream>;

fn main() -> anyhow::Result<()> {
    if served::serve_if_child()? {
        return Ok(());
    }
    served::run(measure())
}

async fn measure() -> Outcome {
    let wanted = number("PEARVAULT_BENCH_FEEDS", FEEDS)?;
    let count = wanted.min(connections_max());
    if count < wanted {
        eprintln!("{count} of {wanted} feeds: more files may not be open here (ulimit -n)");
    }
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path(), None)?;
    let plain = Client::new(server.url());
    let mut tokens = Vec::new();
    for account in 0..count.div_ceil(OF_AN_ACCOUNT) {
        let session = plain.create(&format!("client{account}@localhost")).await?;
        tokens.push(session.token.0.to_string());
    }
    let node: SocketAddr = server.url().trim_start_matches("http://").parse()?;
    // What the first of all takes is not what each takes.
    let first = open(node, 0, &tokens[0]).await?;
    sleep(REST).await;
    let before = server
        .resident_bytes()
        .ok_or("memory is told on Linux only")?;
    let opening = (1..=count).map(|number| {
        let account = usize::try_from(number / OF_AN_ACCOUNT).unwrap_or(0);
        let token = &tokens[account.min(tokens.len() - 1)];
        open(node, number, token)
    });
    let feeds: Vec<Outcome<Feed>> = stream::iter(opening)
        .buffer_unordered(AT_A_TIME)
        .collect()
        .await;
    let feeds: Vec<Feed> = feeds.into_iter().collect::<Result<_, _>>()?;
    sleep(REST).await;
    let after = server
        .resident_bytes()
        .ok_or("memory is told on Linux only")?;
    let each = (after - before) / f64::from(count);
    print(
        &format!("node.feeds_{count}_memory_each"),
        each / 1024.0,
        "KiB",
    );
    print(&format!("node.feeds_{count}_memory"), after / 1e6, "MB");
    drop((first, feeds));
    Ok(())
}

/// Connects, says who it is, and waits until it is told how far the vault is: from then on it waits.
async fn open(node: SocketAddr, number: u32, token: &str) -> Outcome<Feed> {
    let socket = TcpSocket::new_v4()?;
    let address = u8::try_from(1 + number / OF_AN_ADDRESS)?;
    socket.bind((Ipv4Addr::new(127, 0, 0, address), 0).into())?;
    let stream = socket.connect(node).await?;
    // Ten thousand clients in one process: each keeps as little as it can.
    let config = WebSocketConfig::default()
        .read_buffer_size(1024)
        .write_buffer_size(0)
        .max_write_buffer_size(4096);
    let url = format!("ws://{node}/api/v1/vault/feed");
    let (mut feed, _) = client_async_with_config(url, stream, Some(config)).await?;
    let hello = format!(r#"{{"token":"{token}"}}"#);
    feed.send(Message::text(hello)).await?;
    match feed.next().await {
        Some(Ok(Message::Text(_))) => Ok(feed),
        other => Err(format!("a feed said {other:?}").into()),
    }
}

/// As many connections as a process may have here; the node is another process with the same bound.
fn connections_max() -> u32 {
    let bound = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let files = bound.map_or(u64::MAX, |files| files.saturating_sub(OTHER_FILES));
    u32::try_from(files).unwrap_or(u32::MAX)
}
