//! Addresses: `name@domain`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::limits::{ADDRESS_DOMAIN_MAX_BYTES, ADDRESS_NAME_MAX_BYTES};

/// `name@domain`, in lower case, checked.
///
/// The name is the local part of an e-mail address without quoting: letters `a`–`z`, digits and
/// `.`, `-`, `_`, `+`; it begins and ends with a letter or digit and has no two dots in a row.
/// The domain is a host name in ASCII form (punycode where needed), or `localhost`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    text: String,
    at: usize,
}

/// The rule that an address breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// No `@`, or more than one.
    #[error("form")]
    Form,
    /// The name is empty or too long.
    #[error("name_length")]
    NameLength,
    /// The name has a character, a beginning or an end that is not allowed.
    #[error("name_characters")]
    NameCharacters,
    /// The domain is empty or too long.
    #[error("domain_length")]
    DomainLength,
    /// The domain is no host name.
    #[error("domain_characters")]
    DomainCharacters,
}

/// Why other servers may refuse an address that this one takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AddressWarning {
    /// KeyPears servers take letters and digits only.
    NameNotAlphanumeric,
    /// KeyPears servers want a letter first.
    NameBeginsWithDigit,
    /// KeyPears servers want 1 to 30 characters.
    NameLongForKeyPears,
}

impl Address {
    /// The part before the `@`.
    pub fn name(&self) -> &str {
        &self.text[..self.at]
    }

    /// The part behind the `@`.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What other servers may not like about it.
    pub fn warnings(&self) -> Vec<AddressWarning> {
        let name = self.name();
        let mut warnings = Vec::new();
        if !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
            warnings.push(AddressWarning::NameNotAlphanumeric);
        }
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            warnings.push(AddressWarning::NameBeginsWithDigit);
        }
        if name.len() > 30 {
            warnings.push(AddressWarning::NameLongForKeyPears);
        }
        warnings
    }
}

/// Checks a host name: labels of 1–63 letters, digits and inner hyphens, lower case.
///
/// # Errors
/// [`AddressError::DomainLength`] or [`AddressError::DomainCharacters`].
pub fn check_domain(domain: &str) -> Result<(), AddressError> {
    if domain.is_empty() || domain.len() > ADDRESS_DOMAIN_MAX_BYTES {
        return Err(AddressError::DomainLength);
    }
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // Whatever ends in a number, decimal or hexadecimal, is an IPv4 address to a reader of URLs (WHATWG URL § 3.5).
    let numeric_end = domain
        .rsplit('.')
        .next()
        .is_some_and(|l| !l.starts_with(|c: char| c.is_ascii_lowercase()));
    if !domain.split('.').all(label_ok)
        || numeric_end
        || !(domain.contains('.') || domain == "localhost")
    {
        return Err(AddressError::DomainCharacters);
    }
    Ok(())
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (name, domain) = text.split_once('@').ok_or(AddressError::Form)?;
        if domain.contains('@') {
            return Err(AddressError::Form);
        }
        if name.is_empty() || name.len() > ADDRESS_NAME_MAX_BYTES {
            return Err(AddressError::NameLength);
        }
        let edge =
            |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let inner = name
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'+'));
        if !inner || !edge(name.chars().next()) || !edge(name.chars().last()) || name.contains("..")
        {
            return Err(AddressError::NameCharacters);
        }
        check_domain(domain)?;
        Ok(Self {
            text: text.to_owned(),
            at: name.len(),
        })
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.text
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Address {
    /// Prints no address: logs hold none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address")
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use utoipa::{
        PartialSchema, ToSchema,
        openapi::{
            RefOr,
            schema::{ObjectBuilder, Schema, Type},
        },
    };

    impl PartialSchema for super::Address {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some("`name@domain`, in lower case."))
                .max_length(Some(
                    super::ADDRESS_NAME_MAX_BYTES + 1 + super::ADDRESS_DOMAIN_MAX_BYTES,
                ))
                .examples(["ada@example.com"])
                .into()
        }
    }
    impl ToSchema for super::Address {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked() {
        let check = |text: &str| text.parse::<Address>().map(String::from);
        for good in [
            "ada@example.com",
            "a@localhost",
            "a.b-c_d+e@xn--bcher-kva.example",
            "1a@b.co",
        ] {
            assert_eq!(check(good).as_deref(), Ok(good));
        }
        for (bad, why) in [
            ("ada", AddressError::Form),
            ("a@b@c.de", AddressError::Form),
            ("@b.de", AddressError::NameLength),
            ("Ada@b.de", AddressError::NameCharacters),
            (".a@b.de", AddressError::NameCharacters),
            ("a..b@b.de", AddressError::NameCharacters),
            ("a b@b.de", AddressError::NameCharacters),
            ("ä@b.de", AddressError::NameCharacters),
            ("a@", AddressError::DomainLength),
            ("a@b", AddressError::DomainCharacters),
            ("a@127.0.0.1", AddressError::DomainCharacters),
            ("a@127.0.0.0x1", AddressError::DomainCharacters),
            ("a@169.254.0xa9fe", AddressError::DomainCharacters),
            ("a@b.0x", AddressError::DomainCharacters),
            ("a@-b.de", AddressError::DomainCharacters),
            ("a@b..de", AddressError::DomainCharacters),
            ("a@B.de", AddressError::DomainCharacters),
        ] {
            assert_eq!(check(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn names_that_keypears_refuses_are_warned_of() {
        let warnings = |text: &str| text.parse::<Address>().map(|a| a.warnings());
        assert_eq!(warnings("ada@b.de"), Ok(vec![]));
        assert_eq!(
            warnings("1.a@b.de"),
            Ok(vec![
                AddressWarning::NameNotAlphanumeric,
                AddressWarning::NameBeginsWithDigit
            ])
        );
    }
}
