//! New passwords.

use serde::{Deserialize, Serialize};

use crate::vault::SecretText;

payloads! {
    /// A new password.
    Generated {
        /// The password.
        value: SecretText,
        /// Its entropy, bits.
        bits: f64,
    }

    /// Clear the clipboard later.
    ClipboardUsed {}
}

/// How to make a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "recipe",
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Generate {
    /// Of characters, at least one of each set chosen.
    Characters {
        /// 8–128.
        length: u32,
        /// `a`–`z`; always among them.
        uppercase: bool,
        /// `0`–`9`.
        digits: bool,
        /// Punctuation.
        symbols: bool,
        /// Leave out what looks alike (`Il1O0`).
        unambiguous: bool,
    },
    /// Of words out of a list of 7 776 (EFF's long one).
    Passphrase {
        /// 3–12.
        words: u32,
        /// Between them.
        separator: String,
        /// Begin each with a capital.
        capitalize: bool,
        /// Put a digit behind one of them.
        number: bool,
    },
}
