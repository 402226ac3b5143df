//! What a hostile content script may write: frames that are nearly right.
//!
//! `PEARVAULT_FORGED=1000000 cargo test --release -p pearvault-proto --test forged` tries a million.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use proto::{
    bridge::{
        content::ContentRequest,
        frame::{Hello, RequestFrame},
        popup::PopupRequest,
    },
    codec::{decode, encode},
    limits::BRIDGE_FRAME_MAX_BYTES,
};

/// Frames that are tried where nothing else is asked for.
const FRAMES: u64 = 20_000;
/// What is put into frames.
const PIECES: &[&str] = &[
    "null",
    "true",
    "-1",
    "1e999",
    "18446744073709551616",
    "4294967296",
    "\"\"",
    "{}",
    "[]",
    "\"popup\"",
    "\"item\"",
    "\"seen\"",
    "\"__proto__\":{}",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\\u0000",
    "\\ud800",
    "\u{202e}",
    "\"origin\":\"https://orchard.test\"",
];

/// One right frame of each request.
fn seeds() -> Vec<String> {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../vectors/frames.json")).unwrap();
    let accepted = vectors["content"]["accept"].as_array().unwrap();
    let facts = accepted
        .iter()
        .find(|frame| frame["body"]["type"] == "facts")
        .unwrap()["body"]["payload"]
        .to_string();
    let item = "019ab3c8-8a11-7b0b-8b0b-0b0b0b0b0b0b";
    let bodies = [
        format!(r#"{{"type":"attend","payload":{{"facts":{facts},"field":0,"asked":true}}}}"#),
        format!(
            r#"{{"type":"choose","payload":{{"ticket":7,"choice":{{"item":"{item}"}},"seen":true}}}}"#
        ),
        r#"{"type":"choose","payload":{"ticket":7,"choice":"popup","seen":false}}"#.to_owned(),
        format!(
            r#"{{"type":"submitted","payload":{{"facts":{facts},"field":0,"values":[{{"field":0,"value":"pear"}}]}}}}"#
        ),
        r#"{"type":"outcome","payload":{"ticket":7,"gone":true}}"#.to_owned(),
        r#"{"type":"answered","payload":{"id":"01234567-89ab-7def-8123-456789abcdef","answer":"save","username":"ada"}}"#.to_owned(),
    ];
    bodies
        .iter()
        .map(|body| format!(r#"{{"v":1,"id":1,"body":{body}}}"#))
        .chain(accepted.iter().map(ToString::to_string))
        .collect()
}

/// Numbers that look random and are the same in every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    /// Cuts, doubles, swaps or puts something in.
    fn forge(&mut self, seeds: &[String]) -> String {
        let mut text: Vec<char> = seeds[self.below(seeds.len())].chars().collect();
        for _ in 0..=self.below(3) {
            let from = self.below(text.len());
            let to = (from + self.below(24)).min(text.len());
            match self.below(5) {
                0 => drop(text.drain(from..to)),
                1 => {
                    let part: Vec<char> = text[from..to].to_vec();
                    let at = self.below(text.len());
                    text.splice(at..at, part);
                }
                2 => {
                    let piece = PIECES[self.below(PIECES.len())];
                    text.splice(from..to, piece.chars());
                }
                3 => {
                    let other: Vec<char> = seeds[self.below(seeds.len())].chars().collect();
                    let start = self.below(other.len());
                    text.splice(from..to, other[start..].iter().take(60).copied());
                }
                _ => {
                    if let Some(at) = text.get_mut(from) {
                        *at = char::from(u8::try_from(self.below(128)).unwrap());
                    }
                }
            }
        }
        text.into_iter().collect()
    }
}

#[test]
fn right_frames_are_read() {
    for seed in seeds() {
        let read = decode::<RequestFrame<ContentRequest>>(&seed, BRIDGE_FRAME_MAX_BYTES);
        assert!(read.is_ok(), "{seed}: {read:?}");
    }
}

#[test]
fn forged_frames_are_refused_or_mean_what_they_say() {
    let count = std::env::var("PEARVAULT_FORGED").map_or(FRAMES, |text| text.parse().unwrap());
    let seeds = seeds();
    let mut numbers = Numbers(1877);
    let mut refused = 0_u64;
    for _ in 0..count {
        let text = numbers.forge(&seeds);
        let Ok(read) = decode::<RequestFrame<ContentRequest>>(&text, BRIDGE_FRAME_MAX_BYTES) else {
            refused += 1;
            // Nor is it one of the popup's, whose requests the content port does not take.
            drop(decode::<Hello>(&text, BRIDGE_FRAME_MAX_BYTES));
            continue;
        };
        assert!(
            decode::<RequestFrame<PopupRequest>>(&text, BRIDGE_FRAME_MAX_BYTES).is_err(),
            "{text}"
        );
        let once = encode(&read).unwrap();
        let again = decode::<RequestFrame<ContentRequest>>(&once, BRIDGE_FRAME_MAX_BYTES).unwrap();
        assert_eq!(encode(&again).unwrap(), once, "{text}");
    }
    // Some of both: otherwise nothing was tried.
    assert!(
        refused > count / 10 && refused < count,
        "{refused} of {count} were refused"
    );
}
