//! What comes over native messaging: whoever writes the manifest's file writes it as they like.
#![no_main]

use engine::host::{HostKey, HostLine, HostNews, PairedHost, Random, RandomError};
use libfuzzer_sys::fuzz_target;
use proto::{
    bridge::host::{Begun, HostFrame},
    bytes::Base64,
};
use wasm_core::{
    channel::{Channel, ChannelKey, ChannelPublicKey, Expected, Handshake, Side},
    secret::ChannelSecret,
};

/// Counts: what is random matters to nobody here.
struct Counting(u8);

impl Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        bytes.fill_with(|| {
            self.0 = self.0.wrapping_add(37);
            self.0
        });
        Ok(())
    }
}

fn key(seed: u8) -> [u8; 32] {
    std::array::from_fn(|at| seed.wrapping_add(u8::try_from(at).unwrap_or(0)))
}

fn text(frame: &HostFrame) -> String {
    serde_json::to_string(frame).expect("frames are texts")
}

/// A line to the true host, open, and that host's end of it.
fn open() -> (HostLine, Channel) {
    let own = HostKey::from_bytes(&key(1)).expect("a key");
    let host = ChannelKey::from_secret(ChannelSecret::copy_from(&key(2)).expect("a key"));
    let extension = ChannelKey::from_secret(ChannelSecret::copy_from(&key(1)).expect("a key"));
    let paired = PairedHost(host.public().0);
    let mut line = HostLine::begin(&own, Some(paired), &mut Counting(3)).expect("begins");
    let known = Expected::Known(ChannelPublicKey(extension.public().0));
    let mut theirs = Handshake::begin(Side::Host, &host, known, &mut Counting(9)).expect("begins");
    line.frames();
    let begun = Begun {
        version: 1,
        program: String::new(),
    };
    line.take(&text(&HostFrame::Begun(begun))).expect("greeted");
    let sent = line.frames();
    let Ok(HostFrame::Shake(Base64(message))) = serde_json::from_str(&sent[0]) else {
        panic!("no handshake: {sent:?}");
    };
    theirs.read(&message).expect("the first message");
    let answer = theirs.write().expect("an answer").expect("an answer");
    let news = line.take(&text(&HostFrame::Shake(Base64(answer))));
    assert_eq!(news, Ok(HostNews::Open));
    (line, theirs.finish().expect("a channel"))
}

/// Who has not the key neither opens a line nor says anything over one.
fn stays_closed(line: &mut HostLine, frames: &str) {
    for frame in frames.lines() {
        match line.take(frame) {
            Ok(HostNews::Nothing) => {}
            Ok(news) => panic!("believed: {news:?}"),
            Err(_) => assert!(!line.is_open()),
        }
        line.frames();
    }
}

fuzz_target!(|input: (u8, &str)| {
    let (which, frames) = input;
    let own = HostKey::from_bytes(&key(1)).expect("a key");
    match which % 4 {
        // Before anything was said: nobody here can make the second message of a handshake.
        0 => {
            let paired = Some(PairedHost(key(7)));
            let mut line = HostLine::begin(&own, paired, &mut Counting(3)).expect("begins");
            stays_closed(&mut line, frames);
        }
        1 => {
            let mut line = HostLine::begin(&own, None, &mut Counting(3)).expect("begins");
            stays_closed(&mut line, frames);
        }
        // In the middle of a channel.
        2 => stays_closed(&mut open().0, frames),
        // What the true host says, whatever it is, comes as it is.
        _ => {
            let (mut line, mut host) = open();
            let messages = host.seal(frames.as_bytes()).expect("sealed");
            let mut heard = None;
            for message in messages {
                heard = Some(line.take(&text(&HostFrame::Sealed(Base64(message)))));
            }
            match heard {
                Some(Ok(HostNews::Text(told))) => assert_eq!(&**told, frames.as_bytes()),
                other => panic!("not heard: {other:?}"),
            }
        }
    }
});
