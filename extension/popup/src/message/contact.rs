//! Somebody to write to: whether there is one, and the number that both compare.

use proto::{
    bridge::popup::Contact,
    error::{ErrorCode, ErrorKind, WireError},
};

/// What is known of an address that somebody wants to write to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found {
    /// There is somebody.
    Somebody,
    /// There is nobody, by the address' own server.
    Nobody,
    /// Nobody could tell.
    Unknown(String),
}

impl Found {
    /// What an answer says. A key that was seen before is as good as an answer: what is written
    /// waits until the server is back.
    pub(crate) fn of(contact: &Contact) -> Self {
        match (contact.exists, &contact.key) {
            (Some(true), _) | (None, Some(_)) => Self::Somebody,
            (Some(false), _) => Self::Nobody,
            (None, None) => Self::unknown(contact.problem.as_ref()),
        }
    }

    /// What a request that failed says.
    pub(crate) fn failed(error: &WireError) -> Self {
        match error.code {
            ErrorCode::RecipientUnknown => Self::Nobody,
            _ => Self::unknown(Some(error)),
        }
    }

    fn unknown(problem: Option<&WireError>) -> Self {
        Self::Unknown(match problem {
            None => ErrorCode::PeerUnreachable.message().to_owned(),
            Some(problem) => problem.message.clone(),
        })
    }
}

/// Whether asking again may help.
pub(crate) fn may_retry(problem: &WireError) -> bool {
    problem.kind != ErrorKind::Refused
}

/// A safety number in groups of five digits, whatever stands between them.
pub(crate) fn groups(number: &str) -> Vec<String> {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits.chunks(5).map(|five| five.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use proto::{address::AddressError, bridge::popup::ContactKey, bytes::Hex};

    use super::*;

    #[test]
    fn numbers_are_shown_in_groups_of_five() {
        let number = "0123456789".repeat(6);
        let shown = groups(&number);
        assert_eq!(shown.len(), 12);
        assert_eq!(shown[0], "01234");
        assert_eq!(shown[11], "56789");
        let spaced = shown.join(" ");
        assert_eq!(groups(&spaced), shown);
        assert_eq!(groups(""), Vec::<String>::new());
    }

    #[test]
    fn one_that_was_seen_before_is_there_while_the_server_is_away() -> Result<(), AddressError> {
        let key = ContactKey {
            key: Hex([2; 33]),
            safety_number: String::new(),
            is_verified: false,
        };
        let contact = |exists, key, problem: Option<ErrorCode>| {
            Ok::<_, AddressError>(Contact {
                address: "ada@example.com".parse()?,
                key,
                offered: None,
                exists,
                problem: problem.map(WireError::new),
            })
        };
        let away = ErrorCode::PeerUnreachable;
        for (contact, found) in [
            (contact(Some(true), None, None)?, Found::Somebody),
            (
                contact(None, Some(key.clone()), Some(away))?,
                Found::Somebody,
            ),
            (contact(Some(false), None, None)?, Found::Nobody),
            (contact(Some(false), Some(key), None)?, Found::Nobody),
            (
                contact(None, None, Some(away))?,
                Found::Unknown(away.message().to_owned()),
            ),
            (
                contact(None, None, None)?,
                Found::Unknown(away.message().to_owned()),
            ),
        ] {
            assert_eq!(Found::of(&contact), found);
        }
        Ok(())
    }

    #[test]
    fn a_refusal_is_told_apart_from_silence() {
        let unknown = WireError::new(ErrorCode::RecipientUnknown);
        assert_eq!(Found::failed(&unknown), Found::Nobody);
        assert!(may_retry(&ErrorCode::PeerUnreachable.into()));
        assert!(!may_retry(&ErrorCode::PeerRefused.into()));
    }
}
