//! What a rogue says in one conversation, made from chance.

use engine::host::{HostKey, HostLine, PairedHost};
use host::PROGRAM;
use proto::{
    bridge::{
        frame::BRIDGE_VERSION,
        host::{Begin, Begun, HostFrame},
        solver::SolverJob,
    },
    bytes::{Base64, Hex},
    limits::HOST_FRAME_MAX_BYTES,
};
use testkit::random::SeededRandom;

use crate::{
    extension::Seeded,
    frames::{framed, opening, shake_of, text},
    rogue::May,
};

/// A genuine session, as somebody between has seen it.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) sent: Vec<String>,
    pub(crate) heard: Vec<String>,
}

/// A conversation.
pub(crate) struct Attack {
    pub(crate) bytes: Vec<u8>,
    pub(crate) messages: u64,
    pub(crate) may: May,
    /// The last frame is not whole.
    pub(crate) is_torn: bool,
}

/// What a rogue knows: public keys, and what went over genuine lines.
pub(crate) struct Rogue<'a> {
    pub(crate) chance: &'a SeededRandom,
    pub(crate) known: Vec<[u8; 32]>,
    pub(crate) host: PairedHost,
    pub(crate) recorded: &'a [Recorded],
    /// What the extension says in the sessions that it stands between.
    pub(crate) jobs: &'a [SolverJob],
}

impl Rogue<'_> {
    pub(crate) fn below(&self, limit: usize) -> usize {
        usize::try_from(self.chance.next() % limit as u64).unwrap()
    }

    pub(crate) fn bytes(&self, limit: usize) -> Vec<u8> {
        let mut bytes = vec![0; self.below(limit)];
        self.chance.fill(&mut bytes);
        bytes
    }

    pub(crate) fn one<'a, T>(&self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Any conversation; `opened` by a relay already, or over the bare socket.
    pub(crate) fn attack(&self, opened: bool) -> Attack {
        let mut said = Vec::new();
        if !opened && self.below(8) > 0 {
            said.push(text(&opening()));
        }
        match self.below(7) {
            0 => self.noise(said),
            1 => self.torn(said),
            2 => self.with(said, 1 + self.below(4), Self::no_frame),
            3 => self.with(said, 1 + self.below(8), |it| it.any_frame().into_bytes()),
            4 => self.thief(said),
            5 => self.stranger(said),
            _ => self.replay(said),
        }
    }

    /// Bytes that are nothing, or a frame whose length is a lie.
    fn noise(&self, mut said: Vec<Vec<u8>>) -> Attack {
        if self.below(2) == 0 {
            said.push(text(&self.begin()));
        }
        let mut attack = whole(&said, May::Refuse);
        if self.below(2) == 0 {
            attack.bytes.extend(self.bytes(2048));
        } else {
            let body = self.any_frame().into_bytes();
            let real = u32::try_from(body.len()).unwrap();
            let most = u32::try_from(HOST_FRAME_MAX_BYTES).unwrap();
            let any = u32::try_from(self.chance.next() >> 32).unwrap();
            let lies = [0, 1, real - 1, real + 1, most, most + 1, u32::MAX, any];
            attack.bytes.extend(self.one(&lies).to_ne_bytes());
            attack.bytes.extend(body);
        }
        attack.messages += 1;
        attack.is_torn = true;
        attack
    }

    /// A conversation that ends amid a frame.
    fn torn(&self, mut said: Vec<Vec<u8>>) -> Attack {
        let recorded = self.one(self.recorded);
        said.extend(recorded.sent.iter().map(|frame| frame.clone().into_bytes()));
        let mut attack = whole(&said, May::Seal);
        attack.bytes.truncate(self.below(attack.bytes.len()));
        attack.is_torn = true;
        attack
    }

    fn with(
        &self,
        mut said: Vec<Vec<u8>>,
        count: usize,
        frame: impl Fn(&Self) -> Vec<u8>,
    ) -> Attack {
        if self.below(2) == 0 {
            said.push(text(&self.begin()));
        }
        said.extend((0..count).map(|_| frame(self)));
        whole(&said, May::Refuse)
    }

    /// The public key of the one that is paired, and a handshake without its private key.
    fn thief(&self, mut said: Vec<Vec<u8>>) -> Attack {
        said.push(text(&self.begin()));
        for _ in 0..=self.below(3) {
            let message = match self.below(3) {
                0 => self.bytes(256),
                1 => self.own_shake(),
                _ => self.bent_shake(),
            };
            said.push(text(&HostFrame::Shake(Base64(message))));
        }
        whole(&said, May::Refuse)
    }

    /// A key that nobody knows, or no version in common, or a first meeting that nobody waits for.
    fn stranger(&self, mut said: Vec<Vec<u8>>) -> Attack {
        let kind = self.below(3);
        said.push(text(&HostFrame::Begin(Begin {
            versions: if kind == 1 {
                vec![0, 7]
            } else {
                vec![BRIDGE_VERSION]
            },
            key: Hex(if kind == 0 {
                self.chance.bytes()
            } else {
                *self.one(&self.known)
            }),
            pair: kind == 2,
        })));
        said.extend((0..self.below(4)).map(|_| self.any_frame().into_bytes()));
        whole(&said, May::Refuse)
    }

    /// Genuine sessions once more: as they were, in parts, mixed with one another, backwards.
    fn replay(&self, mut said: Vec<Vec<u8>>) -> Attack {
        let (one, other) = (self.one(self.recorded), self.one(self.recorded));
        let kept = 1 + self.below(one.sent.len());
        said.extend(one.sent[..kept].iter().map(|it| it.clone().into_bytes()));
        let more = match self.below(4) {
            0 => &one.sent[kept..],
            1 => &other.sent[2..],
            2 => &one.heard[..],
            _ => &one.sent[..],
        };
        said.extend(more.iter().map(|it| it.clone().into_bytes()));
        whole(&said, May::Seal)
    }

    /// A handshake with the right host, by another key.
    fn own_shake(&self) -> Vec<u8> {
        let mut random = Seeded(self.chance);
        let key = HostKey::make(&mut random).unwrap();
        let mut line = HostLine::begin(&key, Some(self.host), &mut random).unwrap();
        let (version, program) = (BRIDGE_VERSION, PROGRAM.to_owned());
        let begun = HostFrame::Begun(Begun { version, program });
        line.take(&serde_json::to_string(&begun).unwrap()).unwrap();
        shake_of(&line.frames()).unwrap()
    }

    fn bent_shake(&self) -> Vec<u8> {
        let mut message = shake_of(&self.one(self.recorded).sent).unwrap();
        let at = self.below(message.len());
        message[at] ^= 1 << self.below(8);
        message
    }
}

fn whole(said: &[Vec<u8>], may: May) -> Attack {
    let bytes = said.iter().flat_map(|body| framed(body)).collect();
    let messages = said.len() as u64;
    Attack {
        bytes,
        messages,
        may,
        is_torn: false,
    }
}
