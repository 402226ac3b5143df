//! The local socket between a relay, or a terminal, and the agent.
//!
//! | | Unix | Windows |
//! | --- | --- | --- |
//! | where | a socket in the host's folder, which only its user enters | a named pipe, whose random name a file in that folder says |
//! | who may connect | its user | its user, by the pipe's own list |
//! | whom one connects to | whoever wrote in that folder | the process that the file names, of a program that is ours |
//!
//! A name of a pipe belongs to the whole machine: one that could be foretold could be taken by another
//! user first, who would then be the host of whoever connects.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{Listener, listen};
#[cfg(unix)]
pub use self::unix::{Pipe, connect};
#[cfg(windows)]
pub(crate) use self::windows::{Listener, listen};
#[cfg(windows)]
pub use self::windows::{Pipe, connect};
