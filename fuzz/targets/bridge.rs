//! Frames between the extension's parts: a hostile content script writes them as it likes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto::{
    bridge::{
        content::{ContentCommand, ContentRequest},
        event::Event,
        frame::{Hello, RequestFrame, ServerFrame},
        host::{HostEvent, HostFrame, HostRequest, PairingMessage},
        popup::PopupRequest,
        solver::{SolverCommand, SolverRequest},
    },
    codec::{decode, encode},
    limits::BRIDGE_FRAME_MAX_BYTES,
};
use serde::{Serialize, de::DeserializeOwned};

/// What can be read can be written, and reads as the same.
fn comes_back<T: Serialize + DeserializeOwned>(text: &str) {
    if let Ok(read) = decode::<T>(text, BRIDGE_FRAME_MAX_BYTES) {
        let once = encode(&read).expect("what was read can be written");
        // Numbers with a fraction may lose their last digit on the first way only.
        let again: T = decode(&once, usize::MAX).expect("what was written can be read");
        assert_eq!(encode(&again).expect("and written again"), once);
    }
}

fuzz_target!(|text: &str| {
    comes_back::<Hello>(text);
    comes_back::<RequestFrame<PopupRequest>>(text);
    comes_back::<RequestFrame<ContentRequest>>(text);
    comes_back::<RequestFrame<SolverRequest>>(text);
    comes_back::<ContentCommand>(text);
    comes_back::<SolverCommand>(text);
    comes_back::<HostFrame>(text);
    comes_back::<PairingMessage>(text);
    comes_back::<RequestFrame<HostRequest>>(text);
    comes_back::<ServerFrame<serde_json::Value, HostEvent>>(text);
    comes_back::<ServerFrame<serde_json::Value, Event>>(text);
});
