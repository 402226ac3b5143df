//! What the node is told: flags, then environment, then a TOML file, then defaults.

mod cli;
mod database;
mod federation;
mod file;
mod value;

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU64,
    path::{Path, PathBuf},
    time::Duration,
};

use proto::{
    address::{Address, check_domain},
    api::DEFAULT_PORT,
};

use crate::federation::DevPeer;

pub use cli::{AdminCommand, BackupArgs, Cli, Command, FederationCommand, MigrateArgs, ServeArgs};
pub use database::{Database, DatabaseUrl, NatsUrl, PostgresUrl};
pub(crate) use federation::DomainStanding;
pub use federation::Federation;
use file::FileConfig;
pub use value::{IpRange, MetricsAccess, Rate, RateLimit, Registration};

/// Work that a new account costs, average tries. KeyPears' figure.
pub const ACCOUNT_DIFFICULTY: NonZeroU64 = nonzero(70_000_000);
/// Work that a login costs, average tries. KeyPears' figure.
pub const LOGIN_DIFFICULTY: NonZeroU64 = nonzero(7_000_000);
/// Work that a first message to somebody costs, average tries. KeyPears' figure.
pub const FIRST_MESSAGE_DIFFICULTY: NonZeroU64 = nonzero(70_000_000);
/// Work that a later message costs, average tries, and the least that anybody may want. KeyPears' figure.
pub const MESSAGE_DIFFICULTY: NonZeroU64 = nonzero(7_000_000);
/// Name of the file that is read from the data folder when no other is named.
pub const FILE_NAME: &str = "pearvault.toml";

/// Everything that a node is told, complete and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Domains whose addresses it serves; the first is its own. Never empty.
    pub domains: Vec<String>,
    /// Host that others reach it at, on port 443; with a port where it is `localhost`. `None`: as
    /// [`Config::api_domain`] has it.
    pub api_domain: Option<String>,
    /// With whom it exchanges messages.
    pub federation: Federation,
    /// Address of the administrator.
    pub admin: Option<Address>,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Folder of the secret, and of the database where that is no server.
    pub data: PathBuf,
    /// Where it keeps everything else.
    pub database: Database,
    /// Where nodes on one database tell one another of writes; `None`: they ask the database.
    pub nats: Option<NatsUrl>,
    /// Work that a new account costs, average tries.
    pub account_difficulty: NonZeroU64,
    /// Work that a login costs, average tries.
    pub login_difficulty: NonZeroU64,
    /// Work that a first message costs whose recipient says nothing else, average tries.
    pub first_message_difficulty: NonZeroU64,
    /// The same for a later one, and the least that a recipient may want.
    pub message_difficulty: NonZeroU64,
    /// The most that the messages of one account may hold, bytes.
    pub messages_max_bytes: u64,
    /// Whether it takes new accounts.
    pub registration: Registration,
    /// Threads that run the server tier of the KDF.
    pub kdf_threads: usize,
    /// Logins that may wait for one of them.
    pub kdf_queue: usize,
    /// Requests of one network address; `None`: as many as it likes.
    pub rate: Option<Rate>,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpRange>,
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
    /// PEM file of authorities that other servers' certificates may be of, beside the system's.
    pub authorities: Option<PathBuf>,
    /// For development alone: hosts of other servers and where they are, on this machine too.
    pub dev_peers: Vec<DevPeer>,
    /// Filter of the log: a level, or `tracing` directives.
    pub log: String,
    /// Open connections, without those of feeds.
    pub max_connections: usize,
    /// Devices that may wait for news at once.
    pub max_feeds: usize,
    /// The most that one vault may hold, bytes.
    pub vault_max_bytes: u64,
    /// Time for a request's headers to arrive.
    pub header_timeout: Duration,
    /// Time for a request, from its headers to its answer.
    pub request_timeout: Duration,
    /// Time in which a client has to take some of an answer.
    pub write_timeout: Duration,
    /// Time that accepted requests get at shutdown.
    pub shutdown_grace: Duration,
}

/// Connections or feeds that can be asked for; no machine has the ports for more of one client.
const PLACES_MAX: usize = 1_000_000;

/// A configuration that makes no sense.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The platform has no place for data and none was named.
    #[error("no data folder: name one with --data")]
    NoDataFolder,
    /// What was named is a file.
    #[error("--data: {} is a file, not a folder; name a folder", path.display())]
    DataIsFile {
        /// Which.
        path: PathBuf,
    },
    /// The data folder is another user's.
    #[error(
        "cannot use the data folder {path}; run this as its owner, make it this user's \
         (chown -R USER '{path}'), or choose another with --data",
        path = path.display()
    )]
    DataForbidden {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    FileUnreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file that was named is not there.
    #[error("there is no {}; name a file that is there with --config, or leave that out", path.display())]
    FileMissing {
        /// Which.
        path: PathBuf,
    },
    /// The file is no TOML, or has an unknown key or a value of another type.
    #[error("the configuration {}", path.display())]
    FileInvalid {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: toml::de::Error,
    },
    /// The file found in the data folder names another data folder.
    #[error("{} cannot set `data`: it was found there; use --data or --config", path.display())]
    FileMovesData {
        /// Which.
        path: PathBuf,
    },
    /// A value breaks a rule.
    #[error("{name} = \"{value}\": {rule}")]
    Value {
        /// Name of the setting.
        name: &'static str,
        /// What it was set to.
        value: String,
        /// The rule.
        rule: &'static str,
    },
}

