//! An engine of the host's own: what it may do to the world, natively.
//!
//! ```text
//! engine ─▶ platform::Native ─┬─ database    ciphertext and public values, encrypted once more
//!                             ├─ memory      the unlocked key, while the process lives
//!                             ├─ transport   HTTPS to nodes, direct or through the user's proxy
//!                             └─ kdf         PBKDF2 beside the engine's thread
//!          route  which way it goes to nodes
//!          safe   where the database's key lies          guard   what keeps memory off the disk
//!          system that the screen is locked, or the computer goes to sleep (Linux)
//!          stack  wiped after a lock
//! ```
//!
//! **Invariant:** no key byte is written to disk but sealed under the account's password; the
//! system's keyring is the only other place that is given one. **Invariant:** with a proxy nothing
//! goes another way.

mod answers;
pub mod database;
mod desk;
pub mod guard;
pub mod kdf;
mod keeping;
mod listening;
pub mod memory;
pub mod owner;
pub mod platform;
mod proofs;
pub mod route;
pub mod safe;
mod stack;
#[cfg(target_os = "linux")]
mod system;
pub mod transport;
