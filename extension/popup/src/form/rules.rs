//! What single fields may hold. The engine checks again; these rules are for a message at the
//! field while it is typed.

use std::ops::RangeInclusive;

/// A web address with its scheme (`https` where none is typed); `None` where it is none.
pub(super) fn normal_url(text: &str) -> Option<String> {
    let text = text.trim();
    let (scheme, rest) = if let Some((scheme, rest)) = text.split_once("://") {
        (scheme.to_ascii_lowercase(), rest)
    } else {
        let host = text.split(['/', '?', '#', ':']).next().unwrap_or_default();
        (likely_scheme(host).to_owned(), text)
    };
    if scheme != "https" && scheme != "http" {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => v6
            .split_once(']')
            .map(|(host, port)| (host, port.strip_prefix(':')))?,
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let host_ok = !host.is_empty()
        && !host.starts_with('.')
        && !host.contains("..")
        && !host
            .chars()
            .any(|c| c.is_whitespace() || "@<>\\^`{|}%\"'()".contains(c));
    let port_ok = port.is_none_or(|p| p.parse::<u16>().is_ok_and(|p| p > 0));
    (host_ok && port_ok && !rest.contains(char::is_whitespace))
        .then(|| format!("{scheme}://{rest}"))
}

/// The scheme of a host that was named without one: only this computer is spoken to in clear.
pub(super) fn likely_scheme(host: &str) -> &'static str {
    let host = host.split(':').next().unwrap_or_default();
    let here = host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.");
    if here { "http" } else { "https" }
}

/// A TOTP key: base32 of at least 80 bits (RFC 4226 § 4 asks for more, sites keep to less), or an
/// `otpauth://` link.
pub(super) fn is_totp_key(text: &str) -> bool {
    if let Some(link) = text.strip_prefix("otpauth://") {
        return link.starts_with("totp/") && link.contains("secret=");
    }
    let key = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-' && *c != '=');
    let base32 = |c: char| c.is_ascii_alphabetic() || ('2'..='7').contains(&c);
    key.clone().count() >= 16 && key.clone().all(base32)
}

/// Digits, spaces between them left out.
pub(super) fn digits(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect()
}

/// That many digits, spaces between them or not.
pub(super) fn is_digits(text: &str, length: &RangeInclusive<usize>) -> bool {
    let digits = digits(text);
    length.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// `MM/YY`.
pub(super) fn is_expiry(text: &str) -> bool {
    let Some((month, year)) = text.split_once('/') else {
        return false;
    };
    month.len() == 2
        && year.len() == 2
        && year.bytes().all(|b| b.is_ascii_digit())
        && month.parse::<u8>().is_ok_and(|m| (1..=12).contains(&m))
}