impl Config {
    /// The configuration without any flag, variable or file, with its data in `data`.
    pub fn new(data: PathBuf) -> Self {
        Self {
            domains: vec!["localhost".to_owned()],
            api_domain: None,
            federation: Federation::default(),
            admin: None,
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), DEFAULT_PORT),
            data,
            database: Database::Folder,
            nats: None,
            account_difficulty: ACCOUNT_DIFFICULTY,
            login_difficulty: LOGIN_DIFFICULTY,
            first_message_difficulty: FIRST_MESSAGE_DIFFICULTY,
            message_difficulty: MESSAGE_DIFFICULTY,
            messages_max_bytes: 64 << 20,
            registration: Registration::Open,
            kdf_threads: cores().saturating_sub(1).max(1),
            kdf_queue: 64,
            rate: Some(Rate::DEFAULT),
            trusted_proxies: Vec::new(),
            metrics: MetricsAccess::Loopback,
            authorities: None,
            dev_peers: Vec::new(),
            log: "info".to_owned(),
            max_connections: 4096,
            max_feeds: 16_384,
            vault_max_bytes: 512 << 20,
            header_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(20),
            shutdown_grace: Duration::from_secs(10),
        }
    }

    /// Puts flags and environment (both in `args`) over the file over the defaults.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn resolve(args: ServeArgs) -> Result<Self, ConfigError> {
        let named = args.config.as_deref().map(FileConfig::read_named);
        let named = named.transpose()?;
        let in_file = named.as_ref().and_then(|file| file.data.clone());
        let data = args.data.clone().or(in_file).or_else(platform_data_folder);
        let data = data.ok_or(ConfigError::NoDataFolder)?;
        let file = match named {
            Some(file) => file,
            None => FileConfig::read_from_data_folder(&data)?,
        };
        let mut config = Self::new(data);
        config.apply(args, file)?;
        config.check()?;
        Ok(config)
    }

    /// Whether nothing is exchanged with a domain.
    pub(crate) fn is_closed(&self, domain: &str) -> bool {
        self.federation.standing(domain) == DomainStanding::Closed
    }

    /// Host that others reach it at, once it is known where it listens: as it was told, else the
    /// first domain, with the port where that is `localhost`.
    pub fn api_domain(&self, listening: SocketAddr) -> String {
        match (&self.api_domain, self.domains.first()) {
            (Some(domain), _) => domain.clone(),
            (None, Some(domain)) if domain != "localhost" => domain.clone(),
            (None, _) => format!("localhost:{}", listening.port()),
        }
    }

    fn apply(&mut self, args: ServeArgs, file: FileConfig) -> Result<(), ConfigError> {
        macro_rules! take {
            ($($name:ident),*) => {$(
                if let Some(value) = args.$name.or(file.$name) {
                    self.$name = value;
                }
            )*};
        }
        if let Some(domain) = args.domain.or(file.domain) {
            self.domains = vec![domain];
        }
        let more = if args.also_domain.is_empty() {
            file.also_domain.unwrap_or_default()
        } else {
            args.also_domain
        };
        self.domains.extend(more);
        let given = |args: Vec<String>, file: Option<Vec<String>>| {
            if args.is_empty() {
                file.unwrap_or_default()
            } else {
                args
            }
        };
        self.federation = Federation {
            allow: given(args.allow_domain, file.allow_domain),
            deny: given(args.deny_domain, file.deny_domain),
            greylist: given(args.greylist_domain, file.greylist_domain),
        };
        if let Some(url) = args.database.or(file.database) {
            self.database = url.parse()?;
        }
        self.nats = args.nats.or(file.nats);
        self.api_domain = args.api_domain.or(file.api_domain);
        self.admin = args.admin.or(file.admin);
        self.authorities = args.authorities.or(file.authorities);
        // Not in the file: nobody should leave it there.
        self.dev_peers = args.dev_peer;
        take!(
            listen,
            account_difficulty,
            login_difficulty,
            first_message_difficulty,
            message_difficulty,
            registration,
            kdf_threads,
            kdf_queue
        );
        take!(metrics, log, max_connections, max_feeds);
        if let Some(mib) = args.vault_max_mib.or(file.vault_max_mib) {
            self.vault_max_bytes = mib.get().saturating_mul(1 << 20);
        }
        if let Some(mib) = args.messages_max_mib.or(file.messages_max_mib) {
            self.messages_max_bytes = mib.get().saturating_mul(1 << 20);
        }
        if args.trusted_proxy.is_empty() {
            self.trusted_proxies = file.trusted_proxy.unwrap_or_default();
        } else {
            self.trusted_proxies = args.trusted_proxy;
        }
        let limit = args.rate_per_second.or(file.rate_per_second);
        let burst = args
            .rate_burst
            .or(file.rate_burst)
            .unwrap_or(Rate::DEFAULT.burst);
        self.rate = match limit {
            Some(RateLimit::Off) => None,
            Some(RateLimit::PerSecond(per_second)) => Some(Rate { per_second, burst }),
            None => Some(Rate {
                burst,
                ..Rate::DEFAULT
            }),
        };
        Ok(())
    }

    fn check(&self) -> Result<(), ConfigError> {
        let refuse = |name, value: &str, rule| {
            Err(ConfigError::Value {
                name,
                value: value.to_owned(),
                rule,
            })
        };
        let own = self.domains.iter().map(|domain| ("domain", domain));
        for (setting, domain) in own.chain(self.federation.named()) {
            if let Some(rule) = broken_rule(domain) {
                return refuse(setting, domain, rule);
            }
        }
        if let Some(api) = &self.api_domain {
            // Others reach port 443 alone; this machine may use any.
            let port = api.strip_prefix("localhost:");
            let rule = match port {
                Some(port) if port.parse().is_ok_and(|port: u16| port != 0) => None,
                Some(_) => Some("expected localhost:PORT, with a port from 1 to 65535"),
                None => broken_rule(api),
            };
            if let Some(rule) = rule {
                return refuse("api_domain", api, rule);
            }
        }
        if let Some(nats) = &self.nats {
            if !nats.is_url() {
                return refuse("nats", "…", "expected nats://HOST:PORT or tls://HOST:PORT");
            }
            if matches!(self.database, Database::Folder) {
                let rule = "it is for several nodes on one database: name that with --database";
                return refuse("nats", "…", rule);
            }
        }
        for (name, value) in [
            ("kdf_threads", self.kdf_threads),
            ("kdf_queue", self.kdf_queue),
        ] {
            if !(1..=1024).contains(&value) {
                return refuse(name, &value.to_string(), "expected 1 to 1024");
            }
        }
        if !crate::log::is_filter(&self.log) {
            return refuse(
                "log",
                &self.log,
                "expected error, warn, info, debug or trace, or such as info,node=debug",
            );
        }
        for (name, value) in [
            ("max_connections", self.max_connections),
            ("max_feeds", self.max_feeds),
        ] {
            if !(1..=PLACES_MAX).contains(&value) {
                return refuse(name, &value.to_string(), "expected 1 to 1000000");
            }
        }
        Ok(())
    }
}

