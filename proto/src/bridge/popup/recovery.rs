//! Recovery words, the change of a password, and keys that have another one.

use serde::{Deserialize, Serialize};

use crate::{
    address::Address,
    error::WireError,
    ids::{KeyNumber, UnixMillis},
    vault::SecretText,
};

payloads! {
    /// Are there recovery words? The node is asked.
    GetRecovery {}

    /// What is known of the recovery words.
    RecoveryView {
        /// Whether there are any.
        state: RecoveryState,
        /// When they were confirmed.
        confirmed_at: Option<UnixMillis>,
    }

    /// New recovery words, or those that were shown and not confirmed yet.
    GetRecoveryWords {}

    /// Recovery words that count once they are confirmed.
    RecoveryWords {
        /// Whose.
        address: Address,
        /// URL of its node's API.
        server: String,
        /// The 24 words.
        words: Vec<SecretText>,
        /// Places of the four that are asked for, from 1, in order.
        asked: Vec<u32>,
    }

    /// Confirm the recovery words; older ones open nothing from then on.
    ConfirmRecovery {
        /// The password once more.
        password: SecretText,
        /// The words that were asked for, in the order of their places.
        words: Vec<SecretText>,
    }

    /// Are these recovery words?
    CheckWords {
        /// As typed.
        words: SecretText,
    }

    /// What a look at typed words found.
    WordsCheck {
        /// Why they are none; `None`: they are.
        problem: Option<WireError>,
    }

    /// Set a new password with recovery words, and log in.
    Recover {
        /// As typed.
        address: String,
        /// URL of the node where the address' domain does not tell it.
        server: Option<String>,
        /// The words as typed.
        words: SecretText,
        /// The new password.
        password: SecretText,
    }

    /// Change the password.
    ChangePassword {
        /// That of now.
        current: SecretText,
        /// The new one.
        password: SecretText,
    }

    /// Log in to this device's account with a password that was changed on another device.
    LogInAgain {
        /// URL of the node where the address' domain does not tell it.
        server: Option<String>,
        /// The password.
        password: SecretText,
    }

    /// List the account's keys.
    ListKeys {}

    /// The account's keys.
    Keys {
        /// The newest last.
        keys: Vec<KeyView>,
    }

    /// One key of the account.
    KeyView {
        /// Which; the first is 1.
        number: KeyNumber,
        /// Whether it is not open on this device.
        locked: bool,
        /// Whether it is the newest: people write to it.
        active: bool,
        /// When it was added, where the node could be asked.
        added_at: Option<UnixMillis>,
        /// 30 digits that stand for it, one half of every safety number.
        fingerprint: String,
    }

    /// Make a key, which becomes the active one.
    MakeKey {
        /// The password.
        password: SecretText,
        /// The next one: sent twice, it is one act.
        number: KeyNumber,
    }

    /// Open locked keys.
    OpenKeys {
        /// The password.
        password: SecretText,
        /// That of keys which have another one; they have the password from then on.
        other: Option<SecretText>,
    }
}

/// Whether an account can be recovered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryState {
    /// The node was not asked yet.
    #[default]
    Unknown,
    /// No words were confirmed: who forgets the password has lost everything.
    NotConfirmed,
    /// With 24 words.
    Confirmed,
    /// There are words, sealed with a key that is locked here: they open what is of that key's time.
    Locked,
}
