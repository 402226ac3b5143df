//! The account of this device: making it, opening it, its devices and its end.

use serde::{Deserialize, Serialize};

use super::{HostProblem, PinState, RecoveryState};
use crate::{
    address::{Address, AddressWarning},
    api::info::Availability,
    error::WireError,
    ids::{Difficulty, SessionId, UnixMillis},
    vault::SecretText,
};

payloads! {
    /// How things stand?
    Status {}

    /// Is this address free?
    CheckAddress {
        /// As typed.
        address: String,
        /// URL of the node where the address' domain does not tell it; only https, or http on this
        /// computer.
        server: Option<String>,
    }

    /// What a check of an address found.
    AddressCheck {
        /// The address, where it is well formed.
        address: Option<Address>,
        /// Whether it is free; `None` where no node could be asked.
        availability: Option<Availability>,
        /// What other servers may not like about it.
        warnings: Vec<AddressWarning>,
        /// Work that an account costs there.
        difficulty: Option<Difficulty>,
        /// Why there is no answer.
        problem: Option<WireError>,
    }

    /// Make an account.
    CreateAccount {
        /// As typed.
        address: String,
        /// As in [`CheckAddress`].
        server: Option<String>,
        /// The password.
        password: SecretText,
    }

    /// Log in.
    LogIn {
        /// As typed.
        address: String,
        /// As in [`CheckAddress`].
        server: Option<String>,
        /// The password.
        password: SecretText,
    }

    /// Stop working.
    CancelWork {}

    /// Open the vault.
    Unlock {
        /// The password.
        password: SecretText,
    }

    /// Close the vault.
    Lock {}

    /// Whose is this device?
    GetAccount {}

    /// The account of this device.
    AccountView {
        /// Whose.
        address: Address,
        /// URL of its node's API.
        server: String,
    }

    /// List the devices.
    ListSessions {}

    /// The devices.
    Sessions {
        /// This one, then the others, the last used first.
        devices: Vec<DeviceView>,
    }

    /// One device.
    DeviceView {
        /// Its session.
        id: SessionId,
        /// What it calls itself.
        description: String,
        /// What the user calls it.
        name: Option<String>,
        /// When it last used the node, to the minute.
        synced_at: UnixMillis,
        /// Whether it is this one.
        current: bool,
    }

    /// End a session.
    RevokeSession {
        /// Which.
        id: SessionId,
    }

    /// End the sessions of all other devices.
    RevokeOthers {}

    /// Call a device something.
    RenameDevice {
        /// Its session.
        id: SessionId,
        /// At most 50 characters; empty: what it calls itself.
        name: String,
    }

    /// Forget the account here.
    RemoveAccount {}

    /// Delete the account.
    DeleteAccount {
        /// The password once more.
        password: SecretText,
    }

    /// Synchronise.
    SyncNow {}

    /// Somebody is there.
    Touch {}

    /// A proof of work's state.
    WorkProgress {
        /// Tries done.
        tries: u64,
        /// Tries a second, lately.
        rate: f64,
        /// Average tries that it costs.
        difficulty: Difficulty,
        /// Chance that it would have been solved by now, 0 to 1.
        probability: f64,
        /// Seconds to expect from now; `None` before the rate is known.
        expected_seconds: Option<f64>,
        /// Whether the task is likely to expire before it is solved, and a new one will be needed.
        too_slow: bool,
    }
}

/// How things stand: what the popup shows first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "state",
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum AppStatus {
    /// No account on this device.
    Empty {
        /// Why the last attempt to make one or log in ended, until the next begins.
        problem: Option<WireError>,
    },
    /// An account is being made or logged in to.
    Working {
        /// Whose.
        address: Address,
        /// What for.
        task: WorkTask,
        /// Where it stands.
        stage: WorkStage,
        /// The proof of work, once it runs.
        progress: Option<WorkProgress>,
    },
    /// The account lives in the native host, which is not there.
    Away {
        /// Whose.
        address: Address,
        /// Whether it is being reached.
        reaching: bool,
        /// Why the last try came to nothing.
        problem: Option<HostProblem>,
    },
    /// Locked.
    Locked {
        /// Whose.
        address: Address,
        /// Why the last attempt to log in again or to recover the account ended, until it is opened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<WireError>,
        /// Whether a PIN opens it.
        #[serde(default, skip_serializing_if = "PinState::is_off")]
        pin: PinState,
    },
    /// Open.
    Unlocked {
        /// Whose.
        address: Address,
        /// Live items.
        items: u32,
        /// Whether the node answers.
        node: NodeState,
        /// Writes that have not reached the node.
        pending: u32,
        /// Items of the node that do not open: changed or damaged there.
        unreadable: u32,
        /// When this device and the node were alike last; `None` where nobody remembers.
        synced_at: Option<UnixMillis>,
        /// Why they are not, beyond what `node` says.
        sync_problem: Option<WireError>,
        /// Why the last attempt to log in again ended, until the next begins.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<WireError>,
        /// Whether the account can be recovered.
        recovery: RecoveryState,
        /// Whether a PIN opens it once it is locked.
        #[serde(default, skip_serializing_if = "PinState::is_off")]
        pin: PinState,
        /// Messages that came and were not looked at, requests among them.
        #[serde(default)]
        unread: u32,
        /// When it locks if nothing is done.
        locks_at: UnixMillis,
    },
}

/// What a proof of work is done for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkTask {
    /// A new account.
    CreateAccount,
    /// A login on this device.
    LogIn,
    /// A new password, by recovery words.
    Recover,
}

/// Where making an account or logging in stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkStage {
    /// Deriving keys from the password.
    Keys,
    /// Asking the node for a challenge.
    Challenge,
    /// Proof of work.
    Work,
    /// Sending it.
    Submit,
}

/// How the node was met last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// Not asked since unlocking.
    Unknown,
    /// It answers.
    Online,
    /// It does not; the vault is read from here and writes wait.
    Offline,
    /// It refuses this device's session: the password is needed once more.
    SignedOut,
}
