//! Errors on the wire: a number that never changes its meaning, a kind that says what to do, and
//! a text for people.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the receiver of an error can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ErrorKind {
    /// A fault of ours; asking again will not help.
    Fatal,
    /// The other side cannot be reached; what was asked is kept or can be asked later.
    Unreachable,
    /// Refused for a reason that the asker can mend.
    Refused,
    /// Not now: the same request may succeed later.
    Retry,
}

/// An error as it crosses a border: between popup and background, or from a node.
///
/// `params` carries what a text needs to be told in another language, and never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WireError {
    /// What happened.
    pub code: ErrorCode,
    /// What to do.
    pub kind: ErrorKind,
    /// For people, English, one sentence that says what to do.
    pub message: String,
    /// Figures of this case, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
}

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $kind:ident, $message:literal;)*) => {
        /// What happened. Append-only: a number never changes its meaning and is never reused.
        ///
        /// 1xx any part · 2xx node · 3xx engine · 4xx filling.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u16", into = "u16")]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $name = $number,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// What the receiver can do.
            pub fn kind(self) -> ErrorKind {
                match self { $(Self::$name => ErrorKind::$kind,)* }
            }

            /// One sentence for people.
            pub fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)* }
            }

            /// The variant's name, for tables and tests.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }

        impl TryFrom<u16> for ErrorCode {
            type Error = UnknownErrorCode;

            fn try_from(number: u16) -> Result<Self, UnknownErrorCode> {
                match number { $($number => Ok(Self::$name),)* _ => Err(UnknownErrorCode(number)) }
            }
        }
    };
}

