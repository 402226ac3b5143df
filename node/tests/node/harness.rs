//! A node in this process, on loopback and any free port, with a clock that the test sets.

use std::{
    num::NonZeroU64,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use node::{
    clock::Clock,
    config::Config,
    random::SystemRandom,
    server::{Node, NodeError},
};
use proto::ids::UnixMillis;
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

use crate::client::{Client, Outcome};

/// A clock that stands until it is moved.
pub(crate) struct MockClock(AtomicU64);

impl MockClock {
    pub(crate) fn forward(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for MockClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::SeqCst))
    }
}

/// A node that runs until it is stopped or dropped.
pub(crate) struct Harness {
    pub(crate) client: Client,
    pub(crate) clock: Arc<MockClock>,
    pub(crate) address: std::net::SocketAddr,
    folder: Arc<TempDir>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Result<(), NodeError>>,
}

impl Harness {
    /// A node for `localhost` whose work is light.
    pub(crate) async fn start() -> Outcome<Self> {
        Self::with(|_| {}).await
    }

    /// The same with something else.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Outcome<Self> {
        let clock = Arc::new(MockClock(AtomicU64::new(1_795_226_516_049)));
        Self::start_in(Arc::new(tempfile::tempdir()?), clock, change).await
    }

    /// Stops the node and starts another on the same folder.
    pub(crate) async fn restart(self, change: impl FnOnce(&mut Config)) -> Outcome<Self> {
        let (folder, clock) = (Arc::clone(&self.folder), Arc::clone(&self.clock));
        self.stop().await?;
        Self::start_in(folder, clock, change).await
    }

    async fn start_in(
        folder: Arc<TempDir>,
        clock: Arc<MockClock>,
        change: impl FnOnce(&mut Config),
    ) -> Outcome<Self> {
        let mut config = Config::new(folder.path().to_owned());
        config.listen.set_port(0);
        config.account_difficulty = NonZeroU64::new(200).ok_or("zero")?;
        config.login_difficulty = NonZeroU64::new(20).ok_or("zero")?;
        config.first_message_difficulty = NonZeroU64::new(40).ok_or("zero")?;
        config.message_difficulty = NonZeroU64::new(20).ok_or("zero")?;
        config.rate = None;
        change(&mut config);
        let node = Node::start(config, Arc::clone(&clock) as _, Arc::new(SystemRandom)).await?;
        let address = node.address();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(node.serve(async move {
            // Dropping the sender stops the node as well.
            drop(stopped.await);
        }));
        let client = Client::new(format!("http://{address}"));
        Ok(Self {
            client,
            clock,
            address,
            folder,
            stop: Some(stop),
            task,
        })
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) async fn stop(mut self) -> Outcome {
        drop(self.stop.take());
        self.task.await??;
        Ok(())
    }
}