/// What is wrong with a domain that somebody has written down, most likely reason first.
fn broken_rule(domain: &str) -> Option<&'static str> {
    check_domain(domain).err()?;
    Some(if domain.contains('/') {
        "expected the name alone, such as example.com, without https:// and without a path"
    } else if domain.contains(':') {
        "expected the name without a port, such as example.com: other servers reach port 443 alone, \
         where a reverse proxy listens"
    } else if domain.contains('@') {
        "expected a domain, such as example.com, not an address"
    } else if !domain.is_ascii() {
        "expected the name as the DNS has it, such as xn--brse-5qa.example for börse.example"
    } else if domain.contains(|letter: char| letter.is_ascii_uppercase()) {
        "expected the name in lower case, such as example.com"
    } else {
        "expected a host name in lower case, such as example.com, without spaces, and no IP address"
    })
}

/// Processors that this process may use, at least 1.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn platform_data_folder() -> Option<PathBuf> {
    directories::BaseDirs::new().map(|dirs| dirs.data_dir().join("pearvault-node"))
}

impl FileConfig {
    fn read_from_data_folder(folder: &Path) -> Result<Self, ConfigError> {
        let path = folder.join(FILE_NAME);
        let folder = || folder.to_owned();
        match Self::read(&path) {
            Ok(file) if file.data.is_some() => Err(ConfigError::FileMovesData { path }),
            Err(ConfigError::FileUnreadable { source, .. }) => match source.kind() {
                io::ErrorKind::NotFound => Ok(Self::default()),
                io::ErrorKind::NotADirectory => Err(ConfigError::DataIsFile { path: folder() }),
                io::ErrorKind::PermissionDenied => Err(ConfigError::DataForbidden {
                    path: folder(),
                    source,
                }),
                _ => Err(ConfigError::FileUnreadable { path, source }),
            },
            other => other,
        }
    }

    fn read_named(path: &Path) -> Result<Self, ConfigError> {
        Self::read(path).map_err(|error| match error {
            ConfigError::FileUnreadable { path, source }
                if source.kind() == io::ErrorKind::NotFound =>
            {
                ConfigError::FileMissing { path }
            }
            other => other,
        })
    }

    fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::FileUnreadable {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|source| ConfigError::FileInvalid {
            path: path.to_owned(),
            source,
        })
    }
}

const fn nonzero(number: u64) -> NonZeroU64 {
    match NonZeroU64::new(number) {
        Some(number) => number,
        None => NonZeroU64::MIN,
    }
}

#[cfg(test)]
mod tests;
