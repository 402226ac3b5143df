//! The PIN: opens the vault in place of the password until the browser is closed.

use serde::{Deserialize, Serialize};

use crate::vault::SecretText;

payloads! {
    /// Let a PIN open the vault from now on, in place of any earlier one.
    SetPin {
        /// 4 to 12 characters, checked by [`crate::pin::check`].
        pin: SecretText,
    }

    /// Open the vault with it.
    UnlockWithPin {
        /// As typed.
        pin: SecretText,
    }

    /// Let no PIN open the vault any more, and ask for none.
    RemovePin {}
}

/// Whether a PIN opens the vault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "state",
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum PinState {
    /// The user wants none.
    #[default]
    Off,
    /// It does.
    Set {
        /// Wrong PINs until the password is needed, the last one included: 1 to
        /// [`PIN_TRIES`](crate::limits::PIN_TRIES); 0 only while the last one is looked at.
        tries_left: u32,
    },
    /// It did, and has to be set again.
    Ended {
        /// Why.
        why: PinEnd,
    },
}

impl PinState {
    /// Whether the user wants none.
    pub fn is_off(&self) -> bool {
        *self == Self::Off
    }
}

/// Why a PIN opens the vault no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinEnd {
    /// The browser was closed, or lost what it had in memory.
    Browser,
    /// The password was changed, or the account was logged in to again.
    Password,
    /// The server ended this device's session.
    SignedOut,
    /// Too many wrong ones.
    Tries,
}
