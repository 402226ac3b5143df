//! Answers of who sits at the terminal.

use std::{
    io::{IsTerminal as _, Write as _, stdin, stdout},
    sync::mpsc::{Receiver, channel},
    thread,
};

use anyhow::Result;

/// What is typed, a line at a time.
pub(super) struct Typed(Receiver<String>);

impl Typed {
    /// From now on.
    pub(super) fn listen() -> Self {
        let (to, lines) = channel();
        // It ends with the process, or with what is typed.
        thread::spawn(move || {
            for line in stdin().lines().map_while(Result::ok) {
                if to.send(line).is_err() {
                    break;
                }
            }
        });
        Self(lines)
    }

    /// Asks. What was typed before the question was shown is no answer to it; where nothing can be typed,
    /// the answer is empty.
    pub(super) fn ask(&self, question: &str) -> Result<String> {
        if stdin().is_terminal() {
            forget_half_a_line();
            while self.0.try_recv().is_ok() {}
        }
        write!(stdout(), "{question}")?;
        stdout().flush()?;
        Ok(self.0.recv().unwrap_or_default())
    }
}

/// Keys that were pressed with no Enter behind them.
#[cfg(unix)]
fn forget_half_a_line() {
    // Where it stays, somebody else has the terminal.
    let _ = rustix::termios::tcflush(stdin(), rustix::termios::QueueSelector::IFlush);
}

/// On Windows those stay, and are the beginning of the answer.
#[cfg(not(unix))]
fn forget_half_a_line() {}
