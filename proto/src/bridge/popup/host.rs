//! The native host, as the user sees it.

use serde::{Deserialize, Serialize};

use super::WorkProgress;
use crate::{address::Address, error::WireError, ids::UnixMillis, vault::SecretText};

payloads! {
    /// How does it stand with the host?
    GetHost {}

    /// Meet the host for the first time: needs `pearvault-host pair` in a terminal.
    PairHost {}

    /// The user has seen the same code here and in the terminal.
    AgreeHost {}

    /// Give up a meeting, or forget the host that was paired.
    LeaveHost {}

    /// Move this browser's account into the host: the host logs in as a device of its own, takes what only
    /// this browser has, and this browser forgets its keys.
    MoveIn {
        /// The password: no other engine's keys are handed over.
        password: SecretText,
    }

    /// Use the account that lives in the host, where this browser has none.
    UseHost {}

    /// The other way about: the host forgets the account.
    MoveBack {
        /// The password.
        password: SecretText,
    }

    /// Give up a move that is under way, or forget why one failed.
    CancelMove {}

    /// Let the host forget the account of this browser, which it has logged in to, too.
    EmptyHost {}

    /// Send what the host asks of nodes through a proxy of this user, such as Tor's, and no other way.
    SetHostRoute {
        /// Where it listens, `host:port`; `None`: straight again.
        proxy: Option<String>,
    }

    /// Which way the host goes by now.
    RouteSet {
        /// Whether the proxy is there at present. Where it is not nothing goes until it is.
        answers: bool,
    }

    /// Let the keyring of the host's system open the vault in place of the password, for a time.
    SetByKeyring {
        /// Hours from now, 1–[`BY_KEYRING_MAX_HOURS`](crate::limits::BY_KEYRING_MAX_HOURS); 0: no longer.
        hours: u32,
        /// The account's password, unless it ends: whoever meets an open vault leaves no way into it behind.
        password: Option<SecretText>,
    }

    /// Open the vault with it.
    UnlockByKeyring {}

    /// How it stands with the host.
    HostStatus {
        /// Where it stands.
        state: HostState,
        /// Version of the host's program, once it has said so over the channel.
        program: Option<String>,
        /// What its machine is called, likewise.
        machine: Option<String>,
        /// Why the last try to reach it came to nothing.
        problem: Option<HostProblem>,
        /// The account that lives there, once it has said so.
        account: Option<Address>,
        /// Whether that is the account of this browser: no key of it is here.
        lives_there: bool,
        /// Which way it goes to nodes, once it has said so.
        route: Option<NodeRoute>,
        /// Whether the keyring of its system opens the vault, once it has said so.
        by_keyring: Option<ByKeyring>,
        /// Whether it owes an answer for longer than anybody likes.
        slow: bool,
        /// A move of the account that is under way, or that failed last.
        moving: Option<HostMove>,
    }
}

/// Which way the host's requests go to nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    content = "payload",
    rename_all = "snake_case",
    deny_unknown_fields
)]
pub enum NodeRoute {
    /// Straight.
    Direct {},
    /// Through a SOCKS5 proxy, which looks names up, too.
    Proxy {
        /// Where it listens, `host:port`.
        address: String,
    },
    /// None: what was chosen cannot be read.
    Nowhere {},
}

/// Whether the keyring of the host's system opens the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    content = "payload",
    rename_all = "snake_case",
    deny_unknown_fields
)]
pub enum ByKeyring {
    /// There is none that keeps anything for the host, or no account.
    Absent {},
    /// It could; the user has not said so.
    Off {},
    /// It does.
    Until {
        /// Until then.
        at: UnixMillis,
    },
}

/// A move of the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HostMove {
    /// Which way.
    pub way: MoveWay,
    /// The proof of work of the new login, once it runs.
    pub progress: Option<WorkProgress>,
    /// Why it ended; the account is where it was.
    pub problem: Option<WireError>,
}

/// Which way an account moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveWay {
    /// Into the host.
    In,
    /// Into the browser.
    Back,
}

/// Where it stands with the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    content = "payload",
    rename_all = "snake_case",
    deny_unknown_fields
)]
pub enum HostState {
    /// None is paired.
    Unpaired {},
    /// Being reached for a first meeting.
    Reaching {},
    /// The user is to compare this code with the terminal's.
    Comparing {
        /// Six digits in two groups.
        code: String,
        /// Whether the user has agreed here.
        agreed: bool,
        /// Whether the terminal has.
        host_agreed: bool,
    },
    /// One is paired.
    Paired {
        /// Whether it is there now. It is reached when there is work for it.
        connected: bool,
    },
}

/// Why a host could not be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostProblem {
    /// The browser finds none, or may not start it.
    NotInstalled,
    /// The user has not allowed this extension to speak to programs.
    NotAllowed,
    /// No terminal waits.
    NotPairing,
    /// It does not know this extension any more.
    Unknown,
    /// What answers is not the host that was paired.
    Foreign,
    /// The two speak no common version.
    Version,
    /// The terminal said no.
    Declined,
    /// It ended, or did not answer.
    Ended,
    /// It is there and cannot open its database: the system's keyring is locked or away.
    NoStore,
}
