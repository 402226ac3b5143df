//! Base32 (RFC 4648 § 6) and `otpauth` URIs, as far as codes need them.

use proto::vault::SecretText;
use zeroize::Zeroizing;

use super::{Algorithm, Totp, TotpError};

/// Bytes that a key may have; longer ones are no keys but mistakes.
const KEY_MAX_BYTES: usize = 512;

pub(super) fn parse(text: &str) -> Result<Totp, TotpError> {
    let text = text.trim();
    match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("otpauth") => parse_uri(rest),
        _ => Ok(Totp {
            key: decode_base32(text)?,
            algorithm: Algorithm::Sha1,
            digits: 6,
            period_seconds: 30,
        }),
    }
}

/// What follows `otpauth://`: `totp/label?secret=…&algorithm=…&digits=…&period=…`.
fn parse_uri(rest: &str) -> Result<Totp, TotpError> {
    let (path, query) = rest.split_once('?').ok_or(TotpError::Key)?;
    let kind = path.split('/').next().unwrap_or_default();
    if !kind.eq_ignore_ascii_case("totp") {
        return Err(TotpError::Kind);
    }
    let query = query.split('#').next().unwrap_or_default();
    let mut totp = Totp {
        key: Zeroizing::default(),
        algorithm: Algorithm::Sha1,
        digits: 6,
        period_seconds: 30,
    };
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match name {
            "secret" => totp.key = decode_base32(&decode_percent(value)?)?,
            "algorithm" => {
                totp.algorithm = match value.to_ascii_uppercase().replace('-', "").as_str() {
                    "SHA1" => Algorithm::Sha1,
                    "SHA256" => Algorithm::Sha256,
                    "SHA512" => Algorithm::Sha512,
                    _ => return Err(TotpError::Algorithm),
                }
            }
            "digits" => {
                totp.digits = value
                    .parse()
                    .ok()
                    .filter(|d| (6..=8).contains(d))
                    .ok_or(TotpError::Digits)?;
            }
            "period" => {
                totp.period_seconds = value
                    .parse()
                    .ok()
                    .filter(|p| (1..=3600).contains(p))
                    .ok_or(TotpError::Period)?;
            }
            _ => {}
        }
    }
    if totp.key.is_empty() {
        Err(TotpError::Key)
    } else {
        Ok(totp)
    }
}

fn decode_base32(text: &str) -> Result<Zeroizing<Vec<u8>>, TotpError> {
    let mut key = Zeroizing::new(Vec::with_capacity(KEY_MAX_BYTES));
    let (mut bits, mut held) = (0_u32, 0_u32);
    for symbol in text
        .trim_end_matches('=')
        .bytes()
        .filter(|b| !matches!(b, b' ' | b'-' | b'\t' | b'\n' | b'\r'))
    {
        let value = match symbol.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return Err(TotpError::Key),
        };
        bits = bits << 5 | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            key.push((bits >> held).to_le_bytes()[0]);
            bits &= (1 << held) - 1;
        }
    }
    // Five bits and more left over are a symbol too many; fewer are padding.
    if key.is_empty() || key.len() > KEY_MAX_BYTES || held >= 5 {
        Err(TotpError::Key)
    } else {
        Ok(key)
    }
}

/// Base32 without padding.
pub(super) fn encode_base32(key: &[u8]) -> SecretText {
    const SYMBOLS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    // With room for all of it, so that nothing of it is left behind by growing.
    let mut text = String::with_capacity((key.len() * 8).div_ceil(5));
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in key {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(symbol(SYMBOLS, bits >> held));
            bits &= (1 << held) - 1;
        }
    }
    if held > 0 {
        text.push(symbol(SYMBOLS, bits << (5 - held)));
    }
    SecretText::new(text)
}

fn symbol(symbols: &[u8; 32], five_bits: u32) -> char {
    // Cannot truncate: five bits.
    char::from(symbols[usize::try_from(five_bits & 31).unwrap_or(0)])
}

fn decode_percent(text: &str) -> Result<Zeroizing<String>, TotpError> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = if byte == b'%' {
            let mut digit = || {
                rest.next()
                    .and_then(|b| char::from(b).to_digit(16))
                    .ok_or(TotpError::Key)
            };
            let (high, low) = (digit()?, digit()?);
            (high * 16 + low).to_le_bytes()[0]
        } else {
            byte
        };
        out.push(char::from(byte));
    }
    Ok(out)
}
