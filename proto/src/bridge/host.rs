//! Extension ⇄ native host.
//!
//! ```text
//! extension ──Begin──▶ host           in clear: who wants to speak, and how
//!           ◀─Begun────               or Refused, with the reason
//!           ◀─Shake──▶                the handshake of wasm_core::channel
//!           ◀─Sealed─▶                everything else, as one of the texts below
//!
//! first meeting:  Commitment ▶ Nonce ▶ Nonce ▶ Agreed or Declined (both ways, each after its user said so)
//! from then on:   requests `{v, id, body}`, answers and events, as at every other port
//! ```
//! Between the two stands the browser's native messaging, which starts a program that a file names:
//! whoever writes that file stands between, and can do no more than cut the line.

use serde::{Deserialize, Serialize};

use serde_json::Value;

use super::{
    account::{AccountNow, AccountRequest},
    popup::{Empty, WorkProgress},
    port,
    solver::{SolverRequest, SolverWork},
};
use crate::{
    bytes::{Base64, Hex},
    vault::SecretText,
};

/// Name of the host, as browsers look for its manifest.
pub const HOST_NAME: &str = "app.pearvault.host";
/// Id of the extension in browsers of the Chromium family, fixed by the key in its manifest.
pub const CHROMIUM_ID: &str = "oihokjppmefgpoafamkbjepelpecckpn";
/// Id of the extension in browsers of the Firefox family.
pub const FIREFOX_ID: &str = "pearvault@pearvault.app";

/// Seconds that a secret stays on the clipboard at most, as the settings have it.
pub const COPIED_MAX_SECONDS: u32 = 600;

/// What goes through the browser, in either direction: one message of native messaging each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    content = "payload",
    rename_all = "snake_case",
    deny_unknown_fields
)]
pub enum HostFrame {
    /// First of the extension.
    Begin(Begin),
    /// First of the host.
    Begun(Begun),
    /// First of the host, where it will not speak; it closes then.
    Refused(Refused),
    /// A message of the handshake.
    Shake(Base64),
    /// A message of the channel.
    Sealed(Base64),
}

/// The extension's first frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Begin {
    /// Versions of the bridge that it speaks.
    pub versions: Vec<u32>,
    /// Its public key, so that the host knows whom to expect; proven by the handshake.
    pub key: Hex<32>,
    /// Whether the two are to meet for the first time.
    pub pair: bool,
}

/// The host's first frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Begun {
    /// The version chosen.
    pub version: u32,
    /// Of the host's program, such as `0.1.0`; nobody has proven it yet.
    pub program: String,
}

/// Why the host will not speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// The reason.
    pub reason: Refusal,
}

/// Reasons of a [`Refused`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No common version.
    Version,
    /// This extension was never paired, or is not any more.
    Unknown,
    /// Nobody waits for an extension: `pearvault-host pair` is to be started first.
    NotPairing,
    /// The host cannot keep or read its own key.
    Broken,
    /// More connections than it serves.
    Busy,
}

/// What the two say over the channel of a first meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    content = "payload",
    rename_all = "snake_case",
    deny_unknown_fields
)]
pub enum PairingMessage {
    /// Host: what its nonce will be held against.
    Commitment(Hex<32>),
    /// Extension, then host: the nonce.
    Nonce(Hex<32>),
    /// This side's user has seen the same code at both ends. Once both have said so they are paired.
    Agreed {},
    /// This side's user has seen another code, or has given up.
    Declined {},
}

port! {
    /// Everything that a paired extension can ask the host.
    pub enum HostRequest {
        /// What the host is.
        "describe" DescribeHost => HostView,
        /// Work on these proofs, and on no others. Saying it again changes nothing.
        "work" HostWork => Empty,
        /// Measure every engine.
        "measure" HostMeasure => Empty,
        /// What the background asks of the account that lives here; the answer is that request's own.
        "account" HostAccount => Value,
        /// Put a secret on the clipboard, marked as one, and clear it later.
        "copy" CopySecret => Empty,
        /// Clear it now, where it is still there.
        "clear_copied" ClearCopied => Empty,
        /// Forget this extension.
        "unpair" Unpair => Empty,
    }
}

/// What the host is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribeHost {}

/// What the host is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HostView {
    /// Version of its program.
    pub program: String,
    /// The machine's name, at most 64 characters.
    pub machine: String,
}

/// What to work on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostWork {
    /// As a solver document is told.
    pub work: SolverWork,
}

/// Measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostMeasure {}

/// About the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostAccount {
    /// What.
    pub request: Box<AccountRequest>,
}

/// Copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopySecret {
    /// What.
    pub value: SecretText,
    /// How long it stays, 1–[`COPIED_MAX_SECONDS`].
    pub seconds: u32,
}

/// Clear what was copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClearCopied {}

/// Forget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unpair {}

/// News of the host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    content = "payload",
    rename_all = "snake_case",
    deny_unknown_fields
)]
pub enum HostEvent {
    /// As a solver document tells.
    Solver(SolverRequest),
    /// How the account stands, or what the user has set, changed.
    Account(Box<AccountNow>),
    /// A proof of work of the account went on.
    Work(WorkProgress),
    /// The vault changed: lists are to be asked for again.
    VaultChanged {},
    /// Messages or conversations changed.
    MessagesChanged {},
    /// Messages came of which the user is to be told.
    Arrived {},
}
