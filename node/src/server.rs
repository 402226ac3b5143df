//! A node from its start to its end: folder, secret, database, connections, shutdown.

mod connections;
mod files;
mod folder;

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpListener, sync::mpsc, time::timeout};

use crate::{
    app::{App, Parts},
    clock::Clock,
    config::{Config, Database, PostgresUrl, cores},
    federation::{HttpsError, delivery, out::Peers},
    jobs,
    kdf::KdfPool,
    metrics,
    news::{
        News,
        others::{self, Nats},
    },
    random::Random,
    secret::{self, SecretError},
    store::{
        Store, StoreError,
        postgres::PostgresStore,
        sqlite::{self, SqliteStore},
        transfer::{Moved, to_postgres},
    },
};
pub use files::allow_many_files;
pub(crate) use folder::{FolderLock, make_private};

/// Time for deliveries that are under way when a node ends.
const DELIVERIES_END: Duration = Duration::from_secs(3);

/// A node that listens.
pub struct Node {
    app: Arc<App>,
    listener: TcpListener,
    address: SocketAddr,
    nats: Option<Nats>,
    // Held as long as the node lives.
    _folder: FolderLock,
}

/// Why a node does not start or did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address} (choose another with --listen)")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The data folder cannot be made or written.
    #[error("cannot write to the data folder {}; {}", path.display(), advice(source, path))]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file in it cannot be made or written.
    #[error("cannot write to {}; {}", path.display(), advice(source, path))]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has the data folder.
    #[error("another node runs on the data folder {}; stop it, or choose another with --data", path.display())]
    FolderInUse {
        /// Which.
        path: PathBuf,
    },
    /// Figures cannot be counted.
    #[error("cannot count")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// Other servers cannot be asked.
    #[error("cannot ask other servers; is --authorities right?")]
    Https(#[from] HttpsError),
    /// NATS cannot be used.
    #[error("cannot use NATS; is --nats right?")]
    Nats(#[from] async_nats::ConnectError),
    /// There is no database to move.
    #[error("there is no database {}; name its folder with --from", path.display())]
    NoDatabase {
        /// Where it would be.
        path: PathBuf,
    },
    /// The secret cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The database cannot be used.
    #[error("the database {place}")]
    Store {
        /// Which, without a password.
        place: String,
        /// Why.
        source: StoreError,
    },
    /// The system gives no threads.
    #[error("cannot start threads")]
    Threads(#[source] io::Error),
}

impl Node {
    /// Prepares the data folder, opens the database and begins to listen.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn start(
        config: Config,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, NodeError> {
        let folder = FolderLock::take(&config.data)?;
        let secret = secret::load_or_make(&config.data, &*random)?;
        let store = open_store(&config).await?;
        if let Some(admin) = &config.admin
            && config.domains.iter().any(|own| own == admin.domain())
            && matches!(store.account_by_address(admin).await, Ok(None))
        {
            tracing::warn!(
                "nobody has the address of --admin so far: `pearvault-node admin invite {admin}`, run with this node's --data and --domain, prints a code for it, which is typed in Pearvault under \"I have a code\""
            );
        }
        if let Some(admin) = &config.admin
            && config.domains.iter().all(|own| own != admin.domain())
        {
            tracing::warn!(
                "{admin} of --admin is of none of this node's own domains and administers none of them"
            );
        }
        let claimed = store.claimed_domains().await;
        let claimed = claimed.map_err(|source| NodeError::Store {
            place: place(&config),
            source,
        })?;
        let kdf =
            KdfPool::start(config.kdf_threads, config.kdf_queue).map_err(NodeError::Threads)?;
        let listen = |source| NodeError::Listen {
            address: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        if !address.ip().is_loopback() && config.domains.iter().any(|d| d == "localhost") {
            tracing::warn!("listening to the network for the domain localhost; set --domain");
        }
        let metrics = metrics::recorder()?;
        let (nats, news) = match &config.nats {
            Some(url) => {
                let (hint, hints) = mpsc::channel(others::HINTS);
                let nats = Nats::connect(url, hints).await?;
                (Some(nats), News::with_others(hint))
            }
            None => (None, News::default()),
        };
        let peers = Peers::reach(&config, Arc::clone(&clock))?;
        let parts = Parts {
            config,
            listening: address,
            secret,
            clock,
            random,
            store,
            claimed,
            kdf,
            metrics,
            news,
            peers,
        };
        Ok(Self {
            app: Arc::new(App::new(parts)),
            listener,
            address,
            nats,
            _folder: folder,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is ready; then takes no more connections, finishes what it accepted
    /// within the configured grace, and closes the database.
    ///
    /// # Errors
    /// [`NodeError::Store`].
    pub async fn serve(self, stop: impl Future<Output = ()>) -> Result<(), NodeError> {
        let jobs = tokio::spawn(jobs::run(Arc::clone(&self.app)));
        let others = tokio::spawn(others::run(Arc::clone(&self.app), self.nats));
        let mut deliveries = tokio::spawn(delivery::run(Arc::clone(&self.app)));
        connections::serve(self.listener, &self.app, stop).await;
        jobs.abort();
        others.abort();
        // What was told is noted where that is soon; the rest is gone on with at the next start.
        self.app.deliver.notify_one();
        drop(timeout(DELIVERIES_END, &mut deliveries).await);
        deliveries.abort();
        let place = place(&self.app.config);
        self.app
            .store
            .close()
            .await
            .map_err(|source| NodeError::Store { place, source })
    }
}

/// Copies the `SQLite` database of a data folder into an empty one of `PostgreSQL`; returns the rows
/// of each table.
///
/// # Errors
/// [`NodeError::NoDatabase`], [`NodeError::FolderInUse`] while a node runs on it, [`NodeError::Folder`],
/// [`NodeError::Store`].
pub async fn move_to_postgres(from: &Path, to: &PostgresUrl) -> Result<Vec<Moved>, NodeError> {
    let path = from.join(sqlite::FILE_NAME);
    if !path.is_file() {
        return Err(NodeError::NoDatabase { path });
    }
    let _folder = FolderLock::take(from)?;
    to_postgres(&path, to.options())
        .await
        .map_err(|source| NodeError::Store {
            place: format!("{} or {to}", path.display()),
            source,
        })
}

/// What to do about a folder or file that cannot be written.
fn advice(error: &io::Error, path: &Path) -> String {
    let shown = path.display();
    let mend = match error.kind() {
        io::ErrorKind::PermissionDenied if path.exists() => {
            format!("make it this user's (chown USER '{shown}'), or ")
        }
        io::ErrorKind::PermissionDenied => {
            format!("make it for this user (install -d -m 700 -o USER '{shown}'), or ")
        }
        _ => String::new(),
    };
    mend + "choose another folder with --data"
}

/// Opens the database that was asked for.
pub(crate) async fn open_store(config: &Config) -> Result<Arc<dyn Store>, NodeError> {
    let unusable = |source| NodeError::Store {
        place: place(config),
        source,
    };
    let connections = u32::try_from(cores()).unwrap_or(u32::MAX).clamp(2, 16);
    Ok(match &config.database {
        Database::Folder => {
            let path = config.data.join(sqlite::FILE_NAME);
            make_private(&path)
                .map_err(|source| folder::unwritable(&config.data, path.clone(), source))?;
            let store = SqliteStore::open(&path, connections).await;
            Arc::new(store.map_err(unusable)?)
        }
        Database::Postgres(url) => {
            // A connection waits for the server most of the time, not for a processor.
            let store = PostgresStore::open(url.options(), 2 * connections).await;
            Arc::new(store.map_err(unusable)?)
        }
    })
}

/// The database, as it is named to people.
pub(crate) fn place(config: &Config) -> String {
    match &config.database {
        Database::Folder => config.data.join(sqlite::FILE_NAME).display().to_string(),
        Database::Postgres(url) => url.to_string(),
    }
}
