//! One-time codes by time (RFC 6238 over RFC 4226), read from base32 or `otpauth://` URIs.

use hmac::{Hmac, KeyInit, Mac};
use proto::{ids::UnixMillis, vault::SecretText};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

mod parse;

/// Hash behind a code's HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Nearly always.
    Sha1,
    /// By URI only.
    Sha256,
    /// By URI only.
    Sha512,
}

impl Algorithm {
    /// As URIs name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }
}

/// A one-time code's key with its parameters.
pub struct Totp {
    key: Zeroizing<Vec<u8>>,
    algorithm: Algorithm,
    digits: u8,
    period_seconds: u32,
}

/// A code and how long it is still good.
#[derive(Debug)]
pub struct Code {
    /// Six to eight digits.
    pub code: SecretText,
    /// Milliseconds until the next one; 1 to the period's length.
    pub remaining_ms: u32,
    /// Seconds that each code is good for.
    pub period_seconds: u32,
}

/// A text that is no one-time code's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TotpError {
    /// Neither `SHA1`, `SHA256` nor `SHA512`.
    #[error("the algorithm is unknown")]
    Algorithm,
    /// Not 6, 7 or 8 digits.
    #[error("a code has 6 to 8 digits")]
    Digits,
    /// An `otpauth` URI for something other than `totp`.
    #[error("only time-based codes are known")]
    Kind,
    /// No key, or one that is no base32.
    #[error("the key is no base32")]
    Key,
    /// Not 1 to 3600 seconds.
    #[error("a code is good for 1 to 3600 seconds")]
    Period,
}

impl Totp {
    /// Reads a base32 key (SHA-1, 6 digits, 30 seconds; blanks, hyphens, case and padding do not
    /// matter) or an `otpauth://totp/…` URI.
    ///
    /// # Errors
    /// [`TotpError`].
    pub fn parse(text: &SecretText) -> Result<Self, TotpError> {
        // EXPOSE: the key is read out of its text.
        parse::parse(text.expose_secret())
    }

    /// The key alone, base32 in capitals without padding.
    pub fn secret(&self) -> SecretText {
        parse::encode_base32(&self.key)
    }

    /// Hash behind the codes.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Digits of a code: 6 to 8.
    pub fn digits(&self) -> u8 {
        self.digits
    }

    /// How long a code is good, seconds: 1 to 3600.
    pub fn period_seconds(&self) -> u32 {
        self.period_seconds
    }

    /// The code at a time.
    pub fn code_at(&self, now: UnixMillis) -> Code {
        let period_ms = u64::from(self.period_seconds) * 1000;
        let counter = (now.0 / period_ms).to_be_bytes();
        let truncated = match self.algorithm {
            Algorithm::Sha1 => truncate(&mac::<Hmac<Sha1>>(&self.key, &counter)),
            Algorithm::Sha256 => truncate(&mac::<Hmac<Sha256>>(&self.key, &counter)),
            Algorithm::Sha512 => truncate(&mac::<Hmac<Sha512>>(&self.key, &counter)),
        };
        let code = truncated % 10_u32.pow(u32::from(self.digits));
        Code {
            code: SecretText::new(format!("{code:0width$}", width = usize::from(self.digits))),
            // Cannot truncate: at most 3 600 000.
            remaining_ms: u32::try_from(period_ms - now.0 % period_ms).unwrap_or(u32::MAX),
            period_seconds: self.period_seconds,
        }
    }
}

impl std::fmt::Debug for Totp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Totp")
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Zeroizing<Vec<u8>> {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else {
        // Cannot fail: HMAC takes keys of any length.
        unreachable!("HMAC takes keys of any length")
    };
    mac.update(message);
    Zeroizing::new(mac.finalize().into_bytes().to_vec())
}

/// RFC 4226 § 5.3: 31 bits from the place that the last four bits name.
fn truncate(mac: &[u8]) -> u32 {
    let offset = usize::from(mac.last().copied().unwrap_or(0) & 0xf);
    let word = mac
        .get(offset..offset + 4)
        .and_then(|bytes| bytes.try_into().ok())
        .unwrap_or([0; 4]);
    u32::from_be_bytes(word) & 0x7fff_ffff
}

#[cfg(test)]
mod tests;
