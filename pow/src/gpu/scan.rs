//! Spans of positions on a device.

use std::collections::VecDeque;

use super::{
    GpuError, LIST, WITNESSES,
    adapter::Adapter,
    device::{Device, Flight, Landed, Slot},
};
#[cfg(not(target_arch = "wasm32"))]
use crate::engine::{Broken, Engine};
use crate::{
    hash::{HASH_BYTES, hash},
    header::{HEADER_BYTES, Header},
    search::{Job, Span},
    selfcheck,
    target::Target,
};

/// Tries of the first dispatch that is timed.
const TRIES_MIN: u32 = 256;
/// Tries of the longest: within four bytes, and a grid of few rows.
const TRIES_MAX: u32 = 1 << 26;
/// Milliseconds that a dispatch should take at least and at most: long enough for the time around it
/// not to count, short enough for the screen and for a cancel.
const DISPATCH_MS: [f64; 2] = [5.0, 20.0];
/// How often a device that was lost is opened again.
const REOPENED_MAX: u32 = 3;
/// Witnesses to expect before their number is judged: some 40 dispatches.
const EXPECTED_MIN: f64 = 1_000.0;
/// The part of them that must have come: with 1 000, chance leaves out more once in 10²⁰.
const CAME_MIN: f64 = 0.7;
/// Dispatches of a span that a search should hand out: some 40 ms.
const SPAN_DISPATCHES: u32 = 4;

/// A graphics processor at work.
#[derive(Debug)]
pub struct Gpu {
    name: String,
    adapter: Adapter,
    device: Device,
    slots: [Slot; 2],
    tries: u32,
    /// How often the device was lost.
    reopened: u32,
    /// Witnesses that were to be expected, and those that came, of the last dispatches.
    expected: f64,
    came: f64,
    clock: fn() -> f64,
}

impl Gpu {
    /// Compiles the kernel, checks it, and measures how many tries make a good dispatch; `clock`
    /// tells milliseconds from any beginning.
    ///
    /// # Errors
    /// [`GpuError::Device`] where the driver refuses, [`GpuError::Wrong`] where it finds other nonces
    /// than the definition.
    pub async fn open(adapter: &Adapter, clock: fn() -> f64) -> Result<Self, GpuError> {
        let device = Device::open(adapter, adapter.has_dot).await?;
        let slots = [device.slot(), device.slot()];
        let name = adapter.name();
        let adapter = adapter.clone();
        let mut gpu = Self {
            name,
            adapter,
            device,
            slots,
            tries: TRIES_MIN,
            reopened: 0,
            expected: 0.0,
            came: 0.0,
            clock,
        };
        gpu.check().await?;
        gpu.measure().await?;
        Ok(gpu)
    }

    /// What the driver calls the device.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tries to ask for at once: some 40 ms of work.
    pub fn span_tries(&self) -> u32 {
        self.tries.saturating_mul(SPAN_DISPATCHES)
    }

    /// The lowest position of the span that solves the job. A device that was lost is opened
    /// again, three times at most, and the span begun anew.
    ///
    /// # Errors
    /// [`GpuError`]: this device is of no use any more; the span was not searched.
    pub async fn scan(&mut self, job: &Job, span: Span) -> Result<Option<u64>, GpuError> {
        match self.search(job, span).await {
            Err(GpuError::Device(_)) if self.reopened < REOPENED_MAX => {
                let adapter = self.adapter.again().await?;
                let anew = Box::pin(Self::open(&adapter, self.clock)).await?;
                let reopened = self.reopened + 1;
                *self = Self { reopened, ..anew };
                self.search(job, span).await
            }
            ended => ended,
        }
    }

    /// Destroys the device, as a driver that crashes does: to try what happens then.
    #[doc(hidden)]
    pub fn lose(&self) {
        self.device.handle.destroy();
    }

    async fn search(&mut self, job: &Job, span: Span) -> Result<Option<u64>, GpuError> {
        let mut pieces = pieces(span, self.tries);
        let mut flights: VecDeque<(usize, Span, Flight)> = VecDeque::new();
        let (start, mut landed) = ((self.clock)(), 0_u32);
        let mut lowest = None;
        for turn in 0_usize.. {
            if lowest.is_none()
                && let Some(piece) = pieces.next()
            {
                let slot = turn % self.slots.len();
                let flight = self
                    .device
                    .start(&self.slots[slot], job, piece, limit(job, piece));
                flights.push_back((slot, piece, flight));
                if flights.len() < self.slots.len() {
                    continue;
                }
            }
            let Some((slot, piece, flight)) = flights.pop_front() else {
                break;
            };
            let found = self.device.land(&self.slots[slot], flight).await?;
            landed += 1;
            // What comes after the lowest is only waited for.
            if lowest.is_none() {
                lowest = self.lowest(job, piece, found).await?;
            }
        }
        self.adapt(((self.clock)() - start) / f64::from(landed.max(1)), landed);
        Ok(lowest)
    }

