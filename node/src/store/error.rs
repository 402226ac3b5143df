//! Why the store refused or failed.

use std::{error::Error, sync::Arc};

use proto::ids::ItemVersion;

/// Why a call of [`Store`](super::Store) did nothing.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such account.
    #[error("there is no such account")]
    AccountMissing,
    /// Somebody has the address or had it.
    #[error("the address is taken")]
    AddressTaken,
    /// The challenge was spent before.
    #[error("the challenge was spent before")]
    AlreadySpent,
    /// There is no such code for this, or it is used or over.
    #[error("there is no such code")]
    CodeWrong,
    /// The database failed; a fault of ours or of the machine.
    #[error("the database failed")]
    Database(#[source] Arc<dyn Error + Send + Sync>),
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
    /// There is no such live item.
    #[error("there is no such item")]
    ItemMissing,
    /// The account does not have that key pair.
    #[error("there is no such key pair")]
    KeyMissing,
    /// Password or recovery words were changed since they were looked at.
    #[error("the proof is of an older password")]
    ProofOutdated,
    /// The recipient lets nothing in from there.
    #[error("the recipient takes nothing from this sender")]
    SenderBlocked,
    /// Recovery words were set since they were looked at.
    #[error("recovery words were set meanwhile")]
    RecoveryOutdated,
    /// More than the account may have.
    #[error("the account may have {max}")]
    QuotaExceeded {
        /// The bound, in the unit of what was written: items, keys or bytes.
        max: u64,
    },
    /// The database was written by a newer version of the node.
    #[error(
        "the database has schema version {found}, this node knows up to {newest}; \
         update the node or restore an older backup"
    )]
    SchemaTooNew {
        /// Version of the database.
        found: i64,
        /// Newest version that this node knows.
        newest: i64,
    },
    /// The database cannot be reached now; it may be in a moment.
    #[error("the database cannot be reached")]
    Unreachable(#[source] Arc<dyn Error + Send + Sync>),
    /// The session was ended, or is known by another token by now.
    #[error("there is no such session")]
    SessionMissing,
    /// The client has called another write by this id before.
    #[error("the id of the write was used before")]
    UpdateReused,
    /// Written on another version than the newest.
    #[error("the newest version is {actual}")]
    VersionConflict {
        /// The newest version; 0 where there is none.
        actual: ItemVersion,
    },
}

impl StoreError {
    /// A failure of the database itself.
    pub(crate) fn database(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Database(Arc::new(error))
    }

    /// A failure of the way to it.
    pub(crate) fn unreachable(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Unreachable(Arc::new(error))
    }
}
