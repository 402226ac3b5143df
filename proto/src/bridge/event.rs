//! News that the background sends to every open popup and page of the extension.

use serde::{Deserialize, Serialize};

use super::popup::{AppStatus, HostStatus, SolverView, WorkProgress};

/// News.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    content = "payload",
    rename_all = "snake_case",
    deny_unknown_fields
)]
pub enum Event {
    /// The state of the application changed: locked, unlocked, node away, account made.
    Status(AppStatus),
    /// A proof of work went on.
    Work(WorkProgress),
    /// What works on proofs was measured, or the power changed.
    Solver(SolverView),
    /// How it stands with the native host changed.
    Host(HostStatus),
    /// The vault changed: lists are to be asked for again.
    VaultChanged {},
    /// Messages or conversations changed: what shows them is to be asked for again.
    MessagesChanged {},
}
