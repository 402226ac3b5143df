//! An address while it is typed: how it is meant, and what is wrong with it.

use proto::{address::Address, limits::ADDRESS_NAME_MAX_BYTES};

/// Why a text is no address, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressFault {
    /// More than one `@`.
    #[error("An address has one @ only.")]
    AtSigns,
    /// A character that no address has.
    #[error("An address cannot have “{0}”. Use letters, digits, dots and hyphens.")]
    Character(char),
    /// The domain is none, or not yet.
    #[error("Complete the domain behind the @, as in name@example.com.")]
    Domain,
    /// Two dots side by side in the name.
    #[error("The name cannot have two dots in a row.")]
    Dots,
    /// The name begins or ends with a mark.
    #[error("The name begins and ends with a letter or a digit.")]
    Edge,
    /// Nothing is typed.
    #[error("Choose an address, such as name@example.com.")]
    Empty,
    /// Longer than the limit.
    #[error("The name has at most {ADDRESS_NAME_MAX_BYTES} characters.")]
    Long,
    /// No `@`.
    #[error("Add @ and a domain, as in name@example.com.")]
    NoDomain,
    /// Nothing before the `@`.
    #[error("Choose a name to stand before the @.")]
    NoName,
    /// A space inside.
    #[error("An address has no spaces.")]
    Space,
}

impl AddressFault {
    /// Whether typing on cannot mend it: it is told at once.
    pub(crate) fn stays(&self) -> bool {
        match self {
            Self::AtSigns
            | Self::Character(_)
            | Self::Dots
            | Self::Edge
            | Self::Long
            | Self::Space => true,
            Self::Domain | Self::Empty | Self::NoDomain | Self::NoName => false,
        }
    }
}

/// As addresses are written: without the spaces around them, in lower case.
pub(crate) fn normal(address: &str) -> String {
    address.trim().to_ascii_lowercase()
}

/// What is wrong with an address in its [`normal`] form; `None` where it is one.
pub(crate) fn fault(address: &str) -> Option<AddressFault> {
    if address.parse::<Address>().is_ok() {
        return None;
    }
    let (name, domain) = match address.split_once('@') {
        Some((name, domain)) => (name, Some(domain)),
        None => (address, None),
    };
    // First what typing on cannot mend.
    Some(if address.contains(char::is_whitespace) {
        AddressFault::Space
    } else if domain.is_some_and(|domain| domain.contains('@')) {
        AddressFault::AtSigns
    } else if let Some(c) = stranger(name, domain.unwrap_or_default()) {
        AddressFault::Character(c)
    } else if name.len() > ADDRESS_NAME_MAX_BYTES {
        AddressFault::Long
    } else if name.contains("..") {
        AddressFault::Dots
    } else if name.starts_with(MARKS) || (domain.is_some() && name.ends_with(MARKS)) {
        AddressFault::Edge
    } else if address.is_empty() {
        AddressFault::Empty
    } else if domain.is_none() {
        AddressFault::NoDomain
    } else if name.is_empty() {
        AddressFault::NoName
    } else {
        AddressFault::Domain
    })
}

/// The first character that cannot stand where it stands.
fn stranger(name: &str, domain: &str) -> Option<char> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let in_name = name.chars().find(|c| !plain(*c) && !MARKS.contains(c));
    let in_domain = || domain.chars().find(|c| !plain(*c) && !"-.".contains(*c));
    in_name.or_else(in_domain)
}

/// What may stand inside a name beside letters and digits.
const MARKS: [char; 4] = ['.', '-', '_', '+'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_put_into_lower_case() {
        assert_eq!(normal(" Ada@Example.COM "), "ada@example.com");
    }

    #[test]
    fn every_fault_is_named_and_no_address_has_one() {
        let long = format!("{}@b.de", "a".repeat(65));
        for (text, expect) in [
            ("ada@example.com", None),
            ("a.b-c_d+e@localhost", None),
            ("", Some(AddressFault::Empty)),
            ("ad a!!", Some(AddressFault::Space)),
            ("ada!", Some(AddressFault::Character('!'))),
            ("ädä", Some(AddressFault::Character('ä'))),
            ("ada@b_c.de", Some(AddressFault::Character('_'))),
            ("ada@bücher.de", Some(AddressFault::Character('ü'))),
            ("a@b@c.de", Some(AddressFault::AtSigns)),
            (&long, Some(AddressFault::Long)),
            ("a..", Some(AddressFault::Dots)),
            (".a", Some(AddressFault::Edge)),
            ("a.@", Some(AddressFault::Edge)),
            ("a.", Some(AddressFault::NoDomain)),
            ("ada", Some(AddressFault::NoDomain)),
            ("@b.de", Some(AddressFault::NoName)),
            ("a@", Some(AddressFault::Domain)),
            ("a@b", Some(AddressFault::Domain)),
            ("a@b..de", Some(AddressFault::Domain)),
            ("a@127.0.0.1", Some(AddressFault::Domain)),
        ] {
            assert_eq!(fault(text), expect, "{text}");
        }
    }

    #[test]
    fn what_may_still_become_an_address_is_not_told_while_typing() {
        let address = "ada.lovelace@pears.example";
        for end in 0..address.len() {
            let typed = &address[..end];
            assert!(!fault(typed).is_some_and(|fault| fault.stays()), "{typed}");
        }
    }
}
