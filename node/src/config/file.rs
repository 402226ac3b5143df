//! The TOML file.

use std::{
    net::SocketAddr,
    num::{NonZeroU32, NonZeroU64},
    path::PathBuf,
};

use proto::address::Address;
use serde::Deserialize;

use super::{
    database::{DatabaseUrl, NatsUrl},
    value::{IpRange, MetricsAccess, RateLimit, Registration, read_address, read_listen},
};

/// Every key of the file; each means what the flag of its name means.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileConfig {
    pub(super) data: Option<PathBuf>,
    pub(super) database: Option<DatabaseUrl>,
    pub(super) nats: Option<NatsUrl>,
    pub(super) domain: Option<String>,
    pub(super) also_domain: Option<Vec<String>>,
    pub(super) allow_domain: Option<Vec<String>>,
    pub(super) deny_domain: Option<Vec<String>>,
    pub(super) greylist_domain: Option<Vec<String>>,
    pub(super) api_domain: Option<String>,
    #[serde(default, deserialize_with = "read_address")]
    pub(super) admin: Option<Address>,
    #[serde(default, deserialize_with = "read_listen")]
    pub(super) listen: Option<SocketAddr>,
    pub(super) account_difficulty: Option<NonZeroU64>,
    pub(super) login_difficulty: Option<NonZeroU64>,
    pub(super) first_message_difficulty: Option<NonZeroU64>,
    pub(super) message_difficulty: Option<NonZeroU64>,
    pub(super) registration: Option<Registration>,
    pub(super) kdf_threads: Option<usize>,
    pub(super) kdf_queue: Option<usize>,
    pub(super) rate_per_second: Option<RateLimit>,
    pub(super) rate_burst: Option<NonZeroU32>,
    pub(super) trusted_proxy: Option<Vec<IpRange>>,
    pub(super) metrics: Option<MetricsAccess>,
    pub(super) authorities: Option<PathBuf>,
    pub(super) log: Option<String>,
    pub(super) max_connections: Option<usize>,
    pub(super) max_feeds: Option<usize>,
    pub(super) vault_max_mib: Option<NonZeroU64>,
    pub(super) messages_max_mib: Option<NonZeroU64>,
}
