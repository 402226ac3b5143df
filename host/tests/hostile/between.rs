//! Somebody who stands between the genuine extension and the agent: reads everything, and changes, keeps
//! back, doubles, swaps, cuts and repeats frames in both directions.

use std::{io::Write as _, net::Shutdown, os::unix::net::UnixStream};

use engine::host::{HostLine, HostNews};
use host::frame;
use proto::{
    bridge::{
        host::{DescribeHost, HostFrame, HostRequest, HostWork},
        solver::{BatteryChoice, EngineChoice, SolverWork},
    },
    bytes::Base64,
};
use serde_json::Value;

use crate::{
    agent::Agent,
    attack::Rogue,
    extension::{Profile, connect, request},
    frames::{framed, opening},
    rogue::{Ears, May, rest},
};

/// Frames on their way, and how many of those that were sent arrive as they were, before any other.
struct Bent {
    frames: Vec<String>,
    intact: usize,
    changed: bool,
}

impl Rogue<'_> {
    /// One session with somebody between. How many frames went through those hands.
    pub(crate) fn between(&self, agent: &Agent, profile: &Profile, ears: &mut Ears) -> u64 {
        let mut line = profile.line(self.chance);
        let mut stream = connect(&agent.place);
        frame::write_json(&mut stream, &opening()).unwrap();
        // The greeting, the handshake, and then what is sealed.
        let mut passed = 0;
        for _ in 0..2 {
            let sent = self.bend(&line.frames(), 8);
            passed += put(&mut stream, &sent.frames, ears);
            if sent.changed {
                // To somebody who was recorded it may speak: nobody hears it.
                ears.hear_out(&mut stream, May::Seal);
                return passed;
            }
            let said = frame::read(&mut stream).unwrap().unwrap();
            ears.judge(&said, May::Refuse);
            let heard = self.bend(&[said], 8);
            passed += heard.frames.len() as u64;
            let news = take_all(&mut line, &heard.frames);
            // What was not said is never taken for the host's.
            assert!(
                !line.is_open() || heard.intact == 1,
                "{heard:?}",
                heard = heard.frames
            );
            if heard.changed {
                assert!(answers(&news).is_empty());
                ears.hear_out(&mut stream, May::Seal);
                return passed;
            }
        }
        assert!(line.is_open());
        passed + self.sealed(agent, &mut line, &mut stream, ears)
    }

    /// What goes through once the channel stands.
    fn sealed(
        &self,
        agent: &Agent,
        line: &mut HostLine,
        stream: &mut UnixStream,
        ears: &mut Ears,
    ) -> u64 {
        let asked = 1 + self.below(6) as u64;
        for id in 0..asked {
            line.say(&request(id, self.question(id))).unwrap();
        }
        let sent = self.bend(&line.frames(), 2);
        let mut passed = put(stream, &sent.frames, ears);
        let _ = stream.shutdown(Shutdown::Write);
        let said = rest(stream).unwrap();
        let (mut from, mut frames) = (said.as_slice(), Vec::new());
        while let Some(text) = frame::read(&mut from).unwrap() {
            ears.judge(&text, May::Seal);
            frames.push(text);
        }
        let told = frames.len();
        let heard = self.bend(&frames, 2);
        passed += heard.frames.len() as u64;
        let answered = answers(&take_all(line, &heard.frames));
        // The agent has answered what arrived as it was said, and nothing else.
        let expected: Vec<u64> = (0..sent.intact as u64).collect();
        assert!(
            expected.starts_with(&answered),
            "{answered:?} of {expected:?}"
        );
        if heard.intact == told {
            assert_eq!(answered, expected);
        }
        agent.beat();
        passed
    }

    /// Two that are answered at once; the second tells much and is refused.
    fn question(&self, id: u64) -> HostRequest {
        if id.is_multiple_of(2) {
            return HostRequest::DescribeHost(DescribeHost {});
        }
        let work = SolverWork {
            jobs: self.jobs.to_owned(),
            engine: EngineChoice::Processor,
            on_battery: BatteryChoice::Full,
            known: Vec::new(),
        };
        HostRequest::HostWork(HostWork { work })
    }

    /// One time in `times` the frames as they are.
    fn bend(&self, frames: &[String], times: usize) -> Bent {
        let mut bent = frames.to_owned();
        if !frames.is_empty() && self.below(times) == 0 {
            self.bend_one(&mut bent);
        }
        let same = |(one, other): (&String, &String)| {
            parsed(one).is_some() && parsed(one) == parsed(other)
        };
        let intact = frames
            .iter()
            .zip(&bent)
            .take_while(|&pair| same(pair))
            .count();
        let changed = intact < frames.len() || bent.len() != frames.len();
        Bent {
            frames: bent,
            intact,
            changed,
        }
    }

    fn bend_one(&self, frames: &mut Vec<String>) {
        let at = self.below(frames.len());
        match self.below(8) {
            0 => frames[at] = flipped(&frames[at], self.below(1 << 20)),
            1 => frames[at] = String::from_utf8_lossy(&self.no_frame()).into_owned(),
            2 => drop(frames.remove(at)),
            3 => frames.insert(at, frames[at].clone()),
            4 => frames.swap(0, at),
            5 => frames.truncate(at),
            6 => frames.insert(at, self.any_frame()),
            _ => {
                // Another byte of the text itself, such as of a name in it.
                let mut text = frames[at].clone().into_bytes();
                let place = self.below(text.len());
                text[place] ^= 1 << self.below(7);
                frames[at] = String::from_utf8_lossy(&text).into_owned();
            }
        }
    }
}

/// The frame with another bit in its message, or one that is cut.
fn flipped(frame: &str, place: usize) -> String {
    let bend = |mut message: Vec<u8>| {
        if place.is_multiple_of(5) {
            message.truncate(message.len() / 2);
        } else if let Some(byte) = message.get_mut(place / 8 % 48) {
            *byte ^= 1 << (place % 8);
        }
        Base64(message)
    };
    let bent = match serde_json::from_str(frame) {
        Ok(HostFrame::Shake(Base64(message))) => HostFrame::Shake(bend(message)),
        Ok(HostFrame::Sealed(Base64(message))) => HostFrame::Sealed(bend(message)),
        Ok(HostFrame::Begin(mut begin)) => {
            begin.key.0[place % 32] ^= 1;
            HostFrame::Begin(begin)
        }
        _ => return frame[..frame.len() / 2].to_owned(),
    };
    serde_json::to_string(&bent).unwrap()
}

fn parsed(frame: &str) -> Option<HostFrame> {
    serde_json::from_str(frame).ok()
}

/// Says these frames to the agent, which may have hung up. How many.
fn put(stream: &mut UnixStream, frames: &[String], ears: &mut Ears) -> u64 {
    for text in frames {
        ears.look(text.as_bytes());
        if let Some(HostFrame::Sealed(Base64(message)) | HostFrame::Shake(Base64(message))) =
            parsed(text)
        {
            ears.look(&message);
        }
        let _ = stream.write_all(&framed(text.as_bytes()));
    }
    frames.len() as u64
}

/// What the extension makes of these frames, until it has had enough.
fn take_all(line: &mut HostLine, frames: &[String]) -> Vec<HostNews> {
    let news = frames.iter().map_while(|frame| line.take(frame).ok());
    news.collect()
}

/// The numbers of the answers among these.
fn answers(news: &[HostNews]) -> Vec<u64> {
    let texts = news.iter().filter_map(|news| match news {
        HostNews::Text(text) => serde_json::from_slice::<Value>(text).ok(),
        _ => None,
    });
    texts.filter_map(|text| text["id"].as_u64()).collect()
}
