//! What is kept of half-done work while the popup is closed. The background seals it.
//!
//! A master password is never part of one.

use proto::ids::{ItemId, UnixMillis};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::form::ItemForm;

/// How long after its last change a draft opens its screen by itself, milliseconds.
pub(crate) const REOPEN_MS: u64 = 10 * 60 * 1000;
/// How long after a deletion it is offered to be undone, milliseconds.
const UNDO_MS: u64 = 5 * 60 * 1000;

/// A form that is kept under a name of its own.
pub(crate) trait Kept: Serialize + DeserializeOwned {
    /// The name.
    const SCREEN: &'static str;
}

/// What is typed before there is an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Start {
    /// Which of the ways was taken; `None` on the welcome screen.
    pub way: Option<Way>,
    /// Address as typed.
    pub address: String,
    /// Server as typed; empty where the address' domain tells it.
    pub server: String,
}

/// The ways in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Way {
    /// Make an account.
    Create,
    /// Log in to one.
    LogIn,
    /// Set a new password with recovery words.
    Recover,
    /// Use a one-time code, whatever it is good for.
    Code,
    /// Make an account with one.
    Invited,
    /// Set a new password with one.
    Reset,
}

/// An item that is being written.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Unfinished {
    /// The form.
    pub form: ItemForm,
    /// When it was last changed.
    pub at: UnixMillis,
}

/// The last deletion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deletion {
    /// Of which item.
    pub id: ItemId,
    /// What it was called.
    pub title: String,
    /// When.
    pub at: UnixMillis,
}

impl Kept for Start {
    const SCREEN: &'static str = "start";
}

impl Kept for Unfinished {
    const SCREEN: &'static str = "editor";
}

impl Kept for Deletion {
    const SCREEN: &'static str = "undo";
}

impl Start {
    /// The server as a request names it.
    pub(crate) fn server(&self) -> Option<String> {
        let server = self.server.trim();
        (!server.is_empty()).then(|| server.to_owned())
    }
}

impl Unfinished {
    /// Whether it is so fresh that the user is still at it.
    pub(crate) fn reopens(&self, now: UnixMillis) -> bool {
        now < self.at.plus(REOPEN_MS)
    }
}

impl Deletion {
    /// Whether it is still offered to be undone.
    pub(crate) fn is_offered(&self, now: UnixMillis) -> bool {
        now < self.at.plus(UNDO_MS)
    }
}

#[cfg(test)]
mod tests {
    use proto::vault::ItemKind;

    use super::*;

    #[test]
    fn a_draft_opens_the_editor_for_ten_minutes() {
        let draft = Unfinished {
            form: ItemForm::new(ItemKind::Note),
            at: UnixMillis(1_000_000_000_000),
        };
        assert!(draft.reopens(draft.at));
        assert!(draft.reopens(draft.at.plus(599_999)));
        assert!(!draft.reopens(draft.at.plus(600_000)));
    }

    #[test]
    fn an_empty_server_is_none() {
        let start = |server: &str| Start {
            server: server.to_owned(),
            ..Start::default()
        };
        assert_eq!(start("  ").server(), None);
        assert_eq!(
            start(" https://a.de ").server().as_deref(),
            Some("https://a.de")
        );
    }

    #[test]
    fn no_draft_has_a_place_for_a_master_password() -> Result<(), serde_json::Error> {
        let text = serde_json::to_string(&Start::default())?;
        assert_eq!(text, r#"{"way":null,"address":"","server":""}"#);
        Ok(())
    }
}
