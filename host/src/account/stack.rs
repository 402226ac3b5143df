//! The stack, where what was called leaves its copies: blocks that a cipher worked on, a password that was padded to
//! a block. The allocator wipes none of these.

use std::hint::black_box;

use zeroize::Zeroize as _;

/// Bytes below the caller's frame that are wiped: a quarter of what a thread has.
const DEPTH_BYTES: usize = 512 * 1024;

/// Wipes what earlier calls left below the frame of the caller.
#[inline(never)]
#[expect(
    clippy::large_stack_arrays,
    reason = "it is the stack that is to be written to"
)]
pub(super) fn wipe() {
    let mut room = [0_u8; DEPTH_BYTES];
    room.zeroize();
    black_box(&room);
}