error_codes! {
    /// A fault of ours; the log has the details under `params.id`.
    Internal = 100, Fatal, "Something went wrong on our side. Please try again.";
    /// The bytes are no message of this protocol.
    MalformedRequest = 101, Refused, "The request could not be read.";
    /// A field is unknown, missing, or of another type.
    InvalidField = 102, Refused, "A field of the request is missing, unknown or of the wrong type.";
    /// Larger than the limit in `params.max`.
    TooLarge = 103, Refused, "That is too large.";
    /// The two sides speak no common version.
    VersionUnsupported = 104, Fatal, "The two sides speak different versions. Update Pearvault.";
    /// No such route or thing.
    NotFound = 105, Refused, "There is no such thing here.";
    /// The route has other methods.
    MethodNotAllowed = 106, Refused, "This route does not know that method.";
    /// The body is not announced as JSON.
    UnsupportedMediaType = 107, Refused, "Send JSON with `Content-Type: application/json`.";
    /// Too many requests; `params.retryAfter` has the seconds.
    RateLimited = 108, Retry, "Too many requests. Wait a moment and try again.";
    /// The server is at its limit of work or is shutting down.
    Busy = 109, Retry, "The server is busy. Try again in a moment.";
    /// The request took too long.
    TimedOut = 110, Retry, "That took too long. Try again.";

    /// Not the form `name@domain`, or a name that the rules refuse; `params.rule` says which.
    AddressInvalid = 200, Refused, "That is not a valid address. Use name@domain, with letters, digits, dots and hyphens.";
    /// Somebody has it, or had it.
    AddressTaken = 201, Refused, "This address is taken. Choose another name.";
    /// This node does not serve the domain.
    DomainNotServed = 202, Refused, "This server does not serve that domain.";
    /// Nobody may register under this domain without an invitation.
    RegistrationClosed = 203, Refused, "This takes no new account without a code. Ask the domain's administrator for an invitation; who runs the server prints one with `pearvault-node admin invite`.";
    /// The challenge was not made by this node.
    ChallengeForged = 210, Refused, "The proof of work is not from this server. Ask for a new challenge.";
    /// The challenge is over its time.
    ChallengeExpired = 211, Refused, "The proof of work took too long. It will be done again.";
    /// The challenge was made for something else, or for another address.
    ChallengeForeign = 212, Refused, "The proof of work is for something else. Ask for a new challenge.";
    /// The challenge was solved and used before.
    ChallengeSpent = 213, Refused, "This proof of work was used before. Ask for a new challenge.";
    /// The hash is not below the target.
    ChallengeUnsolved = 214, Refused, "The proof of work is not solved.";
    /// Unknown address or wrong password: one answer for both.
    CredentialsWrong = 220, Refused, "The address or the password is wrong.";
    /// Unknown address, wrong recovery words or none set: one answer for all.
    RecoveryWrong = 225, Refused, "The address or the recovery words are wrong.";
    /// Recovery words were set since they were looked at.
    RecoveryOutdated = 226, Refused, "Another device made recovery words at the same time. Try again.";
    /// No session, or one that has ended.
    SessionInvalid = 221, Refused, "This device is signed out. Enter the password again.";
    /// The item has another version than the write was made on; `params.version` has it.
    VersionConflict = 230, Refused, "Another device changed this item. Look at the newer version and try again.";
    /// The account is full; `params.max`.
    QuotaExceeded = 231, Refused, "The account is full.";
    /// A cursor that this node did not make, or of a form that it does not know.
    CursorInvalid = 232, Refused, "The place to go on from could not be read. Read from the start.";
    /// Another server does not answer; `params.reason` says why.
    PeerUnreachable = 240, Unreachable, "The server of that address cannot be reached now. It can be tried again later.";
    /// Another server refuses; `params.reason` has its words.
    PeerRefused = 241, Refused, "The server of that address refuses.";
    /// Nobody has the address, by its own domain.
    RecipientUnknown = 242, Refused, "There is nobody of this address. Look how it is spelled.";
    /// The recipient has blocked the sender.
    SenderBlocked = 243, Refused, "They take no messages from you.";
    /// The domain's file does not name this node; `params.file` has what it should say, `params.reason` why it does not do.
    DomainUnproven = 250, Refused, "The domain does not name this server. Write what is shown here into its file /.well-known/keypears.json.";
    /// The domain's file does not name the account's address as `admin`; `params.file` has what it should say.
    DomainAdminOther = 251, Refused, "The domain does not name you as its administrator. Write your address into its file /.well-known/keypears.json as `admin`.";
    /// The domain's file names a key that has not signed the claim.
    DomainKeyWrong = 252, Refused, "The key in the domain's file has not signed this claim. Sign the claim anew with that key.";
    /// The account has not claimed the domain here.
    DomainNotClaimed = 253, Refused, "You do not administer this domain here. Claim it first.";
    /// No code of this address and purpose, or one that is used or over.
    CodeWrong = 254, Refused, "This code is not good for this address: it is mistyped, used or over. Ask the administrator for another.";
    /// The domain's file cannot be fetched; `params.reason` says why.
    DomainUnreachable = 255, Unreachable, "The domain cannot be asked for its file now. It can be tried again later.";

    /// No account on this device.
    NoAccount = 300, Refused, "There is no account on this device yet.";
    /// An account exists already.
    AccountExists = 301, Refused, "This device already has an account. Remove it first.";
    /// The vault is locked.
    Locked = 302, Refused, "Pearvault is locked. Enter your password.";
    /// The password does not open this account.
    PasswordWrong = 303, Refused, "Wrong password. Check Caps Lock and try again.";
    /// The password is too short or too easy; `params.min`.
    PasswordWeak = 304, Refused, "Choose a stronger password.";
    /// The node does not answer; what was written is kept and sent later.
    NodeUnreachable = 305, Unreachable, "The server cannot be reached. Check the connection; nothing is lost.";
    /// The node answered something that is no answer.
    NodeMisbehaved = 306, Fatal, "The server gave an answer that Pearvault does not understand.";
    /// A sealed thing does not open: changed, swapped, or under another key.
    Unreadable = 307, Fatal, "This data cannot be opened: it was changed or damaged on the server.";
    /// No such item.
    ItemMissing = 308, Refused, "This item is gone.";
    /// The item breaks a rule; `params.field` says where.
    ItemInvalid = 309, Refused, "Some of this item is not filled in right.";
    /// The store of the browser failed.
    StoreFailed = 310, Retry, "The browser could not save. Free some disk space and try again.";
    /// The user stopped it.
    Cancelled = 311, Refused, "Stopped.";
    /// Another operation of this kind is running.
    AlreadyRunning = 312, Retry, "This is already under way.";
    /// What the node says to be valid is over or far away here.
    ClockWrong = 313, Refused, "The clock of this device and that of the server differ. Set the clock and try again.";
    /// A text is no recovery words; `params.rule` is `count`, `unknown` or `checksum`, `params.place` the word.
    WordsInvalid = 320, Refused, "These are not 24 recovery words. Compare them with your sheet, one by one.";
    /// The recovery words that were shown are not there any more.
    WordsGone = 321, Refused, "These words are gone, because the browser was closed or they were confirmed. Look at the new ones.";
    /// A word that was asked for is another; `params.place` says which.
    WordsDiffer = 322, Refused, "That is not the word at this place. Look at your sheet.";

    /// Not the PIN; `params.left` has the tries that are left.
    PinWrong = 330, Refused, "Wrong PIN.";
    /// There is no PIN: none was set, or it has ended.
    PinGone = 331, Refused, "There is no PIN any more. Enter your password.";
    /// A PIN that is not taken; `params.rule` is `short`, `long` or `guessable`.
    PinWeak = 332, Refused, "Choose another PIN.";

    /// Somebody's server names another key than the one that was seen first.
    KeyChanged = 340, Refused, "Their key has changed. Compare the safety number with them, then take the new key.";
    /// The user has blocked whom this is to go to.
    RecipientBlocked = 341, Refused, "You have blocked this address. Unblock it to write.";
    /// The account's active key is not open on this device.
    OwnKeyLocked = 342, Refused, "Your account has a newer key, and this device has not opened it: until then nothing is sent from here. If you made it on another device, open it in Settings, Keys; if you know of none, do not, and ask whoever runs the server.";
    /// The account has a newer key by now, and the password does not open it.
    NewerKeyLocked = 343, Refused, "Your server shows a newer key that your password does not open. If you made it on another device under another password, open it in Settings, Keys. If you know of none, do not open it, and ask whoever runs the server.";

    /// Somebody set a new password with a one-time code, and what is open on this device would be locked by it.
    VaultWouldLock = 344, Refused, "Your password was set anew with a code. To log in here locks what is open on this device, until the older password or the recovery words of that time are typed. If you have neither, copy what you need first; then lock Pearvault, and log in.";
    /// What was compared is no number of the keys of now.
    NumberOutdated = 345, Refused, "The safety number is another one by now, as a key has changed. Open the contact once more, and compare again.";

    /// The native host that the account lives in does not answer.
    HostAway = 350, Unreachable, "Pearvault's host does not answer. Start it anew, or look with pearvault-host doctor; nothing is lost.";
    /// The native host has another account.
    HostHasOther = 351, Refused, "Pearvault's host has another account. One host owns one: move that one out first.";
    /// The account lives in the native host.
    AccountInHost = 352, Refused, "Your account lives in Pearvault's host. Move it into this browser first.";
    /// Something waits for the node, or for a recipient.
    Unsent = 353, Refused, "Something that you wrote has not reached your server yet. Wait until it has, then move the account.";
    /// No native host is paired.
    HostUnpaired = 354, Refused, "No host is paired. Pair it first.";
    /// The host's database is sealed under a password from before.
    HostSealed = 355, Refused, "The host's database is still sealed under the password from before: unlock with that one first. Who has forgotten it removes the account from this device and logs in anew; what never reached the server is lost then.";
    /// Another browser uses the account in the host.
    HostInUse = 356, Refused, "Another browser uses this account in the host.";
    /// No address of a proxy.
    ProxyInvalid = 358, Refused, "Write the proxy as host and port, such as 127.0.0.1:9050.";
    /// The system's keyring is no way into the vault any more.
    KeyringGone = 359, Refused, "This computer's keyring opens your vault no more. Enter your password.";
    /// It cannot be asked.
    KeyringAway = 360, Retry, "This computer's keyring is locked, or does not answer. Unlock it and try again, or enter your password.";
    /// The account is changing its place.
    Moving = 357, Retry, "Your account is just being moved. Try again in a moment.";

    /// The node shows an older state of the vault, or another line of it, than this device has seen.
    VaultRolledBack = 314, Fatal, "The server shows an older state of your vault than this device has seen. Nothing here was changed, and nothing is sent. Ask whoever runs the server; if a backup was restored, choose Repair: this device sends what the server has lost.";
    /// What the node shows is not what the account's devices have signed.
    VaultAltered = 315, Fatal, "The server shows another vault than your devices have signed: something was left out, swapped or changed there. Do not rely on what is new here; compare with another device and ask whoever runs the server.";
    /// What the node shows was signed with a key that this device has not opened.
    VaultKeyMissing = 316, Fatal, "Your vault was signed with a key that is not open on this device, so it cannot tell whether the server shows all of it. Open that key in Settings, Keys; if you know of none, ask whoever runs the server.";
    /// What the node shows was signed with an older key that is locked here.
    VaultKeyOlder = 319, Fatal, "Your vault was signed with an older key that is locked here, so nobody can tell whether the server shows all of it. Open that key with the password of its time: Settings, Keys. If nobody has that or its recovery words, go on without it.";
    /// What the node shows cannot be compared with anything that was signed.
    VaultUnproven = 317, Fatal, "Pearvault cannot tell whether the server shows your whole vault: what this device would compare it with is not there. Compare with another device and ask whoever runs the server; if nothing is missing, choose Repair.";
    /// The answer to a new password was lost on its way.
    PasswordUnsure = 318, Unreachable, "The server did not answer, so the new password may be set by now. Try again with the same new one; if that says that your password is wrong, it is set.";

    /// The page has no field that this item fits.
    NothingToFill = 400, Refused, "No login form was found on this page.";
    /// The item is not for this site.
    SiteMismatch = 401, Refused, "This login is for another site. Pearvault does not fill it here.";
    /// The item is for https and the page is not.
    InsecurePage = 402, Refused, "This page is not encrypted (http). Pearvault fills nothing here that belongs on encrypted pages.";
    /// The frame belongs to another site than the page.
    ForeignFrame = 403, Refused, "The form is in a frame of another site. Pearvault does not fill it: open that site in a tab of its own.";
    /// The frame has no origin of its own (sandboxed, data:).
    OpaqueFrame = 404, Refused, "The form is in a sandboxed frame. Pearvault does not fill it.";
    /// No page that can be filled (browser page, store, file).
    PageUnsupported = 405, Refused, "Pearvault cannot fill this page.";
    /// The page went away or changed meanwhile.
    PageGone = 406, Retry, "The page changed. Try again.";
    /// No user's act stands behind the request.
    NoUserAct = 407, Refused, "Pearvault fills only when you ask for it.";
    /// The values went in and did not stay.
    FillLost = 408, Refused, "The page did not keep what was filled. Look at its fields.";
}

