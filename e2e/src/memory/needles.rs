//! What is looked for.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use anyhow::{Context as _, Result, ensure};

use super::{AROUND_BYTES, printable};

/// Letters of a text that are enough to know it by: so many random ones stand nowhere by chance.
const HALF_MIN_CHARS: usize = 10;
/// Names of the forms of one text, in the order in which [`Needles::new`] makes them.
const PARTS: [&str; 4] = [
    "first half, UTF-8",
    "second half, UTF-8",
    "first half, UTF-16",
    "second half, UTF-16",
];

/// Texts to look for, by their halves: who frees memory writes lists of what is free over the beginning of it, and
/// a text half of which can be read is not gone.
#[derive(Debug, Clone)]
pub struct Needles {
    forms: AhoCorasick,
    longest: usize,
}

/// One form of one text that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    pub(super) needle: usize,
    pub(super) part: &'static str,
}

impl Needles {
    /// Texts, of ASCII.
    ///
    /// # Errors
    /// A text too short to be known.
    pub fn new(texts: &[String]) -> Result<Self> {
        let mut forms: Vec<Vec<u8>> = Vec::new();
        for text in texts {
            let enough = text.is_ascii() && text.len() >= 2 * HALF_MIN_CHARS;
            ensure!(enough, "a text of {} bytes to look for", text.len());
            let (first, second) = text.as_bytes().split_at(text.len() / 2);
            forms.extend([first.to_vec(), second.to_vec()]);
            let wide = |half: &[u8]| half.iter().flat_map(|byte| [*byte, 0]).collect();
            forms.extend([wide(first), wide(second)]);
        }
        let longest = forms.iter().map(Vec::len).max().context("no texts")?;
        let forms = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::Standard)
            .build(forms)?;
        Ok(Self { forms, longest })
    }
}

/// Looks through bytes that come in pieces.
pub(super) struct Scanner<'a> {
    needles: &'a Needles,
    /// The end of what came, and the present piece.
    window: Vec<u8>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(needles: &'a Needles) -> Self {
        Self {
            needles,
            window: Vec::new(),
        }
    }

    /// The next piece.
    pub(super) fn take(&mut self, piece: &[u8], tell: &mut impl FnMut(Hit, String)) {
        // One byte less than the longest form: what is found in that alone was told before.
        let kept = self.window.len().min(self.needles.longest - 1);
        self.window.drain(..self.window.len() - kept);
        self.window.extend_from_slice(piece);
        for found in self.needles.forms.find_overlapping_iter(&self.window) {
            if found.end() <= kept {
                continue;
            }
            let number = found.pattern().as_usize();
            let hit = Hit {
                needle: number / PARTS.len(),
                part: PARTS[number % PARTS.len()],
            };
            let from = found.start().saturating_sub(AROUND_BYTES);
            let to = (found.end() + AROUND_BYTES).min(self.window.len());
            tell(hit, printable(&self.window[from..to]));
        }
    }

    /// What comes next does not follow what came.
    pub(super) fn gap(&mut self) {
        self.window.clear();
    }
}
