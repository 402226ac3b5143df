//! Popup, full page and side panel → background.

use serde::{Deserialize, Serialize};

use super::port;
use crate::{
    api::domain::DomainUsers,
    vault::{ItemDraft, ItemView},
};

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        pub struct $name { $($(#[$fdoc])* pub $field: $type,)* }
    )*};
}

mod account;
mod domains;
mod exports;
mod generate;
mod history;
mod host;
mod imports;
mod items;
mod messages;
mod offers;
mod page;
mod pin;
mod recovery;
mod settings;

pub use self::{
    account::{
        AccountView, AddressCheck, AppStatus, CancelWork, CheckAddress, CreateAccount,
        DeleteAccount, DeviceView, GetAccount, ListSessions, Lock, LogIn, NodeState, RemoveAccount,
        RenameDevice, RevokeOthers, RevokeSession, Sessions, Status, SyncNow, Touch, Unlock,
        WorkProgress, WorkStage, WorkTask,
    },
    domains::{
        CheckCode, ClaimDomain, CodeView, Domains, GiveCode, GivenCode, ListDomains, ListUsers,
        OpenRegistration, RedeemCode,
    },
    exports::{
        BeginExport, BeginPlainExport, ExportPart, ExportStarted, GetExportPart, GetPlainPart,
        PlainExportStarted, PlainPart,
    },
    generate::{
        ClipboardUsed, CopiedByHost, CopyByHost, ForgetGenerated, Generate, Generated,
        GeneratedFor, GeneratedList, GeneratedPassword, IgnoredRule, ListGenerated,
        PasswordConstraints, RevealGenerated,
    },
    history::{
        Choose, CompareVersions, Comparison, GetHistory, History, Keep, ListTrash, PartChange,
        PartValue, RemoveUnreadable, RemovedUnreadable, Repair, Repaired, RestoreVersion,
        RevealVersion, Trash, TrashItem, VersionDeed, VersionView,
    },
    host::{
        AgreeHost, ByKeyring, CancelMove, EmptyHost, GetHost, HostMove, HostProblem, HostState,
        HostStatus, LeaveHost, MoveBack, MoveIn, MoveWay, NodeRoute, PairHost, RouteSet,
        SetByKeyring, SetHostRoute, UnlockByKeyring, UseHost,
    },
    imports::{
        CheckImport, CheckedImport, ImportItem, ImportItems, ImportedItems, RefusedItem, Standing,
    },
    items::{
        DeleteItem, Draft, EditItem, Fill, FillReport, GetDraft, GetItem, ItemList, KeepDraft,
        ListCards, ListIdentities, Reveal, Revealed, SaveItem, Saved, Search, SearchResults,
        SiteView, ThisSite, UndeleteItem,
    },
    messages::{
        ClearConversation, Contact, ContactKey, Conversation, ConversationSummary, Conversations,
        FoundMessage, FoundMessages, GetContact, GetConversation, GetConversationAt, GetPrices,
        KeepLetter, Letter, Letters, ListConversations, ListLetters, LookAtMessages, MarkRead,
        MessageContent, MessageView, PricesView, RevealMessage, SaveMessage, SearchMessages,
        SendMessage, SentState, SetPrices, SetStanding, ShareItem, TrustKey, WithdrawMessage,
    },
    offers::{
        AcceptOffer, AddNever, DismissOffer, ForgetNever, ListNever, ListOffers, NeverList,
        NeverOffer, OfferKind, OfferView, Offers,
    },
    page::{
        AnswerSignIn, Explain, ExplainedField, ExplainedFrame, ExplainedGroup, Explanation,
        FillPreviewed, Follow, Followed, GetPage, GetSignIn, Landing, OpenPage, PageView, Preview,
        PreviewFill, PreviewPart, SignInView, UndoFill, Undone,
    },
    pin::{PinEnd, PinState, RemovePin, SetPin, UnlockWithPin},
    recovery::{
        ChangePassword, CheckWords, ConfirmRecovery, GetRecovery, GetRecoveryWords, KeyView, Keys,
        ListKeys, LogInAgain, MakeKey, OpenKeys, Recover, RecoveryState, RecoveryView,
        RecoveryWords, WordsCheck,
    },
    settings::{GetSettings, GetSolver, MeasureSolver, SetSettings, Settings, SolverView},
};

