//! The screens, and which of them a status calls for.

use proto::{
    address::Address,
    api::domain::DomainName,
    bridge::popup::{AppStatus, Landing, WorkTask},
    bytes::Hex,
    error::ErrorCode,
    ids::ItemId,
    vault::ItemKind,
};

use crate::{draft::Way, message::list::Shelf};

pub(crate) mod address;
pub(crate) mod away;
pub(crate) mod change_password;
pub(crate) mod choice;
pub(crate) mod code;
pub(crate) mod contact;
pub(crate) mod conversation;
pub(crate) mod devices;
pub(crate) mod domain;
pub(crate) mod domains;
pub(crate) mod editor;
pub(crate) mod export;
pub(crate) mod failed;
pub(crate) mod generator;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod host;
pub(crate) mod import;
pub(crate) mod item;
pub(crate) mod keys;
pub(crate) mod login;
pub(crate) mod messages;
pub(crate) mod new_message;
pub(crate) mod password;
pub(crate) mod pin;
pub(crate) mod prices;
pub(crate) mod ready;
pub(crate) mod recover;
pub(crate) mod recovery;
pub(crate) mod settings;
pub(crate) mod share;
pub(crate) mod sign_in;
pub(crate) mod trash;
pub(crate) mod unlock;
pub(crate) mod welcome;
pub(crate) mod why;
pub(crate) mod work;

/// A screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// Before the first status.
    Starting,
    /// The background does not answer.
    Failed,
    /// No account yet.
    Welcome,
    /// Choosing an address.
    Address,
    /// Choosing a password.
    Password,
    /// Logging in.
    LogIn,
    /// A one-time code: an account, or a new password.
    Code,
    /// A new password, by recovery words.
    Recover(Back),
    /// Proof of work under way.
    Work,
    /// The account is made.
    Ready,
    /// Recovery words, to write down and confirm.
    Recovery(Asked),
    /// Another password.
    ChangePassword,
    /// A PIN for this session.
    Pin(Asked),
    /// Locked.
    Unlock,
    /// The vault.
    Home,
    /// One item.
    Item(ItemId),
    /// What it was before.
    History(ItemId),
    /// Two versions of one to choose between: the item that holds the other one.
    Choice(ItemId),
    /// What was deleted.
    Trash,
    /// Writing one.
    Editor(Editing),
    /// The conversations.
    Messages(Shelf),
    /// Whom to write to.
    NewMessage(Addressed),
    /// One conversation.
    Conversation(Address),
    /// Somebody's key.
    Contact(Address),
    /// Whom to share an item with.
    Share(ItemId),
    /// Making a password.
    Generator,
    /// Settings.
    Settings,
    /// The account's devices.
    Devices,
    /// Its keys.
    Keys,
    /// The domains that it administers.
    Domains,
    /// One of them.
    Domain(DomainName),
    /// What messages to it cost.
    Prices,
    /// The native host, and where it was asked for.
    Host(Opened),
    /// The account lives there, and it is not there.
    Away,
    /// Moving in from another program.
    Import,
    /// The vault as a file.
    Export,
    /// A server wants a user name and password by HTTP: the number of its request.
    SignIn(u32),
    /// Why the fields of the page in front are taken for what they are.
    Why,
}

/// Whom a new message was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Addressed {
    /// Nobody yet.
    Nobody,
    /// Somebody whom a page names.
    To(Address),
    /// What was chosen in a page is no address.
    NoAddress,
}

/// Where the user forgot the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Back {
    /// Logging in: there is no account here.
    LogIn,
    /// Opening the vault of this device.
    Unlock,
}

/// Where the user was asked for a PIN, or for recovery words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// At the list of items.
    AtHome,
    /// In the settings.
    InSettings,
}

/// Where the screen of the native host was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opened {
    /// Before there is an account.
    AtStart,
    /// In the settings.
    InSettings,
}

/// What the editor was opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Editing {
    /// A new item.
    New(ItemKind),
    /// One that exists.
    Existing(ItemId),
    /// The draft that was kept.
    Draft,
}

/// What a new status calls for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// The screen stays.
    Stay,
    /// Another screen.
    Go(Route),
    /// The vault was opened: its drafts decide on the screen.
    Enter,
}

