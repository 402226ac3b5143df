//! The way from clients to nodes: one address before all of them, and a network that now and then
//! breaks off in the middle of an answer.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy},
    net::{TcpListener, TcpStream},
};

use crate::{chance::Chance, client::Outcome};

/// One connection of so many breaks.
const ONE_BREAKS: u64 = 3;
/// Bytes of answers before it does, at most: some dozens of answers.
const BYTES_MAX: u64 = 16 * 1024;

/// A proxy; it ends with the runtime. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Proxy(Arc<Way>);

struct Way {
    url: String,
    nodes: Mutex<Vec<Option<SocketAddr>>>,
    breaks: AtomicBool,
    broken: AtomicU64,
    chance: Chance,
}

impl Proxy {
    /// A proxy before so many nodes, none of which runs yet. Nothing breaks before
    /// [`Self::set_breaks`].
    pub(crate) async fn start(nodes: usize, chance: Chance) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Self(Arc::new(Way {
            url: format!("http://{}", listener.local_addr()?),
            nodes: Mutex::new(vec![None; nodes]),
            breaks: AtomicBool::new(false),
            broken: AtomicU64::new(0),
            chance,
        }));
        let way = Arc::clone(&proxy.0);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let way = Arc::clone(&way);
                // A connection that ends badly is what this is for.
                tokio::spawn(async move { drop(way.carry(client).await) });
            }
        });
        Ok(proxy)
    }

    /// Where clients find it.
    pub(crate) fn url(&self) -> &str {
        &self.0.url
    }

    /// Says where a node is, or that it is away.
    pub(crate) fn set_node(&self, number: usize, address: Option<SocketAddr>) {
        lock(&self.0.nodes)[number] = address;
    }

    /// Whether connections break from now on.
    pub(crate) fn set_breaks(&self, breaks: bool) {
        self.0.breaks.store(breaks, Ordering::Relaxed);
    }

    /// Connections that were broken while answers were on their way.
    pub(crate) fn broken(&self) -> u64 {
        self.0.broken.load(Ordering::Relaxed)
    }
}

impl Way {
    async fn carry(&self, mut client: TcpStream) -> std::io::Result<()> {
        let up: Vec<SocketAddr> = lock(&self.nodes).iter().flatten().copied().collect();
        let Some(node) = self.chance.pick(&up) else {
            return Ok(());
        };
        let mut node = TcpStream::connect(node).await?;
        client.set_nodelay(true)?;
        node.set_nodelay(true)?;
        let breaks = self.breaks.load(Ordering::Relaxed) && self.chance.below(ONE_BREAKS) == 0;
        let (mut asked, mut answer) = client.split();
        let (answered, mut ask) = node.split();
        let forth = copy(&mut asked, &mut ask);
        let back = async {
            if breaks {
                let bytes = self.chance.below(BYTES_MAX);
                copy(&mut answered.take(bytes), &mut answer).await?;
                self.broken.fetch_add(1, Ordering::Relaxed);
            } else {
                let mut answered = answered;
                copy(&mut answered, &mut answer).await?;
            }
            answer.shutdown().await
        };
        // Where one direction ends the whole connection does.
        tokio::select! {
            ended = forth => ended.map(drop),
            ended = back => ended,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
