//! New passwords.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{GeneratedId, UnixMillis},
    vault::SecretText,
};

payloads! {
    /// A new password.
    Generated {
        /// The password.
        value: SecretText,
        /// Its entropy, bits.
        bits: f64,
    }

    /// What a site says of new passwords. All of it is the page's word, and none of it need make
    /// sense.
    PasswordConstraints {
        /// `minlength`; 0 where there is none.
        min: u32,
        /// `maxlength`; 0 where there is none.
        max: u32,
        /// `pattern`; empty where there is none. Over 512 bytes it is left out.
        pattern: String,
        /// `passwordrules` in Apple's language; empty where there are none. Over 1 024 bytes they
        /// are left out.
        rules: String,
    }

    /// A new password for a site that has rules.
    GeneratedFor {
        /// The password.
        value: SecretText,
        /// Its entropy, bits.
        bits: f64,
        /// What of the rules was left out; the site may not take the password for it.
        ignored: Vec<IgnoredRule>,
    }

    /// List the passwords that were generated or replaced lately.
    ListGenerated {}

    /// Passwords that were generated on this device in the last 30 days, or that one from a page
    /// took the place of.
    GeneratedList {
        /// The newest first, at most 200.
        passwords: Vec<GeneratedPassword>,
    }

    /// A generated or replaced password, without its value.
    GeneratedPassword {
        /// Which.
        id: GeneratedId,
        /// Host of the page that it was made for, without `www.`.
        site: String,
        /// When.
        made_at: UnixMillis,
        /// Whether a login had it, and got another one from that page.
        #[serde(default)]
        replaced: bool,
    }

    /// A generated password's value.
    RevealGenerated {
        /// Which.
        id: GeneratedId,
    }

    /// Forget a generated password.
    ForgetGenerated {
        /// Which.
        id: GeneratedId,
    }

    /// Clear the clipboard later.
    ClipboardUsed {}

    /// Let the native host copy a secret, and clear it later.
    CopyByHost {
        /// The secret.
        value: SecretText,
    }

    /// Whether it did.
    CopiedByHost {
        /// `false`: none is paired or reached, it has no clipboard, or what is copied is never cleared (a host
        /// does not outlive the browser). Whoever asks copies by itself, and says [`ClipboardUsed`].
        done: bool,
    }
}

/// A part of a site's rules that was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IgnoredRule {
    /// A class of characters that nobody knows, that has no printable ASCII, or that is one too many.
    Class,
    /// The pattern: not understood, or too large.
    Pattern,
    /// A property that nobody knows.
    Property,
    /// A text that is too long.
    TooLong,
    /// A value that is none, or too much together with the others.
    Value,
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
