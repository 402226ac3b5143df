//! How the vault here and on the server stand to one another, in words.

use proto::{
    bridge::popup::{AppStatus, NodeState},
    error::WireError,
    ids::UnixMillis,
};

use crate::{components::toast::Toast, format};

/// How they stand, of an open vault.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    node: NodeState,
    /// Writes that have not reached the server.
    pending: u64,
    /// Items on this device.
    items: u64,
    /// When both were alike last, where somebody remembers.
    synced_at: Option<UnixMillis>,
    /// Why they are not, beyond what `node` says.
    pub problem: Option<WireError>,
}

impl Standing {
    /// What a status says of it; `None` while no vault is open.
    pub(crate) fn of(status: Option<&AppStatus>) -> Option<Self> {
        match status {
            Some(AppStatus::Unlocked {
                node,
                pending,
                items,
                synced_at,
                sync_problem,
                ..
            }) => Some(Self {
                node: *node,
                pending: u64::from(*pending),
                items: u64::from(*items),
                synced_at: *synced_at,
                problem: sync_problem.clone(),
            }),
            _ => None,
        }
    }

    /// In two or three words.
    pub(crate) fn title(&self) -> String {
        match (self.node, self.pending) {
            _ if self.problem.is_some() => "Not in sync".to_owned(),
            (NodeState::Offline, _) => "Offline".to_owned(),
            (NodeState::SignedOut, _) => "Signed out".to_owned(),
            (_, 1..) => format!("{} to send", format::counted(self.pending, "change")),
            (NodeState::Online, 0) => "Synchronised".to_owned(),
            (NodeState::Unknown, 0) => "Not synchronised yet".to_owned(),
        }
    }

    /// In a sentence or two: why they are not alike, and what becomes of what was changed here. A
    /// problem has its own words.
    pub(crate) fn text(&self) -> String {
        let waits = || match self.pending {
            0 => String::new(),
            pending => format!(" {} here.", waiting(pending)),
        };
        match self.node {
            _ if self.problem.is_some() => waits().trim_start().to_owned(),
            NodeState::Unknown => format!("{} on this device.", self.counted()),
            NodeState::Online if self.pending == 0 => {
                format!("{}, all on the server.", self.counted())
            }
            NodeState::Online => "The server answers.".to_owned(),
            NodeState::Offline if self.pending == 0 => {
                "The server does not answer. Your vault is complete here.".to_owned()
            }
            NodeState::Offline => format!(
                "The server does not answer. {} here until it does.",
                waiting(self.pending)
            ),
            NodeState::SignedOut => format!("This device is signed out; log in again.{}", waits()),
        }
    }

    /// When they were alike last, told at `now`; `None` where nobody remembers.
    pub(crate) fn last(&self, now: UnixMillis) -> Option<String> {
        let ago = format::seconds_ago(self.synced_at?, now);
        let alike = self.problem.is_none() && matches!(self.node, NodeState::Online);
        Some(if alike {
            format!("Synced {ago}")
        } else {
            format!("Last synced {ago}")
        })
    }

    /// What came of a synchronisation that the user asked for.
    pub(crate) fn outcome(&self) -> Toast {
        match (self.node, self.pending) {
            _ if self.problem.is_some() => Toast::failed("Not synced. The reason is told above."),
            (NodeState::Offline, _) => {
                Toast::failed("The server does not answer. Nothing is lost; it is tried again.")
            }
            (NodeState::SignedOut, _) => {
                Toast::failed("This device is signed out. Log in again in the vault.")
            }
            (NodeState::Online, 0) => Toast::done(&format!("Synced: {}", self.text())),
            (_, 0) => Toast::failed("Not synced yet. Try again."),
            (_, pending) => Toast::failed(&format!("{} still.", waiting(pending))),
        }
    }

    fn counted(&self) -> String {
        format::counted(self.items, "item")
    }
}

/// `1 change waits`, `2 changes wait`.
fn waiting(pending: u64) -> String {
    let verb = if pending == 1 { "waits" } else { "wait" };
    format!("{} {verb}", format::counted(pending, "change"))
}

#[cfg(test)]
mod tests {
    use proto::error::ErrorCode;

    use super::*;

    fn standing(node: NodeState, pending: u64) -> Standing {
        Standing {
            node,
            pending,
            items: 9,
            synced_at: Some(UnixMillis(1_000_000)),
            problem: None,
        }
    }

    fn altered() -> Standing {
        Standing {
            problem: Some(ErrorCode::VaultAltered.into()),
            ..standing(NodeState::Online, 2)
        }
    }

    #[test]
    fn only_what_is_on_the_server_is_called_synchronised() {
        for (node, pending, title) in [
            (NodeState::Online, 0, "Synchronised"),
            (NodeState::Online, 3, "3 changes to send"),
            (NodeState::Unknown, 0, "Not synchronised yet"),
            (NodeState::Unknown, 1, "1 change to send"),
            (NodeState::Offline, 0, "Offline"),
            (NodeState::Offline, 3, "Offline"),
            (NodeState::SignedOut, 0, "Signed out"),
            (NodeState::SignedOut, 3, "Signed out"),
        ] {
            assert_eq!(standing(node, pending).title(), title);
        }
        assert_eq!(altered().title(), "Not in sync");
    }

    #[test]
    fn what_waits_is_told() {
        for (node, pending, text) in [
            (NodeState::Online, 0, "9 items, all on the server."),
            (
                NodeState::Offline,
                0,
                "The server does not answer. Your vault is complete here.",
            ),
            (
                NodeState::Offline,
                2,
                "The server does not answer. 2 changes wait here until it does.",
            ),
            (
                NodeState::SignedOut,
                1,
                "This device is signed out; log in again. 1 change waits here.",
            ),
        ] {
            assert_eq!(standing(node, pending).text(), text);
        }
        assert_eq!(altered().text(), "2 changes wait here.");
    }

    #[test]
    fn what_was_alike_once_is_not_said_to_be_so_still() {
        let told = |standing: Standing| standing.last(UnixMillis(1_012_000));
        for (node, text) in [
            (NodeState::Online, "Synced 12 s ago"),
            (NodeState::Offline, "Last synced 12 s ago"),
            (NodeState::SignedOut, "Last synced 12 s ago"),
        ] {
            assert_eq!(told(standing(node, 0)).as_deref(), Some(text));
        }
        assert_eq!(told(altered()).as_deref(), Some("Last synced 12 s ago"));
        let never = Standing {
            synced_at: None,
            ..standing(NodeState::Offline, 0)
        };
        assert_eq!(told(never), None);
    }

    #[test]
    fn success_is_told_of_nothing_else() {
        let done = Toast::done("Synced: 9 items, all on the server.");
        assert_eq!(standing(NodeState::Online, 0).outcome(), done);
        let failed = [
            standing(NodeState::Online, 1),
            standing(NodeState::Unknown, 0),
            standing(NodeState::Offline, 0),
            standing(NodeState::SignedOut, 0),
            altered(),
        ];
        for standing in failed {
            assert!(standing.outcome().is_failure(), "{standing:?}");
        }
    }
}
