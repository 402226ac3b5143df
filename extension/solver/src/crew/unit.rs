//! One worker, as far as the crew knows it.

use std::collections::VecDeque;

use pow::Piece;
use proto::bridge::solver::EngineKind;

/// Pieces that a worker has: the next lies ready when one is done.
const PIECES: usize = 2;
/// Milliseconds of work after which a rate is worth telling.
const MEASURED_MS: f64 = 1_000.0;
/// Milliseconds without a word after which a worker is given up: far longer than any piece takes.
const SILENT_MS: u64 = 30_000;
/// Weight of the last piece in a rate.
const LAST: f64 = 0.1;

/// A worker.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) kind: EngineKind,
    /// Once it can work.
    pub(super) ready: Option<Ready>,
    /// What it has to do, the oldest first.
    pub(super) pieces: VecDeque<Piece>,
    ms: f64,
    rate: f64,
    /// When it was heard of last, or given something to do.
    heard_at: u64,
}

/// What a worker can do.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub(super) name: String,
    pub(super) software: bool,
    span: u32,
}

impl Unit {
    pub(super) fn new(kind: EngineKind, now: u64) -> Self {
        Self {
            kind,
            ready: None,
            pieces: VecDeque::new(),
            ms: 0.0,
            rate: 0.0,
            heard_at: now,
        }
    }

    pub(super) fn is_ready(&mut self, name: String, span: u32, software: bool) {
        self.ready = Some(Ready {
            name,
            software,
            span,
        });
    }

    /// It is there.
    pub(super) fn is_heard(&mut self, now: u64) {
        self.heard_at = now;
    }

    /// Whether it should have told something by now.
    pub(super) fn is_silent(&self, now: u64) -> bool {
        let works = self.ready.is_none() || !self.pieces.is_empty();
        works && now.saturating_sub(self.heard_at) > SILENT_MS
    }

    /// Positions that it should be given now.
    pub(super) fn wants(&self) -> Option<u32> {
        let ready = self.ready.as_ref()?;
        (self.pieces.len() < PIECES).then_some(ready.span)
    }

    pub(super) fn has(&mut self, piece: Piece, now: u64) {
        if self.pieces.is_empty() {
            self.heard_at = now;
        }
        self.pieces.push_back(piece);
    }

    /// It is through with its oldest piece, which is returned.
    pub(super) fn is_done(&mut self, span: u32, ms: f64) -> Option<Piece> {
        let piece = self.pieces.pop_front()?;
        if let Some(ready) = &mut self.ready {
            ready.span = span;
        }
        let now = f64::from(piece.span.count) * 1_000.0 / ms.max(0.01);
        // Of the last pieces mostly: a device changes its pace.
        self.rate = if self.ms > 0.0 {
            self.rate * (1.0 - LAST) + now * LAST
        } else {
            now
        };
        self.ms += ms;
        Some(piece)
    }

    /// Tries a second, once it has worked for a while.
    pub(super) fn measured(&self) -> Option<f64> {
        (self.ms >= MEASURED_MS).then_some(self.rate)
    }
}
