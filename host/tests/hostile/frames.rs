//! Frames that somebody says at some time, and texts that are none, made from chance.

use host::{agent::Opening, caller::Family, pairing::FromTerminal};
use proto::{
    bridge::{
        frame::BRIDGE_VERSION,
        host::{
            Begin, Begun, DescribeHost, HostFrame, HostRequest, PairingMessage, Refusal, Refused,
        },
    },
    bytes::{Base64, Hex},
    limits::HOST_FRAME_MAX_BYTES,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{attack::Rogue, extension::request};

impl Rogue<'_> {
    /// Of the one that is paired, as the browser sees it.
    pub(crate) fn begin(&self) -> HostFrame {
        let (versions, key) = (vec![BRIDGE_VERSION], Hex(*self.one(&self.known)));
        HostFrame::Begin(Begin {
            versions,
            key,
            pair: false,
        })
    }

    /// A frame that somebody says at some time, in clear.
    pub(crate) fn any_frame(&self) -> String {
        let recorded = self.one(self.recorded);
        let describe = HostRequest::DescribeHost(DescribeHost {});
        match self.below(12) {
            0 => json(&opening()),
            1 => json(&Opening::Look {}),
            2 => json(&self.begin()),
            3 => json(&HostFrame::Begun(Begun {
                version: BRIDGE_VERSION,
                program: String::new(),
            })),
            4 => json(&HostFrame::Refused(Refused {
                reason: Refusal::Unknown,
            })),
            5 => json(&HostFrame::Shake(Base64(self.bytes(200)))),
            6 => json(&HostFrame::Sealed(Base64(self.bytes(400)))),
            7 => json(&FromTerminal::Agreed {}),
            8 => json(&PairingMessage::Agreed {}),
            9 => String::from_utf8(request(self.chance.next(), describe)).unwrap(),
            10 => self.one(&recorded.sent[2..]).clone(),
            _ => self.one(&recorded.heard).clone(),
        }
    }

    /// A text that is no frame, but for one that chance has made.
    pub(crate) fn no_frame(&self) -> Vec<u8> {
        let frame = self.any_frame();
        match self.below(6) {
            0 => json(&self.value(4)).into_bytes(),
            1 => "[".repeat(1 + self.below(100_000)).into_bytes(),
            2 => frame.replacen(':', ":1e999999,\"x\":", 1).into_bytes(),
            3 => [&[0xef, 0xbb, 0xbf], frame.as_bytes(), &self.bytes(9)].concat(),
            4 => vec![
                b'"';
                if self.below(50) > 0 {
                    2
                } else {
                    HOST_FRAME_MAX_BYTES
                }
            ],
            _ => {
                let mut frame = frame.into_bytes();
                let at = self.below(frame.len());
                frame[at] = *self.one(b"{}[]\",:0\\\xff");
                frame
            }
        }
    }

    fn value(&self, depth: usize) -> Value {
        let deeper = depth.saturating_sub(1);
        match self.below(if depth > 0 { 6 } else { 4 }) {
            0 => Value::Null,
            1 => json!(self.chance.next()),
            2 => json!(String::from_utf8_lossy(&self.bytes(40))),
            3 => json!(*self.one(&["type", "begin", "payload", "sealed", "terminal"])),
            4 => (0..self.below(5)).map(|_| self.value(deeper)).collect(),
            _ => json!({"type": self.value(0), "payload": self.value(deeper)}),
        }
    }
}

/// What a relay says first.
pub(crate) fn opening() -> Opening {
    let family = Family::Firefox;
    Opening::Relay {
        family,
        starter: None,
    }
}

/// The first handshake message among frames.
pub(crate) fn shake_of(frames: &[String]) -> Option<Vec<u8>> {
    frames
        .iter()
        .find_map(|frame| match serde_json::from_str(frame) {
            Ok(HostFrame::Shake(Base64(message))) => Some(message),
            _ => None,
        })
}

/// A body behind its length, whatever that is.
pub(crate) fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap();
    [&length.to_ne_bytes(), body].concat()
}

pub(crate) fn text<T: Serialize>(message: &T) -> Vec<u8> {
    json(message).into_bytes()
}

fn json<T: Serialize>(message: &T) -> String {
    serde_json::to_string(message).unwrap()
}
