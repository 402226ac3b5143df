//! Why a file cannot be used, and what to do about it.

use super::super::StoreError;

/// A file that cannot be opened as a database.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(
        "it is damaged, or no database; put it aside and restore a backup (pearvault-node restore)"
    )]
    Damaged(#[source] sqlx::Error),
    #[error("the disk is full; make room")]
    Full(#[source] sqlx::Error),
    #[error("another program holds it; end that program")]
    Held(#[source] sqlx::Error),
    #[error(
        "it cannot be opened or written; make folder and file writable for this user, or choose another folder with --data"
    )]
    NotWritable(#[source] sqlx::Error),
}

/// A failure to open the database.
pub(super) fn unusable(error: sqlx::Error) -> StoreError {
    let code = match &error {
        sqlx::Error::Database(said) => said.code().and_then(|code| code.parse::<u32>().ok()),
        _ => None,
    };
    // The low byte is the primary result code (sqlite.org/rescode.html).
    StoreError::database(match code.map(|code| code & 0xff) {
        Some(5 | 6) => Unusable::Held(error),
        Some(3 | 8 | 14) => Unusable::NotWritable(error),
        Some(11 | 26) => Unusable::Damaged(error),
        Some(13) => Unusable::Full(error),
        _ => return StoreError::database(error),
    })
}