port! {
    /// Everything that the extension's own pages can ask.
    #[cfg_attr(
        target_pointer_width = "64",
        expect(
            clippy::large_enum_variant,
            reason = "one lives at a time, for as long as it is answered"
        )
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
        /// What a one-time code is good for.
        "check_code" CheckCode => CodeView,
        /// Make the account that it is for, or set its new password.
        "redeem_code" RedeemCode => AppStatus,
        /// Stop the proof of work of an account or a login.
        "cancel_work" CancelWork => Empty,
        /// Open the vault.
        "unlock" Unlock => AppStatus,
        /// Open it with the PIN.
        "unlock_with_pin" UnlockWithPin => AppStatus,
        /// Close it.
        "lock" Lock => AppStatus,
        /// Set a PIN, or another one.
        "set_pin" SetPin => AppStatus,
        /// Open the vault with the password only.
        "remove_pin" RemovePin => AppStatus,
        /// What fits the page in the active tab.
        "this_site" ThisSite => SiteView,
        /// The cards.
        "cards" ListCards => ItemList,
        /// The identities.
        "identities" ListIdentities => ItemList,
        /// Fill a login into the page in the active tab.
        "fill" Fill => FillReport,
        /// What of a card or an identity would go where in that page.
        "preview" PreviewFill => Preview,
        /// Fill what a preview said, if the page is the same; cards and identities are filled by no other request.
        "fill_previewed" FillPreviewed => FillReport,
        /// Take the last fill of that page back.
        "undo_fill" UndoFill => Undone,
        /// How that page stands.
        "page" GetPage => PageView,
        /// Why its fields are taken for what they are.
        "explain" Explain => Explanation,
        /// Open a screen that is about somebody in a tab.
        "open_page" OpenPage => Empty,
        /// What such a tab opens at.
        "follow" Follow => Followed,
        /// A server that wants a user name and password by HTTP.
        "sign_in" GetSignIn => SignInView,
        /// The user's answer to it.
        "answer_sign_in" AnswerSignIn => Empty,
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
        /// What was deleted and can be brought back.
        "trash" ListTrash => Trash,
        /// The versions of an item.
        "history" GetHistory => History,
        /// A secret part of one of them, to show or copy.
        "reveal_version" RevealVersion => Revealed,
        /// Make an item what it was, or some parts of it.
        "restore_version" RestoreVersion => Saved,
        /// What differs between an item and its other version.
        "compare" CompareVersions => Comparison,
        /// Keep one of them, or both.
        "choose" Choose => Saved,
        /// Take the server as it is, and send it what only this device has.
        "repair" Repair => Repaired,
        /// Delete on the server what no key of this device opens.
        "remove_unreadable" RemoveUnreadable => RemovedUnreadable,
        /// Which items of a file the vault has already.
        "check_import" CheckImport => CheckedImport,
        /// Write items of a file, one batch at a time.
        "import" ImportItems => ImportedItems,
        /// Begin to put the whole vault into a sealed file.
        "begin_export" BeginExport => ExportStarted,
        /// One part of that file.
        "export_part" GetExportPart => ExportPart,
        /// Begin to put the whole vault into a file that anybody can read.
        "begin_plain_export" BeginPlainExport => PlainExportStarted,
        /// One part of that file, in the open.
        "plain_part" GetPlainPart => PlainPart,
        /// Make a password.
        "generate" Generate => Generated,
        /// The passwords that were generated lately.
        "generated" ListGenerated => GeneratedList,
        /// One of them, to show or copy.
        "reveal_generated" RevealGenerated => Revealed,
        /// Forget one of them.
        "forget_generated" ForgetGenerated => GeneratedList,
        /// The offers to save or change a login that wait for an answer.
        "offers" ListOffers => Offers,
        /// Do what an offer says.
        "accept_offer" AcceptOffer => Saved,
        /// Forget an offer.
        "dismiss_offer" DismissOffer => Offers,
        /// Forget an offer, and never make one for its site again.
        "never_offer" NeverOffer => Offers,
        /// The sites for which no offer is made.
        "never_list" ListNever => NeverList,
        /// Make no offer for a site.
        "add_never" AddNever => NeverList,
        /// Make offers for a site again.
        "forget_never" ForgetNever => NeverList,
        /// All conversations.
        "conversations" ListConversations => Conversations,
        /// One of them.
        "conversation" GetConversation => Conversation,
        /// One of them at one of its messages.
        "conversation_at" GetConversationAt => Conversation,
        /// Look for words in messages.
        "search_messages" SearchMessages => FoundMessages,
        /// Write to somebody: kept at once, sent as soon as it is paid for.
        "send_message" SendMessage => Empty,
        /// Share an item with somebody.
        "share_item" ShareItem => Empty,
        /// Stop sending a message.
        "withdraw_message" WithdrawMessage => Empty,
        /// A conversation was looked at.
        "mark_read" MarkRead => Empty,
        /// Whether messages are being looked at: then none is told of by a notification.
        "look_at_messages" LookAtMessages => Empty,
        /// Whether somebody may write.
        "set_standing" SetStanding => Empty,
        /// Delete a conversation's messages.
        "clear_conversation" ClearConversation => Empty,
        /// Make an item of what was shared.
        "save_message" SaveMessage => Saved,
        /// One field of what was shared, to show or copy.
        "reveal_message" RevealMessage => Revealed,
        /// Somebody to write to, and their key.
        "contact" GetContact => Contact,
        /// Take a key for somebody's.
        "trust_key" TrustKey => Contact,
        /// What messages to the account cost their senders.
        "prices" GetPrices => PricesView,
        /// Say what they cost from now on.
        "set_prices" SetPrices => PricesView,
        /// Something secret was copied: clear the clipboard when the time set is over.
        "clipboard_used" ClipboardUsed => Empty,
        /// Let the native host copy it instead, which clears it by itself.
        "copy_by_host" CopyByHost => CopiedByHost,
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
        /// End those of all other devices.
        "revoke_others" RevokeOthers => Sessions,
        /// Call a device something.
        "rename_device" RenameDevice => Sessions,
        /// Whether there are recovery words.
        "recovery" GetRecovery => RecoveryView,
        /// Recovery words to write down.
        "recovery_words" GetRecoveryWords => RecoveryWords,
        /// They were written down: from now on they count.
        "confirm_recovery" ConfirmRecovery => RecoveryView,
        /// Whether what was typed is recovery words.
        "check_words" CheckWords => WordsCheck,
        /// Set a new password with recovery words, and log in.
        "recover" Recover => Empty,
        /// Change the password; all other devices are signed out.
        "change_password" ChangePassword => AppStatus,
        /// Log in with a password that was changed on another device.
        "log_in_again" LogInAgain => Empty,
        /// The account's keys.
        "keys" ListKeys => Keys,
        /// Make a new key.
        "make_key" MakeKey => Keys,
        /// Open locked keys.
        "open_keys" OpenKeys => Keys,
        /// The domains that the account administers.
        "domains" ListDomains => Domains,
        /// Become the administrator of one.
        "claim_domain" ClaimDomain => Domains,
        /// Let anybody register there, or only who is invited.
        "open_registration" OpenRegistration => Domains,
        /// The accounts of one.
        "domain_users" ListUsers => DomainUsers,
        /// Make a one-time code for somebody there.
        "give_code" GiveCode => GivenCode,
        /// Forget the account on this device; nothing on the node changes.
        "remove_account" RemoveAccount => AppStatus,
        /// Delete the account on the node and here.
        "delete_account" DeleteAccount => AppStatus,
        /// Keep what is half typed on a screen.
        "keep_draft" KeepDraft => Empty,
        /// What was half typed there.
        "draft" GetDraft => Draft,
        /// Keep one of the messages that are being written.
        "keep_letter" KeepLetter => Empty,
        /// All of them.
        "letters" ListLetters => Letters,
        /// Ask the node for what is new, now.
        "sync_now" SyncNow => AppStatus,
        /// What works on proofs on this device.
        "solver" GetSolver => SolverView,
        /// Measure it, now; the answer comes as an event.
        "measure_solver" MeasureSolver => Empty,
        /// How it stands with the native host.
        "host" GetHost => HostStatus,
        /// Meet it for the first time.
        "pair_host" PairHost => HostStatus,
        /// Its code is the one shown here.
        "agree_host" AgreeHost => HostStatus,
        /// Give up a meeting, or forget the host.
        "leave_host" LeaveHost => HostStatus,
        /// Move this browser's account into it.
        "move_in" MoveIn => HostStatus,
        /// Use the account that lives there already.
        "use_host" UseHost => HostStatus,
        /// Move the account that lives there into this browser.
        "move_back" MoveBack => HostStatus,
        /// Leave the account where it is.
        "cancel_move" CancelMove => HostStatus,
        /// Let the host forget the account of this browser.
        "empty_host" EmptyHost => HostStatus,
        /// Which way the host goes to nodes.
        "set_host_route" SetHostRoute => RouteSet,
        /// Let the host's keyring open the vault for a time.
        "set_by_keyring" SetByKeyring => Empty,
        /// Open it with that.
        "unlock_by_keyring" UnlockByKeyring => AppStatus,
        /// The user pressed a key or a button: the vault stays open for its time from now.
        "touch" Touch => Empty,
    }
}

/// An answer without content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Empty {}
