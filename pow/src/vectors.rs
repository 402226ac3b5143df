//! Checks lists of test vectors in the form of `pow/vectors/pow5-64b.json`: a JSON object with
//! lists by name, each of entries whose byte strings are lowercase hex.
//!
//! | list | an entry passes where |
//! | --- | --- |
//! | `hash_vectors`, `pow5_64b` | the hash comes out, and all the values on the way that it names |
//! | `targets`, `difficultyTargets` | difficulty and target become one another |
//! | `solved` | the header is solved, and the search finds it |
//! | `wrong_hashes` | the hash does **not** come out |
//! | `unsolved` | verification refuses |
//! | `invalid_targets`, `invalid_headers` | reading refuses |

use std::fmt;

use serde_json::Value;

use crate::{Header, Job, Portable, Search, Step, Target, reference, trace, verify};

/// Checks one entry.
pub type Check = fn(Entry<'_>) -> Result<(), Fault>;

/// One entry of a list.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a>(pub &'a Value);

/// Why an entry fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It was accepted and should not be.
    #[error("accepted, but must be refused")]
    Accepted,
    /// Another value came out.
    #[error("{field}: expected {expected}, got {actual}")]
    Differs {
        /// Which.
        field: &'static str,
        /// As the entry has it.
        expected: String,
        /// As our code has it.
        actual: String,
    },
    /// The entry has no such field, or of another form.
    #[error("{0}: missing, or of another form")]
    Field(&'static str),
    /// It was refused and should not be.
    #[error("refused, but must be accepted: {0}")]
    Refused(String),
}

/// The check of a list; `None` for a name that this crate does not know.
pub fn check_for(list: &str) -> Option<Check> {
    Some(match list {
        "hash_vectors" | "pow5_64b" => check_hash,
        "targets" | "difficultyTargets" => check_target,
        "solved" => check_solved,
        "wrong_hashes" => check_wrong_hash,
        "unsolved" => check_unsolved,
        "invalid_targets" => check_invalid_target,
        "invalid_headers" => check_invalid_header,
        _ => return None,
    })
}

fn check_hash(entry: Entry<'_>) -> Result<(), Fault> {
    let header = header(entry, "header")?;
    let ours = trace(&header);
    if ours != reference::trace(&header) {
        return Err(Fault::Refused("the two implementations differ".to_owned()));
    }
    let mut hashes = 0;
    for (field, actual) in [
        ("header_hash", &ours.header_hash),
        ("matmul_work", &ours.work),
        ("matmulWork", &ours.work),
        ("final", &ours.hash),
        ("powHash", &ours.hash),
    ] {
        if entry.has(field) {
            entry.expect_bytes(field, actual)?;
            hashes += 1;
        }
    }
    for (field, actual) in [("row0", ours.rows[0]), ("row31", ours.rows[31])] {
        if let Some(expected) = entry.0.get(field) {
            equal(field, expected.to_string(), actual.to_string())?;
        }
    }
    if hashes == 0 {
        Err(Fault::Field("final"))
    } else {
        Ok(())
    }
}

fn check_target(entry: Entry<'_>) -> Result<(), Fault> {
    let difficulty = entry.number("difficulty")?;
    let target =
        Target::from_wide_difficulty(&difficulty).map_err(|e| Fault::Refused(e.to_string()))?;
    entry.expect_bytes("target", target.as_bytes())?;
    for field in ["difficulty_from_target", "back"] {
        if entry.has(field) {
            equal(
                field,
                hex::encode(entry.number(field)?),
                hex::encode(target.wide_difficulty()),
            )?;
        }
    }
    Ok(())
}

fn check_solved(entry: Entry<'_>) -> Result<(), Fault> {
    let (solved, target) = (header(entry, "solved_header")?, target(entry)?);
    if entry.has("difficulty") {
        check_target(entry)?;
    }
    if entry.has("final") {
        entry.expect_bytes("final", &trace(&solved).hash)?;
    }
    verify(&solved, &target).map_err(|e| Fault::Refused(e.to_string()))?;
    let Some(nonce) = entry.0.get("nonce_u32_be_at_28").and_then(Value::as_u64) else {
        return Ok(());
    };
    let challenge = header(entry, "challenge_header")?;
    equal(
        "solved_header",
        solved.to_string(),
        challenge.at(0, nonce).to_string(),
    )?;
    let job = Job::new(challenge, target);
    match Search::within(job, nonce.saturating_sub(100)..nonce + 1).step(&mut Portable, u32::MAX) {
        Ok(Step::Found(_)) => Ok(()),
        step => Err(Fault::Refused(format!("{step:?}"))),
    }
}

fn check_wrong_hash(entry: Entry<'_>) -> Result<(), Fault> {
    let hash = entry.bytes("hash")?;
    refused(trace(&header(entry, "header")?).hash.as_slice() != hash)
}

fn check_unsolved(entry: Entry<'_>) -> Result<(), Fault> {
    refused(verify(&header(entry, "header")?, &target(entry)?).is_err())
}

fn check_invalid_target(entry: Entry<'_>) -> Result<(), Fault> {
    if entry.has("difficulty") {
        return refused(Target::from_wide_difficulty(&entry.number("difficulty")?).is_err());
    }
    refused(Target::parse_hex(entry.text("target")?).is_err())
}

fn check_invalid_header(entry: Entry<'_>) -> Result<(), Fault> {
    refused(Header::parse_hex(entry.text("header")?).is_err())
}

fn header(entry: Entry<'_>, field: &'static str) -> Result<Header, Fault> {
    Header::parse(&entry.bytes(field)?).map_err(|_| Fault::Field(field))
}

fn target(entry: Entry<'_>) -> Result<Target, Fault> {
    Target::parse(&entry.bytes("target")?).map_err(|_| Fault::Field("target"))
}

/// An entry that must be refused was, or was not.
///
/// # Errors
/// [`Fault::Accepted`].
pub fn refused(was: bool) -> Result<(), Fault> {
    if was { Ok(()) } else { Err(Fault::Accepted) }
}

/// Compares texts.
///
/// # Errors
/// [`Fault::Differs`].
pub fn equal(
    field: &'static str,
    expected: impl fmt::Display,
    actual: impl fmt::Display,
) -> Result<(), Fault> {
    let (expected, actual) = (expected.to_string(), actual.to_string());
    if expected == actual {
        Ok(())
    } else {
        Err(Fault::Differs {
            field,
            expected,
            actual,
        })
    }
}

impl<'a> Entry<'a> {
    /// Whether the field is there and not null.
    pub fn has(self, field: &str) -> bool {
        self.0.get(field).is_some_and(|value| !value.is_null())
    }

    /// A text.
    ///
    /// # Errors
    /// [`Fault::Field`].
    pub fn text(self, field: &'static str) -> Result<&'a str, Fault> {
        self.0
            .get(field)
            .and_then(Value::as_str)
            .ok_or(Fault::Field(field))
    }

    /// A byte string in hex.
    ///
    /// # Errors
    /// [`Fault::Field`].
    pub fn bytes(self, field: &'static str) -> Result<Vec<u8>, Fault> {
        hex::decode(self.text(field)?).map_err(|_| Fault::Field(field))
    }

    /// A byte string of `N` bytes in hex.
    ///
    /// # Errors
    /// [`Fault::Field`].
    pub fn array<const N: usize>(self, field: &'static str) -> Result<[u8; N], Fault> {
        self.bytes(field)?
            .try_into()
            .map_err(|_| Fault::Field(field))
    }

    /// A number of up to 256 bits, as a number or in decimal digits; big-endian.
    ///
    /// # Errors
    /// [`Fault::Field`].
    pub fn number(self, field: &'static str) -> Result<[u8; 32], Fault> {
        let value = self.0.get(field).ok_or(Fault::Field(field))?;
        let digits = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let mut number = [0_u8; 32];
        for digit in digits.chars() {
            let mut carry = digit.to_digit(10).ok_or(Fault::Field(field))?;
            for byte in number.iter_mut().rev() {
                carry += u32::from(*byte) * 10;
                *byte = carry.to_le_bytes()[0];
                carry >>= 8;
            }
            if carry > 0 {
                return Err(Fault::Field(field));
            }
        }
        if digits.is_empty() {
            Err(Fault::Field(field))
        } else {
            Ok(number)
        }
    }

    /// Compares a byte string with the entry's.
    ///
    /// # Errors
    /// [`Fault::Differs`], [`Fault::Field`].
    pub fn expect_bytes(self, field: &'static str, actual: &[u8]) -> Result<(), Fault> {
        equal(field, self.text(field)?, hex::encode(actual))
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const ACCEPT: [&str; 3] = ["hash_vectors", "targets", "solved"];
    const REJECT: [&str; 4] = [
        "wrong_hashes",
        "unsolved",
        "invalid_targets",
        "invalid_headers",
    ];

    #[test]
    fn vectors_of_the_repository_hold() -> Result<(), serde_json::Error> {
        let file: Value = serde_json::from_str(include_str!("../vectors/pow5-64b.json"))?;
        let mut checked = [0, 0];
        for (kind, lists) in [ACCEPT.as_slice(), &REJECT].into_iter().enumerate() {
            for list in lists {
                let (Some(check), Some(entries)) = (check_for(list), file[list].as_array()) else {
                    unreachable!("{list} is missing")
                };
                for (i, entry) in entries.iter().enumerate() {
                    assert_eq!(check(Entry(entry)), Ok(()), "{list}[{i}]");
                    checked[kind] += 1;
                }
            }
        }
        let [accepted, refused] = checked;
        assert!(
            accepted >= 40 && refused >= accepted,
            "{accepted} accepted, {refused} refused"
        );
        Ok(())
    }

    #[test]
    fn checks_can_fail() {
        let file = serde_json::json!({
            "hash_vectors": {"header": "00".repeat(64), "final": "00".repeat(32)},
            "targets": {"difficulty": "2", "target": "ff".repeat(32)},
            "solved": {"solved_header": "00".repeat(64), "target": "01".repeat(32)},
            "wrong_hashes": {
                "header": "00".repeat(64),
                "hash": "f473678f945d1d5a63f52a89fbd6a4f069f960265844776ca9ff8bf09572dca3",
            },
            "unsolved": {"header": "00".repeat(64), "target": "ff".repeat(32)},
            "invalid_targets": {"target": "ff".repeat(32)},
            "invalid_headers": {"header": "ff".repeat(64)},
        });
        for list in ACCEPT.into_iter().chain(REJECT) {
            let fault = check_for(list).map(|check| check(Entry(&file[list])));
            assert!(matches!(fault, Some(Err(_))), "{list}");
            assert!(
                check_for(list).is_some_and(|check| check(Entry(&Value::Null)).is_err()),
                "{list}"
            );
        }
        assert!(check_for("nonsense").is_none());
    }
}
