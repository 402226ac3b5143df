//! What the page in view is asked and told beyond filling a login.

use serde::{Deserialize, Serialize};

use crate::{
    address::Address, bridge::content::FillRole, bytes::Hex, ids::ItemId, vault::ItemSummary,
};

/// A screen that a tab opens at and that is about somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "screen", deny_unknown_fields, rename_all = "snake_case")]
pub enum Landing {
    /// A new message.
    Write {
        /// To whom.
        address: Address,
    },
    /// Somebody's key.
    Contact {
        /// Whose.
        address: Address,
    },
}

payloads! {
    /// Open a screen in a tab of its own, whose URL says nothing of whom it is about: browsers keep URLs.
    OpenPage {
        /// Which.
        landing: Landing,
    }

    /// What does this tab open at? It is told once, and while the vault is open.
    Follow {
        /// The random id in the tab's URL.
        id: Hex<16>,
    }

    /// What it opens at.
    Followed {
        /// Nothing where it was told before, or the browser was started anew.
        landing: Option<Landing>,
    }

    /// Where would it go?
    PreviewFill {
        /// A card or an identity.
        item: ItemId,
    }

    /// What of an item would go into which fields of the page.
    Preview {
        /// Names it in [`FillPreviewed`]; only the last one counts, for some minutes.
        id: u64,
        /// Host of the frame that would be filled.
        host: String,
        /// In the order of filling.
        parts: Vec<PreviewPart>,
    }

    /// One of them.
    PreviewPart {
        /// What goes in.
        role: FillRole,
        /// What the page calls the field; may be empty.
        field: String,
    }

    /// Fill what a preview said, where it said.
    FillPreviewed {
        /// [`Preview::id`].
        id: u64,
    }

    /// Take the last fill of the page in the active tab back.
    UndoFill {}

    /// What was taken back.
    Undone {
        /// Fields that hold what they held before.
        fields: u32,
    }

    /// How does the page in the active tab stand?
    GetPage {}

    /// How the page in the active tab stands.
    PageView {
        /// Whether its last fill can be taken back.
        can_undo: bool,
    }

    /// Why are its fields taken for what they are?
    Explain {}

    /// What the page's fields are taken for, and why.
    Explanation {
        /// Frames with fields.
        frames: Vec<ExplainedFrame>,
    }

    /// A frame.
    ExplainedFrame {
        /// Its origin; `None` where it is opaque.
        origin: Option<String>,
        /// Its forms.
        groups: Vec<ExplainedGroup>,
    }

    /// Fields that belong together.
    ExplainedGroup {
        /// What they are for.
        kind: String,
        /// How sure that is, points.
        score: i32,
        /// What spoke for and against.
        reasons: Vec<String>,
        /// The fields.
        fields: Vec<ExplainedField>,
    }

    /// A field.
    ExplainedField {
        /// What the page calls it.
        name: String,
        /// What it is taken for.
        label: String,
        /// Whether it could be filled: it is seen and can be changed.
        usable: bool,
        /// Why.
        reasons: Vec<String>,
    }

    /// A server that wants a user name and password by HTTP (RFC 7617).
    GetSignIn {
        /// Which request.
        id: u32,
    }

    /// Who wants them, and what fits.
    SignInView {
        /// Its origin.
        origin: String,
        /// Logins that fit.
        items: Vec<ItemSummary>,
    }

    /// The user's answer to it.
    AnswerSignIn {
        /// Which request.
        id: u32,
        /// The login chosen; `None`: the browser asks.
        item: Option<ItemId>,
    }
}
