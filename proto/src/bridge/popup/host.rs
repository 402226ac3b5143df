//! The native host, as the user sees it.

use serde::{Deserialize, Serialize};

payloads! {
    /// How does it stand with the host?
    GetHost {}

    /// Meet the host for the first time: needs `pearvault-host pair` in a terminal.
    PairHost {}

    /// The user has seen the same code here and in the terminal.
    AgreeHost {}

    /// Give up a meeting, or forget the host that was paired.
    LeaveHost {}

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
    }
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
}
