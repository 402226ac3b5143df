//! Facts about frames: what each port takes and refuses. The captured frames lie in
//! `proto/vectors/frames.json`.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its vectors has failed"
)]

use proto::bridge::{
    content::{ContentCommand, ContentRequest},
    event::Event,
    frame::{EventFrame, Hello, RequestFrame, ServerFrame, common_version},
    popup::PopupRequest,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/frames.json")).unwrap()
}

fn check<T: Serialize + DeserializeOwned>(port: &str) {
    let vectors = vectors();
    for frame in vectors[port]["accept"].as_array().unwrap() {
        let read: T = serde_json::from_value(frame.clone())
            .unwrap_or_else(|e| panic_with(&format!("{port} refuses {frame}: {e}")));
        assert_eq!(
            &serde_json::to_value(&read).unwrap(),
            frame,
            "{port} writes another form"
        );
    }
    for case in vectors[port]["reject"].as_array().unwrap() {
        let read = serde_json::from_value::<T>(case["frame"].clone());
        assert!(read.is_err(), "{port} accepts {}", case["name"]);
    }
}

#[expect(clippy::panic, reason = "a failed expectation of a test")]
fn panic_with(text: &str) -> ! {
    panic!("{text}")
}

#[test]
fn popup_port_takes_its_frames_and_no_others() {
    check::<RequestFrame<PopupRequest>>("popup");
}

#[test]
fn content_port_takes_its_frames_and_no_others() {
    check::<RequestFrame<ContentRequest>>("content");
}

#[test]
fn commands_to_content_scripts_have_one_form() {
    check::<EventFrame<ContentCommand>>("command");
}

#[test]
fn background_frames_have_one_form() {
    check::<ServerFrame<Value, Event>>("background");
}

#[test]
fn version_is_agreed_or_refused() {
    assert_eq!(
        common_version(&Hello {
            versions: vec![9, 1],
            script: None,
        }),
        Some(1)
    );
    assert_eq!(
        common_version(&Hello {
            versions: vec![2],
            script: None,
        }),
        None
    );
}

#[test]
fn no_port_speaks_another_ports_language() {
    let vectors = vectors();
    for frame in vectors["popup"]["accept"].as_array().unwrap() {
        assert!(serde_json::from_value::<RequestFrame<ContentRequest>>(frame.clone()).is_err());
    }
    for frame in vectors["content"]["accept"].as_array().unwrap() {
        assert!(serde_json::from_value::<RequestFrame<PopupRequest>>(frame.clone()).is_err());
    }
}

#[test]
fn secrets_do_not_print() {
    let frame = vectors()["command"]["accept"][1].clone();
    let command: EventFrame<ContentCommand> = serde_json::from_value(frame).unwrap();
    assert!(!format!("{command:?}").contains("correct horse"));
}