impl Route {
    /// Its name in `data-screen`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Failed => "failed",
            Self::Welcome => "welcome",
            Self::Address => "address",
            Self::Password => "password",
            Self::LogIn => "login",
            Self::Code => "code",
            Self::Recover(_) => "recover",
            Self::Work => "work",
            Self::Ready => "ready",
            Self::Recovery(_) => "recovery",
            Self::ChangePassword => "change-password",
            Self::Pin(_) => "pin",
            Self::Unlock => "unlock",
            Self::Home => "home",
            Self::Item(_) => "item",
            Self::History(_) => "history",
            Self::Choice(_) => "choice",
            Self::Trash => "trash",
            Self::Editor(_) => "editor",
            Self::Messages(_) => "messages",
            Self::NewMessage(_) => "new-message",
            Self::Conversation(_) => "conversation",
            Self::Contact(_) => "contact",
            Self::Share(_) => "share",
            Self::Generator => "generator",
            Self::Settings => "settings",
            Self::Devices => "devices",
            Self::Keys => "keys",
            Self::Domains => "domains",
            Self::Domain(_) => "domain",
            Self::Prices => "prices",
            Self::Host(_) => "host",
            Self::Away => "away",
            Self::Import => "import",
            Self::Export => "export",
            Self::SignIn(_) => "sign-in",
            Self::Why => "why",
        }
    }

    /// The screen that Escape goes back to.
    pub(crate) fn parent(&self) -> Option<Self> {
        match self {
            Self::Address | Self::LogIn | Self::Code | Self::Host(Opened::AtStart) => {
                Some(Self::Welcome)
            }
            Self::Password => Some(Self::Address),
            Self::Editor(Editing::Existing(id))
            | Self::History(id)
            | Self::Choice(id)
            | Self::Share(id) => Some(Self::Item(*id)),
            Self::Domain(_) => Some(Self::Domains),
            Self::Contact(address) => Some(Self::Conversation(address.clone())),
            Self::Conversation(_)
            | Self::NewMessage(_)
            | Self::Messages(Shelf::Requests | Shelf::Blocked) => Some(Self::Messages(Shelf::All)),
            Self::Recover(Back::LogIn) => Some(Self::LogIn),
            Self::Recover(Back::Unlock) => Some(Self::Unlock),
            Self::Item(_)
            | Self::Editor(_)
            | Self::Trash
            | Self::Messages(Shelf::All)
            | Self::Generator
            | Self::Settings
            | Self::Ready
            | Self::Recovery(Asked::AtHome)
            | Self::Pin(Asked::AtHome)
            | Self::Why => Some(Self::Home),
            Self::ChangePassword
            | Self::Devices
            | Self::Keys
            | Self::Domains
            | Self::Prices
            | Self::Host(Opened::InSettings)
            | Self::Recovery(Asked::InSettings)
            | Self::Pin(Asked::InSettings)
            | Self::Import
            | Self::Export => Some(Self::Settings),
            Self::Starting
            | Self::Failed
            | Self::Welcome
            | Self::Work
            | Self::Unlock
            | Self::Away
            | Self::SignIn(_)
            | Self::Home => None,
        }
    }

    /// The screen that a full page's `#/…` asks for, once the vault is open.
    pub(crate) fn from_hash(hash: &str) -> Self {
        let path = hash.trim_start_matches(['#', '/']);
        if let Some(id) = path.strip_prefix("sign-in/") {
            // A number that is none is one that nobody waits under.
            return Self::SignIn(id.parse().unwrap_or_default());
        }
        match path {
            // What was chosen in a page is none; one that is comes as a [`Landing`].
            "write" => Self::NewMessage(Addressed::NoAddress),
            "why" => Self::Why,
            "settings" => Self::Settings,
            "devices" => Self::Devices,
            "keys" => Self::Keys,
            "domains" => Self::Domains,
            "import" => Self::Import,
            "export" => Self::Export,
            "recovery" => Self::Recovery(Asked::AtHome),
            "messages" => Self::Messages(Shelf::All),
            "generator" => Self::Generator,
            "new" => Self::Editor(Editing::New(ItemKind::Login)),
            _ => Self::Home,
        }
    }

    /// The screen of a tab that opens at somebody.
    pub(crate) fn of_landing(landing: Landing) -> Self {
        match landing {
            Landing::Write { address } => Self::NewMessage(Addressed::To(address)),
            Landing::Contact { address } => Self::Contact(address),
        }
    }

    /// Whether it is one of the screens for messages.
    pub(crate) fn is_of_messages(&self) -> bool {
        matches!(
            self,
            Self::Messages(_) | Self::NewMessage(_) | Self::Conversation(_) | Self::Contact(_)
        )
    }

    fn is_start(&self) -> bool {
        matches!(
            self,
            Self::Welcome
                | Self::Address
                | Self::Password
                | Self::LogIn
                | Self::Code
                | Self::Recover(Back::LogIn)
                | Self::Host(Opened::AtStart)
        )
    }

    /// Whether only an open vault has it.
    pub(crate) fn needs_vault(&self) -> bool {
        self.is_of_messages()
            || matches!(
                self,
                Self::Ready
                    | Self::Recovery(_)
                    | Self::ChangePassword
                    | Self::Pin(_)
                    | Self::Home
                    | Self::Item(_)
                    | Self::History(_)
                    | Self::Choice(_)
                    | Self::Trash
                    | Self::Editor(_)
                    | Self::Share(_)
                    | Self::Generator
                    | Self::Settings
                    | Self::Devices
                    | Self::Keys
                    | Self::Domains
                    | Self::Domain(_)
                    | Self::Prices
                    | Self::Host(Opened::InSettings)
                    | Self::Import
                    | Self::Export
                    | Self::SignIn(_)
                    | Self::Why
            )
    }
}