    /// The lowest solution among what a dispatch has found, which is checked.
    async fn lowest(
        &mut self,
        job: &Job,
        span: Span,
        found: Landed,
    ) -> Result<Option<u64>, GpuError> {
        let most = limit(job, span);
        let expected = f64::from(span.count) * (f64::from(most) + 1.0) / 4_294_967_296.0;
        if found.count <= LIST as usize {
            self.count(expected, found.list.len())?;
            return judge(job, span, most, found);
        }
        if expected < f64::from(LIST) / 4.0 {
            return Err(GpuError::Wrong);
        }
        // More than the list could hold: a target so easy that small pieces end soon.
        let slot = self.device.slot();
        for piece in pieces(span, LIST) {
            let limit = limit(job, piece);
            let flight = self.device.start(&slot, job, piece, limit);
            let found = self.device.land(&slot, flight).await?;
            if let Some(position) = judge(job, piece, limit, found)? {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    /// Keeps account of witnesses: a device that leaves some out would search for ever in vain.
    pub(super) fn count(&mut self, expected: f64, came: usize) -> Result<(), GpuError> {
        self.expected += expected;
        self.came += f64::from(u32::try_from(came).unwrap_or(u32::MAX));
        if self.expected < EXPECTED_MIN {
            return Ok(());
        }
        let enough = self.came >= CAME_MIN * self.expected;
        (self.expected, self.came) = (0.0, 0.0);
        if enough { Ok(()) } else { Err(GpuError::Wrong) }
    }

    /// Finds in a known span what the definition finds.
    async fn check(&mut self) -> Result<(), GpuError> {
        let (job, span) = selfcheck::task();
        let limit = job.target().first_word();
        let flight = self.device.start(&self.slots[0], &job, span, limit);
        let mut found = self.device.land(&self.slots[0], flight).await?.list;
        found.sort_unstable();
        let expected = span
            .positions()
            .zip(0..)
            .filter(|(position, _)| first_word(&hash(&job.header_at(*position))) <= limit);
        if expected.map(|(_, place)| place).eq(found) {
            Ok(())
        } else {
            Err(GpuError::Wrong)
        }
    }

    /// Doubles the tries until a dispatch is long enough.
    async fn measure(&mut self) -> Result<(), GpuError> {
        let job = Job::new(Header::new([0x69; HEADER_BYTES]), Target::HARDEST);
        loop {
            let start = (self.clock)();
            let span = Span {
                first: 0,
                count: self.tries,
            };
            let flight = self
                .device
                .start(&self.slots[0], &job, span, limit(&job, span));
            let found = self.device.land(&self.slots[0], flight).await?;
            judge(&job, span, limit(&job, span), found)?;
            let took = (self.clock)() - start;
            if took >= DISPATCH_MS[0] || self.tries >= TRIES_MAX {
                return Ok(());
            }
            self.tries *= 2;
        }
    }

    /// Keeps dispatches within their time when the machine has more or less to do.
    fn adapt(&mut self, ms: f64, dispatches: u32) {
        // Fewer tell of the time around them.
        if dispatches < SPAN_DISPATCHES {
            return;
        }
        if ms > DISPATCH_MS[1] {
            self.tries = (self.tries / 2).max(TRIES_MIN);
        } else if ms < DISPATCH_MS[0] {
            self.tries = (self.tries * 2).min(TRIES_MAX);
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Engine for Gpu {
    fn name(&self) -> &str {
        &self.name
    }

    fn span_tries(&self) -> u32 {
        self.span_tries()
    }

    /// Waits for the device with the thread it is called on.
    fn scan(&mut self, job: &Job, span: Span) -> Result<Option<u64>, Broken> {
        pollster::block_on(self.scan(job, span)).map_err(|error| Broken(error.to_string()))
    }
}

fn pieces(span: Span, tries: u32) -> impl Iterator<Item = Span> {
    let step = tries.max(1);
    (0..span.count)
        .step_by(step as usize)
        .map(move |offset| Span {
            first: span.first + u64::from(offset),
            count: step.min(span.count - offset),
        })
}

/// The greatest first word to be told: the target's, or so great that there are [`WITNESSES`].
fn limit(job: &Job, span: Span) -> u32 {
    let enough = (u64::from(WITNESSES) << 32) / u64::from(span.count.max(1));
    job.target()
        .first_word()
        .max(u32::try_from(enough).unwrap_or(u32::MAX))
}

/// The lowest solution of what was found; every find must be one of this limit.
pub(super) fn judge(
    job: &Job,
    span: Span,
    limit: u32,
    found: Landed,
) -> Result<Option<u64>, GpuError> {
    // With 24 expected, none at all comes about once in 10¹⁰ dispatches; and in short spans all are.
    let all = limit == u32::MAX;
    if found.count == 0
        || found.count > LIST as usize
        || (all && found.count != span.count as usize)
    {
        return Err(GpuError::Wrong);
    }
    let mut list = found.list;
    list.sort_unstable();
    if list.windows(2).any(|two| two[0] == two[1]) || list.last() >= Some(&span.count) {
        return Err(GpuError::Wrong);
    }
    let mut lowest = None;
    for place in list {
        let position = span.first + u64::from(place);
        let hash = hash(&job.header_at(position));
        if first_word(&hash) > limit {
            return Err(GpuError::Wrong);
        }
        if job.target().is_met_by(&hash) {
            lowest = Some(lowest.map_or(position, |lowest: u64| lowest.min(position)));
        }
    }
    Ok(lowest)
}

/// The first four bytes as a number, as [`Target::first_word`].
fn first_word(hash: &[u8; HASH_BYTES]) -> u32 {
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}
