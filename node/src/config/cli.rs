//! Flags and environment.

use std::{
    net::SocketAddr,
    num::{NonZeroU32, NonZeroU64},
    path::PathBuf,
};

use clap::{Args, Parser, Subcommand};
use proto::address::Address;

use crate::federation::DevPeer;

use super::{
    database::{DatabaseUrl, NatsUrl},
    value::{
        IpRange, MetricsAccess, RateLimit, Registration, parse_address, parse_count, parse_listen,
    },
};

/// The Pearvault server: accounts, encrypted vaults, proof of work.
#[derive(Debug, Parser)]
#[command(name = "pearvault-node", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve accounts until told to stop; needs no configuration.
    Serve(Box<ServeArgs>),
    /// Write the SQLite database into a file, with its checksum beside it; the node may run.
    Backup(BackupArgs),
    /// Put a backup into a data folder that has no database.
    Restore(BackupArgs),
    /// Copy the SQLite database of a data folder, on which no node runs, into an empty one of PostgreSQL.
    Migrate(MigrateArgs),
    /// Find out why messages to and from other servers do not get through.
    #[command(subcommand)]
    Federation(FederationCommand),
    /// Look after the accounts of this node's own domains; the node may run.
    #[command(subcommand)]
    Admin(AdminCommand),
}

/// What an operator does for accounts.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// List the accounts of a domain.
    Users {
        /// One of this node's own.
        #[arg(value_name = "DOMAIN")]
        of: String,
        /// As of `serve`.
        #[command(flatten)]
        args: Box<ServeArgs>,
    },
    /// Print a code with which somebody makes an account, also where registration is closed: once, within seven days.
    Invite {
        /// Which account.
        #[arg(value_name = "NAME@DOMAIN", value_parser = parse_address)]
        address: Address,
        /// As of `serve`.
        #[command(flatten)]
        args: Box<ServeArgs>,
    },
    /// Print a code with which the owner of an account sets a new password: once, within seven days.
    Reset {
        /// Which account.
        #[arg(value_name = "NAME@DOMAIN", value_parser = parse_address)]
        address: Address,
        /// As of `serve`.
        #[command(flatten)]
        args: Box<ServeArgs>,
    },
}

/// What can be found out of federation.
#[derive(Debug, Subcommand)]
pub enum FederationCommand {
    /// Look for an address of another domain the way that this node does, step by step.
    Why {
        /// An address there, or its domain alone.
        #[arg(value_name = "ADDRESS|DOMAIN")]
        other: String,
        /// As of `serve`.
        #[command(flatten)]
        args: Box<ServeArgs>,
    },
    /// Look at this node's own domains the way that others do.
    Doctor {
        /// As of `serve`.
        #[command(flatten)]
        args: Box<ServeArgs>,
    },
}

/// Flags of `backup` and `restore`.
#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    /// The backup; its checksum is in FILE.sha256.
    pub file: PathBuf,
    /// TOML file to read instead of `pearvault.toml` in the data folder.
    #[arg(long, env = "PEARVAULT_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the database [default: the platform's data folder].
    #[arg(long, env = "PEARVAULT_DATA", value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// As of `serve`: a database of PostgreSQL has tools of its own for this.
    #[arg(
        long,
        env = "PEARVAULT_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database: Option<DatabaseUrl>,
}

/// Flags of `migrate`.
#[derive(Debug, Clone, Args)]
pub struct MigrateArgs {
    /// Data folder with the SQLite database.
    #[arg(long, value_name = "FOLDER")]
    pub from: PathBuf,
    /// Empty database, `postgres://user:password@host/name`.
    #[arg(
        long,
        env = "PEARVAULT_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub to: DatabaseUrl,
}

impl From<BackupArgs> for ServeArgs {
    fn from(args: BackupArgs) -> Self {
        Self {
            config: args.config,
            data: args.data,
            database: args.database,
            ..Self::default()
        }
    }
}

