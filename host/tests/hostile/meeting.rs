//! A rogue in a first meeting: it learns that there is one, and nothing else before both users agree.

use std::{net::Shutdown, os::unix::net::UnixStream};

use host::{
    agent::Opening,
    frame,
    pairing::{FromTerminal, ToTerminal},
};
use proto::{
    bridge::{
        frame::BRIDGE_VERSION,
        host::{Begin, DescribeHost, HostFrame, HostRequest, PairingMessage},
    },
    bytes::{Base64, Hex},
};
use testkit::random::SeededRandom;
use wasm_core::channel::{Channel, ChannelKey, Expected, Handshake, Side};

use crate::{
    agent::Agent,
    extension::{Seeded, connect, request},
    frames::opening,
    rogue::rest,
};

/// What a stranger says in the channel of a first meeting, in place of what is its turn.
fn says(kind: usize) -> Vec<Vec<u8>> {
    let pairing = |message| serde_json::to_vec(&message).unwrap();
    let describe = request(1, HostRequest::DescribeHost(DescribeHost {}));
    let nonce = pairing(PairingMessage::Nonce(Hex([7; 32])));
    let agreed = pairing(PairingMessage::Agreed {});
    match kind {
        0 => vec![describe],
        1 => vec![agreed, describe],
        2 => vec![nonce, describe],
        // It says yes, and asks as one that is paired; nobody at the terminal has.
        3 => vec![nonce, agreed, describe.clone(), describe],
        4 => vec![nonce.clone(), nonce],
        5 => vec![b"{}".to_vec()],
        _ => vec![nonce, agreed],
    }
}

#[test]
fn a_first_meeting_tells_nothing_but_the_meeting() {
    let mut agent = Agent::start(|_| {});
    let chance = SeededRandom::new(1);
    for kind in 0..7 {
        let mut terminal = connect(&agent.place);
        frame::write_json(&mut terminal, &Opening::Terminal {}).unwrap();
        let waits = frame::read_json::<ToTerminal>(&mut terminal).unwrap();
        assert_eq!(waits, Some(ToTerminal::Waiting {}));
        let mut stream = connect(&agent.place);
        let key = ChannelKey::make(&mut Seeded(&chance)).unwrap();
        frame::write_json(&mut stream, &opening()).unwrap();
        let begin = HostFrame::Begin(Begin {
            versions: vec![BRIDGE_VERSION],
            key: Hex(key.public().0),
            pair: true,
        });
        frame::write_json(&mut stream, &begin).unwrap();
        frame::read(&mut stream).unwrap();
        let mut channel = shaken(&mut stream, &key, &chance);
        for text in says(kind) {
            for message in channel.seal(&text).unwrap() {
                let _ = frame::write_json(&mut stream, &HostFrame::Sealed(Base64(message)));
            }
        }
        if kind == 6 {
            // The terminal's user says no.
            let mut told = || frame::read_json::<ToTerminal>(&mut terminal).unwrap();
            assert!(matches!(told(), Some(ToTerminal::Code { .. })));
            frame::write_json(&mut terminal, &FromTerminal::Refused {}).unwrap();
        }
        // Both leave.
        for left in [&stream, &terminal] {
            let _ = left.shutdown(Shutdown::Write);
        }
        let said = rest(&mut stream).unwrap();
        let mut from = said.as_slice();
        while let Some(text) = frame::read(&mut from).unwrap() {
            let Ok(HostFrame::Sealed(Base64(message))) = serde_json::from_str(&text) else {
                panic!("not sealed: {text}");
            };
            let text = channel.open(&message).unwrap().unwrap();
            let told = serde_json::from_slice::<PairingMessage>(&text).unwrap();
            assert_ne!(told, PairingMessage::Agreed {}, "{kind}");
        }
        rest(&mut terminal).unwrap();
        agent.beat();
        agent.is_well();
    }
    assert!(!agent.place.file("paired.json").exists());
}

/// The channel of a first meeting, by whoever it is.
fn shaken(stream: &mut UnixStream, key: &ChannelKey, chance: &SeededRandom) -> Channel {
    let mut handshake =
        Handshake::begin(Side::Extension, key, Expected::Anybody, &mut Seeded(chance)).unwrap();
    while !handshake.is_finished() {
        if let Some(message) = handshake.write().unwrap() {
            frame::write_json(stream, &HostFrame::Shake(Base64(message))).unwrap();
            continue;
        }
        let Some(HostFrame::Shake(Base64(message))) = frame::read_json(stream).unwrap() else {
            panic!("no handshake");
        };
        handshake.read(&message).unwrap();
    }
    handshake.finish().unwrap()
}
