//! Places in an account's log, as clients hand them back.
//!
//! ```text
//! version (1) ‖ id of the database (16) ‖ revision (8, big-endian)      in hex
//! ```
//! Nothing is signed: who makes one up reads what its session may read anyway.

use proto::{api::feed::FeedCursor, bytes::Hex, error::ErrorCode, ids::Revision};

use crate::{error::ApiError, store::DatabaseId};

/// The only form there is so far.
const VERSION: u8 = 1;
const BYTES: usize = 1 + 16 + 8;

/// A place in the log of an account in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) database: DatabaseId,
    pub(crate) revision: Revision,
}

impl Cursor {
    /// Reads a cursor that a client handed back.
    ///
    /// # Errors
    /// [`ErrorCode::CursorInvalid`]: no node of this version made it.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let invalid = || ApiError::new(ErrorCode::CursorInvalid);
        let Hex(bytes) = Hex::<BYTES>::parse(text).map_err(|_| invalid())?;
        let (version, rest) = bytes.split_first().ok_or_else(invalid)?;
        let (database, rest) = rest.split_first_chunk().ok_or_else(invalid)?;
        let revision = rest.try_into().map_err(|_| invalid())?;
        if *version != VERSION {
            return Err(invalid());
        }
        Ok(Self {
            database: DatabaseId(*database),
            revision: Revision(u64::from_be_bytes(revision)),
        })
    }

    /// The same of a query, which may have none.
    ///
    /// # Errors
    /// [`ErrorCode::CursorInvalid`].
    pub(crate) fn parse_any(text: Option<&str>) -> Result<Option<Self>, ApiError> {
        text.map(Self::parse).transpose()
    }

    /// Whether a log that has got to `latest` in a database goes through this place: else it is
    /// another log, or the same one set back.
    pub(crate) fn is_in(self, database: DatabaseId, latest: Revision) -> bool {
        self.database == database && self.revision <= latest
    }

    /// As it is handed out.
    pub(crate) fn seal(self) -> Result<FeedCursor, ApiError> {
        let mut bytes = [0; BYTES];
        bytes[0] = VERSION;
        bytes[1..17].copy_from_slice(&self.database.0);
        bytes[17..].copy_from_slice(&self.revision.0.to_be_bytes());
        let text = Hex(bytes).to_string();
        FeedCursor::try_from(text).map_err(|error| ApiError::internal(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: DatabaseId = DatabaseId([0xab; 16]);

    #[test]
    fn cursor_says_again_what_it_was_made_of() -> Result<(), ApiError> {
        for revision in [0, 1, u64::MAX] {
            let cursor = Cursor {
                database: HERE,
                revision: Revision(revision),
            };
            let text = cursor.seal()?;
            assert_eq!(Cursor::parse(text.as_str())?, cursor);
        }
        Ok(())
    }

    #[test]
    fn what_no_node_made_is_refused() -> Result<(), ApiError> {
        let cursor = Cursor {
            database: HERE,
            revision: Revision(7),
        };
        let good = cursor.seal()?;
        let good = good.as_str();
        let other_version = format!("02{}", &good[2..]);
        for bad in [
            "",
            "7",
            &good[1..],
            &good.to_uppercase(),
            &format!("{good}00"),
            &other_version,
        ] {
            let refused = Cursor::parse(bad).map_err(|error| error.code());
            assert_eq!(refused, Err(ErrorCode::CursorInvalid), "{bad}");
        }
        Ok(())
    }

    #[test]
    fn place_is_of_one_database_and_not_beyond_its_end() {
        let cursor = Cursor {
            database: HERE,
            revision: Revision(7),
        };
        assert!(cursor.is_in(HERE, Revision(7)) && cursor.is_in(HERE, Revision(8)));
        assert!(!cursor.is_in(HERE, Revision(6)));
        assert!(!cursor.is_in(DatabaseId([1; 16]), Revision(7)));
    }
}
