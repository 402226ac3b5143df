//! The kernel on a graphics processor: one text in WGSL, natively through Vulkan, Metal or
//! Direct3D 12, in the browser through WebGPU.
//!
//! ```text
//! adapters() ──▶ Adapter ──Gpu::open──▶ Gpu ──scan──▶ the lowest solution of a span
//!                              │                 ├─ dispatches of 5 to 20 ms, two in flight
//!                              └─ self-check     └─ witnesses: some tries of each dispatch, hashed again
//! ```
//!
//! A graphics processor is believed nothing. Before it works it must find in a known span what the
//! definition finds there. And each dispatch tells besides solutions some tries (`WITNESSES`) whose
//! hash begins small: they are hashed again, so that a device that goes wrong later, by heat or by a
//! driver's mistake, is noticed within some dispatches instead of searching for ever in vain.

mod adapter;
mod device;
mod scan;
#[cfg(test)]
pub(crate) mod tests;

pub use self::{
    adapter::{Adapter, adapters},
    scan::Gpu,
};

/// Why a graphics processor cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GpuError {
    /// The device was lost, or its driver has refused.
    #[error("the graphics device does not work: {0}")]
    Device(String),
    /// It finds other nonces than the definition.
    #[error("the graphics device computes wrongly")]
    Wrong,
}

/// Tries of a dispatch that are hashed again, on average.
const WITNESSES: u32 = 24;
/// Places for what a dispatch finds.
const LIST: u32 = 255;
/// Invocations of a work group.
const GROUP: u32 = 64;
