//! Popup, full page and side panel → background.

use serde::{Deserialize, Serialize};

use super::{
    port,
    solver::{BatteryChoice, EngineChoice, EngineReport},
};
use crate::{
    address::{Address, AddressWarning},
    api::{info::Availability, session::SessionView},
    error::WireError,
    ids::{Difficulty, ItemId, ItemVersion, SessionId, UnixMillis},
    vault::{ItemDraft, ItemSummary, ItemView, SecretField, SecretText},
};

port! {
    /// Everything that the extension's own pages can ask.
    #[expect(
        clippy::large_enum_variant,
        reason = "one lives at a time, for as long as it is answered"
    )]
    pub enum PopupRequest {
        /// How things stand.
        "status" Status => AppStatus,
        /// Is this address free? Finds its node first.
        "check_address" CheckAddress => AddressCheck,
        /// Begin making an account: derives keys, then works in the background.
        "create_account" CreateAccount => Empty,
        /// Begin logging in on this device.
        "log_in" LogIn => Empty,
        /// Stop the proof of work of an account or a login.
        "cancel_work" CancelWork => Empty,
        /// Open the vault.
        "unlock" Unlock => AppStatus,
        /// Close it.
        "lock" Lock => AppStatus,
        /// What fits the page in the active tab.
        "this_site" ThisSite => SiteView,
        /// Fill a login into the page in the active tab.
        "fill" Fill => FillReport,
        /// Find items; an empty query lists all.
        "search" Search => SearchResults,
        /// One item without its secrets.
        "item" GetItem => ItemView,
        /// One secret field, to show or copy.
        "reveal" Reveal => Revealed,
        /// One item with its secrets, to edit.
        "edit" EditItem => ItemDraft,
        /// Write an item.
        "save" SaveItem => Saved,
        /// Delete an item; it can be brought back.
        "delete" DeleteItem => Saved,
        /// Bring a deleted item back.
        "undelete" UndeleteItem => Saved,
        /// Make a password.
        "generate" Generate => Generated,
        /// Something secret was copied: clear the clipboard when the time set is over.
        "clipboard_used" ClipboardUsed => Empty,
        /// The account of this device and where it is kept.
        "account" GetAccount => AccountView,
        /// Read the settings.
        "settings" GetSettings => Settings,
        /// Write the settings.
        "set_settings" SetSettings => Settings,
        /// The account's devices.
        "sessions" ListSessions => Sessions,
        /// End a device's session.
        "revoke_session" RevokeSession => Sessions,
        /// Forget the account on this device; nothing on the node changes.
        "remove_account" RemoveAccount => AppStatus,
        /// Delete the account on the node and here.
        "delete_account" DeleteAccount => AppStatus,
        /// Keep what is half typed on a screen.
        "keep_draft" KeepDraft => Empty,
        /// What was half typed there.
        "draft" GetDraft => Draft,
        /// Ask the node for what is new, now.
        "sync_now" SyncNow => AppStatus,
        /// What works on proofs on this device.
        "solver" GetSolver => SolverView,
        /// Measure it, now; the answer comes as an event.
        "measure_solver" MeasureSolver => Empty,
        /// The user pressed a key or a button: the vault stays open for its time from now.
        "touch" Touch => Empty,
    }
}

/// An answer without content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        pub struct $name { $($(#[$fdoc])* pub $field: $type,)* }
    )*};
}

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

    /// What fits the active tab?
    ThisSite {}

    /// The page in the active tab and what fits it.
    SiteView {
        /// Its host; `None` where it is no web page.
        host: Option<String>,
        /// Logins that fit, the last used first.
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

    /// A new password.
    Generated {
        /// The password.
        value: SecretText,
        /// Its entropy, bits.
        bits: f64,
    }

    /// Clear the clipboard later.
    ClipboardUsed {}

    /// Whose is this device?
    GetAccount {}

    /// The account of this device.
    AccountView {
        /// Whose.
        address: Address,
        /// URL of its node's API.
        server: String,
    }

    /// Read the settings.
    GetSettings {}

    /// Write the settings.
    SetSettings {
        /// All of them.
        settings: Settings,
    }

    /// List the devices.
    ListSessions {}

    /// The devices.
    Sessions {
        /// The last used first.
        sessions: Vec<SessionView>,
    }

    /// End a session.
    RevokeSession {
        /// Which.
        id: SessionId,
    }

    /// Forget the account here.
    RemoveAccount {}

    /// Delete the account.
    DeleteAccount {
        /// The password once more.
        password: SecretText,
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

    /// Synchronise.
    SyncNow {}

    /// Somebody is there.
    Touch {}

    /// What works on proofs?
    GetSolver {}

    /// Measure it.
    MeasureSolver {}

    /// What works on proofs on this device.
    SolverView {
        /// What was measured; the processor first. Empty before the first work.
        engines: Vec<EngineReport>,
        /// When.
        measured_at: Option<UnixMillis>,
        /// Whether a measurement is under way.
        measuring: bool,
        /// Whether the device runs on battery, as far as the browser tells.
        on_battery: bool,
    }

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

    /// What the user can set.
    Settings {
        /// Minutes without use until the vault locks, 1–1440.
        lock_after_minutes: u32,
        /// Whether it locks with the system's screen.
        lock_with_system: bool,
        /// Seconds until a copied secret is cleared from the clipboard, 10–600; 0: never.
        clear_clipboard_seconds: u32,
        /// How the generator is set.
        generator: Generate,
        /// What works on proofs.
        #[serde(default)]
        engine: EngineChoice,
        /// How much of it on battery.
        #[serde(default)]
        on_battery: BatteryChoice,
    }
}

/// How to make a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "recipe",
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Generate {
    /// Of characters, at least one of each set chosen.
    Characters {
        /// 8–128.
        length: u32,
        /// `a`–`z`; always among them.
        uppercase: bool,
        /// `0`–`9`.
        digits: bool,
        /// Punctuation.
        symbols: bool,
        /// Leave out what looks alike (`Il1O0`).
        unambiguous: bool,
    },
    /// Of words out of a list of 7 776 (EFF's long one).
    Passphrase {
        /// 3–12.
        words: u32,
        /// Between them.
        separator: String,
        /// Begin each with a capital.
        capitalize: bool,
        /// Put a digit behind one of them.
        number: bool,
    },
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
    /// Locked.
    Locked {
        /// Whose.
        address: Address,
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

impl Default for Settings {
    fn default() -> Self {
        Self {
            lock_after_minutes: 15,
            lock_with_system: true,
            clear_clipboard_seconds: 60,
            generator: Generate::Characters {
                length: 20,
                uppercase: true,
                digits: true,
                symbols: true,
                unambiguous: true,
            },
            engine: EngineChoice::default(),
            on_battery: BatteryChoice::default(),
        }
    }
}