/// The id under which a tab is told whom its screen is about: no URL names anybody.
pub(crate) fn landing_id(hash: &str) -> Option<Hex<16>> {
    let id = hash.trim_start_matches(['#', '/']).strip_prefix("to/")?;
    Hex::parse(id).ok()
}

/// What a status calls for. `before`: the status until now; `way`: how the user set out where
/// there is no account.
pub(crate) fn step(
    current: &Route,
    before: Option<&AppStatus>,
    status: &AppStatus,
    way: Option<Way>,
) -> Step {
    match status {
        AppStatus::Empty { .. } if current.is_start() => Step::Stay,
        AppStatus::Empty { problem } => Step::Go(match way {
            None => Route::Welcome,
            Some(Way::LogIn) => Route::LogIn,
            Some(Way::Recover) => Route::Recover(Back::LogIn),
            Some(Way::Code | Way::Invited | Way::Reset) => Route::Code,
            Some(Way::Create) => match problem.as_ref().map(|p| p.code) {
                // The password was fine, and is gone: it is asked for again.
                Some(ErrorCode::Cancelled | ErrorCode::PasswordWeak) => Route::Password,
                _ => Route::Address,
            },
        }),
        AppStatus::Away { .. } if matches!(current, Route::Away | Route::Host(_)) => Step::Stay,
        AppStatus::Away { .. } => Step::Go(Route::Away),
        AppStatus::Working { .. } if *current == Route::Work => Step::Stay,
        AppStatus::Working { .. } => Step::Go(Route::Work),
        AppStatus::Locked { .. }
            if matches!(current, Route::Unlock | Route::Recover(Back::Unlock)) =>
        {
            Step::Stay
        }
        AppStatus::Locked { .. } => Step::Go(Route::Unlock),
        AppStatus::Unlocked { .. } if current.needs_vault() => Step::Stay,
        AppStatus::Unlocked { .. } => match (before, way) {
            // What was before is locked, and opens there.
            (_, Some(Way::Reset)) => Step::Go(Route::Keys),
            // By a code also after a login, where the answer to it was lost.
            (_, Some(Way::Invited))
            | (
                Some(AppStatus::Working {
                    task: WorkTask::CreateAccount,
                    ..
                }),
                _,
            ) => Step::Go(Route::Ready),
            _ => Step::Enter,
        },
    }
}

#[cfg(test)]
mod tests;
