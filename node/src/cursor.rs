//! Places in an account's log, as clients hand them back.
//!
//! ```text
//! log (1) ‖ id of the database (16) ‖ place (8, big-endian)      in hex
//! ```
//! Nothing is signed: who makes one up reads what its session may read anyway.

use proto::{
    api::feed::FeedCursor,
    bytes::Hex,
    error::ErrorCode,
    ids::{Position, Revision},
};

use crate::{error::ApiError, store::DatabaseId};

/// A place in one of an account's logs.
pub(crate) trait Place: Copy + Ord {
    /// Which log.
    const LOG: u8;
    /// The place of a number.
    fn of(number: u64) -> Self;
    /// Its number.
    fn number(self) -> u64;
}

macro_rules! places {
    ($($name:ident = $log:literal),*) => {$(
        impl Place for $name {
            const LOG: u8 = $log;

            fn of(number: u64) -> Self {
                Self(number)
            }

            fn number(self) -> u64 {
                self.0
            }
        }
    )*};
}
places!(Revision = 1, Position = 2);

const BYTES: usize = 1 + 16 + 8;

/// A place in a log of an account in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor<P = Revision> {
    pub(crate) database: DatabaseId,
    pub(crate) place: P,
}

impl<P: Place> Cursor<P> {
    /// Reads a cursor that a client handed back.
    ///
    /// # Errors
    /// [`ErrorCode::CursorInvalid`]: no node of this version made it.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let invalid = || ApiError::new(ErrorCode::CursorInvalid);
        let Hex(bytes) = Hex::<BYTES>::parse(text).map_err(|_| invalid())?;
        let (log, rest) = bytes.split_first().ok_or_else(invalid)?;
        let (database, rest) = rest.split_first_chunk().ok_or_else(invalid)?;
        let place = rest.try_into().map_err(|_| invalid())?;
        if *log != P::LOG {
            return Err(invalid());
        }
        Ok(Self {
            database: DatabaseId(*database),
            place: P::of(u64::from_be_bytes(place)),
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
    pub(crate) fn is_in(self, database: DatabaseId, latest: P) -> bool {
        self.database == database && self.place <= latest
    }

    /// As it is handed out.
    pub(crate) fn seal(self) -> Result<FeedCursor, ApiError> {
        let mut bytes = [0; BYTES];
        bytes[0] = P::LOG;
        bytes[1..17].copy_from_slice(&self.database.0);
        bytes[17..].copy_from_slice(&self.place.number().to_be_bytes());
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
                place: Revision(revision),
            };
            let text = cursor.seal()?;
            assert_eq!(Cursor::<Revision>::parse(text.as_str())?, cursor);
        }
        Ok(())
    }

    #[test]
    fn what_no_node_made_is_refused() -> Result<(), ApiError> {
        let cursor = Cursor {
            database: HERE,
            place: Revision(7),
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
            let refused = Cursor::<Revision>::parse(bad).map_err(|error| error.code());
            assert_eq!(refused, Err(ErrorCode::CursorInvalid), "{bad}");
        }
        Ok(())
    }

    #[test]
    fn place_is_of_one_database_and_not_beyond_its_end() {
        let cursor = Cursor {
            database: HERE,
            place: Revision(7),
        };
        assert!(cursor.is_in(HERE, Revision(7)) && cursor.is_in(HERE, Revision(8)));
        assert!(!cursor.is_in(HERE, Revision(6)));
        assert!(!cursor.is_in(DatabaseId([1; 16]), Revision(7)));
    }
}
