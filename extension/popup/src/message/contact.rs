//! Somebody to write to: whether there is one, and the number that both compare.

use proto::{
    bridge::popup::Contact,
    error::{ErrorCode, ErrorKind, WireError},
    safety::SafetyCode,
};
use webext::codes::Unread;

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

/// What comparing a safety number with a picture of the other side's says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    /// Both are the same.
    Same,
    /// It is another number.
    Differs,
    /// It is this side's own code.
    Own,
    /// What the picture has is no safety number.
    Foreign,
    /// The picture has no code, or none that can be read.
    NoCode,
    /// It is too large.
    Large,
    /// It is no picture.
    NoPicture,
    /// It could not be looked at.
    Broken,
}

impl Compared {
    /// Compares what was read of a picture with the digits of this side's code. Where it has several codes with a safety
    /// number, all of them have to be the other side's.
    pub(crate) fn of(digits: &str, found: &Result<Vec<String>, Unread>) -> Self {
        let texts = match found {
            Ok(texts) if texts.is_empty() => return Self::NoCode,
            Ok(texts) => texts,
            Err(Unread::Broken) => return Self::Broken,
            Err(Unread::Large) => return Self::Large,
            Err(Unread::NoPicture) => return Self::NoPicture,
        };
        let codes: Vec<SafetyCode> = texts.iter().filter_map(|text| text.parse().ok()).collect();
        let Ok(own) = SafetyCode::of_digits(digits) else {
            return Self::Differs;
        };
        let theirs = own.of_other_side();
        if codes.is_empty() {
            Self::Foreign
        } else if codes.iter().any(|code| *code != own && *code != theirs) {
            Self::Differs
        } else if codes.contains(&own) {
            Self::Own
        } else {
            Self::Same
        }
    }

    /// Its name for tests.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Same => "scan-same",
            Self::Differs => "scan-differs",
            Self::Own => "scan-own",
            Self::Foreign => "scan-foreign",
            Self::NoCode => "scan-no-code",
            Self::Large => "scan-large",
            Self::NoPicture => "scan-no-picture",
            Self::Broken => "scan-broken",
        }
    }

    /// In words.
    pub(crate) fn told(self) -> &'static str {
        match self {
            Self::Same => "Both are the same.",
            Self::Own => {
                "This is your own code, which says nothing of them. Take a picture of the one on their screen."
            }
            Self::Differs => {
                "This is another number. Either the picture is of somebody else's code, or of an old one, or somebody stands between you and reads along. Send nothing secret before you have compared the digits, in person or by a call."
            }
            Self::Foreign => {
                "This QR code is of something else. Theirs stands on their contact screen, below the number."
            }
            Self::NoCode => {
                "No QR code can be made out in this picture. Take one that shows all of it, sharp and from the front."
            }
            Self::Large => "This picture is too large. Up to 24 MB and 50 megapixels are read.",
            Self::NoPicture => {
                "This is no picture that can be read. Choose a PNG, JPEG, WebP or GIF."
            }
            Self::Broken => "This picture could not be looked at. Try again.",
        }
    }
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
    fn a_picture_says_the_same_only_where_all_it_says_is_the_same() {
        let (ours, of_theirs) = ("01234".repeat(6), "56789".repeat(6));
        let digits = format!("{ours}{of_theirs}");
        let code = |one: &str, other: &str| format!("PEARVAULT:SAFETY:2:{one}{other}");
        let (own, theirs) = (code(&ours, &of_theirs), code(&of_theirs, &ours));
        let other = code(&of_theirs, &"01235".repeat(6));
        let alien = || "https://plum.test".to_owned();
        for (texts, expect) in [
            (vec![theirs.clone()], Compared::Same),
            (vec![alien(), theirs.clone()], Compared::Same),
            (vec![own.clone()], Compared::Own),
            (vec![theirs.clone(), own.clone()], Compared::Own),
            (vec![other.clone()], Compared::Differs),
            (vec![theirs.clone(), other.clone()], Compared::Differs),
            (vec![own, other], Compared::Differs),
            (vec![alien()], Compared::Foreign),
            (vec![theirs.replace(":2:", ":1:")], Compared::Foreign),
            (Vec::new(), Compared::NoCode),
        ] {
            assert_eq!(Compared::of(&digits, &Ok(texts)), expect);
        }
        // A number of ours that is none is the same as no other.
        assert_eq!(Compared::of("", &Ok(vec![theirs])), Compared::Differs);
        let large = Err(Unread::Large);
        assert_eq!(Compared::of(&digits, &large), Compared::Large);
    }

    #[test]
    fn one_that_was_seen_before_is_there_while_the_server_is_away() -> Result<(), AddressError> {
        let key = ContactKey {
            key: Hex([2; 33]),
            safety_number: String::new(),
            safety_code: String::new(),
            is_verified: false,
        };
        let contact = |exists, key, problem: Option<ErrorCode>| {
            Ok::<_, AddressError>(Contact {
                address: "ada@example.com".parse()?,
                key,
                offered: None,
                is_own_locked: false,
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
