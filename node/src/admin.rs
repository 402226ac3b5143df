//! What the operator of a node does for its own domains, beside the node that runs: no session is wanted, the database is.

use std::sync::Arc;

use crate::{
    clock::Clock,
    config::{Config, Database},
    hosting,
    random::{Random, RandomError},
    server::{NodeError, open_store, place},
    store::{Store, StoreError, sqlite},
};
use proto::{
    address::Address,
    api::domain::{CodeGiven, CodePurpose, DomainUser},
    limits::{CODES_MAX, USERS_PAGE_MAX},
};

/// Why the operator does not get what they want.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdminError {
    /// The domain is nobody's here, or its owner's.
    #[error(
        "{domain} is none of this node's own domains, {own}; name it with --domain or --also-domain, as serve has it"
    )]
    Domain {
        /// Which.
        domain: String,
        /// Those that are.
        own: String,
    },
    /// There is no such database.
    #[error("there is no database in {folder}; name its folder with --data, or --database")]
    NoDatabase {
        /// Where it would be.
        folder: String,
    },
    /// Somebody has the name, or had it.
    #[error("{0} is taken, or was: nobody gets it again")]
    Taken(Address),
    /// Nobody has the name.
    #[error("there is no account {0}")]
    Nobody(Address),
    /// Too many codes that nobody used.
    #[error("{CODES_MAX} codes are open: wait until some are used, or over")]
    TooMany,
    /// The database cannot be used.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The system gives no random numbers.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// All accounts of a domain, in the order of their addresses.
///
/// # Errors
/// [`AdminError`].
pub async fn users(config: &Config, domain: &str) -> Result<Vec<DomainUser>, AdminError> {
    check_own(config, domain)?;
    let store = open(config).await?;
    let mut all: Vec<DomainUser> = Vec::new();
    loop {
        let after = all.last().map_or("", |last| last.address.as_str());
        let page = store.users(domain, after, USERS_PAGE_MAX).await;
        let page = page.map_err(|error| unusable(config, error))?;
        all.extend(page.users);
        if !page.has_more {
            break;
        }
    }
    close(config, &store).await?;
    Ok(all)
}

/// A new one-time code for an address of a domain of this node: to make its account, or to set its password anew. It is in place of an
/// older one for the same.
///
/// # Errors
/// [`AdminError`].
pub async fn code(
    config: &Config,
    (clock, random): (&dyn Clock, &dyn Random),
    address: &Address,
    purpose: CodePurpose,
) -> Result<CodeGiven, AdminError> {
    check_own(config, address.domain())?;
    let store = open(config).await?;
    let (new, given) = hosting::new_code((random, clock.now(), None), address.clone(), purpose)?;
    let kept = store.put_code(new, CODES_MAX).await;
    close(config, &store).await?;
    kept.map_err(|error| match error {
        StoreError::AddressTaken => AdminError::Taken(address.clone()),
        StoreError::ItemMissing => AdminError::Nobody(address.clone()),
        StoreError::QuotaExceeded { .. } => AdminError::TooMany,
        other => unusable(config, other),
    })?;
    Ok(given)
}

fn check_own(config: &Config, domain: &str) -> Result<(), AdminError> {
    if config.domains.iter().any(|own| own == domain) {
        return Ok(());
    }
    Err(AdminError::Domain {
        domain: domain.to_owned(),
        own: config.domains.join(", "),
    })
}

async fn open(config: &Config) -> Result<Arc<dyn Store>, AdminError> {
    let folder = &config.data;
    if matches!(config.database, Database::Folder) && !folder.join(sqlite::FILE_NAME).is_file() {
        let folder = folder.display().to_string();
        return Err(AdminError::NoDatabase { folder });
    }
    Ok(open_store(config).await?)
}

async fn close(config: &Config, store: &Arc<dyn Store>) -> Result<(), AdminError> {
    store.close().await.map_err(|error| unusable(config, error))
}

fn unusable(config: &Config, source: StoreError) -> AdminError {
    let place = place(config);
    NodeError::Store { place, source }.into()
}