/// Flags of `serve`, each also an environment variable and a key of the TOML file.
#[derive(Debug, Default, Clone, Args)]
pub struct ServeArgs {
    /// TOML file to read instead of `pearvault.toml` in the data folder.
    #[arg(long, env = "PEARVAULT_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of database and secret [default: the platform's data folder].
    #[arg(long, env = "PEARVAULT_DATA", value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// Database of PostgreSQL, `postgres://user:password@host/name` [default: SQLite in the data folder].
    #[arg(
        long,
        env = "PEARVAULT_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database: Option<DatabaseUrl>,
    /// Server of NATS, `nats://host:4222`, over which nodes on one database hear of writes at once.
    #[arg(
        long,
        env = "PEARVAULT_NATS",
        value_name = "URL",
        hide_env_values = true
    )]
    pub nats: Option<NatsUrl>,
    /// Domain whose addresses it serves [default: localhost].
    #[arg(long, env = "PEARVAULT_DOMAIN")]
    pub domain: Option<String>,
    /// A further domain; may be given several times.
    #[arg(
        long,
        env = "PEARVAULT_ALSO_DOMAIN",
        value_name = "DOMAIN",
        value_delimiter = ','
    )]
    pub also_domain: Vec<String>,
    /// Domain, with those below it, that alone may write here and be written to; may be given several times.
    #[arg(
        long,
        env = "PEARVAULT_ALLOW_DOMAIN",
        value_name = "DOMAIN",
        value_delimiter = ','
    )]
    pub allow_domain: Vec<String>,
    /// Domain, with those below it, that may not; may be given several times.
    #[arg(
        long,
        env = "PEARVAULT_DENY_DOMAIN",
        value_name = "DOMAIN",
        value_delimiter = ','
    )]
    pub deny_domain: Vec<String>,
    /// Domain, with those below it, whose messages always cost what a first one does; may be given several times.
    #[arg(
        long,
        env = "PEARVAULT_GREYLIST_DOMAIN",
        value_name = "DOMAIN",
        value_delimiter = ','
    )]
    pub greylist_domain: Vec<String>,
    /// Host that other servers reach it at, on port 443 [default: the domain].
    #[arg(long, env = "PEARVAULT_API_DOMAIN", value_name = "HOST")]
    pub api_domain: Option<String>,
    /// Address of the administrator, such as ada@example.com, told in `/.well-known/keypears.json`.
    #[arg(
        long,
        env = "PEARVAULT_ADMIN",
        value_name = "ADDRESS",
        value_parser = parse_address
    )]
    pub admin: Option<Address>,
    /// Where to listen; port 0 takes any free one [default: 127.0.0.1:8787].
    #[arg(long, env = "PEARVAULT_LISTEN", value_name = "IP:PORT", value_parser = parse_listen)]
    pub listen: Option<SocketAddr>,
    /// Average tries of proof of work for a new account [default: 70000000].
    #[arg(
        long,
        env = "PEARVAULT_ACCOUNT_DIFFICULTY",
        value_name = "TRIES",
        value_parser = parse_count::<NonZeroU64>
    )]
    pub account_difficulty: Option<NonZeroU64>,
    /// Average tries of proof of work for a login [default: 7000000].
    #[arg(
        long,
        env = "PEARVAULT_LOGIN_DIFFICULTY",
        value_name = "TRIES",
        value_parser = parse_count::<NonZeroU64>
    )]
    pub login_difficulty: Option<NonZeroU64>,
    /// Work that a first message costs whose recipient says nothing else, average tries [default: 70000000].
    #[arg(long, env = "PEARVAULT_FIRST_MESSAGE_DIFFICULTY", value_name = "N",
        value_parser = parse_count::<NonZeroU64>
    )]
    pub first_message_difficulty: Option<NonZeroU64>,
    /// The same for a later message, and the least that a recipient may want [default: 7000000].
    #[arg(long, env = "PEARVAULT_MESSAGE_DIFFICULTY", value_name = "N",
        value_parser = parse_count::<NonZeroU64>
    )]
    pub message_difficulty: Option<NonZeroU64>,
    /// Whether it takes new accounts [default: open].
    #[arg(long, env = "PEARVAULT_REGISTRATION")]
    pub registration: Option<Registration>,
    /// Threads that check passwords [default: all cores but one].
    #[arg(
        long,
        env = "PEARVAULT_KDF_THREADS",
        value_name = "N",
        value_parser = parse_count::<usize>
    )]
    pub kdf_threads: Option<usize>,
    /// Logins that may wait for one of these threads [default: 64].
    #[arg(long, env = "PEARVAULT_KDF_QUEUE", value_name = "N", value_parser = parse_count::<usize>)]
    pub kdf_queue: Option<usize>,
    /// Requests a second of one network address, or `off` [default: 100].
    #[arg(
        long,
        alias = "rate",
        env = "PEARVAULT_RATE_PER_SECOND",
        value_name = "N|off"
    )]
    pub rate_per_second: Option<RateLimit>,
    /// Requests that it may have saved up [default: 1000].
    #[arg(
        long,
        env = "PEARVAULT_RATE_BURST",
        value_name = "N",
        value_parser = parse_count::<NonZeroU32>
    )]
    pub rate_burst: Option<NonZeroU32>,
    /// Reverse proxy, or range of them, whose `X-Forwarded-For` is believed.
    #[arg(
        long,
        env = "PEARVAULT_TRUSTED_PROXY",
        value_name = "IP[/BITS]",
        value_delimiter = ','
    )]
    pub trusted_proxy: Vec<IpRange>,
    /// Who may read `/metrics` [default: loopback].
    #[arg(long, env = "PEARVAULT_METRICS", value_name = "WHO")]
    pub metrics: Option<MetricsAccess>,
    /// PEM file of authorities that other servers' certificates may be of, beside the system's.
    #[arg(long, env = "PEARVAULT_AUTHORITIES", value_name = "FILE")]
    pub authorities: Option<PathBuf>,
    /// For development alone: a host of another server and where it is, on this machine too.
    #[arg(
        long,
        env = "PEARVAULT_DEV_PEER",
        value_name = "HOST=IP:PORT",
        value_delimiter = ','
    )]
    pub dev_peer: Vec<DevPeer>,
    /// Level of the log, or `tracing` directives [default: info].
    #[arg(long, env = "PEARVAULT_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// Open connections [default: 4096].
    #[arg(
        long,
        env = "PEARVAULT_MAX_CONNECTIONS",
        value_name = "N",
        value_parser = parse_count::<usize>
    )]
    pub max_connections: Option<usize>,
    /// Devices that may wait for news at once [default: 16384].
    #[arg(long, env = "PEARVAULT_MAX_FEEDS", value_name = "N", value_parser = parse_count::<usize>)]
    pub max_feeds: Option<usize>,
    /// The most that one vault may hold, MiB [default: 512].
    #[arg(
        long,
        env = "PEARVAULT_VAULT_MAX_MIB",
        value_name = "MIB",
        value_parser = parse_count::<NonZeroU64>
    )]
    pub vault_max_mib: Option<NonZeroU64>,
    /// The most that the messages of one account may hold, MiB [default: 64].
    #[arg(long, env = "PEARVAULT_MESSAGES_MAX_MIB", value_name = "N",
        value_parser = parse_count::<NonZeroU64>
    )]
    pub messages_max_mib: Option<NonZeroU64>,
}