/// A number that this version does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown error code {0}")]
pub struct UnknownErrorCode(pub u16);

impl From<ErrorCode> for u16 {
    fn from(code: ErrorCode) -> Self {
        code as Self
    }
}

impl WireError {
    /// The error with its standard text and no figures.
    pub fn new(code: ErrorCode) -> Self {
        Self {
            code,
            kind: code.kind(),
            message: code.message().to_owned(),
            params: BTreeMap::new(),
        }
    }

    /// The same with one more figure.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "figures are numbers and short texts"
    )]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}

impl From<ErrorCode> for WireError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use utoipa::{
        PartialSchema, ToSchema,
        openapi::{
            RefOr,
            schema::{ObjectBuilder, Schema, Type},
        },
    };

    use super::ErrorCode;

    impl PartialSchema for ErrorCode {
        /// The numbers with their names, so that the description of a node lists them all.
        fn schema() -> RefOr<Schema> {
            let row = |code: &ErrorCode| {
                format!(
                    "- {} `{}`: {}",
                    u16::from(*code),
                    code.name(),
                    code.message()
                )
            };
            let rows: Vec<String> = ErrorCode::ALL.iter().map(row).collect();
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .description(Some(format!(
                    "What happened; a number never changes its meaning.\n\n{}",
                    rows.join("\n")
                )))
                .enum_values(Some(ErrorCode::ALL.iter().map(|code| u16::from(*code))))
                .into()
        }
    }
    impl ToSchema for ErrorCode {}
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_its_own_number_and_a_text() {
        let numbers: BTreeSet<u16> = ErrorCode::ALL.iter().map(|c| u16::from(*c)).collect();
        assert_eq!(numbers.len(), ErrorCode::ALL.len());
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::try_from(u16::from(*code)), Ok(*code));
            assert!(code.message().ends_with('.'), "{code:?}");
        }
    }

    #[test]
    fn unknown_code_is_rejected() {
        assert!(serde_json::from_str::<ErrorCode>("99").is_err());
        assert!(serde_json::from_str::<ErrorCode>("\"Locked\"").is_err());
    }
}
