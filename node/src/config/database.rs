//! Where the node keeps everything, and hears of other nodes.

use std::str::FromStr;

use serde::Deserialize;
use sqlx::postgres::PgConnectOptions;

use super::ConfigError;

/// A database for the node.
#[derive(Debug, Clone, Default)]
pub enum Database {
    /// `SQLite`, a file in the data folder.
    #[default]
    Folder,
    /// `PostgreSQL`, for any number of nodes.
    Postgres(PostgresUrl),
}

/// A database of `PostgreSQL`. Its password is neither printed nor logged.
#[derive(Clone)]
pub struct PostgresUrl(Box<PgConnectOptions>);

/// A text that should name a database, before it is looked at: it may hold a password, so what is
/// wrong with it is said without it.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

/// A server of NATS. Its password is neither printed nor logged.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct NatsUrl(String);

impl NatsUrl {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it may name one.
    pub(super) fn is_url(&self) -> bool {
        let known = ["nats://", "tls://"];
        known.iter().any(|scheme| self.0.starts_with(scheme))
            && self.0.parse::<async_nats::ServerAddr>().is_ok()
    }
}

impl DatabaseUrl {
    /// The database that it names.
    ///
    /// # Errors
    /// [`ConfigError::Value`] where it is no URL of one.
    pub fn parse(&self) -> Result<Database, ConfigError> {
        let known = ["postgres://", "postgresql://"];
        let names_one = known.iter().any(|scheme| self.0.starts_with(scheme));
        match self.0.parse() {
            Ok(options) if names_one => Ok(Database::Postgres(PostgresUrl(Box::new(options)))),
            _ => Err(ConfigError::Value {
                name: "database",
                value: "…".to_owned(),
                rule: "expected postgres://USER:PASSWORD@HOST/NAME; without it, SQLite in the data folder",
            }),
        }
    }
}

impl PostgresUrl {
    /// How to connect to it.
    pub fn options(&self) -> PgConnectOptions {
        (*self.0).clone()
    }
}

impl FromStr for NatsUrl {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Debug for NatsUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NatsUrl")
    }
}

impl FromStr for DatabaseUrl {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl")
    }
}

impl std::fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self.0.get_database();
        let name = name.unwrap_or_else(|| self.0.get_username());
        if let Some(folder) = self.0.get_socket() {
            write!(f, "{name} of PostgreSQL in {}", folder.display())
        } else {
            let (host, port) = (self.0.get_host(), self.0.get_port());
            write!(f, "{name} of PostgreSQL on {host}:{port}")
        }
    }
}
