//! What is copied through the host is marked as a secret, and goes when its time is over or the vault locks,
//! unless something else was copied since.

use std::time::Duration;

use host::clock;
use proto::{
    bridge::{
        account::AskAccount,
        host::{COPIED_MAX_SECONDS, ClearCopied, CopySecret, HostRequest},
        popup::{Lock, PopupRequest},
    },
    error::ErrorCode,
    vault::SecretText,
};
use serde_json::Value;
use testkit::display::{Display, PACKAGES};

use crate::agent::Agent;

const SECRET: &str = "hunter2 — schön";
const OTHER: &str = "the user's own";
/// What other programs go by.
const MARK: &str = "x-kde-passwordManagerHint";
/// Long enough for what is to do nothing to have done it on most machines; a slower one sees less.
const MEANWHILE: Duration = Duration::from_millis(500);

fn desktop() -> Option<(Agent, Display)> {
    if !Display::is_there() {
        println!("left out: {PACKAGES} are not installed");
        return None;
    }
    let display = Display::start().unwrap();
    let agent = Agent::opened(&[("DISPLAY", display.name())]);
    Some((agent, display))
}

fn copy(agent: &mut Agent, seconds: u32) -> Value {
    let value = SecretText::new(SECRET);
    agent.ask(HostRequest::CopySecret(CopySecret { value, seconds }))
}

fn is_copied(agent: &mut Agent, seconds: u32) {
    let said = copy(agent, seconds);
    assert!(said["ok"].is_object(), "{said}");
}

fn lock(agent: &mut Agent) {
    let request = PopupRequest::Lock(Lock {});
    let device = "Test".to_owned();
    let said = agent.ask_account(AskAccount { request, device });
    assert!(said["ok"].is_object(), "{said}");
    assert!(!agent.is_open());
}

/// The user copies something in another program.
fn copies(display: &mut Display) {
    display.copies(OTHER).unwrap();
    for _ in 0..600 {
        if display.pasted().as_deref() == Some(OTHER) {
            return;
        }
        clock::pause(Duration::from_millis(50));
    }
    panic!("the other program did not get the clipboard");
}

/// Waits until it is gone, far beyond what that takes.
fn is_gone(display: &Display) {
    for _ in 0..1_000 {
        if display.pasted().is_none() {
            return;
        }
        clock::pause(Duration::from_millis(20));
    }
    panic!("it is still there");
}

#[test]
fn copied_secret_is_there_and_marked_for_histories() {
    let Some((mut agent, display)) = desktop() else {
        return;
    };
    is_copied(&mut agent, COPIED_MAX_SECONDS);
    assert_eq!(display.pasted().as_deref(), Some(SECRET));
    let forms = display.pasted_as("TARGETS").unwrap();
    assert!(forms.lines().any(|form| form == MARK), "{forms}");
    assert_eq!(display.pasted_as(MARK).as_deref(), Some("secret"));
    // Another one takes its place, and its time.
    is_copied(&mut agent, 1);
    is_gone(&display);
}

#[test]
fn copied_secret_goes_as_the_vault_locks() {
    let Some((mut agent, display)) = desktop() else {
        return;
    };
    is_copied(&mut agent, COPIED_MAX_SECONDS);
    assert_eq!(display.pasted().as_deref(), Some(SECRET));
    lock(&mut agent);
    is_gone(&display);
    // A vault that is elsewhere is locked elsewhere.
    is_copied(&mut agent, COPIED_MAX_SECONDS);
    assert_eq!(display.pasted().as_deref(), Some(SECRET));
    agent.ask(HostRequest::ClearCopied(ClearCopied {}));
    is_gone(&display);
}

#[test]
fn what_else_was_copied_stays() {
    let Some((mut agent, mut display)) = desktop() else {
        return;
    };
    is_copied(&mut agent, 1);
    copies(&mut display);
    clock::pause(Duration::from_secs(1) + MEANWHILE);
    assert_eq!(display.pasted().as_deref(), Some(OTHER));
    is_copied(&mut agent, COPIED_MAX_SECONDS);
    copies(&mut display);
    lock(&mut agent);
    clock::pause(MEANWHILE);
    assert_eq!(display.pasted().as_deref(), Some(OTHER));
}

#[test]
fn program_that_hangs_with_the_clipboard_holds_nobody_up() {
    let Some((mut agent, mut display)) = desktop() else {
        return;
    };
    is_copied(&mut agent, 1);
    copies(&mut display);
    display.hangs().unwrap();
    // By then it is looked at, and whoever has it does not answer.
    clock::pause(Duration::from_secs(1) + MEANWHILE);
    is_copied(&mut agent, 1);
    assert_eq!(display.pasted().as_deref(), Some(SECRET));
    is_gone(&display);
}

#[test]
fn extension_is_told_where_there_is_no_clipboard() {
    let mut agent = Agent::start(&[]);
    let refused = |said: Value, code: ErrorCode| {
        assert_eq!(said["err"]["code"], u16::from(code), "{said}");
    };
    refused(copy(&mut agent, 60), ErrorCode::NotFound);
    refused(copy(&mut agent, 0), ErrorCode::InvalidField);
    refused(
        copy(&mut agent, COPIED_MAX_SECONDS + 1),
        ErrorCode::InvalidField,
    );
    // A display that was there.
    let Some((mut agent, display)) = desktop() else {
        return;
    };
    is_copied(&mut agent, COPIED_MAX_SECONDS);
    drop(display);
    refused(copy(&mut agent, 60), ErrorCode::NotFound);
}
