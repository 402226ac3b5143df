//! Items: found, shown, filled, written.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ItemId, ItemVersion, UnixMillis},
    vault::{ItemDraft, ItemSummary, SecretField, SecretText},
};

payloads! {
    /// What fits the active tab?
    ThisSite {}

    /// The page in the active tab and what fits it.
    SiteView {
        /// Its host; `None` where it is no web page.
        host: Option<String>,
        /// Logins that fit, the last used first; or all cards or identities, where the menu at a
        /// field for them has sent the user here.
        items: Vec<ItemSummary>,
        /// How many would fit if the page were encrypted: they go to https only.
        https_only: u32,
    }

    /// List the cards.
    ListCards {}

    /// List the identities.
    ListIdentities {}

    /// Items of one kind.
    ItemList {
        /// The last used first, then by title.
        items: Vec<ItemSummary>,
    }

    /// Fill a login.
    Fill {
        /// Which.
        item: ItemId,
    }

    /// What was filled.
    FillReport {
        /// Whether a user name went in.
        username: bool,
        /// Whether a password went in.
        password: bool,
        /// Whether a one-time code went in.
        totp: bool,
    }

    /// Find items.
    Search {
        /// Words, all of which must be found in title, subtitle or addresses.
        query: String,
        /// How many of the best to leave out: lists load page by page.
        #[serde(default)]
        offset: u32,
        /// At most 200.
        limit: u32,
    }

    /// What was found.
    SearchResults {
        /// The best first.
        items: Vec<ItemSummary>,
        /// How many there are in all.
        total: u32,
    }

    /// One item.
    GetItem {
        /// Which.
        id: ItemId,
    }

    /// One secret field.
    Reveal {
        /// Of which item.
        id: ItemId,
        /// Which.
        field: SecretField,
    }

    /// A secret field's value.
    Revealed {
        /// The value.
        value: SecretText,
        /// For a one-time code: when it changes.
        expires_at: Option<UnixMillis>,
        /// For a one-time code: how long each lasts, seconds.
        period_seconds: Option<u32>,
    }

    /// One item to edit.
    EditItem {
        /// Which.
        id: ItemId,
    }

    /// Write an item.
    SaveItem {
        /// As typed.
        draft: ItemDraft,
    }

    /// An item was written on this device; the node follows.
    Saved {
        /// Which.
        id: ItemId,
        /// Version written.
        version: ItemVersion,
    }

    /// Delete an item.
    DeleteItem {
        /// Which.
        id: ItemId,
    }

    /// Bring an item back.
    UndeleteItem {
        /// Which.
        id: ItemId,
    }

    /// Keep a draft; an empty content forgets it.
    KeepDraft {
        /// Name of the screen.
        screen: String,
        /// JSON of the screen's own form, at most 128 KiB.
        content: SecretText,
    }

    /// Read a draft.
    GetDraft {
        /// Name of the screen.
        screen: String,
    }

    /// A draft.
    Draft {
        /// What was kept; empty where nothing was.
        content: SecretText,
    }
}
